"""The columns of a file of orders: one line of an order in a row."""

from datetime import date
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from procurement import clock
from procurement.addresses import FIELDS as ADDRESS_FIELDS
from procurement.orders.models import NOTE_LENGTH
from procurement.sheets import typed
from procurement.sheets.tables import Column
from procurement.sheets.templates import Example

_ADDRESS_HELP = {
    "name": _("whom to deliver to"),
    "street": _("street of the delivery address"),
    "street_number": _("number in the street"),
    "entrance": _("entrance or floor"),
    "zip_code": _("postcode"),
    "city": _("town"),
    "country_code": _("country by two letters, such as SE"),
}
_ADDRESS_READERS = {
    "name": typed.text(120),
    "street": typed.text(120),
    "street_number": typed.text(20),
    "entrance": typed.text(20),
    "zip_code": typed.text(20),
    "city": typed.text(80),
    "country_code": typed.country,
}


def _day_to_come(value: typed.Value) -> date | None:
    found = typed.day(value)
    if found is not None and found < clock.today():
        raise ValueError("Give a day that is not past.")
    return found


COLUMNS: tuple[Column, ...] = (
    Column(
        name="order",
        help=_(
            "your own reference of the order; rows of the same reference are one order"
        ),
        read=typed.text(80),
        is_needed=True,
    ),
    Column(
        name="supplier",
        help=_("the supplier's short name or its name"),
        read=typed.text(200),
        is_of_order=True,
    ),
    Column(
        name="shop",
        help=_("the shop it is bought for, by its short name or name"),
        read=typed.text(120),
        is_of_order=True,
    ),
    Column(
        name="customer",
        help=_("the customer it is for, by its reference or name"),
        read=typed.text(120),
        is_of_order=True,
    ),
    Column(
        name="currency",
        help=_("three letters, such as SEK; empty for the supplier's own"),
        read=typed.currency,
        is_of_order=True,
    ),
    Column(
        name="requested_date",
        help=_("when the goods are wanted: 2031-04-09 or 9.4.2031"),
        read=_day_to_come,
        is_of_order=True,
    ),
    Column(
        name="note",
        help=_("goes to the supplier with the order"),
        read=typed.text(NOTE_LENGTH),
        is_of_order=True,
    ),
    *(
        Column(
            name=f"delivery_{name}",
            help=_ADDRESS_HELP[name],
            read=_ADDRESS_READERS[name],
            is_of_order=True,
        )
        for name in ADDRESS_FIELDS
    ),
    Column(
        name="item_number",
        help=_("the supplier's number of the item"),
        read=typed.text(80),
        is_needed=True,
    ),
    Column(name="brand", help=_("brand of the item"), read=typed.text(80)),
    Column(name="description", help=_("what it is"), read=typed.text(300)),
    Column(
        name="quantity",
        help=_("how much is ordered, above 0"),
        read=typed.above_zero(3),
        is_needed=True,
    ),
    Column(name="unit", help=_("unit of the quantity"), read=typed.text(10)),
    Column(
        name="price",
        help=_("of one unit, without VAT"),
        read=typed.number(4),
        is_needed=True,
    ),
    Column(name="vat", help=_("VAT in per cent, such as 25"), read=typed.percent),
)

EXAMPLES: tuple[Example, ...] = (
    {
        "order": "WEB-10021",
        "supplier": "kvik-nord",
        "shop": "",
        "customer": "",
        "currency": "SEK",
        "requested_date": date(2031, 4, 9),
        "note": "Deliver before noon",
        "delivery_name": "Verkstad Nord",
        "delivery_street": "Provgatan",
        "delivery_street_number": "4",
        "delivery_zip_code": "90320",
        "delivery_city": "Umeå",
        "delivery_country_code": "SE",
        "item_number": "SKU-4410",
        "brand": "",
        "description": "Filter",
        "quantity": Decimal(6),
        "unit": "ST",
        "price": Decimal("41.5"),
        "vat": Decimal(25),
    },
    {
        "order": "WEB-10021",
        "item_number": "SKU-5120",
        "description": "Hose, 2 m",
        "quantity": Decimal(2),
        "unit": "ST",
        "price": Decimal(189),
        "vat": Decimal(25),
    },
)

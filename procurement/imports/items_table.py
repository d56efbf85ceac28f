"""The columns of a file of suppliers' items: one item in a row."""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from procurement.sheets import typed
from procurement.sheets.tables import Column
from procurement.sheets.templates import Example

COLUMNS: tuple[Column, ...] = (
    Column(
        name="supplier",
        help=_("the supplier's short name or its name"),
        read=typed.text(200),
        is_needed=True,
    ),
    Column(
        name="item_number",
        help=_("the supplier's number of the item"),
        read=typed.text(80),
        is_needed=True,
    ),
    Column(
        name="brand",
        help=_("brand; needed where a supplier's brands share a number"),
        read=typed.text(80),
    ),
    Column(name="mpn", help=_("the maker's number"), read=typed.text(80)),
    Column(
        name="gtin",
        help=_("EAN, UPC or GTIN with its check digit"),
        read=typed.gtin,
    ),
    Column(name="description", help=_("what it is"), read=typed.text(300)),
    Column(name="unit", help=_("unit it is sold in"), read=typed.text(10)),
    Column(name="pack", help=_("how many units a pack has"), read=typed.above_zero(3)),
    Column(
        name="minimum",
        help=_("the least quantity that can be ordered"),
        read=typed.above_zero(3),
    ),
    Column(
        name="price",
        help=_("of one unit, without VAT"),
        read=typed.number(4),
    ),
    Column(
        name="currency",
        help=_("of the price: three letters; empty for the supplier's own"),
        read=typed.currency,
    ),
)

EXAMPLES: tuple[Example, ...] = (
    {
        "supplier": "kvik-nord",
        "item_number": "SKU-4410",
        "brand": "Norra",
        "mpn": "N-4410-B",
        "gtin": "4006381333931",
        "description": "Filter",
        "unit": "ST",
        "pack": Decimal(1),
        "minimum": Decimal(6),
        "price": Decimal("41.5"),
        "currency": "SEK",
    },
)

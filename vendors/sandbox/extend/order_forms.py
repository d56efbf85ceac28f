"""Checking the body of an order: `CustomerOrder {orderHeader, orderRows[]}`.

The schema marks mandatory members of rows and addresses, and none of the header; that
a customer must be named, and exist, is a rule of the business.
"""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from vendors.sandbox.extend import words
from vendors.sandbox.extend.answers import bad_request
from vendors.sandbox.extend.catalogue import (
    ARTICLES,
    CURRENCY,
    MAIN_WAREHOUSE,
    VAT_PERCENT,
    WAREHOUSES,
    Article,
)
from vendors.sandbox.extend.fields import Members
from vendors.sandbox.extend.orders import ROW_STEP, Row, components_of

MOST_UNITS = 1_000_000_000
LONGEST = {"salesChannel": 100, "accountingCode": 20, "reviewReasonNotes": 500}
TEXTS = (
    "orderNumberExternal",
    "orderNumberEndCustomer",
    "orderMethod",
    "customerGLN",
    "paymentType",
    "paymentTerms",
    "deliveryMethod",
    "transportCondition",
    "yourReference",
    "ourReference",
    "delieryPhoneNumber",  # misspelt by the vendor
    "advisePhoneNumber",
    "deliveryEmail",
    "invoiceEmail",
    "adviseEmail",
    "corporateId",
    "departureId",
    "routeId",
    "palletRegistrationNumber",
)
OBJECTS = ("notations", "external", "promotion", "servicePoint")
ARRAYS = (
    "askedDeliveryTimeSlots",
    "deliveryMethodServices",
    "paymentTransactions",
    "orderMetaData",
)
DELIVERY_ADDRESS = ("name1", "address1", "city", "countryCode")
INVOICE_ADDRESS = ("name", "address1", "city", "countryCode")


@dataclass(frozen=True, slots=True)
class OrderForm:
    """An order that will do: the header as sent, the rows priced and expanded."""

    header: dict[str, Any]
    rows: list[Row]


def read_order(body: Members, customers: Collection[str]) -> OrderForm:
    """Check a new order.

    Raises:
        Refusal: 400 with the first thing that is wrong; nothing was ordered.
    """
    header = body.object("orderHeader")
    check_header(header)
    customer = header.required_text("customerNumber")
    if customer not in customers:
        raise bad_request(f"Customer '{customer}' does not exist.")
    sent_rows = body.objects("orderRows")
    if not sent_rows:
        raise bad_request("orderRows is mandatory.")
    rows: list[Row] = []
    for index, members in enumerate(sent_rows, start=1):
        row = read_row(members, default_position=index * ROW_STEP)
        if any(row.place == other.place for other in rows):
            raise bad_request(f"{members.place('position')} {row.position} is in use.")
        rows += [row, *components_of(row)]
    return OrderForm(header.sent, rows)


def check_header(header: Members) -> None:
    """Check the members of a header that were sent."""
    for name in TEXTS:
        header.text(name)
    for name, longest in LONGEST.items():
        header.text(name, longest)
    for name in ("orderDate", "askedDeliveryDate"):
        header.moment(name)
    for name in ("partialDelivery", "freightFree"):
        header.flag(name)
    header.number("explicitFreightCost")
    header.word("orderType", words.ORDER_TYPES)
    header.word("orderStatus", words.ORDER_STATUSES)
    header.word("orderDeliveryUpdateMailType", words.DELIVERY_MAILS)
    for name in OBJECTS:
        if header.has(name):
            header.object(name)
    for name in ARRAYS:
        header.objects(name)
    for entry in header.objects("orderMetaData"):
        entry.required_text("metaDataLabel")
        entry.required_text("metaDataValue")
    _check_address(header, "deliveryAddress", DELIVERY_ADDRESS)
    _check_address(header, "invoiceAddress", INVOICE_ADDRESS)


def read_row(members: Members, default_position: int) -> Row:
    """Check one row; without a price sent, Extend's own applies (documented)."""
    product = members.object("product")
    number = product.required_text("productNumber")
    article = ARTICLES.get(number)
    if article is None:
        raise bad_request(f"Product '{number}' does not exist.")
    product.text("productName")
    sales = members.object("salesData")
    quantity = _read_quantity(sales)
    unit = sales.required_text("unit")
    if article.sales_units(unit) is None:
        raise bad_request(f"{sales.place('unit')}: '{number}' has no unit '{unit}'.")
    price, vat_percent = sales.number("unitPrice"), sales.number("vatPercent")
    if (price is not None and price < 0) or (vat_percent or 0) < 0:
        raise bad_request(f"{sales.place('unitPrice')}: no negative amounts.")
    _check_row_details(members)
    return Row(
        position=_read_position(members, default_position),
        sub_position=members.whole_number("subPosition") or 0,
        product_number=number,
        product_name=article.name,
        quantity=quantity,
        unit=unit,
        # Exactly as sent (documented), not even rounded.
        unit_price=article.price(quantity, unit) if price is None else price,
        vat_percent=VAT_PERCENT if vat_percent is None else vat_percent,
        currency=_read_currency(sales),
        warehouse=_read_warehouse(members),
        supply_mode=_read_supply_mode(members, article),
        sent=members.sent,
    )


def _read_position(members: Members, default: int) -> int:
    position = members.whole_number("position")
    if position is not None and position < 1:
        raise bad_request(f"{members.place('position')} must be greater than 0.")
    return position or default


def _read_supply_mode(members: Members, article: Article) -> str:
    supply_mode = members.word("supplyMode", words.SUPPLY_MODES)
    if supply_mode is None or article.components:
        return article.supply_mode
    return supply_mode


def _read_quantity(sales: Members) -> Decimal:
    quantity = sales.number("quantity")
    if quantity is None:
        raise bad_request(f"{sales.place('quantity')} is mandatory.")
    if quantity <= 0:
        raise bad_request(f"{sales.place('quantity')} must be greater than 0.")
    if quantity > MOST_UNITS:
        raise bad_request(f"{sales.place('quantity')}: at most {MOST_UNITS}.")
    return quantity


def _read_currency(sales: Members) -> str:
    currency = sales.text("currency") or CURRENCY
    if not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
        raise bad_request(f"{sales.place('currency')} must be 3 letters.")
    return currency


def _read_warehouse(members: Members) -> str:
    warehouse = members.text("warehouse") or MAIN_WAREHOUSE
    if warehouse not in WAREHOUSES:
        raise bad_request(f"Warehouse '{warehouse}' does not exist.")
    return warehouse


def _check_row_details(members: Members) -> None:
    for name in ("shipDate", "expectedDeliveryDate"):
        members.moment(name)
    members.word("backOrderHandlingId", words.BACK_ORDER_HANDLINGS)
    members.word("rowOperation", words.ROW_OPERATIONS)
    if members.has("notations"):
        members.object("notations")
    if members.has("externalRow"):
        # The schema wants `external` in the header with it; the vendor's own sample
        # has none.
        external = members.object("externalRow")
        external.text("externalRowId")
        external.whole_number("externalPosition")
        external.whole_number("externalSubPosition")


def _check_address(header: Members, name: str, mandatory: Collection[str]) -> None:
    if not header.has(name):
        return
    address = header.object(name)
    for member in mandatory:
        address.required_text(member)
    country = address.required_text("countryCode")
    if not (len(country) == 2 and country.isascii() and country.isalpha()):
        raise bad_request(f"{address.place('countryCode')} must be exactly 2 letters.")

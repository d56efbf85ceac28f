"""Extend orders: place, find, list what changed, read, cancel.

Source: the vendor's webshop guide, its API examples and its schema,
`CustomerOrders`. There is no key that makes a repeated create harmless; an order is
found again by `orderNumberExternal`, our reference.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Any

from vendors import reading
from vendors.contracts import (
    Accepted,
    Account,
    Address,
    ChangedOrder,
    ChangedPage,
    LookUp,
    OrderLineRequest,
    OrderRequest,
    VendorOrder,
)
from vendors.errors import Kind, NotSent, OutcomeUnknown, Refused
from vendors.extend.auth import path, utc, zone
from vendors.extend.paging import read_all, read_changes
from vendors.extend.rows import POSITION_STEP
from vendors.extend.settings import OPTIONS
from vendors.extend.status import to_order
from vendors.http import VendorClient
from vendors.options import read_option
from vendors.testmode import mode_objections

_LOOK_BACK = timedelta(days=1)
_REFERENCE = re.compile(r"[A-Z0-9-]{1,50}")

HOW_TO_AGREE = (
    "Agree with the supplier on a test installation, or on a customer number whose "
    "orders it deletes."
)
READ_ONLY = "This supplier is set to read only; nothing is ordered or cancelled."


# --- place --------------------------------------------------------------------


def objections(account: Account, order: OrderRequest) -> tuple[str, ...]:
    """Return what stands against sending this order; nothing is called."""
    try:
        unit = read_option(OPTIONS, account.options, "unit")
        is_read_only = read_option(OPTIONS, account.options, "read_only")
        for name in ("client", "customer_number", "order_type", "partial_delivery"):
            read_option(OPTIONS, account.options, name)
    except NotSent as error:
        return (error.text,)
    found = [READ_ONLY] if is_read_only else []
    found += mode_objections(account, order, api="Extend", how_to_agree=HOW_TO_AGREE)
    if not _REFERENCE.fullmatch(order.reference):
        found.append(
            "Extend takes order numbers of up to 50 capital letters, digits and "
            f"hyphens, not {order.reference!r}."
        )
    found += _line_objections(order, unit)
    found += _address_objections(order.delivery_address)
    return tuple(found)


def _line_objections(order: OrderRequest, unit: str) -> Iterator[str]:
    if not order.lines:
        yield "The order has no lines."
    positions = [line.position for line in order.lines]
    if len(set(positions)) < len(positions) or any(at < 1 for at in positions):
        yield "The positions of the lines must be above nothing and differ."
    for line in order.lines:
        if not line.item_number.strip():
            yield f"Line {line.position} has no item number."
        if line.quantity <= 0:
            yield f"Line {line.position}: the quantity must be above nothing."
        if not (line.unit or unit):
            yield (
                f"Line {line.position} has no unit, and the supplier has none set; "
                "Extend demands one."
            )


def _address_objections(address: Address) -> Iterator[str]:
    if not address.is_given:
        return
    if not (address.name and address.street_line and address.city):
        yield "A delivery address needs a name, a street and a city."
    if not re.fullmatch(r"[A-Za-z]{2}", address.country_code):
        yield "A delivery address needs a country of two letters."


def place_order(client: VendorClient, order: OrderRequest) -> Accepted:
    """Place one purchase order; Extend takes the prices exactly as sent.

    Raises:
        Refused: the data won't do; nothing was ordered.
        NotSent: Extend never got the order; it may be sent again.
        OutcomeUnknown: it may have the order; look the reference up first.
    """
    if found := objections(client.account, order):
        raise Refused(" ".join(found), kind=Kind.GUARD)
    dates = zone(client)
    answer = client.act(
        "POST",
        path(client, "path.orders"),
        purpose="place_order",
        json=to_payload(order, client, dates),
    )
    placed = to_order(answer, client.mapping, dates)
    if placed is None or not placed.number:
        # It can be looked up, so nothing need be believed here.
        raise OutcomeUnknown(
            f"{client.account.supplier}: the answer holds no order number.",
            kind=Kind.UNREADABLE,
        )
    return Accepted(number=placed.number, raw=answer, order=placed)


def to_payload(
    order: OrderRequest, client: VendorClient, dates: tzinfo
) -> dict[str, Any]:
    """Return the body of a create; `dates` is the zone of the wished day."""
    names = client.mapping
    return {
        names["order.header"]: _header(order, client, dates),
        names["order.rows"]: [
            _row(line, order, names, client.option("unit"), client.option("warehouse"))
            for line in order.lines
        ],
    }


def _header(order: OrderRequest, client: VendorClient, dates: tzinfo) -> dict[str, Any]:
    names = client.mapping
    header: dict[str, Any] = {
        names["header.type"]: client.option("order_type"),
        names["header.reference"]: order.reference,
        names["header.customer"]: client.option("customer_number"),
    }
    if day := order.requested_date:
        midnight = datetime(day.year, day.month, day.day, tzinfo=dates)
        header[names["header.asked_delivery"]] = midnight.isoformat()
    parts = client.option("partial_delivery")
    if parts != "customer":
        header[names["header.partial_delivery"]] = parts == "yes"
    if order.delivery_address.is_given:
        header[names["header.address"]] = _address(order.delivery_address, names)
    if order.note:
        header[names["header.notations"]] = {names["notations.notes"]: order.note}
    # Rows may carry `externalRow` only if this is there, says the schema.
    header[names["header.external"]] = {names["external.id"]: order.reference}
    return header


def _address(address: Address, names: Mapping[str, str]) -> dict[str, str]:
    found = {
        names["address.name"]: address.name,
        names["address.street"]: address.street_line,
        names["address.entrance"]: address.entrance,
        names["address.zip_code"]: address.zip_code,
        names["address.city"]: address.city,
        names["address.country"]: address.country_code.upper(),
    }
    return {name: value for name, value in found.items() if value}


def _row(
    line: OrderLineRequest,
    order: OrderRequest,
    names: Mapping[str, str],
    unit: str,
    warehouse: str,
) -> dict[str, Any]:
    sales: dict[str, Any] = {
        names["sales.quantity"]: line.quantity,
        names["sales.unit"]: line.unit or unit,
        names["sales.price"]: line.unit_price,
        names["sales.currency"]: order.currency,
    }
    if line.vat_percent is not None:
        sales[names["sales.vat"]] = line.vat_percent
    row: dict[str, Any] = {
        names["row.position"]: line.position * POSITION_STEP,
        names["row.product"]: {names["row.item_number"]: line.item_number},
        names["row.sales"]: sales,
        names["row.external"]: {
            names["external_row.id"]: str(line.position),
            names["external_row.position"]: line.position,
        },
    }
    if warehouse:
        row[names["row.warehouse"]] = warehouse
    return row


# --- read ---------------------------------------------------------------------


def read_order(client: VendorClient, number: str) -> VendorOrder:
    """Return one order by Extend's number.

    Raises:
        Refused: NOT_FOUND if there is no such order.
        NotSent: it could not be read.
    """
    answer = client.ask(
        "GET", path(client, "path.order", number=number), purpose="read_order"
    )
    order = to_order(answer, client.mapping, zone(client))
    if order is None:
        raise client.unreadable("the answer holds no order.")
    return order


def find_orders(client: VendorClient, sought: LookUp) -> tuple[VendorOrder, ...]:
    """Return every order that carries our reference; empty if there is none.

    Raises:
        NotSent: it can't be told; the orders found may not be all.
    """
    names = client.mapping
    # Without a date the list does not answer in time.
    params = {
        names["query.reference"]: sought.reference,
        names["query.changed_from"]: utc(sought.sent_at - _LOOK_BACK),
    }
    try:
        return tuple(
            read_order(client, number)
            for number in _numbers_of(client, sought.reference, params)
        )
    except Refused as refusal:
        # Listed and not to be read: it must not pass for "there is none".
        raise NotSent(
            f"{client.account.supplier}: the look-up was refused half-way.",
            kind=Kind.UNREADABLE,
            status=refusal.status,
            vendor_text=refusal.vendor_text,
        ) from None


def _numbers_of(
    client: VendorClient, reference: str, params: Mapping[str, str]
) -> list[str]:
    names = client.mapping
    numbers: dict[str, None] = {}
    for row in read_all(client, "orders", params, purpose="find_orders"):
        # The filter may match a part of the number, or ignore letter case.
        if _text(row, names["header.reference"]) == reference:
            numbers[_text(row, names["header.number"])] = None
    if "" in numbers:
        raise client.unreadable("an order is listed without its number.")
    return list(numbers)


def list_changed_orders(
    client: VendorClient, since: datetime, page: int
) -> ChangedPage:
    """Return one page of the orders changed since a moment, and some before it.

    Args:
        since: the last change seen, by Extend's clock; the option `poll_overlap`
            is taken off it here.
        page: from 0.

    Raises:
        Refused: Extend said no to the request.
        NotSent: the page could not be read.
    """
    found = read_changes(client, "orders", since, page, purpose="list_changed_orders")
    names, dates = client.mapping, zone(client)
    orders = (_to_changed(row, names, dates, since) for row in found.objects())
    return ChangedPage(
        orders=tuple(order for order in orders if order.number),
        next_page=found.next_page,
    )


def _to_changed(
    row: Any, names: Mapping[str, str], dates: tzinfo, since: datetime
) -> ChangedOrder:
    changed = reading.moment(reading.member(row, names["header.changed"]), dates)
    return ChangedOrder(
        number=_text(row, names["header.number"]),
        reference=_text(row, names["header.reference"]),
        raw_status=_text(row, names["header.status"]),
        # An order without a readable date is still one that changed.
        changed_at=changed or since,
    )


def _text(row: Any, name: str) -> str:
    return reading.text(reading.member(row, name))

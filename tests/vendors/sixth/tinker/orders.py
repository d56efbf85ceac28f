"""Tinker orders: place, find by our reference, read.

Source: the leaflet prints an order and its answer, and that the list takes our
reference. Nothing is said of a reference that comes twice.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from vendors.tinker.status import fulfilment

from vendors import reading
from vendors.contracts import (
    Accepted,
    Account,
    LookUp,
    OrderRequest,
    VendorLine,
    VendorOrder,
)
from vendors.errors import Kind, NotSent, OutcomeUnknown, Refused
from vendors.http import VendorClient


def objections(account: Account, order: OrderRequest) -> tuple[str, ...]:
    """Return what stands against sending this order; nothing is called."""
    return tuple(_objections(account, order))


def _objections(account: Account, order: OrderRequest) -> Iterator[str]:
    if account.is_test != order.is_test:
        yield "Tinker has no test flag, so the supplier's mode must be the order's."
    if order.delivery_address.is_given:
        yield "Tinker delivers to the address of the key only; leave the address out."
    if not order.lines:
        yield "The order has no lines."
    for line in order.lines:
        if not line.item_number.strip():
            yield f"Line {line.position} has no item number."
        if line.quantity < 1 or line.quantity != line.quantity.to_integral_value():
            yield f"Line {line.position}: Tinker takes whole pieces, one or more."


def place_order(client: VendorClient, order: OrderRequest) -> Accepted:
    """Place one purchase order; Tinker charges its own prices.

    Raises:
        Refused: the data won't do; nothing was ordered.
        NotSent: Tinker never got the order; it may be sent again.
        OutcomeUnknown: it may have the order; look the reference up first.
    """
    if found := objections(client.account, order):
        raise Refused(" ".join(found), kind=Kind.GUARD)
    answer = client.act(
        "POST",
        client.path("path.orders"),
        purpose="place_order",
        json=to_payload(order, client),
    )
    placed = to_order(answer, client)
    if not placed.number:
        raise OutcomeUnknown(
            f"{client.account.supplier}: the answer holds no order number.",
            kind=Kind.UNREADABLE,
        )
    return Accepted(number=placed.number, raw=answer, order=placed)


def to_payload(order: OrderRequest, client: VendorClient) -> dict[str, Any]:
    """Return the body of an order."""
    names = client.mapping
    wish = f"Requested delivery: {order.requested_date}" if order.requested_date else ""
    payload: dict[str, Any] = {
        names["order.reference"]: order.reference,
        names["order.lines"]: [
            {
                names["line.number"]: line.item_number,
                names["line.quantity"]: line.pieces(),
            }
            for line in order.lines
        ],
    }
    if remark := "\n".join(filter(None, (order.note, wish))):
        payload[names["order.note"]] = remark
    return payload


def find_orders(client: VendorClient, sought: LookUp) -> tuple[VendorOrder, ...]:
    """Return every order that carries our reference; empty if there is none.

    Raises:
        NotSent: it can't be told.
    """
    names = client.mapping
    try:
        answer = client.ask(
            "GET",
            client.path("path.orders"),
            purpose="find_orders",
            params={names["query.reference"]: sought.reference},
        )
    except Refused as refusal:
        # A refused look-up must not pass for "there is none".
        raise NotSent(
            refusal.text,
            kind=Kind.UNREADABLE,
            status=refusal.status,
            vendor_text=refusal.vendor_text,
        ) from None
    rows = reading.objects(reading.member(answer, names["list.orders"]))
    if rows is None:
        raise client.unreadable("the answer holds no list of orders.")
    orders = [to_order(row, client) for row in rows]
    # One that moves while the list is made may stand in it twice.
    found = {each.number: each for each in orders if each.reference == sought.reference}
    if "" in found:
        raise client.unreadable("an order is listed without its number.")
    return tuple(found.values())


def read_order(client: VendorClient, number: str) -> VendorOrder:
    """Return one order by Tinker's number.

    Raises:
        Refused: NOT_FOUND if there is no such order.
        NotSent: it could not be read.
    """
    answer = client.ask(
        "GET", client.path("path.order", number=number), purpose="read_order"
    )
    order = to_order(answer, client)
    if order.number != number:
        raise client.unreadable(f"the answer does not hold the order {number}.")
    return order


def to_order(data: Any, client: VendorClient) -> VendorOrder:
    """Translate an order; its number is empty where the answer holds none."""
    names = client.mapping

    def text(name: str) -> str:
        return reading.text(reading.member(data, names[f"order.{name}"]))

    word = text("status")
    level = fulfilment(word, names)
    rows = reading.objects(reading.member(data, names["order.lines"])) or []
    lines = (_to_line(place, row, client) for place, row in enumerate(rows, 1))
    return VendorOrder(
        number=text("number"),
        reference=text("reference"),
        raw_status=word,
        fulfilment=level,
        lines=tuple(lines),
        unknown_words=() if level or not word else (f"order_status.{word}",),
    )


def _to_line(place: int, row: dict[str, Any], client: VendorClient) -> VendorLine:
    names = client.mapping
    quantity = reading.number(reading.member(row, names["line.quantity"]))
    return VendorLine(
        position=place,
        item_number=reading.text(reading.member(row, names["line.number"])),
        quantity=quantity or Decimal(0),
        unit_price=reading.number(reading.member(row, names["line.price"])),
    )

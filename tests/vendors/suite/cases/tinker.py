"""Tinker, the invented sixth: sessions, article by article, orders by reference."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from tests.vendors.suite.desk import Desk
from tests.vendors.suite.table import (
    AT_A_LOGIN,
    Buying,
    Call,
    Case,
    Ending,
    keep_order,
    keep_placed,
    order_is_booked,
    orders_booked,
    place,
    says,
)
from vendors.contracts import (
    Fulfilment,
    ItemKey,
    LookUp,
    OrderLineRequest,
    OrderRequest,
)
from vendors.errors import Kind, NotSent

ORDER = OrderRequest(
    reference="PO-2031-000042",
    currency="EUR",
    is_test=True,
    lines=(
        OrderLineRequest(
            position=1,
            item_number="HAM-300",
            quantity=Decimal(6),
            unit_price=Decimal("12.50"),
        ),
    ),
    note="Ring before delivery.",
)


def fetch_offers(desk: Desk) -> Any:
    return desk.vendor.fetch_offers(desk.client, [ItemKey("HAM-300"), ItemKey("NOPE")])


def offers_are_right(offers: Any, desk: Desk) -> None:
    hammer, unknown = offers
    assert (hammer.unit_price, hammer.currency) == (Decimal("12.50"), "EUR")
    assert hammer.quantity_available == 40
    assert not unknown.is_known


def look_up(desk: Desk) -> Any:
    sought = LookUp(reference=ORDER.reference, sent_at=datetime.now(UTC), order=ORDER)
    return desk.vendor.find_orders(desk.client, sought)


def it_is_found(orders: Any, desk: Desk) -> None:
    assert [found.number for found in orders] == [desk.kept["number"]]


def it_is_read(order: Any, desk: Desk) -> None:
    assert order.number == desk.kept["number"]
    assert order.fulfilment is Fulfilment.CONFIRMED
    assert order.lines[0].unit_price == Decimal("12.50")


def objections(desk: Desk) -> None:
    assert desk.vendor.objections(desk.client.account, ORDER) == ()


CASE = Case(
    code="tinker",
    credentials={"key": "sandbox-tinker-key"},
    secret="key",
    items=("HAM-300",),
    calls=(
        Call(
            name="check_connection",
            endpoint="login",
            run=lambda desk: desk.vendor.check_connection(desk.client),
            check=says("A session is open until"),
            but=AT_A_LOGIN,
        ),
        Call(
            name="fetch_offers",
            endpoint="article",
            run=fetch_offers,
            check=offers_are_right,
        ),
        Call(
            name="place_order",
            endpoint="place_order",
            begin=keep_order(ORDER),
            run=place,
            check=order_is_booked,
            entries=orders_booked,
        ),
        Call(
            name="find_orders",
            endpoint="list_orders",
            begin=keep_placed(ORDER),
            run=look_up,
            check=it_is_found,
            but={"refused": Ending(NotSent, Kind.UNREADABLE)},
        ),
        Call(
            name="read_order",
            endpoint="read_order",
            begin=keep_placed(ORDER),
            run=lambda desk: desk.vendor.read_order(desk.client, desk.kept["number"]),
            check=it_is_read,
        ),
    ),
    local={"objections": objections},
    buying=Buying(
        order=ORDER,
        item={"item_number": "HAM-300", "unit_price": Decimal("12.50"), "unit": ""},
        can_look_up=True,
        texts=("note", "item_number", "reference"),
    ),
)

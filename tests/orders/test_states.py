from dataclasses import dataclass
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procurement.orders.models import PurchaseOrder
from procurement.orders.states import (
    CHANGEABLE,
    RANK,
    Approval,
    Fulfilment,
    Sending,
    forward,
    headline,
    line_fulfilment,
    order_fulfilment,
)
from tests.factories import make_order

states = st.sampled_from(list(Fulfilment))
quantities = st.decimals(min_value=0, max_value=1000, places=3)


@dataclass
class Line:
    quantity: Decimal = Decimal(6)
    is_confirmed: bool = False
    quantity_picking: Decimal = Decimal(0)
    quantity_shipped: Decimal = Decimal(0)
    quantity_received: Decimal = Decimal(0)
    quantity_cancelled: Decimal = Decimal(0)


@pytest.mark.parametrize(
    ("approval", "transmission", "fulfilment", "attention", "status"),
    [
        ("draft", "none", "none", "", "draft"),
        ("returned", "none", "none", "", "draft"),
        ("pending", "none", "none", "", "pending_approval"),
        ("approved", "none", "none", "", "approved"),
        ("rejected", "none", "none", "", "rejected"),
        ("approved", "queued", "none", "", "sending"),
        ("approved", "sending", "none", "", "sending"),
        ("approved", "unknown", "none", "", "needs_attention"),
        ("approved", "refused", "none", "", "needs_attention"),
        ("approved", "failed", "none", "", "needs_attention"),
        ("approved", "sent", "none", "", "sent"),
        ("approved", "sent", "confirmed", "", "confirmed"),
        ("approved", "sent", "picking", "", "confirmed"),
        ("approved", "sent", "partially_shipped", "", "partially_shipped"),
        ("approved", "sent", "shipped", "", "shipped"),
        ("approved", "sent", "delivered", "", "delivered"),
        ("approved", "sent", "confirmed", "New price.", "needs_attention"),
        ("approved", "sent", "cancelled", "", "cancelled"),
        ("approved", "sent", "cancelled", "They cancelled.", "needs_attention"),
        ("draft", "none", "cancelled", "", "cancelled"),
    ],
)
def test_headline(
    approval: str, transmission: str, fulfilment: str, attention: str, status: str
) -> None:
    assert (
        headline(
            approval=approval,
            transmission=transmission,
            fulfilment=fulfilment,
            attention=attention,
        )
        == status
    )


@pytest.mark.django_db
def test_database_computes_the_same_headline_for_every_combination() -> None:
    order = make_order()
    for approval, sending, fulfilment, attention in product(
        Approval.values, Sending.values, Fulfilment.values, ("", "Look.")
    ):
        if approval != Approval.APPROVED and sending not in CHANGEABLE:
            continue
        PurchaseOrder.objects.filter(pk=order.pk).update(
            approval=approval,
            approved_hash="x" if approval == Approval.APPROVED else "",
            transmission=sending,
            fulfilment=fulfilment,
            attention=attention,
        )
        order.refresh_from_db()
        assert order.headline == order.status


@pytest.mark.parametrize(
    ("line", "state"),
    [
        (Line(), "none"),
        (Line(is_confirmed=True), "confirmed"),
        (Line(is_confirmed=True, quantity_picking=Decimal(6)), "picking"),
        (Line(quantity_shipped=Decimal(4)), "partially_shipped"),
        (Line(quantity_shipped=Decimal(6)), "shipped"),
        (Line(quantity_shipped=Decimal(4), quantity_cancelled=Decimal(2)), "shipped"),
        (Line(quantity_shipped=Decimal(6), quantity_received=Decimal(4)), "shipped"),
        (Line(quantity_received=Decimal(4)), "partially_shipped"),
        (Line(quantity_received=Decimal(6)), "delivered"),
        (Line(quantity_received=Decimal(7)), "delivered"),
        (
            Line(quantity_received=Decimal(4), quantity_cancelled=Decimal(2)),
            "delivered",
        ),
        (Line(quantity_cancelled=Decimal(6)), "cancelled"),
    ],
)
def test_line_state_follows_its_quantities(line: Line, state: str) -> None:
    assert line_fulfilment(line) == state


@pytest.mark.parametrize(
    ("lines", "state"),
    [
        (["none", "none"], "none"),
        (["confirmed", "none"], "confirmed"),
        (["shipped", "confirmed"], "partially_shipped"),
        (["shipped", "shipped"], "shipped"),
        (["shipped", "cancelled"], "shipped"),
        (["delivered", "shipped"], "shipped"),
        (["delivered", "delivered"], "delivered"),
        (["delivered", "none"], "partially_shipped"),
        (["cancelled", "cancelled"], "cancelled"),
    ],
)
def test_order_state_follows_its_lines(lines: list[str], state: str) -> None:
    assert order_fulfilment([Fulfilment(line) for line in lines]) == state


@given(now=states, seen=states)
def test_state_never_goes_back(now: Fulfilment, seen: Fulfilment) -> None:
    assert RANK[forward(now, seen)] >= RANK[now]


@given(seen=states)
def test_delivered_goods_are_not_cancelled(seen: Fulfilment) -> None:
    assert forward(Fulfilment.DELIVERED, seen) == Fulfilment.DELIVERED


@given(shipped=quantities, more=quantities, received=quantities, cancelled=quantities)
def test_more_goods_never_take_a_line_back(
    shipped: Decimal, more: Decimal, received: Decimal, cancelled: Decimal
) -> None:
    line = Line(
        quantity=Decimal(1000),
        quantity_shipped=shipped,
        quantity_received=received,
        quantity_cancelled=cancelled,
    )
    before = line_fulfilment(line)
    line.quantity_shipped += more

    if before != Fulfilment.CANCELLED:
        assert RANK[line_fulfilment(line)] >= RANK[before]

from decimal import Decimal

import pytest
from django.utils import timezone

from procurement.fulfilment.operations import receive_goods
from procurement.orders.models import PurchaseOrder
from procurement.orders.operations import (
    cancel_order,
    send_order,
)
from procurement.transmissions.models import State, Transmission
from tests.asserting import refusal
from tests.factories import (
    make_approved_order,
    make_queued_order,
    make_supplier,
)
from tests.fakes import FakeVendor
from tests.sending import transmit
from vendors.errors import Kind, OutcomeUnknown, Refused

pytestmark = pytest.mark.django_db


def test_order_not_sent_is_cancelled_here() -> None:
    order = make_approved_order()

    cancel_order(order_id=order.pk, actor=order.buyer, reason="Not needed.")

    order.refresh_from_db()
    assert order.status == "cancelled"
    assert order.lines.get().fulfilment == "cancelled"
    assert order.events.last().text == "Not needed."
    assert "cancelled" in refusal(send_order, order_id=order.pk, actor=order.buyer).text
    assert "already" in refusal(cancel_order, order_id=order.pk, actor=order.buyer).text


def test_queued_order_is_taken_back_before_it_is_cancelled(
    fake_vendor: FakeVendor,
) -> None:
    order, transmission = make_queued_order()

    cancel_order(order_id=order.pk, actor=order.buyer)
    transmit(transmission_id=transmission.pk)

    transmission.refresh_from_db()
    order.refresh_from_db()
    assert transmission.state == State.WITHDRAWN
    assert order.status == "cancelled"
    assert fake_vendor.books == []


@pytest.mark.parametrize("state", ["sending", "unknown"])
def test_order_that_may_be_at_the_supplier_is_not_cancelled_here(state: str) -> None:
    order, _ = make_queued_order()
    PurchaseOrder.objects.filter(pk=order.pk).update(transmission=state)

    refused = refusal(cancel_order, order_id=order.pk, actor=order.buyer)

    assert "may be at the supplier" in refused.text


def test_claim_and_cancel_at_the_same_moment() -> None:
    order, transmission = make_queued_order()
    Transmission.objects.filter(pk=transmission.pk).update(
        state=State.SENDING,
        claim="00000000000040008000000000000000",
        lease_until=timezone.now(),
    )

    refused = refusal(cancel_order, order_id=order.pk, actor=order.buyer)

    assert "being sent at this moment" in refused.text
    order.refresh_from_db()
    assert order.fulfilment == "none"


def sent_order(fake: FakeVendor) -> PurchaseOrder:
    order, transmission = make_queued_order()
    transmit(transmission_id=transmission.pk)
    order.refresh_from_db()
    return order


def test_sent_order_is_cancelled_once_the_supplier_agrees(
    fake_vendor: FakeVendor,
) -> None:
    order = sent_order(fake_vendor)

    cancel_order(order_id=order.pk, actor=order.buyer, reason="Not needed.")
    order.refresh_from_db()
    assert order.status == "sent", "asked for, not done"
    assert (
        "being cancelled"
        in refusal(cancel_order, order_id=order.pk, actor=order.buyer).text
    )

    transmit(transmission_id=Transmission.objects.get(operation="cancel_order").pk)
    order.refresh_from_db()
    assert order.status == "cancelled"
    assert fake_vendor.cancelled == ["SO-70012"]


def test_cancellation_the_supplier_refuses_is_shown(fake_vendor: FakeVendor) -> None:
    order = sent_order(fake_vendor)
    fake_vendor.cancel_answers = [Refused("Picking has begun.", kind=Kind.NOT_ALLOWED)]

    cancel_order(order_id=order.pk, actor=order.buyer)
    transmit(transmission_id=Transmission.objects.get(operation="cancel_order").pk)

    order.refresh_from_db()
    assert order.fulfilment == "none"
    assert order.attention == "Not cancelled: Picking has begun."


def test_cancellation_with_a_lost_answer_is_looked_up(
    fake_vendor: FakeVendor,
) -> None:
    from procurement.transmissions.looking_up import look_up
    from vendors.contracts import Fulfilment, VendorOrder

    order = sent_order(fake_vendor)
    fake_vendor.cancel_answers = [OutcomeUnknown("Cut.", kind=Kind.CUT)]
    cancel_order(order_id=order.pk, actor=order.buyer)
    cancellation = Transmission.objects.get(operation="cancel_order")
    transmit(transmission_id=cancellation.pk)
    fake_vendor.orders["SO-70012"] = VendorOrder(
        number="SO-70012",
        reference=order.number,
        raw_status="Annulled",
        fulfilment=Fulfilment.CANCELLED,
    )

    look_up(transmission_id=cancellation.pk)

    order.refresh_from_db()
    assert order.status == "cancelled"


def test_vendor_without_cancellation_says_why(silent_vendor: FakeVendor) -> None:
    order, transmission = make_queued_order(make_supplier("eet"))
    transmit(transmission_id=transmission.pk)

    refused = refusal(cancel_order, order_id=order.pk, actor=order.buyer)

    assert refused.text == "This vendor can't do that. Call the supplier."


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"fulfilment": "shipped"}, "too far"),
        ({"supplier_order_number": ""}, "no number at the supplier"),
    ],
)
def test_sent_order_that_cant_be_cancelled_says_why(
    changes: dict[str, str], text: str, fake_vendor: FakeVendor
) -> None:
    order = sent_order(fake_vendor)
    PurchaseOrder.objects.filter(pk=order.pk).update(**changes)

    assert text in refusal(cancel_order, order_id=order.pk, actor=order.buyer).text


def test_cancelled_meanwhile_is_not_cancelled_twice(fake_vendor: FakeVendor) -> None:
    order = sent_order(fake_vendor)
    cancel_order(order_id=order.pk, actor=order.buyer)
    PurchaseOrder.objects.filter(pk=order.pk).update(fulfilment="cancelled")

    transmit(transmission_id=Transmission.objects.get(operation="cancel_order").pk)

    assert fake_vendor.cancelled == []


def test_what_came_in_while_cancelling_was_asked_for_stays_delivered(
    fake_vendor: FakeVendor,
) -> None:
    order, placing = make_queued_order()
    transmit(transmission_id=placing.pk)
    cancel_order(order_id=order.pk, actor=order.buyer)
    receive_goods(
        order_id=order.pk, actor=order.buyer, quantities={1: Decimal(6)}, note="DN-1"
    )

    transmit(transmission_id=Transmission.objects.get(operation="cancel_order").pk)

    order.refresh_from_db()
    assert order.fulfilment == "delivered"
    assert order.lines.get().fulfilment == "delivered"
    assert "had come in" in order.attention
    assert order.events.last().kind == "cancelled"

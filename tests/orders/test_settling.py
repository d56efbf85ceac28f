import pytest

from procurement.errors import InvalidInput
from procurement.orders.models import PurchaseOrder
from procurement.orders.operations import (
    dismiss_attention,
    resolve_order,
)
from tests.asserting import refusal
from tests.factories import (
    make_queued_order,
    make_user,
)
from tests.fakes import FakeVendor
from tests.sending import transmit
from vendors.errors import Kind, OutcomeUnknown

pytestmark = pytest.mark.django_db


def sent_order(fake: FakeVendor) -> PurchaseOrder:
    order, transmission = make_queued_order()
    transmit(transmission_id=transmission.pk)
    order.refresh_from_db()
    return order


def unknown_order(fake: FakeVendor) -> PurchaseOrder:
    order, transmission = make_queued_order()
    fake.answers = [OutcomeUnknown("No answer.", kind=Kind.TIMEOUT)]
    transmit(transmission_id=transmission.pk)
    order.refresh_from_db()
    return order


def test_person_found_the_order_at_the_supplier(fake_vendor: FakeVendor) -> None:
    order = unknown_order(fake_vendor)

    resolve_order(
        order_id=order.pk,
        actor=make_user("operator"),
        outcome="placed",
        supplier_order_number=" SO-9 ",
        evidence="Seen in their web shop.",
    )

    order.refresh_from_db()
    assert (order.status, order.supplier_order_number) == ("sent", "SO-9")
    assert order.events.last().actor.username == "operator"
    assert "Seen in their web shop." in order.events.last().text


def test_person_found_that_it_did_not_land(fake_vendor: FakeVendor) -> None:
    order = unknown_order(fake_vendor)

    resolve_order(
        order_id=order.pk,
        actor=make_user("operator"),
        outcome="not_placed",
        evidence="Called them.",
    )

    order.refresh_from_db()
    assert (order.status, order.attention) == ("approved", "")


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"outcome": "maybe", "evidence": "x"}, "outcome"),
        ({"outcome": "placed", "evidence": "  "}, "evidence"),
    ],
)
def test_settling_needs_an_outcome_and_evidence(
    arguments: dict[str, str], field: str, fake_vendor: FakeVendor
) -> None:
    order = unknown_order(fake_vendor)

    with pytest.raises(InvalidInput) as refused:
        resolve_order(order_id=order.pk, actor=make_user("operator"), **arguments)

    assert field in refused.value.errors
    order.refresh_from_db()
    assert order.transmission == "unknown"


def test_only_an_unknown_outcome_is_settled(fake_vendor: FakeVendor) -> None:
    order = sent_order(fake_vendor)

    refused = refusal(
        resolve_order,
        order_id=order.pk,
        actor=make_user("operator"),
        outcome="placed",
        evidence="x",
    )

    assert refused.code == "not_unknown"


def test_attention_is_taken_off_with_a_word_about_it(fake_vendor: FakeVendor) -> None:
    order = sent_order(fake_vendor)
    operator = make_user("operator")
    assert (
        "needs no attention"
        in refusal(dismiss_attention, order_id=order.pk, actor=operator, note="x").text
    )
    PurchaseOrder.objects.filter(pk=order.pk).update(attention="New price.")

    with pytest.raises(InvalidInput):
        dismiss_attention(order_id=order.pk, actor=operator, note=" ")
    dismiss_attention(order_id=order.pk, actor=operator, note="Agreed by phone.")

    order.refresh_from_db()
    assert (order.attention, order.status) == ("", "sent")


def test_unknown_outcome_is_not_dismissed(fake_vendor: FakeVendor) -> None:
    order = unknown_order(fake_vendor)

    order.refresh_from_db()
    PurchaseOrder.objects.filter(pk=order.pk).update(attention="Unknown.")
    refused = refusal(
        dismiss_attention, order_id=order.pk, actor=make_user("operator"), note="x"
    )
    assert "has to be settled" in refused.text

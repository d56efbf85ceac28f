from typing import Any

import pytest
from django.utils import timezone

from procurement.approvals.models import ApprovalDecision
from procurement.approvals.operations import (
    approve_order,
    reject_order,
    return_order,
)
from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.orders.models import OrderLine, PurchaseOrder
from procurement.orders.operations import (
    cancel_order,
    change_order,
    dismiss_attention,
    resolve_order,
    send_order,
    submit_order,
)
from procurement.transmissions.models import State, Transmission
from procurement.transmissions.sending import transmit
from tests.factories import (
    line,
    make_approved_order,
    make_order,
    make_queued_order,
    make_supplier,
    make_user,
)
from tests.fakes import FakeVendor
from vendors.errors import Kind, NotSent, OutcomeUnknown, Refused

pytestmark = pytest.mark.django_db


def pending() -> PurchaseOrder:
    order = make_order()
    return submit_order(order_id=order.pk, actor=order.buyer)


def refusal(operation: Any, **arguments: Any) -> OperationNotAllowed:
    with pytest.raises(OperationNotAllowed) as refused:
        operation(**arguments)
    return refused.value


# --- approval ---------------------------------------------------------------------


def test_submitted_order_waits_for_approval() -> None:
    order = pending()

    assert order.status == "pending_approval"
    assert order.submitted_at is not None
    assert (
        "not a draft"
        in refusal(submit_order, order_id=order.pk, actor=order.buyer).text
    )


def test_approval_names_the_content_it_is_bound_to() -> None:
    order = pending()

    approve_order(order_id=order.pk, actor=make_user("approver"), comment="Fine.")

    order.refresh_from_db()
    decision = ApprovalDecision.objects.get()
    assert order.status == "approved"
    assert decision.content_hash == order.approved_hash
    assert decision.content["lines"][0]["unit_price"] == "41.5"


def test_own_order_is_approved_by_somebody_else_even_for_an_administrator(
    settings: Any,
) -> None:
    order = pending()
    order.buyer.is_superuser = True
    order.buyer.save()

    refused = refusal(approve_order, order_id=order.pk, actor=order.buyer)
    assert refused.code == "own_order"

    settings.ALLOW_SELF_APPROVAL = True
    assert approve_order(order_id=order.pk, actor=order.buyer).status == "approved"


def test_order_entered_for_somebody_else_is_still_ones_own() -> None:
    clerk = make_user("clerk")
    order = make_order(actor=clerk, buyer=make_user("buyer"))
    submit_order(order_id=order.pk, actor=clerk)

    assert refusal(approve_order, order_id=order.pk, actor=clerk).code == "own_order"


def test_approver_must_have_seen_the_version_they_approve() -> None:
    order = pending()
    seen = order.version
    change_order(order_id=order.pk, actor=order.buyer, data={"lines": [line("SKU-2")]})
    submit_order(order_id=order.pk, actor=order.buyer)

    refused = refusal(
        approve_order, order_id=order.pk, actor=make_user("approver"), version=seen
    )

    assert refused.code == "version_conflict"


def test_change_while_waiting_has_to_be_submitted_again() -> None:
    order = pending()

    change_order(order_id=order.pk, actor=order.buyer, data={"note": "Ring."})

    refused = refusal(approve_order, order_id=order.pk, actor=make_user("approver"))
    assert refused.code == "not_pending"


def test_returned_order_is_corrected_and_submitted_again() -> None:
    order = pending()
    approver = make_user("approver")

    return_order(order_id=order.pk, actor=approver, comment="Too many.")
    order.refresh_from_db()
    assert (order.approval, order.status) == ("returned", "draft")

    change_order(order_id=order.pk, actor=order.buyer, data={"note": "Fewer."})
    submit_order(order_id=order.pk, actor=order.buyer)
    approve_order(order_id=order.pk, actor=approver)
    order.refresh_from_db()
    assert order.status == "approved"


def test_rejected_order_is_over() -> None:
    order = pending()
    reject_order(order_id=order.pk, actor=make_user("approver"), comment="No need.")

    order.refresh_from_db()
    assert order.status == "rejected"
    for operation, arguments in (
        (submit_order, {}),
        (send_order, {}),
        (change_order, {"data": {"note": "x"}}),
        (approve_order, {}),
    ):
        refusal(operation, order_id=order.pk, actor=make_user("other"), **arguments)


@pytest.mark.parametrize("operation", [return_order, reject_order])
def test_declining_needs_a_reason(operation: Any) -> None:
    order = pending()

    with pytest.raises(InvalidInput) as refused:
        operation(order_id=order.pk, actor=make_user("approver"), comment=" ")

    assert "comment" in refused.value.errors
    order.refresh_from_db()
    assert order.approval == "pending"


@pytest.mark.parametrize("operation", [return_order, reject_order])
def test_only_a_waiting_order_can_be_declined(operation: Any) -> None:
    order = make_order()

    refused = refusal(
        operation, order_id=order.pk, actor=make_user("approver"), comment="No."
    )

    assert refused.code == "not_pending"


def test_cancelled_order_is_not_approved_any_more() -> None:
    order = pending()
    cancel_order(order_id=order.pk, actor=order.buyer)

    refused = refusal(approve_order, order_id=order.pk, actor=make_user("approver"))

    assert "cancelled" in refused.text


# --- sending ----------------------------------------------------------------------


def test_sending_writes_the_transmission_and_its_hint_together() -> None:
    from django_q.models import OrmQ

    order, transmission = make_queued_order()

    assert (order.transmission, order.status) == ("queued", "sending")
    assert transmission.reference == order.number
    assert transmission.content_hash == order.approved_hash
    assert OrmQ.objects.count() == 1


def test_unapproved_order_is_not_sent() -> None:
    refused = refusal(send_order, order_id=make_order().pk, actor=make_user("buyer"))

    assert refused.code == "not_approved"
    assert Transmission.objects.count() == 0


def test_order_is_sent_once() -> None:
    order, _ = make_queued_order()

    refused = refusal(send_order, order_id=order.pk, actor=order.buyer)

    assert refused.code == "already_sent"
    assert Transmission.objects.count() == 1


def test_change_through_a_shell_takes_the_approval_away_at_once(
    django_capture_on_commit_callbacks: Any,
) -> None:
    order = make_approved_order()
    found = OrderLine.objects.get(order=order)
    found.quantity = 60

    with django_capture_on_commit_callbacks(execute=True):
        found.save()

    order.refresh_from_db()
    assert order.approval == "draft"
    assert refusal(send_order, order_id=order.pk, actor=order.buyer).code == (
        "not_approved"
    )


@pytest.mark.parametrize("change", ["saved", "deleted", "order saved"])
def test_every_way_of_saving_is_noticed(
    change: str, django_capture_on_commit_callbacks: Any
) -> None:
    order = make_approved_order(lines=[line(), line("SKU-2")])
    with django_capture_on_commit_callbacks(execute=True):
        if change == "deleted":
            order.lines.last().delete()
        elif change == "saved":
            found = order.lines.last()
            found.item_number = "SKU-9"
            found.save()
        else:
            order.delivery_city = "Lund"
            order.save()

    order.refresh_from_db()
    assert order.approval == "draft"


def test_change_no_signal_sees_is_noticed_when_sending() -> None:
    order = make_approved_order()
    PurchaseOrder.objects.filter(pk=order.pk).update(delivery_city="Lund")

    refused = refusal(send_order, order_id=order.pk, actor=order.buyer)

    assert refused.code == "changed_since_approval"
    order.refresh_from_db()
    assert order.approval == "draft", "and it stays taken away"
    assert Transmission.objects.count() == 0


def test_supplier_that_went_to_test_mode_gets_no_real_purchase(
    fake_vendor: FakeVendor,
) -> None:
    supplier = make_supplier(mode="live")
    order = make_approved_order(supplier)
    supplier.mode = "test"
    supplier.save()

    assert (
        "real purchase"
        in refusal(send_order, order_id=order.pk, actor=order.buyer).text
    )


def test_test_order_is_not_sent_to_a_live_account_without_test_orders(
    fake_vendor: FakeVendor,
) -> None:
    supplier = make_supplier()
    order = make_approved_order(supplier)
    supplier.mode = "live"
    supplier.save()

    refused = refusal(send_order, order_id=order.pk, actor=order.buyer)

    assert "would be a real purchase" in refused.text


def test_what_the_vendor_could_not_take_is_refused_before_sending(
    fake_vendor: FakeVendor,
) -> None:
    fake_vendor.objections = ("Line 1: give a unit.",)
    order = make_approved_order()

    refused = refusal(send_order, order_id=order.pk, actor=order.buyer)

    assert (refused.code, refused.text) == ("supplier_objects", "Line 1: give a unit.")
    order.refresh_from_db()
    assert order.status == "approved"


def test_refused_order_is_corrected_approved_and_sent_again(
    fake_vendor: FakeVendor,
) -> None:
    order, transmission = make_queued_order()
    fake_vendor.answers = [Refused("No such product.")]
    transmit(transmission_id=transmission.pk)
    assert (
        "Change what it objects to"
        in refusal(send_order, order_id=order.pk, actor=order.buyer).text
    )

    change_order(order_id=order.pk, actor=order.buyer, data={"lines": [line("SKU-2")]})
    order.refresh_from_db()
    assert (order.transmission, order.approval, order.attention) == (
        "none",
        "draft",
        "",
    )

    submit_order(order_id=order.pk, actor=order.buyer)
    approve_order(order_id=order.pk, actor=make_user("approver"))
    again = send_order(order_id=order.pk, actor=order.buyer)
    transmit(transmission_id=again.pk)
    order.refresh_from_db()
    assert order.status == "sent"
    assert {request.reference for request in fake_vendor.books} == {order.number}


def test_order_that_could_not_be_sent_may_be_sent_as_it_is(
    fake_vendor: FakeVendor, settings: Any
) -> None:
    settings.MAX_ATTEMPTS = 1
    order, transmission = make_queued_order()
    fake_vendor.answers = [NotSent("No connection.", kind=Kind.CONNECTION)]
    transmit(transmission_id=transmission.pk)
    order.refresh_from_db()
    assert order.transmission == "failed"

    again = send_order(order_id=order.pk, actor=order.buyer)
    transmit(transmission_id=again.pk)

    order.refresh_from_db()
    assert (order.status, order.attention) == ("sent", "")


@pytest.mark.parametrize("state", ["queued", "sending", "unknown", "sent"])
def test_content_is_frozen_once_it_is_on_its_way(state: str) -> None:
    order, _ = make_queued_order()
    PurchaseOrder.objects.filter(pk=order.pk).update(transmission=state)

    refused = refusal(
        change_order, order_id=order.pk, actor=order.buyer, data={"note": "x"}
    )

    assert refused.code == "not_changeable"


# --- cancelling -------------------------------------------------------------------


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


# --- settling ---------------------------------------------------------------------


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

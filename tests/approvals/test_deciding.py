from typing import Any

import pytest

from procurement.approvals.models import ApprovalDecision
from procurement.approvals.operations import (
    approve_order,
    reject_order,
    return_order,
)
from procurement.errors import InvalidInput
from procurement.orders.models import PurchaseOrder
from procurement.orders.operations import (
    cancel_order,
    change_order,
    send_order,
    submit_order,
)
from tests.asserting import refusal
from tests.factories import (
    line,
    make_order,
    make_user,
)

pytestmark = pytest.mark.django_db


def pending() -> PurchaseOrder:
    order = make_order()
    return submit_order(order_id=order.pk, actor=order.buyer)


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


def test_approving_costs_few_queries_where_no_rule_is(
    django_assert_num_queries: Any,
) -> None:
    order, approver = pending(), make_user("approver")

    # The savepoint and its end, reach, order, steps, who had it before, lines;
    # decision, order, event.
    with django_assert_num_queries(10):
        approve_order(order_id=order.pk, actor=approver)


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

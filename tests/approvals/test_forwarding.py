"""Handing a decision to a colleague."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from procurement.approvals.forwarding import forward_order
from procurement.approvals.operations import approve_order
from procurement.approvals.queries import approvers_of
from procurement.errors import InvalidInput
from procurement.orders.models import PurchaseOrder
from procurement.orders.operations import submit_order
from tests.api.clients import ORDERS, full_client
from tests.approvals.people import approver, level, make_rule, pending, stand_in, states
from tests.asserting import refusal
from tests.factories import make_order, make_user

pytestmark = pytest.mark.django_db


def forward(order: PurchaseOrder, user: User, colleague: User, **kwargs: Any) -> Any:
    arguments = {"comment": "You know them.", **kwargs}
    return forward_order(
        order_id=order.pk, actor=user, colleague=colleague.username, **arguments
    )


def test_colleague_decides_from_then_on_and_it_is_told() -> None:
    lead, anna = approver("lead"), approver("anna")
    make_rule(level("Lead", lead))
    order = pending()

    forward(order, lead, anna)

    event = order.events.last()
    assert event is not None
    assert (event.kind, event.actor, event.text) == (
        "handed_on",
        lead,
        "To anna: You know them.",
    )
    assert approvers_of(order) == [anna]
    assert refusal(approve_order, order_id=order.pk, actor=lead).code == "not_your_turn"
    assert approve_order(order_id=order.pk, actor=anna).approval == "approved"


def test_order_without_levels_gets_one_for_the_colleague() -> None:
    lead, anna = approver("lead"), approver("anna")
    order = pending()

    forward(order, lead, anna)

    assert states(order) == ["waiting"]
    assert approvers_of(order) == [anna]
    assert refusal(approve_order, order_id=order.pk, actor=lead).code == "not_your_turn"


def test_who_stands_in_for_the_colleague_may_decide() -> None:
    lead, anna, bo = approver("lead"), approver("anna"), approver("bo")
    order = pending()
    forward(order, lead, anna)
    stand_in(bo, anna)

    approve_order(order_id=order.pk, actor=bo)

    assert states(order) == ["approved"]


def test_only_whose_turn_it_is_or_who_keeps_rules_hands_it_on() -> None:
    lead, anna = approver("lead"), approver("anna")
    make_rule(level("Lead", lead))
    order = pending()
    other = approver("other")

    refused = refusal(
        forward_order,
        order_id=order.pk,
        actor=other,
        colleague=anna.username,
        comment="x",
    )
    assert refused.code == "not_your_turn"
    assert approvers_of(order) == [lead]

    forward(order, make_user("root", is_superuser=True), anna)
    assert approvers_of(order) == [anna]


def test_colleague_has_to_be_able_to_approve_it() -> None:
    lead, boss = approver("lead"), approver("boss")
    make_rule(level("Lead", lead), level("Boss", boss))
    order = make_order(actor=approver("own"))
    order = submit_order(order_id=order.pk, actor=order.buyer)
    approve_order(order_id=order.pk, actor=lead)

    for nobody in (make_user("reader"), order.buyer, lead):
        with pytest.raises(InvalidInput) as refused:
            forward(order, boss, nobody)
        assert "colleague" in refused.value.errors
    with pytest.raises(InvalidInput) as silent:
        forward(order, boss, approver("anna"), comment=" ")
    assert "comment" in silent.value.errors
    assert approvers_of(order) == [boss]


def test_order_that_does_not_wait_is_not_handed_on() -> None:
    order = make_order()

    refused = refusal(
        forward_order,
        order_id=order.pk,
        actor=approver("lead"),
        colleague=approver("anna").pk,
        comment="x",
    )

    assert refused.code == "not_pending"


def test_forward_over_rest_takes_a_user_name() -> None:
    order = pending()
    anna = approver("anna")
    api = full_client("erp")
    address = f"{ORDERS}{order.number}/forward/"

    unknown = api.post(address, {"colleague": "x", "comment": "y"}, format="json")
    assert unknown.status_code == 400
    assert "colleague" in unknown.json()["errors"]
    done = api.post(address, {"colleague": "anna", "comment": "Yours."}, format="json")

    assert done.status_code == 200
    assert approvers_of(order) == [anna]

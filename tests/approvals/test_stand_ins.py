"""Deciding in another's place, for some days."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from procurement.approvals.models import StandIn
from procurement.approvals.operations import approve_order
from procurement.approvals.queries import approvers_of, may_decide
from procurement.approvals.rule_operations import save_stand_in, withdraw_stand_in
from procurement.errors import InvalidInput
from procurement.orders.operations import submit_order
from tests.approvals.people import approver, level, make_rule, pending, stand_in
from tests.asserting import refusal
from tests.factories import make_order, make_user

pytestmark = pytest.mark.django_db


def test_stand_in_decides_and_is_shown_as_one_for_the_other() -> None:
    anna, bo = approver("anna"), approver("bo")
    make_rule(level("Lead", bo))
    stand_in(anna, bo)
    order = pending()
    assert [user.username for user in approvers_of(order)] == ["anna", "bo"]

    approve_order(order_id=order.pk, actor=anna)

    event = order.events.last()
    step = order.steps.get()
    assert event is not None
    assert (event.actor, event.actor_name) == (anna, "anna for bo")
    assert (step.decided_by, step.in_place_of) == (anna, bo)


@pytest.mark.parametrize(("first", "last"), [(1, 2), (-2, -1)])
def test_outside_its_days_nobody_stands_in(first: int, last: int) -> None:
    anna, bo = approver("anna"), approver("bo")
    make_rule(level("Lead", bo))
    today = timezone.localdate()
    stand_in(
        anna,
        bo,
        first_day=today + timedelta(days=first),
        last_day=today + timedelta(days=last),
    )
    order = pending()

    refused = refusal(approve_order, order_id=order.pk, actor=anna)

    assert refused.code == "not_your_turn"
    assert approvers_of(order) == [bo]


@pytest.mark.parametrize("allows_own", [False, True])
def test_standing_in_never_approves_ones_own_order(
    settings: Any, allows_own: bool
) -> None:
    settings.ALLOW_SELF_APPROVAL = allows_own
    anna, bo = approver("anna"), approver("bo")
    make_rule(level("Lead", bo))
    stand_in(anna, bo)
    order = make_order(actor=anna)
    order = submit_order(order_id=order.pk, actor=anna)

    refused = refusal(approve_order, order_id=order.pk, actor=anna)

    assert refused.code == "own_order"
    assert approvers_of(order) == [bo]


def test_nobody_decides_in_the_place_of_the_one_whose_order_it_is() -> None:
    anna, bo = approver("anna"), approver("bo")
    make_rule(level("Lead", bo, approver("cia")))
    stand_in(anna, bo)
    order = make_order(actor=bo)
    order = submit_order(order_id=order.pk, actor=bo)

    assert not may_decide(order, anna)
    assert refusal(approve_order, order_id=order.pk, actor=anna).code == "own_order"


def test_one_decision_in_two_names_is_one_person() -> None:
    anna, bo, cia = approver("anna"), approver("bo"), approver("cia")
    make_rule(level("First", bo), level("Second", anna, bo, cia))
    stand_in(anna, bo)
    order = pending()
    approve_order(order_id=order.pk, actor=anna)

    for user in (anna, bo):
        assert (
            "each counts once"
            in refusal(approve_order, order_id=order.pk, actor=user).text
        )
    assert approvers_of(order) == [cia]


def test_stand_ins_of_others_are_named_by_administrators_alone() -> None:
    anna, bo = approver("anna"), approver("bo")
    data = {
        "absent": bo,
        "stand_in": anna,
        "first_day": date(2031, 1, 1),
        "last_day": date(2031, 1, 2),
        "reason": "Ill",
    }

    refusal(save_stand_in, stand_in_id=None, actor=anna, data=data)
    assert not StandIn.objects.exists()

    root = make_user("root", is_superuser=True)
    row = save_stand_in(stand_in_id=None, actor=root, data=data)
    refusal(save_stand_in, stand_in_id=row.pk, actor=anna, data={"reason": "x"})
    assert save_stand_in(stand_in_id=row.pk, actor=bo, data={"reason": "x"}).pk


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"stand_in": None}, "stand_in"),
        ({"last_day": date(2001, 1, 1)}, "last_day"),
        ({"reason": " "}, "reason"),
        ({"first_day": None}, "first_day"),
    ],
)
def test_what_is_missing_is_named(changes: Any, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        stand_in(approver("anna"), approver("bo"), **changes)

    assert field in refused.value.errors


def test_stand_in_has_to_be_somebody_else_who_may_approve() -> None:
    bo = approver("bo")

    for nobody in (bo, make_user("buyer")):
        with pytest.raises(InvalidInput) as refused:
            stand_in(nobody, bo)
        assert "stand_in" in refused.value.errors


def test_what_has_begun_is_not_taken_back() -> None:
    anna, bo = approver("anna"), approver("bo")
    begun = stand_in(anna, bo)
    tomorrow = timezone.localdate() + timedelta(days=1)
    to_come = stand_in(anna, bo, first_day=tomorrow)

    refusal(withdraw_stand_in, stand_in_id=begun.pk, actor=bo)
    refusal(withdraw_stand_in, stand_in_id=to_come.pk, actor=anna)
    withdraw_stand_in(stand_in_id=to_come.pk, actor=bo)

    assert list(StandIn.objects.all()) == [begun]

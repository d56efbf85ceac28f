"""Approvers, rules and orders that wait; what a test is about stands in the test."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import Group, User
from django.utils import timezone

from procurement.approvals.models import ApprovalRule, AutoApproval, StandIn
from procurement.approvals.rule_operations import (
    save_auto_approval,
    save_rule,
    save_stand_in,
)
from procurement.orders.models import PurchaseOrder
from procurement.orders.operations import submit_order
from tests.factories import make_order, make_user


def approver(username: str, *groups: str) -> User:
    """Somebody who may approve, in groups that are made where they are not there."""
    user = make_user(username, "approve_purchaseorder")
    for name in groups:
        user.groups.add(Group.objects.get_or_create(name=name)[0])
    return User.objects.get(pk=user.pk)


def level(name: str, *people: User, same: bool = False, groups: Any = ()) -> Any:
    return {
        "name": name,
        "people": people,
        "groups": [Group.objects.get(name=each) for each in groups],
        "allows_same_person": same,
    }


def make_rule(*levels: Any, name: str = "Large", **changes: Any) -> ApprovalRule:
    """A rule for every order, unless criteria are given."""
    keeper = make_user("keeper")
    data = {"name": name, "levels": list(levels), **changes}
    return save_rule(rule_id=None, actor=keeper, data=data)


def make_auto(below: Decimal = Decimal(500), **changes: Any) -> AutoApproval:
    keeper = make_user("keeper")
    data = {"name": "Small", "currency": "SEK", "below": below, **changes}
    return save_auto_approval(rule_id=None, actor=keeper, data=data)


def stand_in(user: User, absent: User, **changes: Any) -> StandIn:
    """Somebody who stands in from yesterday to tomorrow."""
    today = timezone.localdate()
    data = {
        "absent": absent,
        "stand_in": user,
        "first_day": today - timedelta(days=1),
        "last_day": today + timedelta(days=1),
        "reason": "Holiday",
        **changes,
    }
    return save_stand_in(stand_in_id=None, actor=absent, data=data)


def pending(**changes: Any) -> PurchaseOrder:
    """An order of 249.00 SEK by `buyer`, for which approval was asked."""
    order = make_order(**changes)
    return submit_order(order_id=order.pk, actor=order.buyer)


def states(order: PurchaseOrder) -> list[str]:
    present = order.steps.filter(is_past=False).order_by("position")
    return list(present.values_list("state", flat=True))

"""Who may approve orders at all, and who stands in for whom today."""

from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet

from procurement import clock
from procurement.access.people import who_may
from procurement.approvals.models import StandIn

_APPROVE = "orders.approve_purchaseorder"


def may_approve(user: User) -> bool:
    return user.has_perm(_APPROVE)


def approvers() -> QuerySet[User]:
    """Everybody who may approve orders at all, by name."""
    return who_may(_APPROVE)


def standing_in(**who: Any) -> QuerySet[StandIn]:
    """Who stands in today: `stand_in=user`, or `absent__in=users`."""
    today = clock.today()
    return StandIn.objects.filter(first_day__lte=today, last_day__gte=today, **who)


def absent_for(user: User) -> list[User]:
    """In whose place this person may decide today; they may approve themselves."""
    absent = standing_in(stand_in=user).order_by().values("absent")
    return list(approvers().filter(pk__in=absent))

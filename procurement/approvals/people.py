"""Who may approve orders at all, and who stands in for whom today."""

from typing import Any

from django.contrib.auth.models import Permission, User
from django.db.models import Exists, OuterRef, Q, QuerySet

from procurement import clock
from procurement.approvals.models import StandIn

_APP, _CODENAME = "orders", "approve_purchaseorder"


def may_approve(user: User) -> bool:
    return user.has_perm(f"{_APP}.{_CODENAME}")


def approvers() -> QuerySet[User]:
    """Everybody who may approve orders at all, by name."""
    permission = Permission.objects.filter(
        content_type__app_label=_APP, codename=_CODENAME
    )
    has_it = Exists(permission.filter(user=OuterRef("pk")))
    by_group = Exists(permission.filter(group__user=OuterRef("pk")))
    return User.objects.filter(
        Q(is_superuser=True) | has_it | by_group, is_active=True
    ).order_by("username")


def standing_in(**who: Any) -> QuerySet[StandIn]:
    """Who stands in today: `stand_in=user`, or `absent__in=users`."""
    today = clock.today()
    return StandIn.objects.filter(first_day__lte=today, last_day__gte=today, **who)


def absent_for(user: User) -> list[User]:
    """In whose place this person may decide today; they may approve themselves."""
    absent = standing_in(stand_in=user).order_by().values("absent")
    return list(approvers().filter(pk__in=absent))

"""Keys as the people who keep them ask for them."""

from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from procurement.access.models import TOLD_BEFORE_END, ApiKey

USED_LATELY = timedelta(days=30)
"""A key nobody has used for so long is missed by nobody when it ends."""


def usable(now: datetime) -> QuerySet[ApiKey]:
    still = Q(expires_at=None) | Q(expires_at__gt=now)
    return ApiKey.objects.filter(still, revoked_at=None, user__is_active=True)


def ending_in_use(now: datetime) -> QuerySet[ApiKey]:
    """Keys that end soon and that somebody still calls with.

    A key that was replaced counts if it was used after the new one was made.
    """
    is_missed = Q(replaced_by=None) | Q(last_used_at__gt=F("replaced_by__created_at"))
    return usable(now).filter(
        is_missed,
        expires_at__lte=now + TOLD_BEFORE_END,
        last_used_at__gte=now - USED_LATELY,
    )


def with_standing(rows: QuerySet[ApiKey], name: str, now: datetime) -> QuerySet[ApiKey]:
    """The rows of one `Standing`, or of `usable` for all that open something."""
    good = rows.filter(pk__in=usable(now).values("pk"))
    conditions = {
        "usable": good,
        "in_use": good.filter(
            Q(expires_at=None) | Q(expires_at__gt=now + TOLD_BEFORE_END),
            replaced_by=None,
        ),
        "ending": good.filter(expires_at__lte=now + TOLD_BEFORE_END, replaced_by=None),
        "replaced": good.exclude(replaced_by=None),
        "revoked": rows.exclude(revoked_at=None),
        "ended": rows.filter(expires_at__lte=now, revoked_at=None),
        "user_left": rows.filter(revoked_at=None, user__is_active=False),
        "missed": rows.filter(
            Exists(ending_in_use(now).filter(pk=OuterRef("pk")).order_by())
        ),
    }
    return conditions.get(name, rows)

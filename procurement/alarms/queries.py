"""Reads of alarms worth a name."""

from datetime import datetime

from django.db.models import Q, QuerySet

from procurement.alarms.models import Alarm

SHOWN = (
    "kind",
    "since",
    "count",
    "sample",
    "text",
    "raised_at",
    "cleared_at",
    "acknowledged_at",
    "acknowledged_until",
    "comment",
    "supplier__slug",
    "supplier__name",
    "acknowledged_by__username",
)
"""What lists and mails tell of an alarm."""


def open_alarms() -> QuerySet[Alarm]:
    """Those that go on, the latest first, with the supplier's name and the person."""
    return (
        Alarm.objects.filter(cleared_at=None)
        .select_related("supplier", "acknowledged_by")
        .only(*SHOWN)
        .order_by("-raised_at", "-pk")
    )


def untended(now: datetime) -> QuerySet[Alarm]:
    """Those that go on and that nobody looks after, or not any more."""
    is_quiet = Q(acknowledged_at__isnull=False) & (
        Q(acknowledged_until=None) | Q(acknowledged_until__gt=now)
    )
    return Alarm.objects.filter(~is_quiet, cleared_at=None)

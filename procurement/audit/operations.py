"""The one write that takes away from the trail, and what it leaves behind."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from procurement import trail
from procurement.audit.models import Entry, Purge

BATCH = 2000
LEAST_DAYS = 30
"""No setting makes the trail shorter than this."""


def purge_entries(*, older_than: timedelta, batch: int = BATCH) -> int:
    """Forget entries past their time; that they were forgotten is an entry itself.

    Args:
        older_than: at least `LEAST_DAYS` days.

    Returns:
        How many there were.

    Raises:
        ValueError: the time is too short.
    """
    if older_than < timedelta(days=LEAST_DAYS):
        raise ValueError(f"The audit trail is kept for {LEAST_DAYS} days at least.")
    before = timezone.now() - older_than
    purged = 0
    while count := _purge_some(before, batch):
        purged += count
    return purged


def _purge_some(before: datetime, batch: int) -> int:
    with transaction.atomic():
        old = Entry.objects.filter(at__lt=before).order_by("at", "pk")
        rows = list(old.values_list("pk", "at")[:batch])
        if not rows:
            return 0
        permit = Purge.objects.create(before=before)
        entries = Entry.objects.filter(pk__in=[pk for pk, _ in rows])
        # Their own `delete` refuses; the trigger lets through what the permit covers.
        deleted, _ = QuerySet.delete(entries)
        permit.delete()
        trail.record(
            "audit.purged",
            details={
                "entries": deleted,
                "from": rows[0][1],
                "to": rows[-1][1],
                "kept_days": (timezone.now() - before).days,
            },
        )
        return deleted

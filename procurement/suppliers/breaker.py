"""The breaker of a supplier: it pauses by itself what fails again and again.

Closed, calls go out. After a row of failures that say the supplier itself is in
trouble it opens: nothing is begun until a wait is over, and then a harmless call is
tried, not somebody's order. If that goes well it is half open: one job at a time.
A good one closes it, a failure opens it for longer.

Every move is a conditional update that one of many callers wins. An outcome counts
only for the state it was begun in: calls that were under way when the breaker moved
say nothing about what happened since.
"""

import random
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from procurement.queue import wake_carriers
from procurement.suppliers.models import (
    Breaker,
    Supplier,
    SupplierEvent,
    SupplierHealth,
)
from vendors.errors import Kind

COUNTED = frozenset(
    {Kind.CONNECTION, Kind.TIMEOUT, Kind.CUT, Kind.SERVER, Kind.UNREADABLE}
)
"""What says that the supplier is in trouble, rather than the data or the account."""
FIRST_WAIT_SECONDS = 30
LONGEST_WAIT_SECONDS = 600


def wait_seconds(openings: int) -> float:
    """How long it stays open: doubling, jittered, ten minutes at most.

    Args:
        openings: in a row, this one included.
    """
    base = FIRST_WAIT_SECONDS * 2 ** min(openings - 1, 10)
    jitter = random.uniform(0.8, 1.2)  # noqa: S311 - spreads load, no secret
    return min(float(base * jitter), LONGEST_WAIT_SECONDS)


def note_failure(supplier: Supplier, kind: Kind, begun_at: datetime) -> None:
    """Count a failure of a call that was begun at that moment."""
    if kind not in COUNTED:
        return
    counting = _counting(supplier, begun_at)
    if counting.filter(breaker=Breaker.CLOSED).update(
        breaker_failures=F("breaker_failures") + 1
    ):
        _open(supplier)
    else:
        _open_longer(supplier, begun_at)


def note_success(supplier: Supplier, begun_at: datetime) -> None:
    """Take note of a good call that was begun at that moment."""
    counting = _counting(supplier, begun_at)
    now = timezone.now()
    with transaction.atomic():
        if counting.filter(breaker=Breaker.HALF_OPEN).update(
            breaker=Breaker.CLOSED,
            breaker_failures=0,
            breaker_openings=0,
            breaker_until=None,
            breaker_changed_at=now,
        ):
            _tell(supplier, "breaker_closed", "A job went well: calls go out again.")
            wake_carriers()
            return
        if counting.filter(breaker=Breaker.OPEN).update(
            breaker=Breaker.HALF_OPEN, breaker_until=None, breaker_changed_at=now
        ):
            wake_carriers()
            return
    counting.filter(breaker=Breaker.CLOSED, breaker_failures__gt=0).update(
        breaker_failures=0
    )


def try_now(supplier: Supplier) -> bool:
    """End the wait of an open breaker; False if it isn't open."""
    is_open = _rows(supplier).filter(breaker=Breaker.OPEN)
    return bool(is_open.update(breaker_until=timezone.now()))


def postpone(supplier: Supplier, seconds: float) -> None:
    """Try an open one again later, since this time nothing could be learnt."""
    until = timezone.now() + timedelta(seconds=seconds)
    _rows(supplier).filter(breaker=Breaker.OPEN).update(breaker_until=until)


def half_open(supplier: Supplier) -> None:
    """Let one job at a time out, where no harmless call could be tried before."""
    note_success(supplier, timezone.now())


def _open(supplier: Supplier) -> None:
    row_long_enough = _rows(supplier).filter(
        breaker=Breaker.CLOSED, breaker_failures__gte=settings.BREAKER_FAILURES
    )
    now = timezone.now()
    until = now + timedelta(seconds=wait_seconds(1))
    with transaction.atomic():
        if row_long_enough.update(
            breaker=Breaker.OPEN,
            breaker_openings=1,
            breaker_until=until,
            breaker_changed_at=now,
        ):
            _tell(
                supplier,
                "breaker_opened",
                f"Paused by itself after {settings.BREAKER_FAILURES} failures in "
                "a row.",
            )


def _open_longer(supplier: Supplier, begun_at: datetime) -> None:
    """A failure in its half-open state, or of the try after its wait."""
    row = _rows(supplier).values("breaker", "breaker_openings").get()
    now = timezone.now()
    openings = row["breaker_openings"] + 1
    tried = Q(breaker=Breaker.HALF_OPEN) | Q(
        breaker=Breaker.OPEN, breaker_until__lte=now
    )
    _counting(supplier, begun_at).filter(
        tried, breaker_openings=row["breaker_openings"]
    ).update(
        breaker=Breaker.OPEN,
        breaker_openings=openings,
        breaker_until=now + timedelta(seconds=wait_seconds(openings)),
        breaker_changed_at=now,
    )


def _rows(supplier: Supplier) -> QuerySet[SupplierHealth]:
    return SupplierHealth.objects.filter(supplier=supplier)


def _counting(supplier: Supplier, begun_at: datetime) -> QuerySet[SupplierHealth]:
    """The supplier's row, if the breaker has not moved since then."""
    return _rows(supplier).filter(
        Q(breaker_changed_at=None) | Q(breaker_changed_at__lte=begun_at)
    )


def _tell(supplier: Supplier, kind: str, text: str) -> None:
    SupplierEvent.objects.create(supplier=supplier, kind=kind, text=text)

"""Orders and what is on its way: how many, and for how long."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Max, Min, OuterRef, Subquery
from prometheus_client.core import Metric

from procurement.figures import families
from procurement.orders.models import PurchaseOrder
from procurement.orders.states import Status
from procurement.transmissions.models import LIVE, Attempt, State, Transmission

MOST = families.MOST
OPEN = (
    Status.DRAFT,
    Status.PENDING_APPROVAL,
    Status.APPROVED,
    Status.SENDING,
    Status.SENT,
    Status.CONFIRMED,
    Status.PARTIALLY_SHIPPED,
    Status.SHIPPED,
    Status.NEEDS_ATTENTION,
)
"""Orders that have not come to their end."""


def age(now: datetime, moment: datetime | None) -> float | None:
    return None if moment is None else max(0.0, (now - moment).total_seconds())


def _orders(now: datetime) -> Iterator[Metric]:
    rows = PurchaseOrder.objects.order_by()
    yield families.ORDERS.by(
        {
            status.value: rows.filter(headline=status).values("pk")[:MOST].count()
            for status in OPEN
        }
    )


def _transmissions(now: datetime) -> Iterator[Metric]:
    rows = Transmission.objects.order_by()
    counts = {
        str(state.value): rows.filter(state=state).values("pk")[:MOST].count()
        for state in LIVE
    }
    yield families.TRANSMISSIONS.by(counts)
    yield families.UNKNOWN.one(counts[State.UNKNOWN.value])
    yield families.UNKNOWN_AGE.one(_oldest_unknown(now))
    queued = rows.filter(state=State.QUEUED)
    due = queued.filter(next_attempt_at__lte=now)
    yield families.DUE.one(due.values("pk")[:MOST].count())
    oldest = queued.aggregate(at=Min("next_attempt_at"))["at"]
    yield families.OLDEST_QUEUED.one(age(now, oldest) or 0)


def _oldest_unknown(now: datetime) -> float:
    """By the last try of each of the first unknown ones; older ones come first."""
    tried = (
        Attempt.objects.filter(transmission=OuterRef("pk"))
        .order_by()
        .values("transmission")
        .annotate(at=Max("started_at"))
        .values("at")
    )
    unknown = Transmission.objects.filter(state=State.UNKNOWN).order_by("pk")
    rows = unknown.annotate(tried_at=Subquery(tried)).values_list(
        "tried_at", "created_at"
    )
    moments = [tried_at or created_at for tried_at, created_at in rows[:100]]
    return age(now, min(moments, default=None)) or 0


PARTS = (_orders, _transmissions)

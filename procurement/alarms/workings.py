"""How the queue, its jobs and its workers are doing: the one place that reads it.

All of it is bounded: a hundred rows of the queue, the jobs, the workers.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from procurement.alarms.holding import held_at
from procurement.alarms.models import MOST_COUNTED
from procurement.coordination import queries
from procurement.transmissions.models import State, Transmission

GONE_AFTER = timedelta(days=1)
"""A worker silent for longer has been taken away, and is nobody's alarm."""
OFTEN = timedelta(minutes=5)
"""Jobs that run at least so often show whether the scheduler is awake."""


@dataclass(frozen=True)
class Waiting:
    """What waits: how many (one above `MOST_COUNTED`: or more), the oldest's moment."""

    count: int
    since: datetime | None
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Job:
    """One recurring job; `due_at` is when it should run next, or should have run."""

    name: str
    due_at: datetime
    is_frequent: bool
    is_late: bool


@dataclass(frozen=True)
class Worker:
    name: str
    at: datetime


def due_work(before: datetime) -> Waiting:
    """Transmissions due before a moment that nobody takes up, though they could."""
    rows = Transmission.objects.filter(
        ~held_at(timezone.now(), "supplier__"),
        state=State.QUEUED,
        next_attempt_at__lte=before,
    ).order_by("next_attempt_at")
    found = list(rows.values_list("next_attempt_at", "subject")[: MOST_COUNTED + 1])
    return Waiting(
        len(found), found[0][0] if found else None, tuple(name for _, name in found)
    )


def waiting_messages() -> Waiting:
    """Messages to the workers that nobody has fetched, and since when the oldest lies.

    Those to the carriers are left out: each says no more than that something is due,
    and waits while the carriers are at it.
    """
    depth = queries.queue_depth()[settings.Q_CLUSTER["name"]]
    return Waiting(depth.waiting, depth.oldest_at)


def queue_depth() -> dict[str, int]:
    """Messages that nobody has fetched, by cluster."""
    return {name: depth.waiting for name, depth in queries.queue_depth().items()}


def jobs(now: datetime) -> list[Job]:
    """Every recurring job that is on."""
    return [
        Job(job.name, job.due_since(), job.every <= OFTEN, job.is_late(now))
        for job in queries.jobs(now)
    ]


def silent_workers(now: datetime) -> list[Worker]:
    """Those that should give signs of life and don't, the longest silent first."""
    return [
        Worker(beat.worker, beat.at)
        for beat in queries.silent_workers(now)
        if beat.at > now - GONE_AFTER
    ]


def newest_heartbeat() -> datetime | None:
    return queries.newest_heartbeat()

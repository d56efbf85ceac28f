"""Who is alive, what is late, what waits."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.models import OrmQ, Schedule
from django_q.signing import BadSignature, SignedPackage

from procurement.coordination.models import Heartbeat, JobRun, Lease
from procurement.coordination.operations import PRIVATE, job_lease

LATE_AFTER = 3
"""In intervals: a job whose last run ended longer ago is late."""


# --- recurring jobs ---------------------------------------------------------------


@dataclass(frozen=True)
class Job:
    """A recurring job, as it is scheduled and as it last ran."""

    name: str
    every: timedelta
    began_at: datetime | None
    ended_at: datetime | None
    error: str
    """Of the last run that ended; empty where it went well."""
    is_running: bool
    expected_since: datetime

    def due_since(self) -> datetime:
        """When the run after the last one should have been."""
        return (self.ended_at or self.expected_since) + self.every

    def is_late(self, now: datetime) -> bool:
        return now - self.due_since() > self.every * (LATE_AFTER - 1)


@dataclass(frozen=True)
class LateJob:
    name: str
    since: datetime
    """When it should have run."""


def jobs(now: datetime) -> list[Job]:
    """Every recurring job that is switched on, by name."""
    runs = {run.name: run for run in JobRun.objects.all()}
    rows = Schedule.objects.filter(name__in=runs).exclude(repeats=0).order_by("name")
    leases = set(
        Lease.objects.filter(
            name__startswith=job_lease(""), expires_at__gt=now
        ).values_list("name", flat=True)
    )
    return [_job(row, runs[row.name], leases) for row in rows]


def _job(row: Schedule, run: JobRun, leases: set[str]) -> Job:
    return Job(
        name=row.name,
        every=interval_of(row),
        began_at=run.last_began_at,
        ended_at=run.last_ended_at,
        error=run.last_error,
        is_running=job_lease(row.name) in leases,
        expected_since=run.expected_since,
    )


def interval_of(row: Schedule) -> timedelta:
    """The time between two runs, also where an operator chose another kind."""
    if row.schedule_type == Schedule.MINUTES:
        return timedelta(minutes=row.minutes or 1)
    following: datetime = row.calculate_next_run(row.next_run)
    next_run: datetime = row.next_run
    return following - next_run


def late_jobs(now: datetime) -> list[LateJob]:
    """Jobs whose last run ended longer ago than three times their interval."""
    return [LateJob(job.name, job.due_since()) for job in jobs(now) if job.is_late(now)]


# --- workers ----------------------------------------------------------------------


def newest_heartbeat() -> datetime | None:
    """The last sign of life of any worker; None where none has run."""
    newest: datetime | None = Heartbeat.objects.aggregate(at=Max("at"))["at"]
    return newest


def silent_workers(now: datetime) -> list[Heartbeat]:
    """Clusters that ought to give signs of life and don't, longest silence first."""
    limit = timedelta(seconds=settings.HEARTBEAT_LIMIT_SECONDS)
    silent = Heartbeat.objects.filter(at__lt=now - limit, is_leaving=False)
    return list(silent.order_by("at"))


# --- the queue --------------------------------------------------------------------


COUNTED_AT_MOST = 5000
"""A queue holds hints and is short; a longer one is as bad as the next."""


@dataclass(frozen=True)
class QueueDepth:
    waiting: int
    """Messages nobody has fetched yet."""
    oldest_at: datetime | None


def queue_depth() -> dict[str, QueueDepth]:
    """What waits in each queue, the empty ones included. One query, or two calls."""
    queues = (settings.CARRIERS, settings.COURIERS, settings.Q_CLUSTER["name"])
    if "orm" in settings.Q_CLUSTER:
        return {**dict.fromkeys(queues, QueueDepth(0, None)), **_in_database()}
    return {queue: _in_redis(queue) for queue in queues}


def _in_database() -> dict[str, QueueDepth]:
    waiting = OrmQ.objects.filter(lock__lte=timezone.now()).exclude(
        key__startswith=PRIVATE
    )
    found: dict[str, QueueDepth] = {}
    rows = waiting.order_by("pk").values_list("key", "lock")[:COUNTED_AT_MOST]
    for key, lock in rows:
        known = found.get(key, QueueDepth(0, lock))
        oldest = min(known.oldest_at or lock, lock)
        found[key] = QueueDepth(known.waiting + 1, oldest)
    return found


def _in_redis(queue: str) -> QueueDepth:
    broker = get_broker(queue)
    waiting = broker.queue_size()
    first = broker.connection.lindex(broker.list_key, 0) if waiting else None
    if first is None:
        return QueueDepth(waiting, None)
    try:
        return QueueDepth(waiting, SignedPackage.loads(first)["started"])
    except (BadSignature, TypeError):
        return QueueDepth(waiting, None)

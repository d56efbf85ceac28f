"""Silences of the installation itself.

The job that keeps alarms runs in the queue, so it can't tell that the queue stands
still. `/readyz` and `/metrics` therefore look here by themselves.
"""

from datetime import datetime, timedelta

from django.conf import settings

from procurement.alarms import workings
from procurement.alarms.clocks import default_clock
from procurement.alarms.findings import SAMPLE, Finding, Look
from procurement.alarms.models import MOST_COUNTED, Kind
from procurement.alarms.words import duration


def heartbeat_clock() -> timedelta:
    return timedelta(seconds=settings.HEARTBEAT_LIMIT_SECONDS)


def clock_of(kind: Kind) -> timedelta:
    return heartbeat_clock() if kind == Kind.WORKER_SILENT else default_clock(kind)


def queue_stands(now: datetime) -> list[Finding]:
    clock = default_clock(Kind.QUEUE_STANDS)
    found = workings.due_work(now - clock)
    if found.since is None:
        return []
    return [
        Finding(
            Kind.QUEUE_STANDS,
            None,
            found.since,
            f"Due {duration(clock)} ago or earlier and not taken up, though the "
            "suppliers are neither paused nor held. Look at the workers.",
            found.count,
            list(found.names[:SAMPLE]),
        )
    ]


def messages_wait(now: datetime) -> list[Finding]:
    clock = default_clock(Kind.MESSAGES_WAIT)
    found = workings.waiting_messages()
    if found.since is None or now - found.since < clock:
        return []
    return [
        Finding(
            Kind.MESSAGES_WAIT,
            None,
            found.since,
            f"The oldest message has lain there for {duration(clock)} or longer. "
            "There are too few workers for the work, or those there are stand still.",
            min(found.count, MOST_COUNTED + 1),
        )
    ]


def scheduler_asleep(now: datetime) -> list[Finding]:
    """Every job that runs each few minutes is late: nobody starts any."""
    clock = default_clock(Kind.SCHEDULER_ASLEEP)
    frequent = [job for job in workings.jobs(now) if job.is_frequent]
    if not frequent or any(now - job.due_at < clock for job in frequent):
        return []
    return [
        Finding(
            Kind.SCHEDULER_ASLEEP,
            None,
            max(job.due_at for job in frequent),
            f"No recurring job has come to its end for {duration(clock)} or longer: "
            "nothing is swept, polled or looked up. Look at the workers.",
        )
    ]


def job_late(now: datetime) -> list[Finding]:
    clock = default_clock(Kind.JOB_LATE)
    late = [job for job in workings.jobs(now) if job.is_late]
    late = [job for job in late if now - job.due_at >= clock]
    if not late:
        return []
    late.sort(key=lambda job: job.due_at)
    return [
        Finding(
            Kind.JOB_LATE,
            None,
            late[0].due_at,
            f"Should have run {duration(clock)} ago or earlier, and missed more than "
            "one turn.",
            len(late),
            [job.name for job in late[:SAMPLE]],
        )
    ]


def worker_silent(now: datetime) -> list[Finding]:
    """Some worker is silent, or all of them are."""
    silent = workings.silent_workers(now)
    if not silent:
        return []
    newest = workings.newest_heartbeat()
    if newest is None or now - newest > heartbeat_clock():
        text = "No worker gives a sign of life: nothing is sent or followed."
    else:
        text = (
            "A worker ended without a word or is frozen; others go on. If its machine "
            "was taken away for good, this is over within a day."
        )
    return [
        Finding(
            Kind.WORKER_SILENT,
            None,
            silent[0].at,
            text,
            len(silent),
            [worker.name for worker in silent[:SAMPLE]],
        )
    ]


LOOKS: dict[Kind, Look] = {
    Kind.QUEUE_STANDS: queue_stands,
    Kind.MESSAGES_WAIT: messages_wait,
    Kind.SCHEDULER_ASLEEP: scheduler_asleep,
    Kind.JOB_LATE: job_late,
    Kind.WORKER_SILENT: worker_silent,
}

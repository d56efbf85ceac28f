"""Every recurring job: its name, what runs, and the minutes between runs.

They are made once, by name, when a worker starts. What an operator changes on one
afterwards stays as it is.
"""

import logging
import time
from dataclasses import dataclass
from datetime import timedelta

from django.utils.module_loading import import_string
from django_q.models import Schedule

from procurement.coordination.jobs import expect, run_job
from procurement.coordination.operations import lease
from procurement.coordination.queries import interval_of
from procurement.logs.ids import about

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Job:
    name: str
    task: str
    minutes: int


JOBS = (
    Job("Sweep transmissions", "procurement.transmissions.tasks.sweep", 1),
    Job("Poll suppliers", "procurement.fulfilment.tasks.ask_for_polls", 1),
    Job("Read what webhooks told of", "procurement.inbound.tasks.sweep", 1),
    Job("Renew shop logins", "procurement.logins.tasks.sweep", 1),
    Job("Follow ranges and stock", "procurement.catalogue.tasks.ask_for_looks", 1),
    Job("Work off price files", "procurement.catalogue.tasks.hint_files", 1),
    Job("Work off runs", "procurement.runs.tasks.hint_runs", 1),
    Job("Count calls to suppliers", "procurement.suppliers.tasks.count_calls", 1),
    Job("Count figures", "procurement.figures.tasks.count_figures", 1),
    Job("Look for silence", "procurement.alarms.tasks.look_for_silence", 1),
    Job("Gather notices", "procurement.notices.tasks.gather", 1),
    Job("Mail notices", "procurement.notices.tasks.send", 1),
    Job("Finish erasures", "procurement.persons.tasks.sweep", 1),
    Job("Purge exchanges", "procurement.retention.tasks.purge_exchanges", 1440),
    Job("Purge renewals", "procurement.retention.tasks.purge_renewals", 1440),
    Job("Purge webhooks", "procurement.retention.tasks.purge_webhooks", 1440),
    Job(
        "Purge outgoing webhooks",
        "procurement.retention.tasks.purge_outgoing_webhooks",
        1440,
    ),
    Job("Purge notices", "procurement.retention.tasks.purge_notices", 1440),
    Job("Purge runs", "procurement.retention.tasks.purge_runs", 1440),
    Job("Purge repeats", "procurement.retention.tasks.purge_repeats", 1440),
    Job("Purge sessions", "procurement.retention.tasks.purge_sessions", 1440),
    Job("Purge the audit trail", "procurement.audit.tasks.purge_trail", 1440),
    Job("Purge logins", "procurement.accounts.tasks.purge_logins", 1440),
    Job("Purge heartbeats", "procurement.retention.tasks.purge_heartbeats", 1440),
)


RUN = "procurement.schedules.run"
TRIES = 3


def run(name: str) -> None:
    """Run a job by its name, once for all machines. This is what schedules call."""
    job = next((job for job in JOBS if job.name == name), None)
    if job is None:
        logger.warning("No job has the name %r any more", name)
        return
    every = _interval(name) or timedelta(minutes=job.minutes)
    with about(job=name):
        run_job(name, import_string(job.task), every=every)


def _interval(name: str) -> timedelta | None:
    row = Schedule.objects.filter(name=name).first()
    return interval_of(row) if row else None


def make_schedules() -> list[str]:
    """Create the schedules that are missing; return their names.

    Those of earlier versions called the job itself; they are led here. Machines that
    start together wait for each other, since the table allows two of a name.
    """
    for _ in range(TRIES):
        with lease("schedules", seconds=30) as held:
            if held:
                expect(job.name for job in JOBS)
                return [job.name for job in JOBS if _make(job)]
        time.sleep(1)
    return []


def _make(job: Job) -> bool:
    """Have one schedule of the name, which calls `run`; say whether it is new."""
    ours = {"func": RUN, "args": repr((job.name,))}
    rows = list(Schedule.objects.filter(name=job.name).order_by("pk"))
    for row in rows[1:]:
        row.delete()
    if rows:
        Schedule.objects.filter(pk=rows[0].pk).update(**ours)
        return False
    Schedule.objects.create(
        name=job.name,
        schedule_type=Schedule.MINUTES,
        minutes=job.minutes,
        repeats=-1,
        **ours,
    )
    return True

"""Every recurring job: its name, what runs, and the minutes between runs.

They are made once, by name, when a worker starts. What an operator changes on one
afterwards stays as it is.
"""

from dataclasses import dataclass

from django_q.models import Schedule


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
    Job("Purge exchanges", "procurement.suppliers.tasks.purge_exchanges", 1440),
    Job("Purge renewals", "procurement.logins.tasks.purge_renewals", 1440),
    Job("Purge webhooks", "procurement.inbound.tasks.purge_deliveries", 1440),
    Job("Purge repeats", "procurement.access.tasks.purge_repeats", 1440),
    Job("Purge heartbeats", "procurement.coordination.tasks.purge_heartbeats", 1440),
)


def make_schedules() -> list[str]:
    """Create the schedules that are missing; return their names."""
    made = []
    for job in JOBS:
        _, is_new = Schedule.objects.get_or_create(
            name=job.name,
            defaults={
                "func": job.task,
                "schedule_type": Schedule.MINUTES,
                "minutes": job.minutes,
                "repeats": -1,
            },
        )
        if is_new:
            made.append(job.name)
    return made

"""Workers, the queue, jobs, runs, webhooks and alarms."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Min, Q
from prometheus_client.core import Metric

from procurement.alarms import workings
from procurement.alarms.machine import LOOKS
from procurement.alarms.models import MACHINE, Alarm
from procurement.coordination import queries
from procurement.coordination.models import Heartbeat
from procurement.figures import families
from procurement.figures.families import MOST
from procurement.figures.orders import age
from procurement.runs.models import Run
from procurement.webhooks.models import Delivery, DeliveryState, Endpoint

KINDS_OF_CLUSTERS = ("carriers", "couriers", "general")
MOST_WORKERS = 1_000


def _alarms(now: datetime) -> Iterator[Metric]:
    """Those of suppliers as the last round left them, those of the machine live."""
    kept = Alarm.objects.filter(cleared_at=None).exclude(kind__in=MACHINE)
    found = [
        ((kind, slug or ""), count)
        for kind, slug, count in kept.values_list("kind", "supplier__slug", "count")
    ]
    for look in LOOKS.values():
        for finding in look(now):
            found.append(((finding.kind.value, ""), finding.count))
    yield families.ALARMS.of(found)


def _workers(now: datetime) -> Iterator[Metric]:
    newest: dict[str, datetime] = {}
    lately = now - timedelta(seconds=settings.HEARTBEAT_LIMIT_SECONDS)
    alive = dict.fromkeys(KINDS_OF_CLUSTERS, 0)
    for beat in Heartbeat.objects.order_by("-at")[:MOST_WORKERS]:
        newest.setdefault("", beat.at)
        newest.setdefault(beat.cluster, beat.at)
        if beat.cluster in alive and beat.at >= lately and not beat.is_leaving:
            alive[beat.cluster] += 1
    if newest:
        yield families.HEARTBEAT.one(age(now, newest[""]) or 0)
    yield families.CLUSTER_HEARTBEAT.by(
        {kind: age(now, newest.get(kind)) for kind in KINDS_OF_CLUSTERS}
    )
    yield families.CLUSTERS.by({**alive})
    yield families.SILENT.one(len(workings.silent_workers(now)))


def _jobs(now: datetime) -> Iterator[Metric]:
    jobs = queries.jobs(now)
    yield families.JOB_LATE.by({job.name: age(now, job.due_since()) for job in jobs})
    yield families.JOB_FAILED.by({job.name: bool(job.error) for job in jobs})


def _queue(now: datetime) -> Iterator[Metric]:
    depths = queries.queue_depth()
    yield families.QUEUE.by({name: each.waiting for name, each in depths.items()})
    yield families.QUEUE_AGE.by(
        {name: age(now, each.oldest_at) or 0 for name, each in depths.items()}
    )


def _runs(now: datetime) -> Iterator[Metric]:
    in_work = Run.objects.in_work().order_by().values("pk")[:MOST].count()
    yield families.RUNS_IN_WORK.one(in_work)


def _webhooks(now: datetime) -> Iterator[Metric]:
    in_use = list(Endpoint.objects.filter(is_active=True).values_list("pk", flat=True))
    waiting = Delivery.objects.filter(
        state=DeliveryState.WAITING, endpoint__in=in_use
    ).order_by()
    yield families.WEBHOOKS_WAITING.one(waiting.values("pk")[:MOST].count())
    oldest = waiting.aggregate(at=Min("event_at"))["at"]
    yield families.WEBHOOKS_AGE.one(age(now, oldest) or 0)
    failing = Q(failing_since__isnull=False)
    given_up = Q(is_active=False, disabled_by=None, disabled_at__isnull=False)
    counts = Endpoint.objects.filter(deleted_at=None).aggregate(
        working=Count("pk", filter=~failing & Q(is_active=True)),
        failing=Count("pk", filter=failing & Q(is_active=True)),
        disabled=Count("pk", filter=given_up),
    )
    yield families.ENDPOINTS.by(counts)


PARTS = (_alarms, _workers, _jobs, _queue, _runs, _webhooks)

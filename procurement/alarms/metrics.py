"""Figures for Prometheus, read from the database at each scrape.

Counters in memory would be those of one web process; what the database says is right
on any number of machines. Every figure is bounded: orders and transmissions are
counted no further than `MOST`, and the number of queries does not depend on what
there is. Labels are our own words and the slugs of suppliers.
"""

import logging
import platform
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

import django
from django.conf import settings
from django.db.models import Min
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from procurement.alarms import workings
from procurement.alarms.machine import LOOKS
from procurement.alarms.models import MACHINE, Alarm
from procurement.fulfilment.models import PollState
from procurement.inbound.models import HookState
from procurement.orders.models import PurchaseOrder
from procurement.orders.states import Status
from procurement.suppliers.hours import sums_of_last_day
from procurement.suppliers.models import Breaker, SupplierHealth
from procurement.transmissions.models import LIVE, State, Transmission

logger = logging.getLogger(__name__)

MOST = 10_000
"""Nothing is counted further; a gauge that stands here means "or more"."""
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


def text() -> bytes:
    """All figures as they are now, in Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures())
    return generate_latest(registry)


class _Figures(Collector):
    def collect(self) -> Iterator[Metric]:
        started = time.monotonic()
        now = timezone.now()
        failed = 0
        for part in _PARTS:
            try:
                yield from list(part(now))
            except Exception:
                # Some figures are better than none, and this one says that some lack.
                failed += 1
                logger.exception("Figures of %s can't be read", part.__name__)
        yield _one(
            "procurement_scrape_failed_parts",
            "Parts of this page that could not be read.",
            failed,
        )
        yield _one(
            "procurement_scrape_seconds",
            "What reading all of it took.",
            time.monotonic() - started,
        )


def _one(name: str, told: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, told, value=value)


def _by(
    name: str, told: str, label: str, values: Iterable[tuple[str, float | None]]
) -> GaugeMetricFamily:
    """A gauge with one label; what is not known is left out."""
    family = GaugeMetricFamily(name, told, labels=[label])
    for key, value in values:
        if value is not None:
            family.add_metric([key], value)
    return family


def _age(now: datetime, moment: datetime | None) -> float | None:
    return None if moment is None else max(0.0, (now - moment).total_seconds())


# --- orders and transmissions -----------------------------------------------------


def _orders(now: datetime) -> Iterator[Metric]:
    rows = PurchaseOrder.objects.order_by()
    counts = [
        (status.value, rows.filter(headline=status).values("pk")[:MOST].count())
        for status in OPEN
    ]
    yield _by(
        "procurement_orders",
        f"Orders by status, but for ended ones; {MOST} means that or more.",
        "status",
        counts,
    )


def _transmissions(now: datetime) -> Iterator[Metric]:
    rows = Transmission.objects.order_by()
    counts = [
        (str(state.value), rows.filter(state=state).values("pk")[:MOST].count())
        for state in LIVE
    ]
    yield _by(
        "procurement_transmissions",
        f"Transmissions not settled, by state; {MOST} means that or more.",
        "state",
        counts,
    )
    yield _one(
        "procurement_transmissions_unknown",
        "Transmissions of which nobody knows whether they landed.",
        dict(counts)[State.UNKNOWN.value],
    )
    queued = rows.filter(state=State.QUEUED)
    oldest = queued.aggregate(at=Min("next_attempt_at"))["at"]
    yield _one(
        "procurement_oldest_queued_seconds",
        "How long the longest due transmission has been due; 0 if none is.",
        _age(now, oldest) or 0,
    )


# --- suppliers --------------------------------------------------------------------


def _suppliers(now: datetime) -> Iterator[Metric]:
    rows = list(
        SupplierHealth.objects.order_by("supplier__slug").values_list(
            "supplier__slug",
            "supplier__is_paused",
            "last_success_at",
            "failures_in_a_row",
            "breaker",
            "blocked_until",
        )
    )

    def gauge(name: str, told: str, value: Callable[..., float | None]) -> Metric:
        values = [(slug, value(*rest)) for slug, *rest in rows]
        return _by(f"procurement_supplier_{name}", told, "supplier", values)

    yield gauge("paused", "1 if a person has paused it.", lambda paused, *_: paused)
    yield gauge(
        "last_success_age_seconds",
        "Time since the last good call.",
        lambda paused, at, *_: _age(now, at),
    )
    yield gauge(
        "failures_in_a_row",
        "Calls that failed since the last good one.",
        lambda paused, at, failures, *_: failures,
    )
    yield gauge(
        "breaker_open",
        "1 while calls are held back after failures.",
        lambda paused, at, failures, breaker, until: (
            breaker != Breaker.CLOSED or bool(until and until > now)
        ),
    )


def _calls(now: datetime) -> Iterator[Metric]:
    """What was counted of the last 24 hours; it may be two minutes behind."""
    rows = sums_of_last_day(now)
    for name, told in {
        "calls": "Calls in the last 24 hours.",
        "errors": "Calls without an answer or with a status of 400 and above.",
        "throttled": "Calls whose answer asked us to wait.",
    }.items():
        values = [(row["slug"], row[name]) for row in rows]
        yield _by(f"procurement_supplier_day_{name}", told, "supplier", values)


def _polls(now: datetime) -> Iterator[Metric]:
    rows = PollState.objects.order_by("supplier__slug")
    yield _by(
        "procurement_poll_age_seconds",
        "Time since a supplier's list of changed orders was last read to its end.",
        "supplier",
        [
            (slug, _age(now, at))
            for slug, at in rows.values_list("supplier__slug", "last_success_at")
        ],
    )


def _hooks(now: datetime) -> Iterator[Metric]:
    rows = HookState.objects.order_by("supplier__slug")
    yield _by(
        "procurement_webhooks_refused",
        "Webhook calls whose signature was missing or wrong, ever.",
        "supplier",
        rows.values_list("supplier__slug", "refused_count"),
    )


# --- alarms and the machine -------------------------------------------------------


def _alarms(now: datetime) -> Iterator[Metric]:
    """Those of suppliers as the last round left them, those of the machine live."""
    family = GaugeMetricFamily(
        "procurement_alarms_open",
        "What an open alarm counts; 101 means more than 100.",
        labels=["kind", "supplier"],
    )
    kept = Alarm.objects.filter(cleared_at=None).exclude(kind__in=MACHINE)
    for kind, slug, count in kept.values_list("kind", "supplier__slug", "count"):
        family.add_metric([kind, slug or ""], count)
    for look in LOOKS.values():
        for finding in look(now):
            family.add_metric([finding.kind.value, ""], finding.count)
    yield family


def _machine(now: datetime) -> Iterator[Metric]:
    newest = workings.newest_heartbeat()
    if newest is not None:
        yield _one(
            "procurement_heartbeat_age_seconds",
            "Time since any worker gave a sign of life.",
            _age(now, newest) or 0,
        )
    yield _one(
        "procurement_workers_silent",
        "Workers that should give signs of life and don't.",
        len(workings.silent_workers(now)),
    )
    yield _by(
        "procurement_job_late_seconds",
        "How long a recurring job has been due; 0 if it is not.",
        "job",
        [(job.name, _age(now, job.due_at)) for job in workings.jobs(now)],
    )
    yield _by(
        "procurement_queue_messages",
        "Messages to the workers, by cluster.",
        "cluster",
        list(workings.queue_depth().items()),
    )


def _build(now: datetime) -> Iterator[Metric]:
    family = GaugeMetricFamily(
        "procurement_build_info",
        "What runs here; `version` is that of the REST interface.",
        labels=["version", "django", "python"],
    )
    version = str(settings.SPECTACULAR_SETTINGS["VERSION"])
    family.add_metric([version, django.get_version(), platform.python_version()], 1)
    yield family


_PARTS: tuple[Callable[[datetime], Iterator[Any]], ...] = (
    _orders,
    _transmissions,
    _suppliers,
    _calls,
    _polls,
    _hooks,
    _alarms,
    _machine,
    _build,
)

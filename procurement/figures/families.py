"""Every figure `/metrics` has: its name, its labels, what it says.

Names follow Prometheus' conventions: seconds and bytes, `_total` for what only grows.
`docs/observe.md`, the board and the rules of alerts are held against this list.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)

from procurement.figures.totals import ENDLESS, SECONDS

PREFIX = "procurement_"
GAUGE, COUNTER, HISTOGRAM = "gauge", "counter", "histogram"
MICRO = 1_000_000
MOST = 10_000
"""Nothing is counted further; a gauge that stands here means "or more"."""

Labelled = tuple[Sequence[str], float | None]


@dataclass(frozen=True)
class Family:
    """One figure, with one value for each combination of its labels."""

    group: str
    kind: str
    short: str
    told: str
    labels: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return PREFIX + self.short

    @property
    def samples(self) -> dict[str, tuple[str, ...]]:
        """The names by which it is asked for, each with its labels."""
        if self.kind != HISTOGRAM:
            return {self.name: self.labels}
        return {
            f"{self.name}_bucket": (*self.labels, "le"),
            f"{self.name}_count": self.labels,
            f"{self.name}_sum": self.labels,
        }

    def one(self, value: float) -> Metric:
        return self.of([((), value)])

    def of(self, values: Iterable[Labelled]) -> Metric:
        """Gauges and counters; what is not known (None) is left out."""
        make = GaugeMetricFamily if self.kind == GAUGE else CounterMetricFamily
        family = make(self.name, self.told, labels=self.labels)
        for labels, value in values:
            if value is not None:
                family.add_metric(list(labels), value)
        return family

    def by(self, values: Mapping[str, float | None]) -> Metric:
        """By the value of its one label."""
        return self.of(((label,), value) for label, value in values.items())

    def times(
        self,
        classes: Mapping[tuple[str, ...], int],
        sums: Mapping[tuple[str, ...], int],
    ) -> Metric:
        """A histogram of what was counted by class; see `totals.SECONDS`."""
        family = HistogramMetricFamily(self.name, self.told, labels=self.labels)
        for labels, microseconds in sorted(sums.items()):
            upto, buckets = 0, []
            for end in (*map(str, SECONDS), ENDLESS):
                upto += classes.get((*labels, end), 0)
                buckets.append((end, upto))
            family.add_metric(list(labels), buckets, microseconds / MICRO)
        return family


_all: list[Family] = []


def _gauge(group: str, name: str, told: str, *labels: str) -> Family:
    return _kept(Family(group, GAUGE, name, told, labels))


def _counter(group: str, name: str, told: str, *labels: str) -> Family:
    return _kept(Family(group, COUNTER, name, told, labels))


def _histogram(group: str, name: str, told: str, *labels: str) -> Family:
    return _kept(Family(group, HISTOGRAM, name, told, labels))


def _kept(family: Family) -> Family:
    _all.append(family)
    return family


_ORDERS = "Orders and sending"
ORDERS = _gauge(
    _ORDERS,
    "orders",
    f"Orders by status, but for ended ones; {MOST} means that or more.",
    "status",
)
ORDER_EVENTS = _counter(
    _ORDERS, "order_events_total", "What happened to orders, by kind of event.", "kind"
)
TRANSMISSIONS = _gauge(
    _ORDERS,
    "transmissions",
    f"Transmissions not settled, by state; {MOST} means that or more.",
    "state",
)
UNKNOWN = _gauge(
    _ORDERS,
    "transmissions_unknown",
    "Transmissions of which nobody knows whether they landed.",
)
UNKNOWN_AGE = _gauge(
    _ORDERS,
    "transmissions_unknown_oldest_age_seconds",
    "Time since the oldest unknown one was last tried; 0 if there is none.",
)
DUE = _gauge(
    _ORDERS,
    "transmissions_due",
    f"Queued transmissions whose moment has come; {MOST} means that or more.",
)
OLDEST_QUEUED = _gauge(
    _ORDERS,
    "oldest_queued_seconds",
    "How long the longest due transmission has been due; 0 if none is.",
)
ATTEMPTS = _counter(
    _ORDERS,
    "attempts_total",
    "Tries to send that came to an end, by how they ended.",
    *("vendor", "supplier", "operation", "outcome"),
)
ACCEPTED_TWICE = _counter(
    _ORDERS,
    "accepted_twice_total",
    "Transmissions a supplier accepted in more than one try. Has to stay 0.",
)

_SUPPLIERS = "Suppliers"
PAUSED = _gauge(
    _SUPPLIERS, "supplier_paused", "1 if a person has paused it.", "supplier"
)
HELD = _gauge(
    _SUPPLIERS,
    "supplier_held",
    "1 while nothing is sent to it: paused, blocked, or found failing.",
    "supplier",
)
LAST_SUCCESS = _gauge(
    _SUPPLIERS,
    "supplier_last_success_age_seconds",
    "Time since the last good call.",
    "supplier",
)
FAILURES = _gauge(
    _SUPPLIERS,
    "supplier_failures_in_a_row",
    "Calls that failed since the last good one.",
    "supplier",
)
BREAKER = _gauge(
    _SUPPLIERS,
    "supplier_breaker_open",
    "1 while calls are held back after failures.",
    "supplier",
)
DAY = {
    name: _gauge(_SUPPLIERS, f"supplier_day_{name}", told, "supplier")
    for name, told in {
        "calls": "Calls in the last 24 hours.",
        "errors": "Calls without an answer or with a status of 400 and above.",
        "throttled": "Calls whose answer asked us to wait.",
    }.items()
}
BUDGET = _gauge(
    _SUPPLIERS,
    "supplier_budget_calls_left",
    "Calls that could be made at once now, by the vendor's group of calls.",
    *("supplier", "group"),
)
CALLS = _counter(
    _SUPPLIERS,
    "vendor_calls_total",
    "Calls to suppliers, by what came back.",
    *("vendor", "supplier", "operation", "outcome"),
)
CALL_TIMES = _histogram(
    _SUPPLIERS,
    "vendor_call_duration_seconds",
    "How long suppliers' answers took.",
    *("vendor", "operation"),
)
POLL_AGE = _gauge(
    _SUPPLIERS,
    "poll_age_seconds",
    "Time since a supplier's list of changed orders was last read to its end.",
    "supplier",
)
POLL_OVERDUE = _gauge(
    _SUPPLIERS,
    "poll_overdue_seconds",
    "How long a supplier's next poll has been due; 0 if it is not.",
    "supplier",
)
HOOKS_REFUSED = _counter(
    _SUPPLIERS,
    "hooks_refused_total",
    "Webhook calls of suppliers whose signature was missing or wrong.",
    "supplier",
)

_WEBHOOKS = "Webhooks to other systems"
WEBHOOKS = _counter(
    _WEBHOOKS,
    "webhook_attempts_total",
    "Tries to deliver a webhook, by how they ended.",
    "outcome",
)
WEBHOOKS_WAITING = _gauge(
    _WEBHOOKS,
    "webhook_deliveries_waiting",
    f"Deliveries not taken yet, to endpoints in use; {MOST} means that or more.",
)
WEBHOOKS_AGE = _gauge(
    _WEBHOOKS,
    "webhook_oldest_waiting_age_seconds",
    "How long the oldest of them has waited; 0 if none does.",
)
ENDPOINTS = _gauge(
    _WEBHOOKS,
    "webhook_endpoints",
    "Endpoints: working, failing, or disabled for failing.",
    "state",
)

_ALARMS = "Alarms"
ALARMS = _gauge(
    _ALARMS,
    "alarms_open",
    "What an open alarm counts; 101 means more than 100.",
    *("kind", "supplier"),
)

_WORK = "Workers, queue and jobs"
HEARTBEAT = _gauge(
    _WORK, "heartbeat_age_seconds", "Time since any worker gave a sign of life."
)
CLUSTER_HEARTBEAT = _gauge(
    _WORK,
    "cluster_heartbeat_age_seconds",
    "Time since any cluster of a kind gave a sign of life.",
    "cluster",
)
CLUSTERS = _gauge(
    _WORK,
    "clusters",
    "Clusters of a kind that gave a sign of life lately, on all machines.",
    "cluster",
)
SILENT = _gauge(
    _WORK, "workers_silent", "Workers that should give signs of life and don't."
)
REPLACEMENTS = _counter(
    _WORK,
    "worker_replacements_total",
    "Clusters their supervisor had to replace: frozen, died, or grown too large.",
    "cluster",
)
JOB_LATE = _gauge(
    _WORK,
    "job_late_seconds",
    "How long a recurring job has been due; 0 if it is not.",
    "name",
)
JOB_FAILED = _gauge(
    _WORK, "job_failed", "1 if the last run of a recurring job failed.", "name"
)
QUEUE = _gauge(_WORK, "queue_messages", "Messages to the workers.", "cluster")
QUEUE_AGE = _gauge(
    _WORK,
    "queue_oldest_message_age_seconds",
    "How long the oldest of them has waited; 0 if there is none.",
    "cluster",
)
RUNS_IN_WORK = _gauge(
    _WORK, "runs_in_work", f"Background runs not ended; {MOST} means that or more."
)
RUNS = _counter(
    _WORK,
    "runs_ended_total",
    "Background runs that ended, by kind and how.",
    *("kind", "state"),
)

_WEB = "Web"
REQUESTS = _counter(
    _WEB,
    "http_requests_total",
    "Requests answered, by the part of the installation that answered.",
    *("route", "method", "status"),
)
REQUEST_TIMES = _histogram(
    _WEB, "http_request_duration_seconds", "How long answers took.", "route"
)

_MACHINE = "The installation"
BUILD = _gauge(
    _MACHINE,
    "build_info",
    "What runs here; `api` is the version of the REST interface.",
    *("version", "api", "django", "python"),
)
MIGRATIONS = _gauge(
    _MACHINE, "migrations_unapplied", "Migrations of this code not in the database."
)
DATABASE_SIZE = _gauge(_MACHINE, "database_size_bytes", "Size of the database.")
CLOCK = _gauge(
    _MACHINE,
    "clock_offset_seconds",
    "This machine's clock less the database's; 0 where they are one.",
)
DISK_FREE = _gauge(
    _MACHINE,
    "disk_free_bytes",
    "What is free where the answering machine keeps its files.",
)
DISK_SIZE = _gauge(_MACHINE, "disk_size_bytes", "The size of that disk.")
UNREADABLE = _gauge(
    _MACHINE,
    "credentials_unreadable",
    "Suppliers whose credentials none of CREDENTIAL_KEYS opens.",
)
COUNTED_AGE = _gauge(
    _MACHINE,
    "counted_age_seconds",
    "Time since calls, tries and events were last counted.",
)
FAILED_PARTS = _gauge(
    _MACHINE, "scrape_failed_parts", "Parts of this page that could not be read."
)
SCRAPE = _gauge(_MACHINE, "scrape_seconds", "What reading all of it took.")

FAMILIES: tuple[Family, ...] = tuple(_all)


def samples() -> dict[str, tuple[str, ...]]:
    """Every name that may be asked for, with its labels."""
    return {name: labels for each in FAMILIES for name, labels in each.samples.items()}


def table() -> str:
    """All of it as Markdown, for `docs/observe.md`."""
    lines: list[str] = []
    group = ""
    for each in FAMILIES:
        if each.group != group:
            group = each.group
            lines += ["", f"### {group}", "", "| Name | Kind | Labels | What it says |"]
            lines.append("|---|---|---|---|")
        labels = ", ".join(f"`{label}`" for label in each.labels) or "–"
        lines.append(f"| `{each.name}` | {each.kind} | {labels} | {each.told} |")
    return "\n".join(lines).strip()

"""The tables whose rows are counted, and into which totals.

Each reads rows by a range of keys, once, so that the size of a table is no matter.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    Model,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)

from procurement.figures.totals import ENDLESS, SECONDS, Key
from procurement.orders.models import OrderEvent
from procurement.runs.models import Run
from procurement.suppliers.models import Exchange
from procurement.transmissions.models import Attempt, Outcome
from procurement.webhooks.models import DeliveryAttempt

Counts = Iterable[tuple[Key, int]]
BROKEN_OFF_AFTER = timedelta(hours=1)
"""A call of a webhook without an end by then has died with its worker."""


@dataclass(frozen=True)
class Source:
    """One table.

    Attributes:
        name: of the mark, and of the series that has each row once.
        counts: what some of its rows add to the totals.
        is_open: the rows that have not come to their end; None where rows never change.
    """

    name: str
    model: type[Model]
    counts: Callable[[QuerySet[Any]], Counts]
    is_open: Callable[[datetime], Q] | None = None


def _words(*whens: tuple[Q, str], default: str) -> Case:
    return Case(
        *(When(condition, then=Value(word)) for condition, word in whens),
        default=Value(default),
        output_field=CharField(),
    )


def _grouped(
    rows: QuerySet[Any], series: str, *names: str, **made: Any
) -> Iterable[tuple[Key, int]]:
    named = rows.annotate(**made).values(*names, *made)
    for row in named.annotate(rows_in_it=Count("pk")):
        yield (
            (series, tuple(str(row[name]) for name in (*names, *made))),
            row["rows_in_it"],
        )


# --- calls to suppliers -----------------------------------------------------------

_ANSWER = _words(
    (Q(status=None), "no_answer"),
    (Q(status=429), "throttled"),
    (Q(status__gte=500), "server_error"),
    (Q(status__gte=400), "refused"),
    default="good",
)
_TIME = _words(
    *((Q(duration_ms__lte=end * 1000), str(end)) for end in SECONDS), default=ENDLESS
)


def _calls(rows: QuerySet[Any]) -> Counts:
    named = rows.annotate(outcome=_ANSWER, time=_TIME).values(
        "supplier__vendor", "supplier__slug", "purpose", "outcome", "time"
    )
    for row in named.annotate(calls=Count("pk"), milliseconds=Sum("duration_ms")):
        vendor, purpose = row["supplier__vendor"], row["purpose"]
        supplier, outcome = row["supplier__slug"], row["outcome"]
        yield ("calls", (vendor, supplier, purpose, outcome)), row["calls"]
        yield ("call_seconds", (vendor, purpose, row["time"])), row["calls"]
        yield ("call_seconds_sum", (vendor, purpose)), row["milliseconds"] * 1000


# --- tries to send ----------------------------------------------------------------


def _attempts(rows: QuerySet[Any]) -> Counts:
    yield from _grouped(
        rows,
        "attempts",
        "transmission__supplier__vendor",
        "transmission__supplier__slug",
        "transmission__operation",
        "outcome",
    )
    accepted = list(
        rows.filter(outcome=Outcome.ACCEPTED).values_list("transmission", flat=True)
    )
    earlier = Attempt.objects.filter(
        transmission__in=set(accepted), outcome=Outcome.ACCEPTED
    ).order_by()
    twice = earlier.values("transmission").annotate(n=Count("pk")).filter(n__gt=1)
    yield ("accepted_twice", ()), len(twice)


# --- the rest ---------------------------------------------------------------------


def _events(rows: QuerySet[Any]) -> Counts:
    return _grouped(rows, "events", "kind")


def _webhooks(rows: QuerySet[Any]) -> Counts:
    outcome = _words(
        (Q(status__gte=200, status__lt=300), "taken"),
        (Q(status__isnull=False), "refused"),
        (Q(duration_ms=None), "broken_off"),
        default="no_answer",
    )
    return _grouped(rows, "webhooks", word=outcome)


def _runs(rows: QuerySet[Any]) -> Counts:
    return _grouped(rows, "runs", "kind", "state")


SOURCES = (
    Source("calls", Exchange, _calls),
    Source(
        "attempts", Attempt, _attempts, is_open=lambda now: Q(outcome=Outcome.RUNNING)
    ),
    Source("events", OrderEvent, _events),
    Source(
        "webhooks",
        DeliveryAttempt,
        _webhooks,
        is_open=lambda now: Q(duration_ms=None, started_at__gt=now - BROKEN_OFF_AFTER),
    ),
    Source("runs", Run, _runs, is_open=lambda now: Q(ended_at=None)),
)

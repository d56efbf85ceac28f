"""Suppliers: whether anything gets through, and how far each has been read."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import Case, Value, When
from prometheus_client.core import Metric

from procurement.alarms.holding import held_at
from procurement.figures import families
from procurement.figures.families import Family
from procurement.figures.orders import age
from procurement.fulfilment.models import PollState
from procurement.inbound.models import HookState
from procurement.suppliers.hours import sums_of_last_day
from procurement.suppliers.models import Breaker, Supplier, SupplierHealth
from procurement.suppliers.standing import standings_of


def _health(now: datetime) -> Iterator[Metric]:
    held = Case(When(held_at(now, "supplier__"), then=Value(1)), default=Value(0))
    rows = list(
        SupplierHealth.objects.annotate(held=held)
        .order_by("supplier__slug")
        .values_list(
            "supplier__slug",
            "supplier__is_paused",
            "held",
            "last_success_at",
            "failures_in_a_row",
            "breaker",
            "blocked_until",
        )
    )

    def gauge(family: Family, value: Callable[..., float | None]) -> Metric:
        return family.by({slug: value(*rest) for slug, *rest in rows})

    yield gauge(families.PAUSED, lambda paused, *_: paused)
    yield gauge(families.HELD, lambda paused, held, *_: held)
    yield gauge(families.LAST_SUCCESS, lambda paused, held, at, *_: age(now, at))
    yield gauge(families.FAILURES, lambda paused, held, at, failures, *_: failures)
    yield gauge(
        families.BREAKER,
        lambda paused, held, at, failures, breaker, until: (
            breaker != Breaker.CLOSED or bool(until and until > now)
        ),
    )


def _day(now: datetime) -> Iterator[Metric]:
    """What was counted of the last 24 hours; it may be two minutes behind."""
    rows = sums_of_last_day(now)
    for name, family in families.DAY.items():
        yield family.by({row["slug"]: row[name] for row in rows})


def _budgets(now: datetime) -> Iterator[Metric]:
    """Only of those whose calls are limited."""
    rows: list[Any] = list(Supplier.objects.defer("credentials").order_by("slug"))
    standings = standings_of(rows)
    yield families.BUDGET.of(
        ((each.slug, standing.group), standing.left)
        for each in rows
        for standing in standings[each.pk]
    )


def _polls(now: datetime) -> Iterator[Metric]:
    rows = list(
        PollState.objects.order_by("supplier__slug").values_list(
            "supplier__slug", "last_success_at", "next_poll_at"
        )
    )
    yield families.POLL_AGE.by({slug: age(now, at) for slug, at, _ in rows})
    yield families.POLL_OVERDUE.by({slug: age(now, due) for slug, _, due in rows})


def _hooks(now: datetime) -> Iterator[Metric]:
    rows = HookState.objects.order_by("supplier__slug")
    yield families.HOOKS_REFUSED.by(
        dict(rows.values_list("supplier__slug", "refused_count"))
    )


PARTS = (_health, _day, _budgets, _polls, _hooks)

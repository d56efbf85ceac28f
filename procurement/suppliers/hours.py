"""Counting calls by the hour, in the background.

Nothing is counted where calls are recorded: a row for each supplier and hour is one
that every carrier would hit and hold until its commit. A job reads the keys that are
new since its last round, each exchange once and by the primary key, and adds them up
in the database. What it shows is therefore up to two minutes old.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, F, FilteredRelation, Max, Q, Sum
from django.db.models.functions import Coalesce, TruncHour
from django.utils import timezone

from procurement.suppliers.hour_models import CountedExchanges, SupplierHour
from procurement.suppliers.models import Exchange, Supplier

HOURS = 24
AT_A_TIME = 20_000
"""So many keys are counted in one transaction."""
MOST_TURNS = 50
THE_ROW = 1


@dataclass(frozen=True)
class Hour:
    """The calls of one hour at one supplier."""

    begins: datetime
    calls: int = 0
    errors: int = 0
    throttled: int = 0
    milliseconds: int = 0

    @property
    def good(self) -> int:
        return self.calls - self.errors

    @property
    def average_ms(self) -> int | None:
        return self.milliseconds // self.calls if self.calls else None


# --- counting ---------------------------------------------------------------------


def count_new() -> int:
    """Count the exchanges that are new; return how many there were."""
    _begin()
    counted = 0
    for _turn in range(MOST_TURNS):
        found, has_more = _count_some()
        counted += found
        if not has_more:
            break
    _look_ahead()
    return counted


def _begin() -> None:
    """Begin with the last day, whatever there was before."""
    if CountedExchanges.objects.exists():
        return
    since = timezone.now() - timedelta(hours=HOURS)
    recent = Exchange.objects.filter(started_at__gte=since).order_by("started_at")
    first = recent.values_list("pk", flat=True).first()
    start = _newest() if first is None else first - 1
    CountedExchanges.objects.get_or_create(
        pk=THE_ROW, defaults={"counted_to": start, "seen_to": start}
    )


@transaction.atomic
def _count_some() -> tuple[int, bool]:
    """Count up to `AT_A_TIME` keys; say how many calls, and whether there are more."""
    mark = CountedExchanges.objects.select_for_update().get(pk=THE_ROW)
    end = min(mark.seen_to, mark.counted_to + AT_A_TIME)
    if end <= mark.counted_to:
        return 0, False
    found = 0
    for row in _sums(mark.counted_to, end):
        found += row["calls"]
        _add(row)
    mark.counted_to, mark.counted_at = end, timezone.now()
    mark.save(update_fields=["counted_to", "counted_at"])
    return found, end < mark.seen_to


def _sums(after: int, to: int) -> Iterable[Mapping[str, Any]]:
    failed = Q(status=None) | Q(status__gte=400)
    rows = Exchange.objects.filter(pk__gt=after, pk__lte=to).order_by()
    return (
        rows.annotate(hour=TruncHour("started_at", tzinfo=UTC))
        .values("supplier_id", "hour")
        .annotate(
            calls=Count("pk"),
            errors=Count("pk", filter=failed),
            throttled=Count("pk", filter=Q(status=429)),
            milliseconds=Sum("duration_ms"),
        )
    )


def _add(row: Mapping[str, Any]) -> None:
    hour, _is_new = SupplierHour.objects.get_or_create(
        supplier_id=row["supplier_id"], hour=row["hour"]
    )
    names = ("calls", "errors", "throttled", "milliseconds")
    SupplierHour.objects.filter(pk=hour.pk).update(
        **{name: F(name) + row[name] for name in names}
    )


def _look_ahead() -> None:
    """Remember the newest key, to be counted in the next round."""
    CountedExchanges.objects.filter(pk=THE_ROW).update(
        seen_to=_newest(), counted_at=timezone.now()
    )


def _newest() -> int:
    return Exchange.objects.aggregate(newest=Max("pk"))["newest"] or 0


def last_day(supplier_ids: list[int], now: datetime) -> dict[int, list[Hour]]:
    """The last 24 hours of each supplier, the present one last, in one query."""
    begins = [_newest_hour(now) - timedelta(hours=n) for n in reversed(range(HOURS))]
    rows = SupplierHour.objects.filter(
        supplier__in=supplier_ids, hour__gte=begins[0]
    ).values_list("supplier_id", "hour", "calls", "errors", "throttled", "milliseconds")
    known = {(pk, hour): Hour(hour, *counts) for pk, hour, *counts in rows}
    return {
        pk: [known.get((pk, begin)) or Hour(begin) for begin in begins]
        for pk in supplier_ids
    }


def _newest_hour(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def sums_of_last_day(now: datetime) -> list[dict[str, Any]]:
    """What the last 24 hours of every supplier add up to, by `slug`, in one query."""
    first = _newest_hour(now) - timedelta(hours=HOURS - 1)
    recent = FilteredRelation("hours", condition=Q(hours__hour__gte=first))
    names = ("calls", "errors", "throttled")
    rows = (
        Supplier.objects.order_by("slug")
        .annotate(recent=recent)
        .annotate(**{name: Coalesce(Sum(f"recent__{name}"), 0) for name in names})
    )
    return list(rows.values("slug", *names))


@dataclass(frozen=True)
class Sum24:
    """What a row of hours adds up to."""

    calls: int
    errors: int
    throttled: int
    average_ms: int | None


def sum_of(hours: list[Hour]) -> Sum24:
    calls = sum(hour.calls for hour in hours)
    taken = sum(hour.milliseconds for hour in hours)
    return Sum24(
        calls=calls,
        errors=sum(hour.errors for hour in hours),
        throttled=sum(hour.throttled for hour in hours),
        average_ms=taken // calls if calls else None,
    )

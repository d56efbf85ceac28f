"""Calls are counted by the hour: each once, in the background, and never by a page."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from procurement.retention.tasks import purge_exchanges
from procurement.suppliers import hours
from procurement.suppliers.charts import Chart
from procurement.suppliers.hours import Hour, count_new, last_day, sum_of
from procurement.suppliers.models import CountedExchanges, Exchange, SupplierHour
from procurement.suppliers.tasks import count_calls
from tests.factories import make_supplier

pytestmark = pytest.mark.django_db

EIGHT = datetime(2031, 4, 9, 8, tzinfo=UTC)


@pytest.fixture(autouse=True)
def at_half_past_eight() -> Any:
    with time_machine.travel(EIGHT + timedelta(minutes=30), tick=False) as traveller:
        yield traveller


def called(supplier: Any, *, at: datetime, status: int | None = 200, ms: int = 10):
    return Exchange.objects.create(
        conversation=uuid.uuid4(),
        supplier=supplier,
        purpose="read units",
        method="GET",
        url="https://vendor.test/",
        status=status,
        started_at=at,
        duration_ms=ms,
    )


def rows() -> list[tuple[Any, ...]]:
    names = ("supplier__slug", "hour", "calls", "errors", "throttled", "milliseconds")
    return list(SupplierHour.objects.order_by("hour").values_list(*names))


def count_all() -> None:
    """Two rounds: what the first one sees the second one counts."""
    count_new()
    count_new()


def test_calls_are_added_up_by_supplier_and_hour() -> None:
    nord, syd = make_supplier(), make_supplier(slug="extend-syd")
    called(nord, at=EIGHT - timedelta(seconds=1), ms=40)
    called(nord, at=EIGHT, ms=100)
    for status in (404, 429, 500, None):
        called(nord, at=EIGHT + timedelta(minutes=5), status=status, ms=5)
    called(syd, at=EIGHT + timedelta(minutes=5), status=201, ms=7)

    count_all()

    assert sorted(rows()) == [
        ("extend-nord", EIGHT - timedelta(hours=1), 1, 0, 0, 40),
        ("extend-nord", EIGHT, 5, 4, 1, 120),
        ("extend-syd", EIGHT, 1, 0, 0, 7),
    ]


def test_each_call_is_counted_once_however_often_the_job_runs() -> None:
    supplier = make_supplier()
    called(supplier, at=EIGHT)
    count_all()
    called(supplier, at=EIGHT + timedelta(minutes=1), status=500)

    for _ in range(4):
        count_calls()

    assert rows() == [("extend-nord", EIGHT, 2, 1, 0, 20)]


def test_key_is_counted_a_round_after_it_was_seen() -> None:
    """A row committed late, with a key given out early, is not passed over."""
    supplier = make_supplier()
    count_new()
    late = called(supplier, at=EIGHT)
    key = late.pk
    Exchange.objects.all().delete()
    called(supplier, at=EIGHT)
    count_new()
    late.pk = key
    late.save(force_insert=True)

    count_new()

    assert rows() == [("extend-nord", EIGHT, 2, 0, 0, 20)]


def test_backlog_is_counted_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    supplier = make_supplier()
    for minute in range(7):
        called(supplier, at=EIGHT + timedelta(minutes=minute))
    monkeypatch.setattr(hours, "AT_A_TIME", 2)

    count_all()

    assert rows() == [("extend-nord", EIGHT, 7, 0, 0, 70)]


def test_counting_begins_with_the_last_day() -> None:
    supplier = make_supplier()
    called(supplier, at=EIGHT - timedelta(days=3))
    called(supplier, at=EIGHT - timedelta(hours=2))

    count_all()

    assert rows() == [("extend-nord", EIGHT - timedelta(hours=2), 1, 0, 0, 10)]


def test_counting_costs_the_same_however_many_calls_there_were() -> None:
    supplier = make_supplier()
    called(supplier, at=EIGHT)
    count_all()
    costs = []
    for calls in (3, 60):
        for _ in range(calls):
            called(supplier, at=EIGHT)
        count_new()
        with CaptureQueriesContext(connection) as queries:
            count_new()
        costs.append(len(queries))

    assert costs[0] == costs[1]


def test_round_that_breaks_off_counts_nothing_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    nord, syd = make_supplier(), make_supplier(slug="extend-syd")
    called(nord, at=EIGHT)
    called(syd, at=EIGHT)
    count_new()
    add, added = hours._add, []

    def break_off(row: Any) -> None:
        if added:
            raise RuntimeError("killed")
        added.append(row)
        add(row)

    monkeypatch.setattr(hours, "_add", break_off)
    with pytest.raises(RuntimeError):
        count_new()
    assert rows() == []
    monkeypatch.setattr(hours, "_add", add)

    count_new()

    assert [row[2] for row in rows()] == [1, 1]


def test_old_hours_go_with_their_exchanges(settings: Any) -> None:
    supplier = make_supplier()
    for days in (10, 500):
        SupplierHour.objects.create(supplier=supplier, hour=EIGHT - timedelta(days))

    purge_exchanges()

    assert SupplierHour.objects.get().hour == EIGHT - timedelta(10)


def test_last_day_has_24_hours_with_the_present_one_last() -> None:
    supplier = make_supplier()
    called(supplier, at=EIGHT, status=500, ms=30)
    SupplierHour.objects.create(supplier=supplier, hour=EIGHT - timedelta(hours=24))
    count_all()

    day = last_day([supplier.pk], timezone.now())[supplier.pk]

    assert len(day) == 24
    assert day[-1] == Hour(EIGHT, 1, 1, 0, 30)
    assert day[0] == Hour(EIGHT - timedelta(hours=23))
    assert sum_of(day).calls == 1
    assert CountedExchanges.objects.get().counted_at == timezone.now()


def test_chart_says_in_words_what_it_shows() -> None:
    day = [Hour(EIGHT - timedelta(hours=back)) for back in reversed(range(24))]
    day[-1] = Hour(EIGHT, calls=200, errors=1, throttled=1, milliseconds=40_000)

    chart = Chart.of(day)

    assert chart.told == (
        "200 calls in 24 hours, 1 of them failed, 1 answer asked us to wait; "
        "200 ms on average"
    )
    assert chart.bars[-1].told == "08:00: 200 calls, 1 failed"
    assert [hour for _, hour in chart.busy] == [day[-1]]
    assert Chart.of(day[:-1]).told == "No calls in 24 hours"


def test_one_failure_among_many_is_seen_and_no_bar_is_too_high() -> None:
    (bar,) = Chart.of([Hour(EIGHT, calls=10_000, errors=1)]).bars

    assert bar.failed_height == 2
    assert bar.good_height + bar.failed_height == 40
    assert bar.failed_y == 0

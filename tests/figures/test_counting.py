"""Counters: each row once, whoever counts, and never back."""

import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client, RequestFactory
from django.utils import timezone

from procurement.coordination.posts import worker_replaced
from procurement.figures import operations, totals, web
from procurement.figures.models import Mark, Total
from procurement.orders.models import OrderEvent
from procurement.runs.models import Run, RunState
from procurement.suppliers.models import Exchange, Supplier
from procurement.transmissions.models import Attempt, Transmission
from tests.factories import make_order, make_queued_order, make_supplier, make_user

pytestmark = pytest.mark.django_db


def count() -> None:
    """Two rounds: what one has seen the next one counts."""
    operations.count_new()
    operations.count_new()


def total(series: str, *labels: str) -> int:
    return totals.read().get(series, {}).get(labels, 0)


@pytest.fixture(autouse=True)
def counting_has_begun() -> None:
    operations.count_new()


def exchange(
    supplier: Supplier, *, status: int | None = 200, ms: int = 40, **changes: Any
) -> Exchange:
    return Exchange.objects.create(
        conversation=uuid.uuid4(),
        supplier=supplier,
        purpose=changes.get("purpose", "place_order"),
        method="POST",
        url="https://host.example/order",
        status=status,
        started_at=timezone.now(),
        duration_ms=ms,
    )


def attempt(transmission: Transmission, number: int, outcome: str) -> Attempt:
    return Attempt.objects.create(
        transmission=transmission,
        number=number,
        reference=transmission.reference,
        is_test=True,
        request={},
        worker="w",
        started_at=timezone.now(),
        outcome=outcome,
    )


def test_calls_are_counted_once_by_answer_and_by_time() -> None:
    supplier = make_supplier()
    for status, ms in ((200, 25), (201, 26), (429, 40), (503, 700), (None, 61_000)):
        exchange(supplier, status=status, ms=ms)
    exchange(supplier, purpose="login")

    count()
    count()

    found = totals.read()
    ours = ("extend", "extend-nord", "place_order")
    assert found["calls"] == {
        (*ours, "good"): 2,
        (*ours, "throttled"): 1,
        (*ours, "server_error"): 1,
        (*ours, "no_answer"): 1,
        ("extend", "extend-nord", "login", "good"): 1,
    }
    times = {k[2]: v for k, v in found["call_seconds"].items() if k[1] != "login"}
    assert times == {"0.025": 1, "0.05": 2, "1.0": 1, "+Inf": 1}
    assert total("call_seconds_sum", "extend", "place_order") == 61_791_000


def test_what_was_there_before_counting_began_is_not_counted() -> None:
    Mark.objects.all().delete()
    exchange(make_supplier())

    count()

    assert total("calls", "extend", "extend-nord", "place_order", "good") == 0


def test_try_is_counted_when_it_has_ended_and_by_how_it_ended() -> None:
    _, transmission = make_queued_order()
    running = attempt(transmission, 1, "running")
    count()
    assert "attempts" not in totals.read()
    assert Mark.objects.get(name="attempts").open_rows == [running.pk]

    attempt(transmission, 2, "not_sent")
    count()
    Attempt.objects.filter(pk=running.pk).update(outcome="unknown")
    count()
    count()

    ours = ("extend", "extend-nord", "place_order")
    assert totals.read()["attempts"] == {
        (*ours, "not_sent"): 1,
        (*ours, "unknown"): 1,
    }
    assert Mark.objects.get(name="attempts").open_rows == []


def test_second_acceptance_of_one_transmission_is_told() -> None:
    _, transmission = make_queued_order()
    attempt(transmission, 1, "accepted")
    count()
    assert total("accepted_twice") == 0

    attempt(transmission, 2, "accepted")
    count()
    assert total("accepted_twice") == 1


def test_events_of_orders_and_ends_of_runs_are_counted() -> None:
    make_order()
    run = Run.objects.create(kind="export", title="x", asked_by=make_user("buyer"))
    count()
    assert total("events", "created") == OrderEvent.objects.count() == 1
    assert "runs" not in totals.read()

    Run.objects.filter(pk=run.pk).update(state=RunState.FAILED, ended_at=timezone.now())
    count()
    assert totals.read()["runs"] == {("export", "failed"): 1}


def test_rows_that_are_purged_take_nothing_back() -> None:
    exchange(make_supplier())
    count()
    Exchange.objects.all().delete()
    count()

    assert total("calls", "extend", "extend-nord", "place_order", "good") == 1


def test_round_that_fails_counts_nothing_of_it_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    exchange(make_supplier())
    operations.count_new()
    add = operations.add

    def add_and_fail(counts: Mapping[totals.Key, int]) -> None:
        add(counts)
        raise DatabaseError("away")

    monkeypatch.setattr(operations, "add", add_and_fail)
    with pytest.raises(DatabaseError):
        operations.count_new()
    monkeypatch.setattr(operations, "add", add)
    count()

    assert total("calls", "extend", "extend-nord", "place_order", "good") == 1


def test_many_rows_are_counted_in_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "AT_A_TIME", 2)
    supplier = make_supplier()
    for _ in range(7):
        exchange(supplier)

    count()

    assert total("calls", "extend", "extend-nord", "place_order", "good") == 7


# --- requests ---------------------------------------------------------------------


@pytest.fixture
def tally(monkeypatch: pytest.MonkeyPatch) -> totals.Tally:
    fresh = totals.Tally()
    monkeypatch.setattr(web, "_tally", fresh)
    return fresh


def test_requests_are_counted_by_what_answered_never_by_address(
    tally: totals.Tally,
) -> None:
    for url in (
        "/healthz",
        "/api/v1/orders/PO-2031-000001/",
        "/api/v1/orders/PO-2031-000002/",
        "/admin/orders/purchaseorder/7/change/",
        "/calendar/some-secret",
        "/nowhere/made-up-1/",
        "/nowhere/made-up-2/",
    ):
        Client().get(url)

    tally.add_to_totals()

    found = totals.read()["http"]
    assert found == {
        ("healthz", "GET", "200"): 1,
        ("api/orders", "GET", "401"): 2,
        ("admin/orders", "GET", "302"): 1,
        ("none", "GET", "404"): 3,
    }
    assert "some-secret" not in str(found)
    assert sum(value for key, value in totals.read()["http_seconds"].items()) == sum(
        found.values()
    )


def test_counts_that_cannot_be_added_are_kept(
    tally: totals.Tally, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = RequestFactory().get("/healthz")
    request.resolver_match = None
    web.note(request, 200, 0.003)

    def away(counts: Any) -> None:
        raise DatabaseError

    monkeypatch.setattr(totals, "add", away)
    with pytest.raises(DatabaseError):
        tally.add_to_totals()
    monkeypatch.undo()
    web_note = ("http", ("none", "GET", "200"), 1)
    tally.note(web_note)
    tally.add_to_totals()

    assert total("http", "none", "GET", "200") == 2


def test_replaced_worker_is_counted_by_its_kind() -> None:
    for _ in range(2):
        worker_replaced.send_robust(sender=None, cluster="carriers")

    assert total("replacements", "carriers") == 2


def test_counters_and_times_are_on_the_page() -> None:
    supplier = make_supplier()
    exchange(supplier, ms=30)
    exchange(supplier, ms=300)
    count()
    Total.objects.create(series="http_seconds", labels='["healthz", "0.025"]', value=3)
    Total.objects.create(series="http_seconds_sum", labels='["healthz"]', value=1500)

    page = Client().get("/metrics").content.decode().splitlines()

    name = "procurement_vendor_call_duration_seconds"
    labels = 'operation="place_order",vendor="extend"'
    for line in (
        f'{name}_bucket{{le="0.025",{labels}}} 0.0',
        f'{name}_bucket{{le="0.05",{labels}}} 1.0',
        f'{name}_bucket{{le="0.5",{labels}}} 2.0',
        f'{name}_bucket{{le="+Inf",{labels}}} 2.0',
        f"{name}_count{{{labels}}} 2.0",
        f"{name}_sum{{{labels}}} 0.33",
        "procurement_accepted_twice_total 0.0",
        'procurement_http_request_duration_seconds_count{route="healthz"} 3.0',
    ):
        assert line in page
    old = timezone.now() - timedelta(hours=1)
    Mark.objects.filter(name="calls").update(counted_at=old)
    page = Client().get("/metrics").content.decode().splitlines()
    (age,) = [x for x in page if x.startswith("procurement_counted_age_seconds")]
    assert 3600 <= float(age.split()[1]) < 3700

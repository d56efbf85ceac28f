"""The page Prometheus reads: right, bounded, and only for who may read it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from procurement.alarms.models import Kind
from procurement.coordination.models import Heartbeat
from procurement.figures import orders
from procurement.fulfilment.models import PollState
from procurement.inbound.models import HookState
from procurement.orders.models import PurchaseOrder
from procurement.suppliers.models import Supplier, SupplierHealth, SupplierHour
from procurement.transmissions.models import Transmission
from tests.alarms.silence import leave_unsent, make_alarm
from tests.factories import make_order, make_queued_order, make_supplier

pytestmark = pytest.mark.django_db

Labels = tuple[tuple[str, str], ...]


def scrape() -> dict[str, dict[Labels, float]]:
    """Every sample by its name and its labels, as Prometheus reads them."""
    answer = Client().get("/metrics")
    assert answer.status_code == 200
    found: dict[str, dict[Labels, float]] = {}
    for family in text_string_to_metric_families(answer.content.decode()):
        for sample in family.samples:
            labels = tuple(sorted(sample.labels.items()))
            found.setdefault(sample.name, {})[labels] = sample.value
    return found


def by(name: str, **labels: str) -> float:
    return scrape()[f"procurement_{name}"][tuple(sorted(labels.items()))]


def test_every_part_can_be_read() -> None:
    assert by("scrape_failed_parts") == 0
    assert by("scrape_seconds") < 5


def test_orders_are_counted_by_status_and_ended_ones_left_out() -> None:
    supplier = make_supplier()
    make_order(supplier)
    make_order(supplier)
    leave_unsent(supplier)
    ended = make_order(supplier)
    PurchaseOrder.objects.filter(pk=ended.pk).update(fulfilment="delivered")

    assert by("orders", status="draft") == 2
    assert by("orders", status="approved") == 1
    assert by("orders", status="sent") == 0
    assert (("status", "delivered"),) not in scrape()["procurement_orders"]


def test_counting_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orders, "MOST", 3)
    supplier = make_supplier()
    for _ in range(5):
        make_order(supplier)

    assert by("orders", status="draft") == 3


def test_queue_has_its_states_and_the_age_of_the_oldest() -> None:
    _, transmission = make_queued_order()
    Transmission.objects.update(next_attempt_at=timezone.now() - timedelta(hours=1))

    assert by("transmissions", state="queued") == 1
    assert by("transmissions_unknown") == 0
    assert 3600 <= by("oldest_queued_seconds") < 3700

    Transmission.objects.update(state="unknown")
    assert by("transmissions", state="queued") == 0
    assert by("transmissions_unknown") == 1
    assert by("oldest_queued_seconds") == 0


def test_suppliers_have_their_health_by_slug() -> None:
    now = timezone.now()
    make_supplier(slug="one")
    two = make_supplier(slug="two", is_paused=True)
    SupplierHealth.objects.filter(supplier__slug="one").update(
        failures_in_a_row=4,
        last_success_at=now - timedelta(minutes=10),
        breaker="open",
        breaker_until=now,
    )
    PollState.objects.create(
        supplier=two, next_poll_at=now, last_success_at=now - timedelta(hours=2)
    )
    HookState.objects.create(supplier=two, refused_count=7)

    assert by("supplier_failures_in_a_row", supplier="one") == 4
    assert 600 <= by("supplier_last_success_age_seconds", supplier="one") < 660
    assert by("supplier_breaker_open", supplier="one") == 1
    assert by("supplier_breaker_open", supplier="two") == 0
    assert by("supplier_paused", supplier="one") == 0
    assert by("supplier_paused", supplier="two") == 1
    assert 7200 <= by("poll_age_seconds", supplier="two") < 7300
    assert by("hooks_refused_total", supplier="two") == 7
    ages = scrape()["procurement_supplier_last_success_age_seconds"]
    assert list(ages) == [(("supplier", "one"),)]


def test_calls_of_a_day_are_told_by_slug() -> None:
    one, _two = make_supplier(slug="one"), make_supplier(slug="two")
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    for back, errors in ((0, 2), (23, 1), (25, 5)):
        SupplierHour.objects.create(
            supplier=one, hour=hour - timedelta(hours=back), calls=10, errors=errors
        )

    assert by("supplier_day_calls", supplier="one") == 20
    assert by("supplier_day_errors", supplier="one") == 3
    assert by("supplier_day_throttled", supplier="one") == 0
    assert by("supplier_day_calls", supplier="two") == 0


def test_alarms_of_suppliers_are_as_kept_those_of_the_machine_are_live() -> None:
    make_alarm(supplier=make_supplier(), count=7)
    make_alarm(Kind.JOB_LATE)
    Heartbeat.objects.create(worker="one", at=timezone.now() - timedelta(hours=1))

    assert scrape()["procurement_alarms_open"] == {
        (("kind", "nobody_sends"), ("supplier", "extend-nord")): 7,
        (("kind", "worker_silent"), ("supplier", "")): 1,
    }
    assert by("workers_silent") == 1
    assert 3600 <= by("heartbeat_age_seconds") < 3700


def test_part_that_fails_leaves_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(suppliers: Any) -> Any:
        raise ConnectionError("Redis is away: redis://:hunter2@host")

    monkeypatch.setattr("procurement.figures.suppliers.standings_of", fail)

    assert by("scrape_failed_parts") == 1
    assert by("transmissions_unknown") == 0


def test_labels_are_our_words_and_slugs_alone() -> None:
    order = leave_unsent()
    make_alarm(supplier=order.supplier, sample=[order.number])

    page = Client().get("/metrics").content.decode()

    assert 'supplier="extend-nord"' in page
    for private in (order.number, "Extend Nord", "Verkstad", "buyer", "a-password"):
        assert private not in page


def test_scrape_costs_the_same_queries_whatever_there_is() -> None:
    make_queued_order()
    scrape()
    with CaptureQueriesContext(connection) as few:
        scrape()
    for number in range(5):
        make_queued_order(make_supplier(slug=f"extend-{number}"))
        Heartbeat.objects.create(worker=f"w{number}", at=timezone.now())
    for supplier in Supplier.objects.all():
        make_alarm(supplier=supplier)
    Transmission.objects.update(next_attempt_at=timezone.now() - timedelta(hours=1))
    with CaptureQueriesContext(connection) as many:
        scrape()

    assert len(many) == len(few)
    assert len(few) < 45


# --- who may read it --------------------------------------------------------------


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer wrong", "Bearer sesam ", "Basic sesam", "sesam", "é"],
)
def test_without_the_token_there_are_no_figures(settings: Any, header: Any) -> None:
    settings.METRICS_TOKEN = "sesam2"
    headers = {} if header is None else {"Authorization": header}

    answer = Client().get("/metrics", headers=headers)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="metrics"'
    assert b"procurement_" not in answer.content


@pytest.mark.parametrize("header", ["Bearer sesam2", "bearer sesam2"])
def test_token_opens_the_page(settings: Any, header: str) -> None:
    settings.METRICS_TOKEN = "sesam2"

    answer = Client().get("/metrics", headers={"Authorization": header})

    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    assert "no-store" in answer.headers["Cache-Control"]


def test_figures_are_only_read() -> None:
    assert Client().post("/metrics").status_code == 405

"""Liveness and readiness."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_q.models import Schedule

from procurement.alarms.models import Alarm, Kind
from procurement.coordination.models import Heartbeat, JobRun
from procurement.coordination.operations import record_heartbeat
from procurement.figures import installation
from procurement.suppliers.models import Supplier, SupplierHealth
from procurement.transmissions.models import Transmission
from tests.factories import make_queued_order, make_supplier

pytestmark = pytest.mark.django_db


def ready() -> tuple[int, dict[str, Any]]:
    answer = Client().get("/readyz")
    return answer.status_code, answer.json()


@pytest.fixture
def worker() -> None:
    record_heartbeat(worker="host:1")


def test_process_that_lives_says_so_without_asking_anything(
    django_assert_num_queries: Any,
) -> None:
    with django_assert_num_queries(0):
        answer = Client().get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert "no-store" in answer.headers["Cache-Control"]


def test_all_is_ready(worker: None) -> None:
    status, found = ready()

    assert status == 200
    assert found == {
        "status": "ok",
        "checks": {
            "database": {"ok": True, "text": ""},
            "migrations": {"ok": True, "text": ""},
            "disk": {"ok": True, "text": ""},
            "cache": {"ok": True, "text": ""},
            "queue": {"ok": True, "text": "", "oldest_due_seconds": 0},
            "scheduler": {"ok": True, "text": ""},
            "worker": {"ok": True, "text": "", "age_seconds": 0},
        },
        "cautions": [],
        "silences": [],
        "warnings": [],
    }


def test_no_worker_ever_is_not_ready() -> None:
    status, found = ready()

    assert status == 503
    assert found["status"] == "failing"
    assert found["checks"]["worker"] == {
        "ok": False,
        "text": "No worker has run yet.",
        "age_seconds": None,
    }


def test_frozen_worker_is_not_ready(worker: None, settings: Any) -> None:
    settings.HEARTBEAT_LIMIT_SECONDS = 180
    Heartbeat.objects.update(at=timezone.now() - timedelta(seconds=200))

    status, found = ready()

    assert status == 503
    assert found["checks"]["worker"]["text"] == "No worker gives a sign of life."
    assert found["checks"]["worker"]["age_seconds"] == 200


def test_queue_that_stands_is_not_ready(worker: None) -> None:
    make_queued_order()
    Transmission.objects.update(next_attempt_at=timezone.now() - timedelta(minutes=6))

    status, found = ready()

    assert status == 503
    assert found["checks"]["queue"] == {
        "ok": False,
        "text": "What is due is not being sent.",
        "oldest_due_seconds": 360,
    }


@pytest.mark.parametrize("held_by", ["pause", "block", "retry"])
def test_what_waits_for_a_reason_is_no_alarm(worker: None, held_by: str) -> None:
    make_queued_order()
    now = timezone.now()
    Transmission.objects.update(next_attempt_at=now - timedelta(hours=1))
    if held_by == "pause":
        Supplier.objects.update(is_paused=True)
    elif held_by == "block":
        SupplierHealth.objects.update(blocked_until=now + timedelta(minutes=1))
    else:
        Transmission.objects.update(next_attempt_at=now + timedelta(hours=1))

    assert ready()[0] == 200


def test_sleeping_scheduler_is_not_ready(worker: None) -> None:
    at = timezone.now() - timedelta(minutes=20)
    JobRun.objects.create(name="Sweep", expected_since=at)
    Schedule.objects.create(name="Sweep", func="x", minutes=1, schedule_type="I")

    status, found = ready()

    assert status == 503
    assert found["checks"]["scheduler"] == {
        "ok": False,
        "text": "Recurring jobs are not being started.",
    }
    # It should have run a minute after it was expected.
    assert [(each["kind"], each["silent_seconds"]) for each in found["silences"]] == [
        ("scheduler_asleep", 1140),
        ("job_late", 1140),
    ]


def test_single_late_job_is_told_and_the_product_works(worker: None) -> None:
    now = timezone.now()
    for name, minutes, ended_at in (
        ("Sweep", 1, now),
        ("Purge", 1440, now - timedelta(days=9)),
    ):
        JobRun.objects.create(name=name, last_ended_at=ended_at)
        Schedule.objects.create(name=name, func="x", minutes=minutes, schedule_type="I")

    status, found = ready()

    assert status == 200
    assert found["silences"] == [
        {
            "kind": "job_late",
            "silent_seconds": 8 * 86_400,
            "limit_seconds": 600,
            "count": 1,
        }
    ]


def test_one_silent_worker_among_others_is_told(worker: None) -> None:
    record_heartbeat(worker="host:2")
    Heartbeat.objects.filter(worker="host:1").update(
        at=timezone.now() - timedelta(hours=1)
    )

    status, found = ready()

    assert status == 200
    assert found["silences"] == [
        {
            "kind": "worker_silent",
            "silent_seconds": 3600,
            "limit_seconds": 180,
            "count": 1,
        }
    ]


def test_alarms_of_orders_are_warnings_and_name_no_supplier(worker: None) -> None:
    now = timezone.now()
    for number, slug in enumerate(("extend-one", "extend-two"), start=1):
        Alarm.objects.create(
            kind=Kind.NOBODY_SENDS,
            supplier=make_supplier(slug=slug),
            since=now - timedelta(hours=number),
            count=number,
            raised_at=now,
            seen_at=now,
        )

    answer = Client().get("/readyz")

    assert answer.status_code == 200
    assert answer.json()["warnings"] == [
        {"kind": "nobody_sends", "silent_seconds": 7200, "suppliers": 2, "count": 3}
    ]
    assert b"extend-" not in answer.content


def test_readiness_costs_the_same_whatever_there_is(worker: None) -> None:
    ready()
    with CaptureQueriesContext(connection) as few:
        ready()
    for number in range(5):
        make_queued_order(make_supplier(slug=f"extend-{number}"))
        record_heartbeat(worker=f"host:{number}")
    Transmission.objects.update(next_attempt_at=timezone.now() - timedelta(hours=1))
    with CaptureQueriesContext(connection) as many:
        ready()

    assert len(many) == len(few)
    assert len(few) < 25


def test_missing_migration_is_not_ready(
    worker: None,
) -> None:
    installation.forget_migrations()
    (latest,) = MigrationLoader(connection).graph.leaf_nodes("access")
    MigrationRecorder(connection).record_unapplied(*latest)

    status, found = ready()

    assert status == 503
    assert found["checks"]["migrations"] == {
        "ok": False,
        "text": "Not applied: 1. Run `migrate`.",
    }


def test_database_that_does_not_answer_tells_nothing_of_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def break_down() -> None:
        raise DatabaseError("password authentication failed for user postgres")

    monkeypatch.setattr(connection, "cursor", break_down)

    answer = Client().get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["checks"]["database"] == {
        "ok": False,
        "text": "The database does not answer.",
    }
    assert b"postgres" not in answer.content


@pytest.mark.parametrize("url", ["/healthz", "/readyz"])
def test_health_is_only_read(url: str) -> None:
    assert Client().post(url).status_code == 405

"""Liveness and readiness."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone

from procurement import health
from procurement.coordination.models import Heartbeat
from procurement.coordination.operations import record_heartbeat
from procurement.suppliers.models import Supplier, SupplierHealth
from procurement.transmissions.models import Transmission
from tests.factories import make_queued_order

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
            "queue": {"ok": True, "text": "", "oldest_due_seconds": 0},
            "worker": {"ok": True, "text": "", "age_seconds": 0},
        },
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


def test_missing_migration_is_not_ready(
    worker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "_is_migrated", False)
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

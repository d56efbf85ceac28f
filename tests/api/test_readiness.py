"""Readiness when something hangs, and what a proxy asks."""

import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from django.test import Client

from procurement import health
from procurement.bounded import Bounded, Hangs
from procurement.coordination.models import Heartbeat
from procurement.coordination.operations import record_heartbeat
from procurement.figures import installation
from procurement.suppliers.models import Supplier
from tests.factories import make_supplier
from tests.processes import process, wait_until


def ready(wanted: str = "") -> tuple[int, dict[str, Any]]:
    answer = Client().get("/readyz", {"for": wanted} if wanted else {})
    return answer.status_code, answer.json()


@pytest.mark.django_db
def test_web_is_ready_though_no_worker_lives() -> None:
    Heartbeat.objects.all().delete()

    assert ready()[0] == 503
    assert ready("web") == (
        200,
        {
            "status": "ok",
            "checks": {
                name: {"ok": True, "text": ""}
                for name in ("database", "migrations", "disk", "cache")
            },
            "cautions": [],
        },
    )


@pytest.mark.django_db
def test_unknown_question_is_told_so() -> None:
    assert ready("everything")[0] == 400


@pytest.mark.django_db
def test_redis_away_is_told_and_takes_nobody_out(settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    settings.REDIS_URL = f"redis://127.0.0.1:{port}/0"

    status, found = ready("web")

    assert status == 200
    assert found["checks"]["cache"] == {
        "ok": True,
        "text": "Redis does not answer; the database stands in for it.",
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("free", "size", "status", "caution"),
    [
        (40_000_000, 100_000_000_000, 503, "Free: 40 MB. Make room."),
        (900_000_000, 100_000_000_000, 200, "Free: 900 MB. Make room."),
        (2_000_000_000, 100_000_000_000, 200, ""),
        (400_000_000, 2_000_000_000, 200, ""),
    ],
)
def test_disk_is_told_before_it_is_full(
    monkeypatch: pytest.MonkeyPatch, free: int, size: int, status: int, caution: str
) -> None:
    monkeypatch.setattr(installation, "disk", lambda: (free, size))

    found_status, found = ready("web")

    assert found_status == status
    assert [each["text"] for each in found["cautions"]] == (
        [caution] if caution else []
    )


@pytest.mark.django_db
def test_clocks_apart_are_a_caution(monkeypatch: pytest.MonkeyPatch) -> None:
    apart = timedelta(seconds=-7)
    monkeypatch.setattr(installation, "clock_offset", lambda: apart)

    status, found = ready("web")

    assert status == 200
    assert found["cautions"] == [
        {
            "name": "clock",
            "text": "This machine's clock is -7.0 s from the database's. "
            "Have both follow the same time server.",
        }
    ]


@pytest.mark.django_db
def test_clocks_of_one_machine_agree() -> None:
    assert installation.clock_offset() == timedelta()


@pytest.mark.django_db
def test_lost_keys_are_a_caution_and_name_no_supplier(settings: Any) -> None:
    record_heartbeat(worker="host:1")
    make_supplier()
    settings.CREDENTIAL_KEYS = ["another-key-" + "z" * 30]

    status, found = ready()

    assert status == 200
    (caution,) = found["cautions"]
    assert caution["name"] == "credentials"
    assert "none of the keys in use opens: 1." in caution["text"]
    assert Supplier.objects.get().slug not in str(found)


# --- what hangs -------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_look_that_hangs_is_given_up_and_not_begun_again() -> None:
    begun, may_end = [], threading.Event()

    def look() -> str:
        begun.append(1)
        may_end.wait(10)
        return "seen"

    bounded = Bounded(look, seconds=0.2)
    for _ in range(3):
        with pytest.raises(Hangs):
            bounded()
    assert len(begun) == 1

    may_end.set()
    time.sleep(0.1)
    assert bounded() == "seen"


@pytest.mark.django_db(transaction=True)
def test_look_that_fails_fails_for_whoever_asked() -> None:
    def look() -> str:
        raise LookupError("x")

    with pytest.raises(LookupError):
        Bounded(look, seconds=1)()


@pytest.fixture
def black_hole() -> Iterator[int]:
    """Takes connections and says nothing, as a frozen server does."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as silent:
        yield silent.getsockname()[1]


@pytest.mark.slow
def test_database_that_hangs_is_answered_for_in_time(
    black_hole: int, tmp_path: Path
) -> None:
    log = tmp_path / "web.log"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    database = f"postgres://u:hunter2-and-more@127.0.0.1:{black_hole}/x"
    arguments = ("-m", "gunicorn", "procurement.wsgi", "-b", f"127.0.0.1:{port}")
    with process(
        *arguments, "-w", "1", log=log, DATABASE_URL=database, LOG_FORMAT="json"
    ):

        def is_alive() -> bool:
            try:
                return requests.get(f"{url}/healthz", timeout=1).ok
            except requests.RequestException:
                return False

        wait_until("the web server answers", is_alive)
        for wanted in ("?for=web", "", "?for=web"):
            began = time.monotonic()
            answer = requests.get(f"{url}/readyz{wanted}", timeout=20)
            assert answer.status_code == 503
            assert answer.json()["checks"]["database"] == {
                "ok": False,
                "text": "The database does not answer.",
            }
            assert time.monotonic() - began < health.ANSWER_SECONDS + 1
        assert requests.get(f"{url}/healthz", timeout=1).ok
    lines = log.read_text().splitlines()
    assert lines
    assert all(line.startswith('{"time": ') for line in lines), lines
    assert "hunter2" not in log.read_text()

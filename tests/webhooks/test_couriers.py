"""Many endpoints at once, real threads and processes."""

import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from procurement.webhooks import working
from procurement.webhooks.models import Delivery, DeliveryAttempt, Endpoint
from procurement.webhooks.working import Courier
from tests.factories import make_order
from tests.processes import process, wait_until
from tests.webhooks.receiver import Receiver, receiving
from tests.webhooks.sending import happen, make_endpoint, make_owner

pytestmark = pytest.mark.django_db(transaction=True)

COURIER = (
    "-c",
    "import django; django.setup();"
    "from procurement.webhooks.working import Courier;"
    "Courier(threads=4, seconds=120, linger_seconds=120).run()",
)


class InBackground:
    """A courier on a thread of its own, for the block."""

    def __init__(self, threads: int) -> None:
        self._stop = threading.Event()
        self._courier = Courier(
            threads=threads,
            seconds=60,
            should_stop=self._stop.is_set,
            linger_seconds=60,
        )
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        try:
            self._courier.run()
        finally:
            connection.close()

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *args: object) -> None:
        self._stop.set()
        self._thread.join()


@pytest.mark.slow
def test_a_receiver_that_hangs_on_every_call_does_not_delay_another() -> None:
    """One hangs for the whole time limit of 15 s; lag is from commit to arrival."""
    owner, order = make_owner(), make_order()
    done = threading.Event()
    arrived: dict[str, float] = {}

    def note(handler: Any) -> None:
        arrived[handler.headers["webhook-id"]] = time.monotonic()
        handler.send_response(204)
        handler.end_headers()

    with (
        receiving(lambda handler: done.wait(20) and None) as hanging,
        receiving(note) as quick,
    ):
        dead = make_endpoint(hanging.url, owner)
        make_endpoint(quick.url, owner)
        lags = []
        with InBackground(threads=2):
            for _ in range(12):
                event_id = happen(order)
                happened = time.monotonic()
                wait_until("it arrived", lambda e=event_id: e in arrived, 20)
                lags.append(arrived[event_id] - happened)
                time.sleep(1.2)
            wait_until(
                "the hanging one was given up once",
                lambda: DeliveryAttempt.objects.filter(
                    delivery__endpoint=dead, duration_ms__gte=14_900
                ).exists(),
            )
            done.set()
        assert len(hanging.taken) >= 1

    assert max(lags) < 2, lags


@pytest.mark.slow
def test_a_worker_killed_in_the_call_is_followed_by_one_that_sends_it_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = make_order()
    hangs = threading.Event()
    with receiving(lambda handler: hangs.wait(60) and None) as receiver:
        make_endpoint(receiver.url)
        event_id = happen(order)
        with process(*COURIER, log=tmp_path / "courier.log") as courier:
            wait_until("the call is under way", lambda: receiver.taken)
            os.killpg(courier.pid, signal.SIGKILL)
            courier.wait()
        hangs.set()
        receiver.always = 204
        # The lease of a dead worker, run out sooner than in the three quarters of a
        # minute it takes.
        Endpoint.objects.update(leased_until="2026-01-01T00:00:00Z")
        Delivery.objects.update(next_attempt_at="2026-01-01T00:00:00Z")
        with process(*COURIER, log=tmp_path / "courier.log"):
            wait_until(
                "it was delivered",
                lambda: Delivery.objects.filter(state="delivered").exists(),
            )

    assert receiver.ids == [event_id, event_id]
    assert receiver.taken[0].body == receiver.taken[1].body


def test_two_couriers_send_each_delivery_once() -> None:
    order = make_order()
    with receiving() as receiver:
        for _ in range(4):
            make_endpoint(receiver.url, description=str(_))
        ids = [happen(order) for _ in range(10)]
        with InBackground(threads=3), InBackground(threads=3):
            wait_until("all came", lambda: len(receiver.taken) >= 40)
            time.sleep(0.5)

    assert sorted(receiver.ids) == sorted(ids * 4)
    assert Delivery.objects.filter(state="delivered", attempt_count=1).count() == 40


def test_each_endpoint_is_told_in_the_order_of_the_feed() -> None:
    order = make_order()
    with receiving() as receiver:
        make_endpoint(receiver.url)
        ids = [happen(order) for _ in range(30)]
        with InBackground(threads=4):
            wait_until("all came", lambda: len(receiver.taken) >= 30)

    assert receiver.ids == ids


def test_one_endpoint_that_breaks_our_own_code_holds_up_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    order = make_order()
    real = working.read_on

    def broken(endpoint: Endpoint) -> bool:
        if endpoint.description == "broken":
            raise ZeroDivisionError
        return real(endpoint)

    monkeypatch.setattr(working, "read_on", broken)
    with receiving() as receiver:
        bad = make_endpoint(receiver.url, description="broken")
        make_endpoint(receiver.url)
        ids = [happen(order)]
        with InBackground(threads=1):
            wait_until("it came", lambda: receiver.taken)
        assert receiver.ids == ids
        bad.refresh_from_db()
        assert bad.leased_until > bad.served_at, "it is left alone for a while"


def test_a_courier_ends_when_there_is_nothing_to_serve_and_when_told_to() -> None:
    began = time.monotonic()
    Courier(threads=1, seconds=60, linger_seconds=0.1).run()
    Courier(threads=1, seconds=60, should_stop=lambda: True).run()

    assert time.monotonic() - began < 3


def test_one_process_delivers_once_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(working, "LINGER_SECONDS", 0.1)
    runs: list[Receiver | None] = []
    monkeypatch.setattr(Courier, "run", lambda self: runs.append(working.deliver()))  # type: ignore[func-returns-value]

    working.deliver()

    assert len(runs) == 1


@pytest.mark.slow
def test_the_worker_tells_of_an_event_within_seconds(tmp_path: Path) -> None:
    """Of the worker as it is run; an idle one finds by its tick what is to be told."""
    order = make_order()
    with receiving() as receiver:
        make_endpoint(receiver.url)
        with process("manage.py", "worker", log=tmp_path / "worker.log"):
            first = happen(order)
            wait_until("the worker is up", lambda: first in receiver.ids, 90)
            lags = []
            for pause in (0.0, 1.0, 12.0):
                time.sleep(pause)
                event_id = happen(order)
                happened = time.monotonic()
                wait_until("it came", lambda e=event_id: e in receiver.ids)
                lags.append(time.monotonic() - happened)

    assert max(lags) < 5, lags

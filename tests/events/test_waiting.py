"""Waiting for the next event: for how long, how many at a time, and until when."""

import json
import signal
import socket
import threading
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from procurement.access.models import ApiKey
from procurement.events import waiting
from tests.api.clients import permit
from tests.events.reading import EVERY_STREAM, FEED, read, reader, types
from tests.factories import make_order, make_supplier, make_user
from tests.parties import make_shop
from tests.processes import process, wait_until

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> APIClient:
    return reader()


@pytest.fixture
def moments(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What happens at each pause, instead of time going by; then nobody waits."""
    happenings: list[Any] = []

    def looks(seconds: float, environ: Any) -> Iterator[None]:
        for happen in happenings:
            happen()
            yield

    monkeypatch.setattr(waiting, "looks", looks)
    return happenings


def test_what_is_there_is_not_waited_for(client: APIClient, moments: list[Any]) -> None:
    moments.append(lambda: pytest.fail("it waited"))
    make_order()

    page = read(client, wait=25)

    assert types(page["results"]) == ["supplier.created", "order.created"]


def test_an_event_ends_the_waiting(client: APIClient, moments: list[Any]) -> None:
    supplier = make_supplier()
    start = read(client)["cursor"]
    moments += [
        lambda: None,
        lambda: make_order(supplier),
        lambda: pytest.fail("it went on waiting"),
    ]

    page = read(client, after=start, wait=25)

    assert types(page["results"]) == ["order.created"]
    assert page["next"] is None


def test_what_is_left_out_does_not_end_the_waiting(
    client: APIClient, moments: list[Any]
) -> None:
    supplier = make_supplier()
    start = read(client)["cursor"]
    moments += [make_shop, lambda: make_order(supplier)]

    page = read(client, after=start, types="order.*", wait=25)

    assert types(page["results"]) == ["order.created"]
    moments[:] = [lambda: make_shop("fjord")]
    empty = read(client, after=page["cursor"], types="order.*", wait=25)
    assert empty["results"] == []
    assert empty["cursor"] != page["cursor"]


def test_a_look_is_one_query(client: APIClient, moments: list[Any]) -> None:
    make_order()
    end = read(client)["cursor"]

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            read(client, after=end, wait=25)
        return len(seen)

    without = queries()
    moments += [lambda: None] * 5
    assert queries() == without + 5


def test_whoever_finds_no_place_is_answered_at_once(
    client: APIClient, settings: Any
) -> None:
    settings.EVENT_WAITERS = 1
    with waiting.place() as has_place:
        assert has_place
        began = time.monotonic()
        answer = client.get(FEED, {"wait": 25})
        assert time.monotonic() - began < 5
    assert answer.status_code == 200
    assert answer.json()["results"] == []
    assert answer.headers["Retry-After"] == "2"

    with waiting.place() as has_place_again:
        assert has_place_again


def test_a_place_is_free_again_after_a_failure(settings: Any) -> None:
    settings.EVENT_WAITERS = 1
    with pytest.raises(LookupError), waiting.place():
        raise LookupError

    with waiting.place() as has_place:
        assert has_place


def test_waiting_ends_with_its_time(client: APIClient) -> None:
    began = time.monotonic()

    page = read(client, wait=1)

    assert page["results"] == []
    assert 1 <= time.monotonic() - began < 10


def test_waiting_ends_when_the_server_is_stopped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(waiting, "_server_ends", [])
    monkeypatch.setattr(waiting, "LOOK_SECONDS", 0.01)
    ends: list[bool] = [False]
    waiting.end_when(lambda: ends[0])

    looked = 0
    for _ in waiting.looks(25, {}):
        looked += 1
        ends[0] = looked == 3

    assert looked == 3


def test_a_caller_who_hung_up_is_not_waited_for() -> None:
    ours, theirs = socket.socketpair()
    with closing(ours), closing(theirs):
        environ = {"gunicorn.socket": ours}
        assert not waiting.has_gone(environ)
        theirs.send(b"GET")
        assert not waiting.has_gone(environ)
        assert ours.recv(3) == b"GET"
        theirs.close()
        assert waiting.has_gone(environ)
    assert waiting.has_gone(environ)
    assert not waiting.has_gone({})


# --- a web server -----------------------------------------------------------------


class Server:
    """gunicorn with one process of four threads, of which two may wait."""

    def __init__(self, port: int, key: str) -> None:
        self.root, self._key = f"http://127.0.0.1:{port}", key

    def get(self, path: str) -> tuple[float, Any, Any]:
        """The moment of the answer, its headers, and what it says."""
        request = urllib.request.Request(  # noqa: S310
            self.root + path, headers={"Authorization": f"Bearer {self._key}"}
        )
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            body = json.load(answer)
            return time.monotonic(), answer.headers, body

    def is_up(self) -> bool:
        try:
            self.get("/api/v1/events/?page_size=1")
        except OSError:
            return False
        return True


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_with_a_real_server(tmp_path: Path) -> None:
    supplier = make_supplier()
    make_order(supplier)
    user = permit(make_user("reader"), *EVERY_STREAM)
    _, key = ApiKey.make(name="erp", user=user, scopes=["events:read"])
    port = free_port()
    arguments = ("-m", "gunicorn", "procurement.wsgi", "--workers=1")
    with process(
        *arguments,
        f"--bind=127.0.0.1:{port}",
        log=tmp_path / "web.log",
        EVENT_WAITERS="2",
    ) as running:
        server = Server(port, key)
        wait_until("the server is up", server.is_up, 90)
        with ThreadPoolExecutor(4) as pool:
            are_told_soon(server, pool, User.objects.get(username="buyer"), supplier)
            does_not_hold_up_the_end(server, pool, running)


def wait_for_news(server: Server, pool: ThreadPoolExecutor) -> "Future[Any]":
    newest = server.get("/api/v1/events/?after=newest")[2]["cursor"]
    return pool.submit(server.get, f"/api/v1/events/?after={newest}&wait=25")


def are_told_soon(
    server: Server, pool: ThreadPoolExecutor, buyer: User, supplier: Any
) -> None:
    """Two wait, a third and all other calls are answered, and an event ends it."""
    waiters = [wait_for_news(server, pool) for _ in range(2)]
    time.sleep(1)
    begun = time.monotonic()
    at, headers, page = wait_for_news(server, pool).result(60)
    assert (headers["Retry-After"], page["results"]) == ("2", [])
    assert at - begun < 10
    assert server.get("/api/v1/events/?page_size=1")[2]["results"]
    assert not any(waiter.done() for waiter in waiters)
    assert not open_transactions()

    make_order(supplier, actor=buyer)
    committed = time.monotonic()

    for waiter in waiters:
        at, headers, page = waiter.result(60)
        assert types(page["results"]) == ["order.created"]
        assert at - committed < 1.5
        assert "Retry-After" not in headers


def open_transactions() -> int:
    """How many other connections of this database have a transaction open."""
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND backend_type = 'client backend' "
            "AND state <> 'idle'"
        )
        return int(cursor.fetchone()[0])


def does_not_hold_up_the_end(
    server: Server, pool: ThreadPoolExecutor, running: Any
) -> None:
    """Whoever waits is answered when the server is stopped, and may ask again."""
    waiter = wait_for_news(server, pool)
    time.sleep(1)
    assert not waiter.done()

    stopped = time.monotonic()
    running.send_signal(signal.SIGTERM)

    at, _, page = waiter.result(60)
    assert page["results"] == []
    assert at - stopped < 5
    running.wait(20)
    assert time.monotonic() - stopped < 10


def test_two_at_a_time_and_no_third(settings: Any) -> None:
    settings.EVENT_WAITERS = 2
    here, go = threading.Barrier(3), threading.Event()
    found: list[bool] = []

    def wait() -> None:
        with waiting.place() as has_place:
            found.append(has_place)
            here.wait(10)
            go.wait(10)

    threads = [threading.Thread(target=wait) for _ in range(2)]
    for thread in threads:
        thread.start()
    here.wait(10)
    with waiting.place() as third:
        assert not third
    go.set()
    for thread in threads:
        thread.join()
    assert found == [True, True]

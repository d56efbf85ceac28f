"""What is proven about a call by what happened on the wire; real sockets."""

import gzip
import json
import threading
import time
import tracemalloc

import pytest
import requests

from tests.vendors.clients import open_at
from tests.vendors.servers import (
    closed_port,
    drip,
    hang_up,
    reply,
    serving,
    stay_silent,
)
from vendors import transport
from vendors.errors import Kind, NotSent, OutcomeUnknown, VendorError

GOOD = reply(b'{"number": "A1"}')


def outcome_of(url: str, *, is_write: bool) -> VendorError:
    client = open_at(url)
    call = client.act if is_write else client.ask
    with pytest.raises(VendorError) as caught:
        call("POST", "/orders", purpose="test", json={"n": 1})
    return caught.value


def cut_before_any_answer(connection):
    hang_up(connection)


def end_before_any_answer(connection):
    connection.close()


def cut_in_the_head(connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Le")
    hang_up(connection)


def cut_in_the_body(connection):
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n{"num')
    connection.close()


def cut_in_a_chunk(connection):
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    connection.sendall(head + b"5\r\n[1,2]\r\n")
    connection.close()


def silent_in_the_body(connection):
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n{"num')
    stay_silent(connection)


DRIP_IN_HEAD = drip(b"HTTP/1.1 200 OK\r\n" + b"X-Slow: yes\r\n" * 20)
DRIP_IN_BODY = drip(b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n" + b" " * 90)


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        (cut_before_any_answer, Kind.CUT),
        (end_before_any_answer, Kind.CUT),
        (cut_in_the_head, Kind.CUT),
        (cut_in_the_body, Kind.CUT),
        (cut_in_a_chunk, Kind.CUT),
        (stay_silent, Kind.TIMEOUT),
        (silent_in_the_body, Kind.TIMEOUT),
        (DRIP_IN_HEAD, Kind.TIMEOUT),
        (DRIP_IN_BODY, Kind.TIMEOUT),
        (reply(b"garbage").replace(b"HTTP/1.1 200 OK", b"What?"), Kind.CUT),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)[:20]),
)
@pytest.mark.parametrize("is_write", [True, False])
def test_after_the_bytes_left_a_write_is_unknown_and_a_read_is_not(
    step, kind, is_write
):
    with serving(step) as server:
        error = outcome_of(server.url, is_write=is_write)

    assert type(error) is (OutcomeUnknown if is_write else NotSent)
    assert error.kind is kind
    assert len(server.requests) == 1


def test_a_server_that_drips_is_given_up_at_the_deadline():
    started = time.monotonic()
    with serving(drip(b"HTTP/1.1 200 OK\r\n" * 100)) as server:
        outcome_of(server.url, is_write=True)

    assert 0.8 < time.monotonic() - started < 2


def test_a_refused_connection_proves_that_nothing_was_sent():
    error = outcome_of(f"http://127.0.0.1:{closed_port()}", is_write=True)

    assert type(error) is NotSent
    assert error.kind is Kind.CONNECTION


def test_an_unknown_host_proves_that_nothing_was_sent():
    error = outcome_of("https://host.invalid", is_write=True)

    assert type(error) is NotSent
    assert error.kind is Kind.CONNECTION


def talks_no_tls(connection):
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    hang_up(connection)


@pytest.mark.parametrize("ending", ["silence", "no TLS"])
def test_a_failed_handshake_proves_that_nothing_was_sent(ending):
    import socket

    listener = socket.create_server(("127.0.0.1", 0))

    def accept():
        connection, _ = listener.accept()
        if ending == "silence":
            stay_silent(connection)
        else:
            connection.recv(10)
            talks_no_tls(connection)

    threading.Thread(target=accept, daemon=True).start()
    with listener:
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        error = outcome_of(url, is_write=True)

    assert type(error) is NotSent
    assert error.kind is Kind.CONNECTION


def test_connections_are_kept_alive():
    with serving(GOOD, GOOD) as server:
        client = open_at(server.url)
        for _ in range(2):
            client.ask("GET", "/a", purpose="test")

    assert server.connections == 1
    assert len(server.requests) == 2


def test_an_idle_connection_is_not_trusted_with_another_call(monkeypatch):
    monkeypatch.setattr(transport, "_IDLE_SECONDS", 0)
    with serving(GOOD, GOOD) as server:
        client = open_at(server.url)
        for _ in range(2):
            client.act("POST", "/a", purpose="test")

    assert server.connections == 2


def test_a_closed_connection_is_opened_again():
    closing = reply(b"[]", "200 OK", "Connection: close")
    with serving(closing, GOOD) as server:
        client = open_at(server.url)
        client.ask("GET", "/a", purpose="test")
        time.sleep(0.05)
        assert client.act("POST", "/b", purpose="test") == {"number": "A1"}


def test_nothing_is_sent_twice_by_the_machinery_below():
    again = reply(b"", "503 Service Unavailable", "Retry-After: 0")
    with serving(again, GOOD) as server:
        error = outcome_of(server.url, is_write=True)

    assert error.kind is Kind.SERVER
    assert len(server.requests) == 1


def test_a_redirect_is_not_followed():
    with serving(GOOD) as other:
        away = reply(b"", "307 Temporary Redirect", f"Location: {other.url}/x")
        with serving(away, away) as server:
            written = outcome_of(server.url, is_write=True)
            asked = outcome_of(server.url, is_write=False)

    assert (type(written), written.kind) == (OutcomeUnknown, Kind.UNREADABLE)
    assert (type(asked), asked.kind) == (NotSent, Kind.CONFIGURATION)
    assert other.requests == []


def test_cookies_are_not_kept():
    with serving(reply(b"[]", "200 OK", "Set-Cookie: a=b; Path=/"), GOOD) as server:
        client = open_at(server.url)
        for _ in range(2):
            client.ask("GET", "/", purpose="test")

    assert b"ookie" not in b"".join(server.requests)


def test_the_environment_adds_neither_proxy_nor_password(monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed_port()}")
    with serving(GOOD) as server:
        open_at(server.url).ask("GET", "/", purpose="test")

    assert b"authorization" not in server.requests[0].lower()


def test_a_packed_answer_is_unpacked():
    packed = gzip.compress(b'{"price": 41.50}', mtime=0)
    with serving(reply(packed, "200 OK", "Content-Encoding: gzip")) as server:
        found = open_at(server.url).ask("GET", "/", purpose="test")

    assert str(found["price"]) == "41.50"


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (gzip.compress(b'{"price": 41.50}', mtime=0), ()),
        (b'{"price": 41.50}', ("Content-Encoding: gzip",)),
        (gzip.compress(b'{"price"', mtime=0) + gzip.compress(b": 41.50}", mtime=0), ()),
    ],
    ids=["packed and not marked", "marked and not packed", "packed in two parts"],
)
def test_whether_an_answer_is_packed_is_seen_in_the_body_itself(body, headers):
    with serving(reply(body, "200 OK", *headers)) as server:
        found = open_at(server.url).ask("GET", "/", purpose="test")

    assert str(found["price"]) == "41.50"


def test_a_packed_answer_that_comes_in_drips_is_unpacked():
    packed = gzip.compress(b"[1]", mtime=0)
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(packed)}\r\n\r\n".encode()

    def one_byte_first(connection):
        connection.sendall(head + packed[:1])
        time.sleep(0.05)
        connection.sendall(packed[1:])

    with serving(one_byte_first) as server:
        assert open_at(server.url).ask("GET", "/", purpose="test") == [1]


@pytest.mark.parametrize(
    "body", [gzip.compress(b"[1]", mtime=0)[:-4], b"\x1f\x8bnonsense"]
)
def test_a_packed_answer_without_its_end_is_unreadable(body):
    with serving(reply(body)) as server:
        error = outcome_of(server.url, is_write=True)

    assert (type(error), error.kind) == (OutcomeUnknown, Kind.UNREADABLE)


def test_a_badly_packed_answer_is_unreadable():
    packed = gzip.compress(b"{}", mtime=0)[:-9] + b"nonsense!"
    broken = reply(b"nonsense" + packed, "200 OK", "Content-Encoding: gzip")
    with serving(broken) as server:
        error = outcome_of(server.url, is_write=True)

    assert (type(error), error.kind) == (OutcomeUnknown, Kind.UNREADABLE)


def test_a_packed_bomb_does_not_fill_the_memory(monkeypatch):
    monkeypatch.setattr(transport, "MAX_BODY", 2 * 1024 * 1024)
    bomb = gzip.compress(b"[" + b"1," * 50_000_000 + b"1]", 9, mtime=0)
    with serving(reply(bomb, "200 OK", "Content-Encoding: gzip")) as server:
        tracemalloc.start()
        error = outcome_of(server.url, is_write=True)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert (type(error), error.kind) == (OutcomeUnknown, Kind.UNREADABLE)
    assert peak < 40 * 1024 * 1024


def test_one_client_serves_many_threads():
    steps = [reply(json.dumps({"n": 1}).encode())] * 64
    with serving(*steps) as server:
        client = open_at(server.url)
        found = []

        def work():
            for _ in range(8):
                found.append(client.ask("GET", "/", purpose="test"))

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert found == [{"n": 1}] * 64


@pytest.mark.parametrize(
    ("stage", "is_unsent"),
    [(transport._Stage.CONNECTING, True), (transport._Stage.SENDING, False)],
)
def test_a_tls_error_proves_something_only_before_anything_was_sent(stage, is_unsent):
    flight = transport._Flight(transport.TimeLimits(), deadline=0, stage=stage)

    found = transport._failure(requests.exceptions.SSLError("x"), flight, None)

    assert found.is_unsent is is_unsent

"""deploy/Caddyfile as caddy reads it: what it passes on, and what it keeps."""

import shutil
import signal
import socket
import subprocess
import threading
import time
import warnings
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
import requests

from procurement.bodies import MAX_BODY_BYTES
from procurement.settings import HOOK_MAX_BYTES, PRICE_FILE_MAX_BYTES
from tests.chaos.processes import answers, free_port
from tests.processes import ROOT, wait_until

CADDY = shutil.which("caddy") or ""
CADDYFILE = ROOT / "deploy" / "Caddyfile"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CADDY, reason="there is no caddy on this machine"),
]
if not CADDY:
    warnings.warn("There is no caddy: its configuration is not tried", stacklevel=1)


class Behind(BaseHTTPRequestHandler):
    """A web server that notes what reaches it."""

    protocol_version = "HTTP/1.1"
    seen: ClassVar[list[tuple[str, str, dict[str, str]]]] = []
    is_broken: ClassVar[bool] = False
    state: ClassVar[int] = 200

    def answer(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        self.rfile.read(size)
        if self.path.startswith("/readyz"):
            self.reply(self.state)
            return
        self.seen.append((self.command, self.path, dict(self.headers)))
        if self.is_broken:
            # What reached us is lost on the way back.
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.reply(200)

    do_GET = do_POST = answer

    def reply(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *arguments: Any) -> None:
        """Nothing is said."""


@pytest.fixture
def behind() -> Iterator[ThreadingHTTPServer]:
    Behind.seen, Behind.is_broken, Behind.state = [], False, 200
    with ThreadingHTTPServer(("127.0.0.1", 0), Behind) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def proxy(behind: ThreadingHTTPServer, tmp_path: Path) -> Iterator[str]:
    """In front of one server that is there and of one that never is."""
    port, nobody = free_port(), free_port()
    with (tmp_path / "caddy.log").open("wb") as log:
        running = subprocess.Popen(
            [CADDY, "run", "--config", str(CADDYFILE), "--adapter", "caddyfile"],
            env={
                "PATH": "/usr/bin:/bin",
                "HOME": str(tmp_path),
                "PROXY_SITE": f"http://127.0.0.1:{port}",
                "PROXY_UPSTREAMS": f"127.0.0.1:{nobody} 127.0.0.1:{behind.server_port}",
                "PROXY_ADMIN": f"unix/{tmp_path / 'admin.sock'}",
            },
            stdout=log,
            stderr=log,
        )
    try:
        wait_until("it listens", lambda: answers(port), seconds=20)
        yield f"http://127.0.0.1:{port}"
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(timeout=20)


def test_what_callers_say_of_themselves_is_not_passed_on(proxy: str) -> None:
    forged = {
        "X-Forwarded-For": "203.0.113.9",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "evil.example",
        "X-Request-ID": "made-up",
        "X-Real-IP": "203.0.113.9",
        "Forwarded": "for=203.0.113.9",
    }
    requests.get(f"{proxy}/api/v1/", headers=forged, timeout=20)

    (_, _, headers) = Behind.seen[-1]
    told = {name.lower(): text for name, text in headers.items()}
    assert told["x-forwarded-for"] == "127.0.0.1"
    assert told["x-forwarded-proto"] == "http"
    assert told["x-forwarded-host"] == proxy.removeprefix("http://")
    assert told["host"] == proxy.removeprefix("http://")
    assert len(told["x-request-id"]) == 36
    assert not {"x-real-ip", "forwarded"} & told.keys()


def test_figures_are_not_told_outside(proxy: str) -> None:
    for path in ("/metrics", "/metrics/", "//metrics", "/x/../metrics", "/%6detrics"):
        answer = requests.get(f"{proxy}{path}", timeout=20)
        assert answer.status_code == 404 or Behind.seen[-1][1] != "/metrics", path
    assert not [path for _, path, _ in Behind.seen if path == "/metrics"]


def test_a_call_that_reached_a_server_is_not_made_again(proxy: str) -> None:
    Behind.is_broken = True

    answer = requests.post(f"{proxy}/api/v1/orders/", json={"a": 1}, timeout=30)

    assert answer.status_code == 502
    assert answer.headers["Retry-After"] == "5"
    assert [(method, path) for method, path, _ in Behind.seen] == [
        ("POST", "/api/v1/orders/")
    ]


def test_a_call_that_reached_nobody_goes_to_the_other_server(proxy: str) -> None:
    for _ in range(10):
        assert requests.post(f"{proxy}/api/v1/orders/", timeout=20).ok
    assert len(Behind.seen) == 10


def test_a_server_that_is_to_stop_gets_nothing_new(proxy: str) -> None:
    assert requests.get(f"{proxy}/admin/", timeout=20).ok
    Behind.state = 503
    time.sleep(2.5)
    before = len(Behind.seen)

    tried = threading.Thread(
        target=lambda: requests.get(f"{proxy}/admin/", timeout=30), daemon=True
    )
    tried.start()
    time.sleep(1)
    assert len(Behind.seen) == before
    # Whoever came meanwhile is answered as soon as there is one again.
    Behind.state = 200
    tried.join(10)
    assert len(Behind.seen) == before + 1


def test_it_takes_what_the_product_takes_and_little_more(proxy: str) -> None:
    assert max(MAX_BODY_BYTES, HOOK_MAX_BYTES) < 2_000_000
    assert PRICE_FILE_MAX_BYTES < 210_000_000
    for path, size, is_taken in (
        ("/api/v1/orders/", 1_900_000, True),
        ("/api/v1/orders/", 2_100_000, False),
        ("/hooks/eet/", 2_100_000, False),
        ("/admin/imports/", 6_000_000, True),
    ):
        try:
            answer = requests.post(f"{proxy}{path}", data=b"x" * size, timeout=30)
        except requests.ConnectionError:
            assert not is_taken, path
            continue
        assert (answer.status_code == 200) is is_taken, (path, size)
        if not is_taken:
            assert answer.status_code in (413, 502), path
    # Whoever sends too much takes no server away from the others.
    assert requests.get(f"{proxy}/admin/", timeout=3).ok

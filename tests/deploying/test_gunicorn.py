"""The web server as systemd and proxies meet it: sockets, signals, headers."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.deploying.plain import SLOW_SECONDS
from tests.processes import ROOT, wait_until

pytestmark = pytest.mark.slow

SERVE = ("-m", "gunicorn", "tests.deploying.plain")


class Server:
    """A gunicorn on a socket that outlives it."""

    def __init__(self, held: socket.socket, log: Path, **environment: str) -> None:
        given = str(held.fileno())
        self._log = log
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "tests.rolling.activated", given),
                    *(sys.executable, *SERVE),
                ],
                cwd=ROOT,
                env={"WEB_WORKERS": "1", "PATH": "/usr/bin:/bin", **environment},
                pass_fds=[held.fileno()],
                stdout=output,
                stderr=output,
            )
        wait_until("a worker has begun", self._has_begun)

    def _has_begun(self) -> bool:
        told = self._log.read_text()
        assert self.process.poll() is None, told
        is_bound = re.search(rf"Listening at: .*\({self.process.pid}\)", told)
        return bool(is_bound) and "Booting" in told

    def end(self) -> float:
        """Tell it to stop; seconds until it has."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=30)
        return time.monotonic() - began


@pytest.fixture
def held() -> Iterator[socket.socket]:
    with closing(socket.create_server(("127.0.0.1", 0), backlog=128)) as made:
        yield made


@contextmanager
def server(
    held: socket.socket, folder: Path, name: str = "web", **environment: str
) -> Iterator[Server]:
    running = Server(held, folder / f"{name}.log", **environment)
    try:
        yield running
    finally:
        running.process.kill()
        running.process.wait()


def get(held: socket.socket, path: str, **headers: str) -> tuple[int, Any]:
    line = http.client.HTTPConnection(*held.getsockname(), timeout=30)
    with closing(line):
        sent = {name.replace("__", "_"): text for name, text in headers.items()}
        line.request("GET", path, headers=sent)
        answer = line.getresponse()
        return answer.status, json.loads(answer.read())


def test_a_new_server_takes_over_while_the_old_one_finishes(
    held: socket.socket, tmp_path: Path
) -> None:
    with server(held, tmp_path, "old") as old:
        slow: list[tuple[int, Any]] = []
        asked = threading.Thread(target=lambda: slow.append(get(held, "/slow")))
        asked.start()
        time.sleep(0.3)
        old.process.send_signal(signal.SIGTERM)
        with server(held, tmp_path, "new") as new:
            status, told = get(held, "/")
            assert (status, told["server"]) == (200, new.process.pid)
            asked.join()
            assert slow[0][0] == 200
            assert slow[0][1]["server"] == old.process.pid
            assert old.process.wait(timeout=30) == 0


def test_whoever_calls_while_nobody_serves_waits_and_is_answered(
    held: socket.socket, tmp_path: Path
) -> None:
    with server(held, tmp_path, "old") as old:
        assert old.end() < 3
    answers: list[tuple[int, Any]] = []
    callers = [
        threading.Thread(target=lambda: answers.append(get(held, "/")))
        for _ in range(20)
    ]
    for caller in callers:
        caller.start()
    time.sleep(0.5)
    assert answers == []
    with server(held, tmp_path, "new"):
        for caller in callers:
            caller.join()
    assert [status for status, _ in answers] == [200] * 20


def test_it_says_first_that_it_will_stop(held: socket.socket, tmp_path: Path) -> None:
    with server(held, tmp_path, WEB_DRAIN_SECONDS="2") as web:
        assert get(held, "/readyz")[0] == 200
        began = time.monotonic()
        web.process.send_signal(signal.SIGTERM)
        wait_until("it says so", lambda: get(held, "/readyz")[0] == 503, seconds=1)
        assert get(held, "/readyz")[1] == {"status": "stopping"}
        # It lives, and serves whoever comes all the same.
        assert get(held, "/healthz")[0] == 200
        assert get(held, "/")[0] == 200
        assert web.process.wait(timeout=30) == 0
        assert time.monotonic() - began >= 2


def test_a_second_signal_ends_the_waiting(held: socket.socket, tmp_path: Path) -> None:
    with server(held, tmp_path, WEB_DRAIN_SECONDS="60") as web:
        web.process.send_signal(signal.SIGTERM)
        wait_until("it says so", lambda: get(held, "/readyz")[0] == 503, seconds=2)
        assert web.end() < 5
        assert web.process.returncode == 0


def test_signal_to_the_whole_group_cuts_nobody_off(
    held: socket.socket, tmp_path: Path
) -> None:
    with server(held, tmp_path) as web:
        children = Path(f"/proc/{web.process.pid}/task/{web.process.pid}/children")
        slow: list[tuple[int, Any]] = []
        asked = threading.Thread(target=lambda: slow.append(get(held, "/slow")))
        asked.start()
        time.sleep(0.3)
        for pid in (web.process.pid, *map(int, children.read_text().split())):
            os.kill(pid, signal.SIGTERM)
        asked.join()
        assert slow[0][0] == 200
        assert web.process.wait(timeout=30) == 0


def test_what_takes_too_long_is_cut_off(held: socket.socket, tmp_path: Path) -> None:
    with server(held, tmp_path, WEB_GRACEFUL_SECONDS="1") as web:
        failed: list[bool] = []

        def ask() -> None:
            try:
                get(held, "/slow")
            except (OSError, http.client.HTTPException):
                failed.append(True)

        asked = threading.Thread(target=ask)
        asked.start()
        time.sleep(0.3)
        assert web.end() < SLOW_SECONDS
        asked.join()
        assert failed == [True]


def test_no_caller_says_where_it_is_or_how_it_came(
    held: socket.socket, tmp_path: Path
) -> None:
    with server(held, tmp_path):
        forged = {
            "X-Forwarded-Proto": "https",
            "X-Forwarded-Ssl": "on",
            "Script__Name": "/admin",
            "SCRIPT__NAME": "/admin",
            "PATH__INFO": "/metrics",
        }
        status, told = get(held, "/admin/", **forged)
        assert status == 200
        assert told["wsgi.url_scheme"] == "http"
        assert told["SCRIPT_NAME"] == ""
        assert told["PATH_INFO"] == "/admin/"


def test_probes_may_ask_by_any_name_and_nobody_else(
    held: socket.socket, tmp_path: Path
) -> None:
    with server(held, tmp_path):
        for path in ("/healthz", "/readyz?for=web"):
            _, told = get(held, path, Host="10.0.0.7:8000")
            assert told["HTTP_HOST"] == "known.example"
        _, told = get(held, "/admin/", Host="10.0.0.7:8000")
        assert told["HTTP_HOST"] == "10.0.0.7:8000"

"""A worker under an init system: what it tells, and how it ends when it has no work."""

import os
import signal
import socket
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from procurement.coordination import living
from tests.processes import process, wait_until


def received(line: socket.socket) -> list[str]:
    found = []
    while True:
        try:
            found.append(line.recv(200).decode())
        except BlockingIOError:
            return found


@pytest.fixture
def line(tmp_path: Path) -> socket.socket:
    """Where systemd would listen."""
    made = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    made.bind(str(tmp_path / "notify"))
    made.setblocking(False)
    return made


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_idle_worker_says_how_it_is_and_ends_at_once(
    number: signal.Signals, line: socket.socket, tmp_path: Path
) -> None:
    alive = tmp_path / "alive"
    log = tmp_path / "worker.log"
    told: list[str] = []
    with (
        closing(line),
        process(
            *("manage.py", "worker"),
            log=log,
            NOTIFY_SOCKET=str(tmp_path / "notify"),
            WORKER_ALIVE_FILE=str(alive),
            # What its processes say of themselves is left out of an ordinary log.
            LOG_LEVEL="DEBUG",
        ) as worker,
    ):
        hear: Callable[[str], bool] = lambda word: (  # noqa: E731
            told.extend(received(line)) or word in told
        )
        wait_until("it has started", lambda: hear("READY=1"))
        # All its clusters, so that it ends as one that has run for long.
        wait_until("they run", lambda: log.read_text().count("monitoring at") >= 3)
        touched = alive.stat().st_mtime
        wait_until("it goes round", lambda: alive.stat().st_mtime > touched)
        began = time.monotonic()

        worker.send_signal(number)

        assert worker.wait(timeout=20) == 0
        # Two seconds on a machine with nothing else to do.
        assert time.monotonic() - began < 5
        assert hear("STOPPING=1")
        assert told[0] == "READY=1"
        assert "WATCHDOG=1" in told


def test_nothing_is_told_where_nobody_listens(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    living.started()
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    living.started()
    living.ending()


def test_a_socket_in_the_kernel_is_found_by_its_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name = f"procurement-{os.getpid()}"
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as heard:
        heard.bind(f"\0{name}")
        heard.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", f"@{name}")

        living.started()

        assert received(heard) == ["READY=1", "WATCHDOG=1"]

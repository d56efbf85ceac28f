"""Processes of the run: known by a mark in their environment, ended by their ids."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
RUN_MARK = "CHAOS_RUN"
PART_MARK = "CHAOS_PART"


class Broken(Exception):
    """The run can't go on; the text says why."""


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def answers(port: int) -> bool:
    with (
        suppress(OSError),
        closing(socket.create_connection(("127.0.0.1", port), timeout=1)),
    ):
        return True
    return False


def wait_until(what: str, look: Callable[[], Any], seconds: float) -> Any:
    """Return what `look` returns once it is true.

    Raises:
        Broken: it was not within the time.
    """
    give_up_at = time.monotonic() + seconds
    while time.monotonic() < give_up_at:
        if found := look():
            return found
        time.sleep(0.1)
    raise Broken(f"Waited {seconds:.0f} s in vain until {what}.")


def start(
    arguments: Sequence[str],
    *,
    log: Path,
    environment: Mapping[str, str],
    part: str,
    pass_fds: Sequence[int] = (),
) -> "subprocess.Popen[bytes]":
    """Start a process that leads a session of its own; what it says goes to a log."""
    with log.open("ab") as output:
        return subprocess.Popen(
            list(arguments),
            cwd=ROOT,
            env={**environment, PART_MARK: part},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            pass_fds=pass_fds,
        )


def python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]


def children_of(pid: int) -> list[int]:
    """The processes right below one, in the order of their ids."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                if int(fields[1]) == pid:
                    found.append(int(entry.name))
    return sorted(found)


def below(pid: int) -> list[int]:
    """All processes below one, nearest first."""
    nearest = children_of(pid)
    return nearest + [deeper for child in nearest for deeper in below(child)]


def marked(run: str, part: str = "") -> list[int]:
    """The living processes of this run, of one part of it or of all."""
    wanted = {f"{RUN_MARK}={run}".encode()}
    if part:
        wanted.add(f"{PART_MARK}={part}".encode())
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            with suppress(OSError):
                given = set((entry / "environ").read_bytes().split(b"\0"))
                if wanted <= given:
                    found.append(int(entry.name))
    return sorted(found)


def send(pid: int, what: int) -> bool:
    """Signal one process; say whether it was there."""
    try:
        os.kill(pid, what)
    except ProcessLookupError:
        return False
    return True


def kill_all(pids: Sequence[int]) -> int:
    return sum(send(pid, signal.SIGKILL) for pid in pids)


def end(process: "subprocess.Popen[bytes]", seconds: float) -> bool:
    """Ask a process to end and wait for it; kill it, and say False, if it does not."""
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return False
    return True

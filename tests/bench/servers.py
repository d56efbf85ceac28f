"""The servers of a run: PostgreSQL, Redis and gunicorn, on ports of their own."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

ROOT = Path(__file__).resolve().parents[2]
WORKERS = 2
_POSTGRES_OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    "shared_buffers": "1GB",
    "maintenance_work_mem": "512MB",
    "max_wal_size": "8GB",
    # Without replicas, a table emptied and filled in one transaction needs no log.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    # Both sides read the tables as they were loaded, nothing works beside them.
    "autovacuum": "off",
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _as_postgres() -> list[str]:
    if os.getuid() != 0:
        return []
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]


def postgres_programs() -> Path:
    """The folder of the newest PostgreSQL there is.

    Raises:
        SystemExit: there is none.
    """
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if found:
        return found[-1].parent
    if program := shutil.which("postgres"):
        return Path(program).parent
    raise SystemExit("There is no PostgreSQL on this machine to measure with.")


@contextmanager
def postgres(folder: Path) -> Iterator[int]:
    """A cluster in a folder; yields its port. Everybody is trusted on it."""
    programs, port = postgres_programs(), free_port()
    if os.getuid() == 0:
        shutil.chown(folder, "postgres")
    data = folder / "data"
    log = folder / "log"
    initdb = [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust"]
    initdb += ["-E", "UTF8", "--locale=C.UTF-8"]
    _run([*_as_postgres(), *initdb])
    options = {**_POSTGRES_OPTIONS, "port": str(port)}
    words = " ".join(f"-c {name}={value}" for name, value in options.items())
    control = [*_as_postgres(), programs / "pg_ctl", "-D", data, "-w", "-l", log]
    _run([*control, "-o", f"{words} -k {folder}", "start"])
    try:
        yield port
    finally:
        _run([*control, "-m", "immediate", "stop"])


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    """A Redis that keeps nothing; yields its address."""
    program = shutil.which("redis-server")
    if program is None:
        raise SystemExit("There is no redis-server on this machine to measure with.")
    port = free_port()
    server = subprocess.Popen(
        [program, "--port", str(port), "--bind", "127.0.0.1", "--save", ""],
        cwd=folder,
        stdout=subprocess.DEVNULL,
    )
    try:
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        end(server)


def _run(command: list[object]) -> None:
    done = subprocess.run(
        [str(word) for word in command],
        cwd="/",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    if done.returncode:
        raise SystemExit(f"{command[-1]} failed: {done.stderr.decode()}")


class Web:
    """A gunicorn of two workers with the product's own gunicorn settings."""

    def __init__(self, application: str, environment: Mapping[str, str], log: Path):
        self.port = free_port()
        self.log = log
        self._began = time.perf_counter()
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "gunicorn", application),
                    *("-b", f"127.0.0.1:{self.port}", "-w", str(WORKERS)),
                    *("-c", str(ROOT / "gunicorn.conf.py"), "--max-requests", "0"),
                ],
                cwd=ROOT,
                env=dict(environment),
                stdout=output,
                stderr=output,
            )

    def first_answer(self, path: str, headers: Mapping[str, str]) -> float:
        """Seconds from its start to the first good answer.

        Raises:
            RuntimeError: there was none in a minute; the text has the log's end.
        """
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", headers=dict(headers)
        )
        while time.perf_counter() - self._began < 60:
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                    answer.read()
                return time.perf_counter() - self._began
            except urllib.error.HTTPError as error:
                raise RuntimeError(f"{path}: {error}\n{self.log_end()}") from None
            except OSError:
                time.sleep(0.01)
        raise RuntimeError(f"No answer from {path}.\n{self.log_end()}")

    def log_end(self) -> str:
        return self.log.read_text()[-4000:]

    def memory(self) -> float:
        return memory_of(self.process.pid)

    def stop(self) -> None:
        end(self.process)


@contextmanager
def web(application: str, environment: Mapping[str, str], log: Path) -> Iterator[Web]:
    running = Web(application, environment, log)
    try:
        yield running
    finally:
        running.stop()


def end(process: "subprocess.Popen[bytes]", seconds: float = 20) -> None:
    """Ask a process of ours to end; it and what it started are killed if it won't."""
    below = [process.pid, *children_of(process.pid)]
    process.send_signal(signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=seconds)
        return
    for pid in below:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()


def children_of(pid: int) -> list[int]:
    """All processes below one."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for child in task.read_text().split():
                found += [int(child), *children_of(int(child))]
    return found


def memory_of(pid: int) -> float:
    """MiB a process and all below it hold, what they share counted once (PSS)."""
    kilobytes = 0
    for each in (pid, *children_of(pid)):
        with suppress(OSError):
            text = Path(f"/proc/{each}/smaps_rollup").read_text()
            found = re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
            kilobytes += int(found[1]) if found else 0
    return kilobytes / 1024


def database_url(port: int, name: str) -> str:
    return f"postgres://postgres@127.0.0.1:{port}/{name}"


def copy_database(port: int, source: str, name: str) -> None:
    """Make a database that is like another one nobody is using."""
    with psycopg.connect(database_url(port, "postgres"), autocommit=True) as control:
        control.execute(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')

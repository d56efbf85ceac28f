"""PostgreSQL and Redis of the run's own, on ports of their own."""

import os
import shutil
import socket
import subprocess
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from tests.chaos.processes import Broken, answers, end, free_port, start, wait_until

SETTINGS = (
    "-c listen_addresses=127.0.0.1 -c max_connections=300 "
    # Processes are killed here, not the machine: what was written stays written.
    "-c fsync=off"
)


class Postgres:
    """A cluster in a folder of the run; as root it belongs to `postgres`."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.port = free_port()
        self._data, self._log = folder / "pg", folder / "postgresql.log"
        self._sockets = folder
        self._environment = environment
        self._bin = _newest_bin()
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
        folder.chmod(0o755)
        self._run("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C")
        self.start()

    @property
    def url(self) -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        options = f"-p {self.port} -k {self._sockets} {SETTINGS}"
        self._run("pg_ctl", "-w", "-l", str(self._log), "-o", options, "start")

    def stop(self, mode: str) -> None:
        """Stop it; `immediate` leaves the log to be replayed, as after a crash."""
        self._run("pg_ctl", "-w", "-m", mode, "stop")

    def _run(self, program: str, *arguments: str) -> None:
        as_postgres = ["setpriv", "--reuid=postgres", "--regid=postgres"]
        prefix = [*as_postgres, "--clear-groups"] if os.geteuid() == 0 else []
        done = subprocess.run(
            [*prefix, str(self._bin / program), "-D", str(self._data), *arguments],
            cwd=self._sockets,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=120,
        )
        if done.returncode:
            raise Broken(f"{program}: {done.stderr.decode(errors='replace').strip()}")


def _newest_bin() -> Path:
    homes = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    found = sorted(homes, key=lambda path: float(path.parent.parent.name))
    if not found:
        raise Broken("There is no PostgreSQL under /usr/lib/postgresql.")
    return found[-1].parent


class Redis:
    """A server without persistence: a restart forgets everything, as it may."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.port = free_port()
        self._folder, self._environment = folder, environment
        self.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        program = shutil.which("redis-server")
        if program is None:
            raise Broken("There is no redis-server.")
        arguments = [program, "--port", str(self.port), "--bind", "127.0.0.1"]
        self._process = start(
            [*arguments, "--save", "", "--appendonly", "no"],
            log=self._folder / "redis.log",
            environment=self._environment,
            part="redis",
        )
        wait_until("Redis answers", lambda: answers(self.port), 20)

    def stop(self) -> None:
        end(self._process, 10)

    def flush(self) -> None:
        with closing(socket.create_connection(("127.0.0.1", self.port), 5)) as line:
            line.sendall(b"FLUSHALL\r\n")
            line.recv(64)

"""One installation: database, Redis, vendors, web server and workers, kept running.

What ends is started again after a second, as an init system would. The vendors'
stand-in alone is never touched: its books are the truth.
"""

import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from tests.chaos.processes import (
    ROOT,
    RUN_MARK,
    Broken,
    answers,
    end,
    free_port,
    kill_all,
    marked,
    python,
    send,
    start,
    wait_until,
)
from tests.chaos.servers import Postgres, Redis

START_AGAIN_AFTER = 1.0
STOP_SECONDS = 60.0
"""How long a worker may take to finish what it has begun."""

IMPATIENT = {
    "SEND_LEASE_SECONDS": "15",
    "RETRY_WAITS": "1,2,3",
    "MAX_ATTEMPTS": "60",
    "LOOK_UP_WAITS": "1,2,4,8",
    "POLL_INTERVAL_SECONDS": "15",
    "HEARTBEAT_LIMIT_SECONDS": "20",
    "BREAKER_FAILURES": "8",
    "BREAKER_SECONDS": "2",
}
"""A run has minutes for what takes hours elsewhere."""


class Service:
    """A process that is started again whenever it ends, unless told to stay down."""

    def __init__(
        self,
        name: str,
        arguments: list[str],
        home: "Installation",
        *,
        pass_fds: Sequence[int] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self._pass_fds, self._more = pass_fds, environment or {}
        self._arguments, self._home = arguments, home
        self.lets_orphans_live = False
        self._is_wanted = True
        self._ended_at = 0.0
        self.process = self._start()

    def _start(self) -> "subprocess.Popen[bytes]":
        return start(
            self._arguments,
            log=self._home.folder / f"{self.name}.log",
            environment={**self._home.environment, **self._more},
            part=self.name,
            pass_fds=self._pass_fds,
        )

    def look_after(self) -> None:
        """Start it again if it has ended and its pause is over."""
        if not self._is_wanted or self.process.poll() is None:
            self._ended_at = 0.0
            return
        now = time.monotonic()
        if not self._ended_at:
            self._ended_at = now
            # An init system ends what a dead service left behind; a plain shell
            # lets it live on.
            if not self.lets_orphans_live:
                kill_all(self._leftovers())
        if now - self._ended_at >= START_AGAIN_AFTER:
            self.process = self._start()
            self.lets_orphans_live = False

    def _leftovers(self) -> list[int]:
        return marked(self._home.run, self.name)

    def stop_and_start(self) -> bool:
        """End it politely and start it again; say whether it ended by itself."""
        self._is_wanted = False
        was_polite = end(self.process, STOP_SECONDS)
        kill_all(self._leftovers())
        self.process = self._start()
        self._is_wanted = True
        return was_polite

    def stop(self) -> None:
        self._is_wanted = False
        with suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGTERM)


class Installation:
    """Everything that runs, and where it answers."""

    def __init__(self, folder: Path, *, database: str, workers: int) -> None:
        self.folder = folder
        self.run = secrets.token_hex(8)
        self.database = database
        self.web_port, self.sandbox_port = free_port(), free_port()
        self._worker_count = workers
        self.environment = self._base_environment()
        self.postgres: Postgres | None = None
        self.redis: Redis | None = None
        self.services: dict[str, Service] = {}
        self._is_ending = threading.Event()

    def _base_environment(self) -> dict[str, str]:
        # Nothing of the caller's settings may leak in, or it would be their database.
        kept = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV")
        return {
            **{name: os.environ[name] for name in kept if name in os.environ},
            **IMPATIENT,
            RUN_MARK: self.run,
            "DJANGO_SETTINGS_MODULE": "procurement.settings",
            "SECRET_KEY": secrets.token_urlsafe(48),
            "CREDENTIAL_KEYS": secrets.token_urlsafe(48),
            "DATABASE_URL": f"sqlite:///{self.folder / 'db.sqlite3'}",
            "REDIS_URL": "",
            "QUEUE_BROKER": "orm",
            "HTTPS_ONLY": "off",
            "ALLOW_INSECURE_LOOPBACK": "on",
            "API_CALLS_PER_MINUTE": "0",
            "PYTHONUNBUFFERED": "1",
            # Files by the million are no part of what is tried here.
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    @property
    def sandbox_url(self) -> str:
        return f"http://127.0.0.1:{self.sandbox_port}"

    @property
    def workers(self) -> list[Service]:
        return [each for name, each in self.services.items() if "worker" in name]

    def start(self) -> None:
        if self.database == "postgres":
            self.postgres = Postgres(self.folder, self.environment)
            self.redis = Redis(self.folder, self.environment)
            self.environment["DATABASE_URL"] = self.postgres.url
            self.environment["REDIS_URL"] = self.redis.url
        self.prepare_database()
        self._sandbox = start(
            # Orders stay in their first stage: following them is not tried here.
            python(
                "-c",
                "from vendors.sandbox import Sandbox;"
                f"Sandbox(port={self.sandbox_port}, step_seconds=36000)"
                ".serve_forever()",
            ),
            log=self.folder / "sandbox.log",
            environment=self.environment,
            part="sandbox",
        )
        self.serve_web()
        for number in range(1, self._worker_count + 1):
            self.serve(f"worker-{number}", "manage.py", "worker")
        for name, port in (("sandbox", self.sandbox_port), ("web", self.web_port)):
            wait_until(f"{name} answers", lambda port=port: answers(port), 60)
        threading.Thread(target=self._look_after, daemon=True).start()

    def prepare_database(self) -> None:
        """Make the tables, before anything else is connected."""
        self.manage("migrate", "--verbosity", "0")

    def serve_web(self) -> None:
        """Have what answers at `web_port` started."""
        web = ["-m", "gunicorn", "procurement.wsgi", "--workers", "2"]
        self.serve("web", *web, "--bind", f"127.0.0.1:{self.web_port}")

    def serve(
        self,
        name: str,
        *arguments: str,
        pass_fds: Sequence[int] = (),
        **environment: str,
    ) -> None:
        self.services[name] = Service(
            name, python(*arguments), self, pass_fds=pass_fds, environment=environment
        )

    def _look_after(self) -> None:
        while not self._is_ending.wait(0.2):
            if self._sandbox.poll() is not None:
                print("The sandbox ended; its books are gone.", file=sys.stderr)
                os._exit(3)
            for service in list(self.services.values()):
                service.look_after()

    def manage(self, *arguments: str) -> str:
        """Run a management command; return what it printed.

        Raises:
            Broken: it failed.
        """
        done = subprocess.run(
            python("manage.py", *arguments),
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise Broken(f"manage.py {arguments[0]} failed:\n{done.stderr.strip()}")
        return done.stdout.strip()

    def processes_of(self, service: Service) -> list[int]:
        return marked(self.run, service.name)

    def wake_all(self) -> None:
        """Let everything go on that was stopped."""
        for pid in marked(self.run):
            send(pid, signal.SIGCONT)

    def stop_workers(self) -> None:
        for service in self.workers:
            service.stop()

    def end(self) -> None:
        """End everything; nothing of the run is left."""
        self._is_ending.set()
        self.wake_all()
        for service in self.services.values():
            service.stop()
        with suppress(Broken, subprocess.TimeoutExpired):
            if self.postgres:
                self.postgres.stop("immediate")
        if self.redis:
            self.redis.stop()
        kill_all(marked(self.run))
        for service in self.services.values():
            service.process.wait()

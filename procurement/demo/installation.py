"""An installation of the demo's own: secrets, database, ports, processes."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
HOME = ROOT / "var" / "demo"
USERNAME = "demo"
FIRST_WEB_PORT, FIRST_SANDBOX_PORT = 8000, 8100
STEP_SECONDS = 4


class Broken(Exception):
    """The demo can't go on; the text says why."""


def free_port(first: int) -> int:
    """The first free port of 127.0.0.1 from a number on."""
    for port in range(first, first + 100):
        with closing(socket.socket()) as probe:
            # A port left by an ended run counts as free, as it does for a server.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port
    raise Broken(f"No port is free from {first} to {first + 99}.")


class Installation:
    """Settings and processes of one run. Secrets are made at the first start."""

    def __init__(self, home: Path = HOME) -> None:
        self.home = home
        home.mkdir(parents=True, exist_ok=True)
        self.web_port = free_port(FIRST_WEB_PORT)
        self.sandbox_port = free_port(FIRST_SANDBOX_PORT)
        self.secrets = _kept_secrets(home / "secrets.env")
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def web_url(self) -> str:
        return f"http://127.0.0.1:{self.web_port}"

    @property
    def sandbox_url(self) -> str:
        return f"http://127.0.0.1:{self.sandbox_port}"

    @property
    def password(self) -> str:
        return self.secrets["DEMO_PASSWORD"]

    def environment(self) -> dict[str, str]:
        """What the processes get: patience is short, since a person is waiting."""
        return {
            **os.environ,
            **self.secrets,
            "DJANGO_SETTINGS_MODULE": "procurement.settings",
            "DATABASE_URL": f"sqlite:///{self.home / 'db.sqlite3'}",
            "REDIS_URL": "",
            "QUEUE_BROKER": "orm",
            "DEBUG": "off",
            "HTTPS_ONLY": "off",
            "ALLOWED_HOSTS": "127.0.0.1,localhost",
            "ALLOW_INSECURE_LOOPBACK": "on",
            "WORKER_PROCESSES": "2",
            "PUBLIC_URL": self.web_url,
            "POLL_INTERVAL_SECONDS": "1",
            "CATALOGUE_INTERVAL_SECONDS": "1",
            "RETRY_WAITS": "1,2,5",
            "LOOK_UP_WAITS": "2,3,5",
            "SEND_LEASE_SECONDS": "8",
            "LOG_LEVEL": "INFO",
        }

    def manage(self, *arguments: str) -> str:
        """Run a management command; return what it printed.

        Raises:
            Broken: it failed.
        """
        done = subprocess.run(  # noqa: S603 - our own manage.py
            [sys.executable, str(ROOT / "manage.py"), *arguments],
            env=self.environment(),
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise Broken(f"manage.py {arguments[0]} failed:\n{done.stderr.strip()}")
        return done.stdout.strip()

    def keep_keys(self, keys: Mapping[str, str]) -> Path:
        """Write what a shell needs to call the API; returns the file.

        Args:
            keys: of the systems `web shop` and `approvals`, at least.
        """
        path = self.home / "keys.env"
        path.touch(mode=0o600)
        path.write_text(
            f"export API={self.web_url}/api/v1\n"
            f"export SHOP_KEY={keys['web shop']}\n"
            f"export APPROVER_KEY={keys['approvals']}\n"
        )
        return path

    def start(self, name: str, *arguments: str) -> None:
        """Start a long-running process; what it says goes to a log file."""
        log = (self.home / f"{name}.log").open("ab")
        self.processes[name] = subprocess.Popen(  # noqa: S603 - our own programs
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.environment(),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )

    @contextmanager
    def running(self) -> Iterator["Installation"]:
        """Everything started and answering; ended cleanly afterwards."""
        try:
            self.manage("migrate", "--verbosity", "0")
            self.start(
                "sandbox",
                "manage.py",
                "sandbox",
                "--port",
                str(self.sandbox_port),
                "--step-seconds",
                str(STEP_SECONDS),
            )
            self.start(
                "web",
                "-m",
                "gunicorn",
                "procurement.wsgi",
                "--bind",
                f"127.0.0.1:{self.web_port}",
                "--workers",
                "1",
                "--threads",
                "4",
            )
            self.start("worker", "manage.py", "worker")
            self._wait_until_it_answers("web", self.web_port)
            self._wait_until_it_answers("sandbox", self.sandbox_port)
            yield self
        finally:
            self._end()

    def _wait_until_it_answers(self, name: str, port: int) -> None:
        give_up_at = time.monotonic() + 60
        while time.monotonic() < give_up_at:
            if self.processes[name].poll() is not None:
                break
            with (
                suppress(OSError),
                closing(socket.create_connection(("127.0.0.1", port), timeout=1)),
            ):
                return
            time.sleep(0.1)
        raise Broken(f"The {name} process did not start; see {self.home / name}.log.")

    def _end(self) -> None:
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=30)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def _kept_secrets(path: Path) -> Mapping[str, str]:
    """Random secrets, made once and readable by their owner alone."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(
            f"SECRET_KEY={secrets.token_urlsafe(48)}\n"
            f"CREDENTIAL_KEYS={secrets.token_urlsafe(48)}\n"
            f"DEMO_PASSWORD={secrets.token_urlsafe(9)}\n"
        )
    lines = path.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)

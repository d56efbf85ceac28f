"""The installation that is restarted: as on one machine, and as on several."""

import json
import re
import secrets
import shutil
import socket
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.caretaker import Caretaker
from tests.chaos.installation import Installation, Service
from tests.chaos.processes import ROOT, free_port, marked, wait_until
from tests.chaos.rest import Client
from tests.chaos.theirs import Theirs

CADDY = shutil.which("caddy") or ""
WEBS = ("web-1", "web-2")
WORKERS = ("worker-1", "worker-2")
DRAIN_SECONDS = "2.5"
SHOWS_UP_SECONDS = 90
PROCESSES_OF_A_WORKER = 12
"""With one process for each of its three clusters: itself, and main process, guard,
task, monitor and pusher of most of them by then."""


@dataclass(frozen=True)
class Restart:
    """What was restarted, whether it ended by itself, and how long both took."""

    name: str
    ended_by_itself: bool
    stop_seconds: float
    start_seconds: float


class Home(Installation):
    """Two web servers, two workers, and what stands in front.

    Args:
        front: `socket`, which both web servers are handed, as systemd does it; or
            `proxy`, the one of deploy/, before two servers with ports of their own.
    """

    def __init__(self, folder: Path, *, front: str) -> None:
        super().__init__(folder, database="postgres", workers=len(WORKERS))
        self._front = front
        self._ports: dict[str, int] = {}
        self.username, self.password = "rolling", secrets.token_hex(12)
        self.environment |= {
            "WEB_WORKERS": "1",
            "WEB_THREADS": "12",
            "WORKER_PROCESSES": "1",
            "CARRIER_PROCESSES": "1",
            "POLL_INTERVAL_SECONDS": "600",
        }

    # --- web ----------------------------------------------------------------------

    def serve_web(self) -> None:
        if self._front == "socket":
            self._serve_behind_socket()
        else:
            self._serve_behind_proxy()

    def _serve_behind_socket(self) -> None:
        # Kept open here and handed to each server anew, as systemd does.
        self._held = socket.create_server(("127.0.0.1", self.web_port), backlog=4096)
        given = self._held.fileno()
        served = (sys.executable, "-m", "gunicorn", "procurement.wsgi")
        for name in WEBS:
            module = ("-m", "tests.rolling.activated", str(given))
            self.serve(name, *module, *served, pass_fds=[given])

    def _serve_behind_proxy(self) -> None:
        for name in WEBS:
            self._ports[name] = free_port()
            self.serve(
                *(name, "-m", "gunicorn", "procurement.wsgi"),
                WEB_BIND=f"127.0.0.1:{self._ports[name]}",
                WEB_DRAIN_SECONDS=DRAIN_SECONDS,
                BEHIND_PROXY="on",
            )
        upstreams = [f"127.0.0.1:{port}" for port in self._ports.values()]
        configured = ["--config", str(ROOT / "deploy/Caddyfile")]
        self.services["proxy"] = Service(
            "proxy",
            [CADDY, "run", *configured, "--adapter", "caddyfile"],
            self,
            environment={
                "PROXY_SITE": f"http://127.0.0.1:{self.web_port}",
                "PROXY_UPSTREAMS": " ".join(upstreams),
                "PROXY_ADMIN": f"unix/{self.folder / 'caddy.sock'}",
                "HOME": str(self.folder),
            },
        )

    def _serves(self, name: str) -> bool:
        booted = rf"Listening at: .*\({self.services[name].process.pid}\)"
        told = (self.folder / f"{name}.log").read_text(errors="replace")
        if not re.search(booted, told):
            return False
        port = self._ports.get(name)
        return port is None or is_ready(port)

    # --- people and suppliers -----------------------------------------------------

    def connect(self) -> Mapping[str, str]:
        """Make people, keys and suppliers; return the keys by system."""
        people = ("--username", self.username, "--password", self.password)
        printed = self.manage("prepare_demo", *people).splitlines()[-1]
        keys: dict[str, str] = json.loads(printed)
        self.theirs = Theirs(self.sandbox_url)
        wait_until("it is ready", lambda: is_ready(self.web_port), SHOWS_UP_SECONDS)
        Caretaker(Client(self.web_port, keys["set-up"])).connect(
            self.theirs.addresses()
        )
        return keys

    # --- restarting ---------------------------------------------------------------

    def restart(self, name: str) -> Restart:
        """End a part as an init system does, and wait until it is back at work."""
        if name in WEBS:
            return self._restart(name, lambda: self._serves(name))
        return self._restart(
            name, lambda: len(marked(self.run, name)) >= PROCESSES_OF_A_WORKER
        )

    def _restart(self, name: str, is_back: Callable[[], bool]) -> Restart:
        began = time.monotonic()
        ended_by_itself = self.services[name].stop_and_start()
        stopped = time.monotonic()
        wait_until(f"{name} is back", is_back, SHOWS_UP_SECONDS)
        ready = time.monotonic()
        return Restart(name, ended_by_itself, stopped - began, ready - stopped)

    def end(self) -> None:
        super().end()
        if self._front == "socket":
            with suppress(AttributeError):
                self._held.close()


def is_ready(port: int) -> bool:
    with (
        suppress(OSError),
        urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=10),
    ):
        return True
    return False

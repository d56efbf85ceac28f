"""The installation that is soaked, and beside it the floor it is measured against."""

import json
import secrets
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import psycopg

from tests.bench.servers import Web
from tests.chaos.caretaker import Caretaker
from tests.chaos.installation import Installation
from tests.chaos.processes import ROOT, Broken
from tests.chaos.rest import Client
from tests.chaos.theirs import Theirs

FLOOR_SETTINGS = "tests.bench.floor.settings"
FLOOR = "floor"


class Home(Installation):
    """PostgreSQL, Redis, the vendors' sandbox, web and worker, and the bare floor.

    The floor has a database of its own in the same cluster, made of the same tables.
    """

    floor: Web | None = None

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, database="postgres", workers=1)
        # What is measured here is what the server can do, not what a key is allowed.
        self.environment["API_CALLS_PER_MINUTE"] = "0"

    def prepare_database(self) -> None:
        super().prepare_database()
        assert self.postgres
        elsewhere = self._url("template1")
        with psycopg.connect(elsewhere, autocommit=True) as control:
            control.execute(f'CREATE DATABASE "{FLOOR}" TEMPLATE "postgres"')

    def _url(self, name: str) -> str:
        assert self.postgres
        return f"{self.postgres.url.rpartition('/')[0]}/{name}"

    def connect(self) -> Mapping[str, str]:
        """Make people, keys and suppliers; return the keys by system."""
        people = ("--username", "soak", "--password", secrets.token_hex(12))
        printed = self.manage("prepare_demo", *people).splitlines()[-1]
        keys: dict[str, str] = json.loads(printed)
        self.theirs = Theirs(self.sandbox_url)
        caretaker = Caretaker(Client(self.web_port, keys["set-up"]))
        caretaker.connect(self.theirs.addresses())
        return keys

    def start_floor(self) -> None:
        """Fill the floor's database with what orders belong to, and serve it.

        Raises:
            Broken: it could not be filled.
        """
        over_floor = {**self.environment, "DATABASE_URL": self._url(FLOOR)}
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.base"],
            cwd=ROOT,
            env={**over_floor, "VENDOR_URL": self.sandbox_url},
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise Broken(f"The floor could not be filled:\n{done.stderr.strip()}")
        environment = {**over_floor, "DJANGO_SETTINGS_MODULE": FLOOR_SETTINGS}
        log = self.folder / "floor.log"
        self.floor = Web("tests.bench.floor.wsgi", environment, log)
        self.floor.first_answer("/admin/login/", {})

    def end(self) -> None:
        with suppress(ProcessLookupError):
            if self.floor:
                self.floor.stop()
        super().end()

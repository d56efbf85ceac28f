"""One run's databases and servers, and how to reach them."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from tests.bench.data import load_postgres, load_sqlite
from tests.bench.servers import ROOT, copy_database, database_url

BASE = "base"
FLOOR_SETTINGS = "tests.bench.floor.settings"
SETTINGS = "procurement.settings"


@dataclass
class Installation:
    """`facts` are what `base` printed: keys, a session, suppliers."""

    folder: Path
    postgres_port: int
    redis_url: str
    vendor_url: str
    facts: dict[str, Any]
    facts_sqlite: dict[str, Any]

    def environment(self, database: str, settings: str = SETTINGS) -> dict[str, str]:
        """The environment of a process over a database, given by its address."""
        kept = {
            name: text
            for name, text in os.environ.items()
            if name in ("PATH", "HOME", "LANG", "VIRTUAL_ENV", "TMPDIR")
        }
        return kept | {
            "DJANGO_SETTINGS_MODULE": settings,
            "DATABASE_URL": database,
            "REDIS_URL": self.redis_url,
            "REDIS_PREFIX": "bench",
            "SECRET_KEY": "only-for-measuring-" + "x" * 40,
            "CREDENTIAL_KEYS": "only-for-measuring-" + "k" * 40,
            "ALLOW_INSECURE_LOOPBACK": "on",
            "HTTPS_ONLY": "off",
            "ALLOWED_HOSTS": "127.0.0.1,testserver",
            "LOG_LEVEL": "WARNING",
            "VENDOR_URL": self.vendor_url,
        }

    def url(self, name: str) -> str:
        return database_url(self.postgres_port, name)

    @property
    def sqlite_base(self) -> Path:
        return self.folder / "base.sqlite3"

    def prepare(self) -> None:
        """Make the two databases all others are copies of, without orders."""
        copy_database(self.postgres_port, "template1", BASE)
        self.facts = self._fill(self.url(BASE))
        self.facts_sqlite = self._fill(f"sqlite:///{self.sqlite_base}")

    def _fill(self, database: str) -> dict[str, Any]:
        self.run(database, "manage.py", "migrate", "-v", "0")
        return self.run_json(database, "-m", "tests.bench.base")

    def load(self, orders: int) -> tuple[str, float]:
        """A PostgreSQL database of so many orders, and the seconds it took."""
        name = f"orders_{orders}"
        copy_database(self.postgres_port, BASE, name)
        return self.url(name), load_postgres(self.url(name), orders)

    def load_named(self, name: str, orders: int) -> str:
        database = self.empty_copy(name)
        load_postgres(database, orders)
        return database

    def empty_copy(self, name: str) -> str:
        copy_database(self.postgres_port, BASE, name)
        return self.url(name)

    def exists(self, name: str) -> bool:
        with psycopg.connect(self.url("postgres")) as connection:
            found = connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", [name]
            )
            return found.fetchone() is not None

    def load_sqlite(self, orders: int) -> tuple[str, float]:
        path = self.folder / f"orders_{orders}.sqlite3"
        path.write_bytes(self.sqlite_base.read_bytes())
        return f"sqlite:///{path}", load_sqlite(path, orders)

    def run(
        self, database: str, *arguments: str, settings: str = SETTINGS, **extra: str
    ) -> str:
        """Run Python over a database; return what it printed.

        Raises:
            RuntimeError: it failed; the text has what it said.
        """
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.environment(database, settings) | extra,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(arguments)}: {done.stderr[-3000:]}")
        return done.stdout

    def run_json(self, database: str, *arguments: str, **extra: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.run(database, *arguments, **extra))
        return found

"""A database of an earlier release, with work under way, is migrated and goes on."""

import gzip
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.run import POSTGRES
from tests.upgrading.make_previous import PREVIOUS, RELEASES, ROOT, SECRETS

pytestmark = pytest.mark.slow

STATES = {
    "draft": ["draft", "draft", "none"],
    "changed": ["draft", "draft", "none"],
    "pending": ["pending_approval", "pending", "none"],
    "returned": ["draft", "returned", "none"],
    "rejected": ["rejected", "rejected", "none"],
    "approved": ["approved", "approved", "none"],
    "cancelled": ["cancelled", "draft", "none"],
    "queued": ["sending", "approved", "queued"],
    "sending": ["sending", "approved", "sending"],
    "unknown": ["needs_attention", "approved", "unknown"],
    "refused": ["needs_attention", "approved", "refused"],
    "failed": ["needs_attention", "approved", "failed"],
    "sent": ["sent", "approved", "sent"],
    "confirmed": ["confirmed", "approved", "sent"],
    "partially_shipped": ["partially_shipped", "approved", "sent"],
    "shipped": ["shipped", "approved", "sent"],
    "delivered": ["delivered", "approved", "sent"],
}
TOTALS = {"draft": "249.31"}
"""6 x 41.50 + 2.5 x 0.125, each line rounded; 249.00 for all others."""
ON_THEIR_WAY = [name for name, each in STATES.items() if each[2] != "none"]


# --- databases --------------------------------------------------------------------


@contextmanager
def loaded(release: str, vendor: str, folder: Path) -> Iterator[str]:
    """A database as the release left it; gives its address."""
    script = gzip.decompress((PREVIOUS / f"{release}.{vendor}.sql.gz").read_bytes())
    if vendor == "sqlite":
        file = folder / "previous.sqlite3"
        with closing(sqlite3.connect(file)) as database:
            database.executescript(script.decode())
        yield f"sqlite:///{file}"
        return
    server, name = POSTGRES.rpartition("/")[0], f"upgrading_{os.getpid()}"
    with psycopg.connect(POSTGRES, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name}")
        connection.execute(f"CREATE DATABASE {name}")
        try:
            with psycopg.connect(f"{server}/{name}") as database:
                database.execute(script)
            yield f"{server}/{name}"
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def run(url: str, *command: str, **more: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={
            **os.environ,
            **SECRETS,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "PYTHONPATH": str(ROOT),
            "DATABASE_URL": url,
            **more,
        },
        capture_output=True,
        text=True,
        timeout=300,
    )


def seen_by_present_code(url: str) -> dict[str, Any]:
    done = run(url, "tests/upgrading/look.py")
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


Rows = dict[str, list[Any]]


def ask(url: str, sql: str) -> list[Any]:
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database:
            return database.execute(sql).fetchall()
    with psycopg.connect(url) as database:
        return list(database.execute(sql).fetchall())


def columns(url: str) -> dict[tuple[str, str], str]:
    """Table and column to what may be left out of an INSERT: `free` or `needed`."""
    found = {}
    if url.startswith("sqlite"):
        tables = ask(url, "SELECT name FROM sqlite_master WHERE type = 'table'")
        for (table,) in tables:
            for row in ask(url, f"PRAGMA table_xinfo('{table}')"):
                _, name, _, is_needed, default, key, hidden = row
                is_free = not is_needed or default is not None or key or hidden
                found[table, name] = "free" if is_free else "needed"
        return found
    rows = ask(
        url,
        "SELECT table_name, column_name, is_nullable = 'YES' OR column_default IS NOT "
        "NULL OR is_identity = 'YES' OR is_generated = 'ALWAYS' FROM "
        "information_schema.columns WHERE table_schema = 'public'",
    )
    return {(table, name): "free" if free else "needed" for table, name, free in rows}


def books(url: str) -> Rows:
    """What an upgrade must not touch, as the database says it."""
    return {
        "orders": ask(
            url,
            "SELECT number, external_reference, total, currency, approval, "
            "approved_hash, transmission, fulfilment, version, supplier_order_number "
            "FROM orders_purchaseorder ORDER BY id",
        ),
        "lines": ask(
            url,
            "SELECT order_id, position, item_number, quantity, unit_price FROM "
            "orders_orderline ORDER BY id",
        ),
        "events": ask(
            url,
            "SELECT id, order_id, kind, actor_name, status FROM orders_orderevent "
            "ORDER BY id",
        ),
        "decisions": ask(
            url,
            "SELECT order_id, decision, content_hash, comment FROM "
            "approvals_approvaldecision ORDER BY id",
        ),
        "sent": ask(
            url,
            "SELECT subject, operation, reference, content_hash, number FROM "
            "transmissions_transmission ORDER BY id",
        ),
        "exchanges": ask(
            url, "SELECT subject, method, request_body FROM suppliers_exchange"
        ),
    }


# --- what holds -------------------------------------------------------------------


@pytest.fixture(params=["sqlite", "postgresql"])
def vendor(request: pytest.FixtureRequest) -> str:
    if request.param == "postgresql":
        try:
            psycopg.connect(POSTGRES, connect_timeout=3).close()
        except psycopg.Error:
            pytest.skip("PostgreSQL is not there")
    return str(request.param)


NEWEST = list(RELEASES)[-1]
MIGRATED = [
    *((release, "sqlite") for release in RELEASES),
    # Steps before it are run there whenever a test database is made, on empty tables.
    (NEWEST, "postgresql"),
]


@pytest.mark.parametrize(("release", "vendor"), MIGRATED, indirect=["vendor"])
def test_database_of_an_earlier_release_is_migrated_and_goes_on(
    release: str, vendor: str, tmp_path: Path
) -> None:
    with loaded(release, vendor, tmp_path) as url:
        before, columns_before = books(url), columns(url)
        assert len(before["orders"]) == len(STATES)

        found = seen_by_present_code(url)

        after = books(url)
        # Whoever claimed it had died; that is noted, as it is without an upgrade.
        for name in ("lines", "decisions", "sent", "exchanges"):
            assert after[name] == before[name], name
        assert after["events"][: len(before["events"])] == before["events"]
        columns_after = columns(url)

    assert found["orders"] == {
        name: [*states, f"{TOTALS.get(name, '249.00')}0"]
        for name, states in STATES.items()
    }
    approved = [name for name, states in STATES.items() if states[1] == "approved"]
    assert found["approvals_stand"] == approved
    assert found["events"]["changed"] == ["created", "changed"]
    assert found["events"]["sent"][:4] == [
        *("created", "submitted", "approved", "sending_asked")
    ]
    assert found["credentials"] == {
        "username": "buyer",
        "password": "a-password-for-tests",
    }
    # What was due is taken once; what may have landed is never queued again.
    assert found["claimed"] == ["queued"]
    assert found["transmissions"] == {
        name: {"queued": "sending", "sending": "unknown"}.get(name, STATES[name][2])
        for name in ON_THEIR_WAY
    }
    assert set(found["pages"].values()) == {200}
    assert found["rest"]["http"] == 200
    assert found["rest"]["total"] == "249.31"
    assert [each["quantity"] for each in found["rest"]["lines"]] == ["6", "2.5"]

    if release == NEWEST:
        old_code_still_writes(columns_before, columns_after)


def old_code_still_writes(
    before: dict[tuple[str, str], str], after: dict[tuple[str, str], str]
) -> None:
    """While machines are replaced one by one, those of before read and write on."""
    tables = {table for table, _ in before}
    assert before.keys() <= after.keys(), before.keys() - after.keys()
    added = {
        key: kind
        for key, kind in after.items()
        if key not in before and key[0] in tables
    }
    needed = [key for key, kind in added.items() if kind == "needed"]
    assert needed == [], "columns old code does not fill"
    narrowed = [
        key for key, kind in before.items() if kind == "free" and after[key] == "needed"
    ]
    assert narrowed == []


def test_migration_gives_up_on_a_table_in_use_and_may_be_run_again(
    tmp_path: Path, vendor: str
) -> None:
    if vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    quick = {"MIGRATION_LOCK_SECONDS": "1"}
    with loaded("connected", vendor, tmp_path) as url:
        with psycopg.connect(url) as somebody:
            somebody.execute("SELECT count(*) FROM customers_customer")

            done = run(url, "manage.py", "migrate", "customers", "-v", "0", **quick)

            assert done.returncode == 1
            assert "A table was in use for more than 1 s, 5 times" in done.stderr
            # Who comes after it was let through meanwhile.
            assert ask(url, "SELECT count(*) FROM customers_customer") == [(1,)]
        done = run(url, "manage.py", "migrate", "customers", "-v", "0", **quick)
        assert done.returncode == 0, done.stderr[-2000:]

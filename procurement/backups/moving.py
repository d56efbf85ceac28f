"""Moving everything from SQLite to PostgreSQL, once, while nobody works.

SQLite's write lock is held for the whole time: whoever tries to write waits and is
refused. The source is read and never changed; the target is filled in one transaction.
"""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import environ
from django.conf import settings
from django.db.migrations.loader import MigrationLoader

from procurement.backups import filling, shape
from procurement.backups.books import (
    POSTGRESQL,
    SQLITE,
    PostgresBooks,
    Settings,
    SqliteBooks,
    connect,
    kind_of,
    open_sqlite,
)
from procurement.backups.digest import differences, digest_of, sums_of
from procurement.backups.restoring import make_room, require_no_workers
from procurement.errors import OperationNotAllowed


@dataclass(frozen=True)
class Moved:
    tables: int
    rows: int
    digest: str


def move(
    *, source_url: str, target_url: str, starts_over: bool, say: Callable[[str], None]
) -> Moved:
    """Copy a SQLite database into an empty PostgreSQL one and compare them.

    Args:
        source_url: empty for the database of the settings.
        starts_over: what an earlier move left unfinished in the target may go.

    Raises:
        OperationNotAllowed: one of them won't do, or is in use.
        CannotBeFilled: PostgreSQL does not take a row; the target has empty tables.
    """
    source = _settings(source_url) if source_url else settings.DATABASES["default"]
    target = _settings(target_url)
    _require_kinds(source, target)
    with _locked(Path(source["NAME"])) as own:
        books = SqliteBooks(own)
        tables = _tables(own)
        raw = connect(target)
        try:
            make_room(raw, str(target["NAME"]), replaces="", starts_over=starts_over)
            filling.mark_unfinished(raw)
            say("Making the tables ...")
            _migrate(target_url)
            rows = sum(_count(own, table.name) for table in tables)
            progress = filling.Progress(say, rows)
            last_keys = books.last_keys(tables)
            with raw.transaction():
                filler = filling.PostgresFiller(raw)
                sums = filling.fill_all(
                    filler, tables, books.lines, last_keys, progress
                )
                say("Comparing ...")
                found = sums_of(PostgresBooks(raw), tables)
                if wrong := differences(sums, found):
                    raise OperationNotAllowed(
                        f"The copy is not the same: {'; '.join(wrong)}."
                    )
                filling.mark_finished(raw)
        finally:
            raw.close()
    return Moved(len(tables), sum(s.rows for s in sums.values()), digest_of(sums))


def _settings(url: str) -> Settings:
    try:
        found: Settings = environ.Env.db_url_config(url)
    except ValueError:
        found = {}
    if not found.get("ENGINE"):
        raise OperationNotAllowed(
            "An address of a database looks like postgres://USER:PASSWORD@HOST/NAME or "
            "sqlite:////absolute/path."
        )
    return found


def _require_kinds(source: Settings, target: Settings) -> None:
    if kind_of(source) != SQLITE or kind_of(target) != POSTGRESQL:
        raise OperationNotAllowed(
            "Moving goes from SQLite to PostgreSQL. Any other way goes through a "
            "backup: `backup` there, `restore` here."
        )
    if not Path(source["NAME"]).is_file():
        raise OperationNotAllowed(f"There is no database {source['NAME']}.")


@contextmanager
def _locked(path: Path) -> Iterator[sqlite3.Connection]:
    """Hold off everybody who writes, and go once no worker is alive."""
    own = open_sqlite(path)
    try:
        try:
            own.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise OperationNotAllowed(
                f"{path} is being written ({error}). Stop all workers and web servers."
            ) from None
        require_no_workers(_last_sign(own), str(path))
        yield own
    finally:
        own.rollback()
        own.close()


def _last_sign(own: sqlite3.Connection) -> datetime | None:
    try:
        (last,) = own.execute("SELECT MAX(at) FROM coordination_heartbeat").fetchone()
    except sqlite3.OperationalError:
        raise OperationNotAllowed(
            "The database it should be moved from has no tables of ours."
        ) from None
    return datetime.fromisoformat(last).replace(tzinfo=UTC) if last else None


def _tables(own: sqlite3.Connection) -> list[shape.Table]:
    """
    Raises:
        OperationNotAllowed: it is not migrated to this version, no more and no less.
    """
    loader = MigrationLoader(None)
    rows = own.execute("SELECT app, name FROM django_migrations").fetchall()
    had = {(app, name) for app, name in rows}
    if missing := sorted(set(loader.graph.nodes) - had):
        raise OperationNotAllowed(
            f"The database is not migrated ({missing[0][0]}.{missing[0][1]} is "
            "missing). Run `manage.py migrate` first."
        )
    if ahead := shape.unknown_names(loader, [f"{app}.{name}" for app, name in had]):
        raise OperationNotAllowed(
            f"The database is newer than this program: it has {', '.join(ahead)}."
        )
    return shape.tables_at(loader, [f"{app}.{name}" for app, name in had])


def _count(own: sqlite3.Connection, table: str) -> int:
    (count,) = own.execute(
        f'SELECT COUNT(*) FROM "{table}"'  # noqa: S608
    ).fetchone()
    return int(count)


def _migrate(url: str) -> None:
    """In a process of its own: this one is bound to the database of the settings."""
    done: Any = subprocess.run(  # noqa: S603 - our own manage.py
        [
            sys.executable,
            str(settings.BASE_DIR / "manage.py"),
            "migrate",
            "--verbosity=0",
            "--no-input",
        ],
        env={**os.environ, "DATABASE_URL": url},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["no reason was given"]
        raise OperationNotAllowed(f"The tables could not be made: {last[0]}")

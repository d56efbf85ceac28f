"""Making a database out of a backup.

The rows and what holds them back come in one transaction, so that no worker ever sees
the one without the other. SQLite is filled in a file of its own, which takes its place
once it is whole.
"""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from procurement.backups import filling, holding, keys, shape
from procurement.backups.archive import Archive, Manifest, open_backup, verify
from procurement.backups.books import (
    SQLITE,
    PostgresBooks,
    SqliteBooks,
    kind_of,
    open_sqlite,
)
from procurement.backups.digest import Sum, differences, sums_of
from procurement.errors import OperationNotAllowed

Say = Callable[[str], None]
LEAVING_SECONDS = 2.0
"""A connection that was closed is there for another moment."""


@dataclass(frozen=True)
class Restored:
    manifest: Manifest
    held: holding.Held
    put_aside: Path | None
    """What the database was before, where SQLite's file was replaced."""


def restore(
    path: Path,
    *,
    replaces: str,
    numbers_from: int | None,
    without_keys: bool,
    starts_over: bool,
    say: Say,
) -> Restored:
    """Fill the database of the settings with a backup, and hold back what it sends.

    Args:
        replaces: the name of the database whose content may go; empty for none.
        numbers_from: the highest order number that was ever given, without its year.
        without_keys: go on although secrets can't be opened.
        starts_over: what an earlier restore left unfinished may go.

    Raises:
        OperationNotAllowed: the file, the program or the database won't do; nothing
            was changed.
        CannotBeFilled: a row won't go in; nothing was changed but empty tables.
    """
    say(f"Reading {path} ...")
    manifest = verify(path)
    _require_known(manifest)
    if not without_keys:
        _require_keys(manifest)
    last_keys = _keys_ahead(manifest, numbers_from)
    if kind_of(settings.DATABASES["default"]) == SQLITE:
        return _into_sqlite(path, last_keys, replaces, say)
    return _into_postgresql(path, last_keys, replaces, starts_over, say)


def _require_known(manifest: Manifest) -> None:
    unknown = shape.unknown_names(MigrationLoader(None), manifest.migrations)
    if unknown:
        raise OperationNotAllowed(
            f"The backup is of version {manifest.version}, which is newer than this "
            f"program: it has {', '.join(unknown)}. Restore it with that version."
        )


def _require_keys(manifest: Manifest) -> None:
    missing = sorted(manifest.keys.keys() - set(keys.fingerprints()))
    if missing:
        raise OperationNotAllowed(
            f"Secrets in the backup need credential keys that are not in "
            f"CREDENTIAL_KEYS: {', '.join(missing)} (fingerprints). Put them in, or "
            "restore with --without-keys and enter the credentials anew."
        )


def _keys_ahead(manifest: Manifest, numbers_from: int | None) -> Mapping[str, int]:
    ahead = {
        name: last + holding.KEYS_AHEAD for name, last in manifest.last_keys.items()
    }
    last = manifest.last_keys.get(holding.ORDER_NUMBERS, 0)
    ahead[holding.ORDER_NUMBERS] = (
        last + holding.ORDERS_AHEAD if numbers_from is None else max(last, numbers_from)
    )
    return ahead


def _fill(
    filler: filling.Filler, backup: Archive, ahead: Mapping[str, int], say: Say
) -> None:
    """Put everything in; the caller compares."""
    manifest = backup.manifest
    progress = filling.Progress(say, manifest.rows)
    filling.fill_all(filler, manifest.tables, backup.lines, ahead, progress)


def _require_equal(manifest: Manifest, found: Mapping[str, Sum]) -> None:
    if wrong := differences(manifest.sums, found):
        raise OperationNotAllowed(
            "What was restored is not what the backup holds; nothing was kept: "
            f"{'; '.join(wrong)}."
        )


def _migrate_as_it_was(manifest: Manifest) -> None:
    """Make the tables as they were in the database the backup is of."""
    executor = MigrationExecutor(connection)
    executor.migrate(shape.leaves(executor.loader, manifest.migrations))


def _migrate_on() -> None:
    call_command("migrate", verbosity=0, interactive=False)


def require_no_workers(last_sign: Any, what: str) -> None:
    """
    Raises:
        OperationNotAllowed: a worker gave a sign of life a moment ago.
    """
    limit = timedelta(seconds=settings.HEARTBEAT_LIMIT_SECONDS)
    if last_sign is not None and last_sign > timezone.now() - limit:
        raise OperationNotAllowed(
            f"A worker of {what} gave a sign of life at {last_sign:%H:%M:%S}. Stop all "
            f"workers and web servers; if they are stopped, wait {limit.seconds} s."
        )


# --- SQLite -------------------------------------------------------------------------


def _into_sqlite(
    path: Path, ahead: Mapping[str, int], replaces: str, say: Say
) -> Restored:
    target = Path(settings.DATABASES["default"]["NAME"])
    occupied = _require_replaceable_file(target, replaces)
    filled = target.with_name(target.name + ".restoring")
    _remove_sqlite(filled)
    try:
        with _instead_of_the_default(filled), open_backup(path) as backup:
            _migrate_as_it_was(backup.manifest)
            connection.close()
            own = open_sqlite(filled)
            _fill(filling.SqliteFiller(own), backup, ahead, say)
            say("Comparing ...")
            _require_equal(
                backup.manifest, sums_of(SqliteBooks(own), backup.manifest.tables)
            )
            own.close()
            _migrate_on()
            held = holding.hold_everything(taken_at=backup.manifest.taken_at)
            # All of it has to be in the one file that is renamed.
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        _sync(filled)
        put_aside = _put_aside(target) if occupied else None
        _remove_sqlite(target)
        filled.replace(target)
        _sync(target.parent)
    finally:
        _remove_sqlite(filled)
    return Restored(backup.manifest, held, put_aside)


@contextmanager
def _instead_of_the_default(path: Path) -> Iterator[None]:
    """Let this process alone work on another file."""
    named = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = path
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = named


def _require_replaceable_file(target: Path, replaces: str) -> bool:
    """Whether there is a database, which may go.

    Raises:
        OperationNotAllowed: there is one that may not, or that is in use.
    """
    if not target.exists() or not target.stat().st_size:
        return False
    own = open_sqlite(target)
    try:
        found = own.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' "
            "AND name NOT LIKE 'sqlite_%' ORDER BY name"
        ).fetchall()
        if not found:
            return False
        _require_named(target.name, [name for (name,) in found], replaces)
        # This is refused while anybody else has the file open.
        try:
            own.execute("PRAGMA busy_timeout=1000")
            mode = own.execute("PRAGMA journal_mode=DELETE").fetchone()
        except Exception as error:
            raise OperationNotAllowed(
                f"{target} is in use ({error}). Stop all workers and web servers."
            ) from None
        if mode != ("delete",):
            raise OperationNotAllowed(
                f"{target} is in use. Stop all workers and web servers."
            )
    finally:
        own.close()
    return True


def _require_named(name: str, tables: list[str], replaces: str) -> None:
    if replaces == name:
        return
    shown = ", ".join(tables[:5]) + (" ..." if len(tables) > 5 else "")
    raise OperationNotAllowed(
        f"The database {name} is not empty: it has {len(tables)} tables ({shown}). "
        "Name an empty one in DATABASE_URL; or, if everything in this one may go, "
        f"say --replace {name}"
    )


def _put_aside(target: Path) -> Path:
    aside = target.with_name(
        f"{target.name}.before-restore-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    )
    target.rename(aside)
    return aside


def _remove_sqlite(path: Path) -> None:
    for end in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + end).unlink(missing_ok=True)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# --- PostgreSQL ---------------------------------------------------------------------


def _into_postgresql(
    path: Path, ahead: Mapping[str, int], replaces: str, starts_over: bool, say: Say
) -> Restored:
    connection.ensure_connection()
    raw: Any = connection.connection
    name = str(connection.settings_dict["NAME"])
    make_room(raw, name, replaces=replaces, starts_over=starts_over)
    filling.mark_unfinished(raw)
    with open_backup(path) as backup:
        manifest = backup.manifest
        _migrate_as_it_was(manifest)
        is_older = bool(MigrationExecutor(connection).migration_plan(_newest()))
        with transaction.atomic():
            _fill(filling.PostgresFiller(raw), backup, ahead, say)
            say("Comparing ...")
            _require_equal(manifest, sums_of(PostgresBooks(raw), manifest.tables))
            if is_older:
                # Holding goes by the tables of today; until they are made, nobody
                # may send by those of then.
                with connection.cursor() as cursor:
                    cursor.execute("UPDATE suppliers_supplier SET is_paused = true")
            else:
                held = _hold(raw, manifest)
    if is_older:
        say("Migrating to this version ...")
        _migrate_on()
        with transaction.atomic():
            with connection.cursor() as cursor:
                was_paused = "paused_at IS NOT NULL"
                cursor.execute(
                    f"UPDATE suppliers_supplier SET is_paused = {was_paused}"  # noqa: S608
                )
            held = _hold(raw, manifest)
    else:
        _migrate_on()
    return Restored(manifest, held, None)


def _newest() -> list[tuple[str, str]]:
    return list(MigrationExecutor(connection).loader.graph.leaf_nodes())


def _hold(raw: Any, manifest: Manifest) -> holding.Held:
    held = holding.hold_everything(taken_at=manifest.taken_at)
    filling.mark_finished(raw)
    return held


def make_room(raw: Any, name: str, *, replaces: str, starts_over: bool) -> None:
    """See to it that a PostgreSQL database has no tables.

    Raises:
        OperationNotAllowed: it has some that may not go, or is in use.
    """
    tables = filling.postgres_tables(raw)
    if tables and filling.UNFINISHED in tables:
        if not starts_over and replaces != name:
            raise OperationNotAllowed(
                f"The database {name} is half filled: an earlier restore or move was "
                "broken off. Say --start-over to begin anew."
            )
    elif tables:
        _require_named(name, tables, replaces)
    others = _others(raw)
    give_up_at = time.monotonic() + LEAVING_SECONDS
    while others and time.monotonic() < give_up_at:
        time.sleep(0.1)
        others = _others(raw)
    if others:
        raise OperationNotAllowed(
            f"{others} other connections to the database {name} are open. Stop all "
            "workers and web servers, and whatever else is connected."
        )
    if tables:
        filling.drop_everything(raw)


def _others(raw: Any) -> int:
    """How many other connections to the database are open."""
    with raw.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        (others,) = cursor.fetchone()
    return int(others)

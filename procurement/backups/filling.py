"""Filling a migrated database that has nothing in it yet with the rows of another.

Indexes, foreign keys and triggers are taken away first and put back over the whole:
that is quicker, needs no order among the tables, and checks every row all the same.
"""

import re
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import psycopg

from procurement.backups.books import names, quoted
from procurement.backups.canonical import read_rows, unescape
from procurement.backups.digest import Sum, Summing
from procurement.backups.shape import LEFT_OUT, Table
from procurement.errors import OperationNotAllowed

KEPT = ("django_migrations", "cache")
"""Tables left as `migrate` made them."""
UNFINISHED = "restore_unfinished"
"""A table that is there while a database is being filled, and not once it is."""
Lines = Callable[[Table], Iterator[bytes]]
_IN_COPY = re.compile(r"COPY (\w+), line (\d+)(?:, column (\w+))?")
SAID_EVERY_SECONDS = 5.0


class CannotBeFilled(OperationNotAllowed):
    """The other database has something this one can't hold; the text says what."""


class Filler(Protocol):
    """One database being filled. Everything is undone unless its owner commits."""

    def empty(self, tables: Sequence[Table]) -> None: ...

    def fill(self, table: Table, chunks: Iterable[bytes]) -> None: ...

    def finish(self, tables: Sequence[Table], last_keys: Mapping[str, int]) -> None: ...


@dataclass
class Progress:
    """Says now and then how far it is.

    Args:
        say: takes one line of text.
    """

    say: Callable[[str], None]
    total: int

    def __post_init__(self) -> None:
        self._began = self._said = time.monotonic()
        self._done = 0

    def add(self, rows: int, of: str) -> None:
        self._done += rows
        now = time.monotonic()
        if now - self._said >= SAID_EVERY_SECONDS:
            self._said = now
            rate = self._done / (now - self._began)
            percent = self._done * 100 // max(self.total, 1)
            self.say(f"{percent:3} %  {self._done:,} rows, {rate:,.0f} a second ({of})")


def fill_all(
    filler: Filler,
    tables: Sequence[Table],
    lines: Lines,
    last_keys: Mapping[str, int],
    progress: Progress,
) -> dict[str, Sum]:
    """Put the rows of all tables into an emptied database; return what was put in.

    Raises:
        CannotBeFilled: a row won't go in; the text names its table and key.
    """
    filler.empty(tables)
    sums = {}
    for table in tables:
        summing = Summing()
        with blamed(table, lines):
            filler.fill(table, _counted(summing, lines(table), progress, table.name))
        sums[table.name] = summing.sum()
    with _blamed_as_a_whole():
        filler.finish(tables, last_keys)
    return sums


def _counted(
    summing: Summing, chunks: Iterable[bytes], progress: Progress, of: str
) -> Iterator[bytes]:
    for chunk in summing.all_of(chunks):
        progress.add(chunk.count(b"\n"), of)
        yield chunk


# --- PostgreSQL ---------------------------------------------------------------------


class PostgresFiller:
    """
    Args:
        connection: psycopg's own, in a transaction.
    """

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._put_back: list[str] = []

    def empty(self, tables: Sequence[Table]) -> None:
        with self._connection.cursor() as cursor:
            mine = [name for name in _tables(cursor) if name not in KEPT]
            triggered = {name for (name,) in cursor.execute(_TRIGGERED)}
            for name in sorted(triggered):
                cursor.execute(f"ALTER TABLE {quoted(name)} DISABLE TRIGGER USER")
                self._put_back.append(f"ALTER TABLE {quoted(name)} ENABLE TRIGGER USER")
            # This holds off everybody else until the whole is there.
            cursor.execute(f"TRUNCATE {', '.join(map(quoted, mine))}")
            foreign = cursor.execute(_FOREIGN_KEYS).fetchall()
            indexes = cursor.execute(_INDEXES).fetchall()
            for name, constraint, definition in foreign:
                change = f"ALTER TABLE {quoted(name)}"
                cursor.execute(f"{change} DROP CONSTRAINT {quoted(constraint)}")
                self._put_back.append(
                    f"{change} ADD CONSTRAINT {quoted(constraint)} {definition}"
                )
            for name, definition in indexes:
                cursor.execute(f"DROP INDEX {quoted(name)}")
                self._put_back.insert(0, definition)

    def fill(self, table: Table, chunks: Iterable[bytes]) -> None:
        statement = f"COPY {quoted(table.name)} ({names(table)}) FROM STDIN"
        with self._connection.cursor() as cursor:
            cursor.execute("SET LOCAL TIME ZONE 'UTC'")
            with cursor.copy(statement) as copied:
                for chunk in chunks:
                    copied.write(chunk)

    def finish(self, tables: Sequence[Table], last_keys: Mapping[str, int]) -> None:
        with self._connection.cursor() as cursor:
            for table in tables:
                if last := last_keys.get(table.name, 0):
                    cursor.execute(
                        "SELECT setval(pg_get_serial_sequence(%s, %s), %s)",
                        [quoted(table.name), table.key, last],
                    )
            for statement in self._put_back:
                cursor.execute(statement)
            # The constraints that were put back are checked now, not at the commit.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ANALYZE")


_MINE = "connamespace = current_schema()::regnamespace"
_FOREIGN_KEYS = f"""
    SELECT relname, conname, pg_get_constraintdef(c.oid) FROM pg_constraint c
    JOIN pg_class t ON t.oid = c.conrelid WHERE contype = 'f' AND {_MINE}
    ORDER BY conname
"""  # noqa: S608
_INDEXES = """
    SELECT i.relname, pg_get_indexdef(i.oid) FROM pg_index x
    JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
    WHERE t.relnamespace = current_schema()::regnamespace AND t.relkind = 'r'
    AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = x.indexrelid)
    ORDER BY i.relname
"""
_TRIGGERED = """
    SELECT DISTINCT t.relname FROM pg_trigger g JOIN pg_class t ON t.oid = g.tgrelid
    WHERE NOT tgisinternal AND t.relnamespace = current_schema()::regnamespace
"""


def _tables(cursor: Any) -> list[str]:
    cursor.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1"
    )
    return [name for (name,) in cursor.fetchall()]


def postgres_tables(connection: Any) -> list[str]:
    with connection.cursor() as cursor:
        return _tables(cursor)


def drop_everything(connection: Any) -> None:
    """Take all tables out of a PostgreSQL database, in one transaction."""
    with connection.transaction(), connection.cursor() as cursor:
        for name in _tables(cursor):
            cursor.execute(f"DROP TABLE {quoted(name)} CASCADE")


def mark_unfinished(connection: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE IF NOT EXISTS {UNFINISHED} (id integer)")


def mark_finished(connection: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {UNFINISHED}")


# --- SQLite -------------------------------------------------------------------------


class SqliteFiller:
    """
    Args:
        connection: one's own, to a file nobody else knows of.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._put_back: list[str] = []

    def empty(self, tables: Sequence[Table]) -> None:
        execute = self._connection.execute
        # Whoever is interrupted begins anew with another file.
        execute("PRAGMA journal_mode=OFF")
        execute("PRAGMA synchronous=OFF")
        execute("PRAGMA foreign_keys=OFF")
        execute("BEGIN")
        made = execute(
            "SELECT type, name, sql FROM sqlite_master "
            "WHERE type IN ('index', 'trigger') AND sql IS NOT NULL ORDER BY type, name"
        ).fetchall()
        for kind, name, statement in made:
            execute(f"DROP {kind} {quoted(name)}")
            self._put_back.append(statement)
        for table in (*(each.name for each in tables), *LEFT_OUT):
            if table not in KEPT and _is_there(self._connection, table):
                execute(f"DELETE FROM {quoted(table)}")  # noqa: S608

    def fill(self, table: Table, chunks: Iterable[bytes]) -> None:
        marks = ", ".join("?" * len(table.columns))
        statement = (
            f"INSERT INTO {quoted(table.name)} ({names(table)}) "  # noqa: S608
            f"VALUES ({marks})"
        )
        for chunk in chunks:
            self._connection.executemany(statement, read_rows(table, chunk))

    def finish(self, tables: Sequence[Table], last_keys: Mapping[str, int]) -> None:
        execute = self._connection.execute
        for table in tables:
            if last := last_keys.get(table.name, 0):
                execute("DELETE FROM sqlite_sequence WHERE name = ?", [table.name])
                execute("INSERT INTO sqlite_sequence VALUES (?, ?)", [table.name, last])
        for statement in self._put_back:
            execute(statement)
        broken = execute("PRAGMA foreign_key_check").fetchone()
        if broken:
            raise CannotBeFilled(
                f"Row {broken[1]} of {broken[0]} names a row of {broken[2]} that is "
                "not there."
            )
        execute("COMMIT")
        execute("ANALYZE")


def _is_there(connection: sqlite3.Connection, table: str) -> bool:
    found = connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", [table])
    return found.fetchone() is not None


# --- what would not go in -----------------------------------------------------------


@contextmanager
def blamed(table: Table, lines: Lines) -> Iterator[None]:
    """Say of which row it was that the database did not take it."""
    try:
        yield
    except psycopg.Error as error:
        said = error.diag
        at = _IN_COPY.search(said.context or "")
        if at is None:
            raise
        key = _key_at(table, lines, int(at[2]))
        column = f", column {at[3]}" if at[3] else ""
        raise CannotBeFilled(
            f"Row {key} of {table.name}{column}: {said.message_primary}. "
            "PostgreSQL does not take it. Mend it in the database it comes from, and "
            "begin again."
        ) from None
    except sqlite3.Error as error:
        raise CannotBeFilled(f"{table.name}: {error}.") from None


@contextmanager
def _blamed_as_a_whole() -> Iterator[None]:
    try:
        yield
    except psycopg.IntegrityError as error:
        said = error.diag
        raise CannotBeFilled(
            f"{said.table_name or ''}: {said.message_primary}. "
            f"{said.message_detail or ''} Mend it in the database it comes from, and "
            "begin again."
        ) from None
    except sqlite3.IntegrityError as error:
        raise CannotBeFilled(
            f"{error}. Mend it in the database it comes from, and begin again."
        ) from None


def _key_at(table: Table, lines: Lines, number: int) -> str:
    """The key of the row in a line; the first is 1."""
    before = 0
    for chunk in lines(table):
        count = chunk.count(b"\n")
        if before + count >= number:
            line = chunk.split(b"\n")[number - before - 1]
            return unescape(line.split(b"\t")[table.key_index].decode())
        before += count
    return "?"

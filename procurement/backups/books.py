"""Reading a whole database as it was at one moment, while others go on writing."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from django.db.utils import ConnectionHandler

from procurement.backups.canonical import write_rows
from procurement.backups.shape import Table

CHUNK_BYTES = 1 << 18
CHUNK_ROWS = 2000
CHUNK_ROWS_WITH_FILES = 8
"""Rows with bytes in them hold pieces of files, of some hundred kilobytes each."""
POSTGRESQL, SQLITE = "postgresql", "sqlite"
Settings = dict[str, Any]
"""Of one database, as Django's `DATABASES` has them."""


class Books(Protocol):
    """A database at one moment."""

    kind: str

    def lines(self, table: Table) -> Iterator[bytes]:
        """The rows of a table by its key, as `canonical` writes them: whole lines."""
        ...

    def last_keys(self, tables: Sequence[Table]) -> dict[str, int]:
        """The last key the database handed out, for each table it numbers."""
        ...

    def values(self, table: str, column: str) -> Iterator[str]:
        """The texts of a column that are not empty."""
        ...


def kind_of(settings: Settings) -> str:
    return SQLITE if settings["ENGINE"].endswith("sqlite3") else POSTGRESQL


@contextmanager
def open_books(settings: Settings) -> Iterator[Books]:
    """A database as it is now; nobody waits for it, and it waits for nobody."""
    if kind_of(settings) == SQLITE:
        with sqlite_snapshot(Path(settings["NAME"])) as connection:
            yield SqliteBooks(connection)
        return
    connection = connect(settings)
    try:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield PostgresBooks(connection)
    finally:
        connection.close()


def connect(settings: Settings) -> Any:
    """A connection to PostgreSQL of one's own, without a transaction."""
    wrapper: Any = ConnectionHandler({"default": settings})["default"]
    connection = wrapper.get_new_connection(wrapper.get_connection_params())
    connection.autocommit = True
    return connection


@contextmanager
def sqlite_snapshot(path: Path) -> Iterator[sqlite3.Connection]:
    connection = open_sqlite(path, is_read_only=True)
    try:
        connection.execute("BEGIN")
        # The first reading is what fixes the moment.
        connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
        yield connection
    finally:
        connection.close()


def open_sqlite(path: Path, *, is_read_only: bool = False) -> sqlite3.Connection:
    """A connection of one's own, in which transactions are begun by hand."""
    mode = "ro" if is_read_only else "rwc"
    address = f"{path.absolute().as_uri()}?mode={mode}"
    connection = sqlite3.connect(address, uri=True, timeout=20, isolation_level=None)
    connection.text_factory = _text
    return connection


def _text(value: bytes) -> str:
    return value.decode("utf-8", "surrogatepass")


class SqliteBooks:
    kind = SQLITE

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def lines(self, table: Table) -> Iterator[bytes]:
        cursor = self._connection.execute(
            f"SELECT {names(table)} FROM {quoted(table.name)} "  # noqa: S608
            f"ORDER BY {quoted(table.key)}"
        )
        has_files = any(column.kind == "bytes" for column in table.columns)
        count = CHUNK_ROWS_WITH_FILES if has_files else CHUNK_ROWS
        while rows := cursor.fetchmany(count):
            yield write_rows(table, rows)

    def last_keys(self, tables: Sequence[Table]) -> dict[str, int]:
        kept = dict(self._connection.execute("SELECT name, seq FROM sqlite_sequence"))
        return {
            each.name: kept.get(each.name, 0) for each in tables if each.is_numbered
        }

    def values(self, table: str, column: str) -> Iterator[str]:
        found = self._connection.execute(
            f"SELECT {as_text(column)} FROM {quoted(table)} "  # noqa: S608
            f"WHERE {as_text(column)} <> ''"
        )
        return (row[0] for row in found)


class PostgresBooks:
    kind = POSTGRESQL

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        with connection.cursor() as cursor:
            # What `COPY` writes depends on these.
            cursor.execute("SET LOCAL TIME ZONE 'UTC'")
            cursor.execute("SET LOCAL datestyle TO 'ISO'")
            cursor.execute("SET LOCAL bytea_output TO 'hex'")

    def lines(self, table: Table) -> Iterator[bytes]:
        key = quoted(table.key)
        if table.columns[table.key_index].kind == "text":
            key += ' COLLATE "C"'
        statement = (
            f"COPY (SELECT {names(table)} FROM {quoted(table.name)} "  # noqa: S608
            f"ORDER BY {key}) TO STDOUT"
        )
        with self._connection.cursor() as cursor, cursor.copy(statement) as copied:
            waiting: list[bytes] = []
            size = 0
            for line in copied:
                waiting.append(bytes(line))
                size += len(line)
                if size >= CHUNK_BYTES:
                    yield b"".join(waiting)
                    waiting, size = [], 0
            if waiting:
                yield b"".join(waiting)

    def last_keys(self, tables: Sequence[Table]) -> dict[str, int]:
        found = {}
        with self._connection.cursor() as cursor:
            for table in filter(_is_numbered, tables):
                cursor.execute(
                    "SELECT pg_sequence_last_value(pg_get_serial_sequence(%s, %s)"
                    "::regclass)",
                    [quoted(table.name), table.key],
                )
                found[table.name] = (cursor.fetchone() or (0,))[0] or 0
        return found

    def values(self, table: str, column: str) -> Iterator[str]:
        with self._connection.cursor() as cursor:
            cursor.execute(
                f"DECLARE found CURSOR FOR SELECT {as_text(column)} "  # noqa: S608
                f"FROM {quoted(table)} WHERE {as_text(column)} <> ''"
            )
            while True:
                cursor.execute(f"FETCH {CHUNK_ROWS} FROM found")
                rows = cursor.fetchall()
                if not rows:
                    break
                yield from (row[0] for row in rows)
            cursor.execute("CLOSE found")


def _is_numbered(table: Table) -> bool:
    return table.is_numbered


def as_text(column: str) -> str:
    return f"CAST({quoted(column)} AS text)"


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def names(table: Table) -> str:
    return ", ".join(quoted(column.name) for column in table.columns)

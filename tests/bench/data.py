"""Filling databases with orders by the hundred thousand, indexes last."""

# ruff: noqa: S608 - every name in the statements is this module's own.

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from tests.bench.rows import POSTGRES, SQLITE, Keys, statements

_TABLES = (
    "orders_purchaseorder",
    "orders_orderline",
    "orders_orderevent",
    "fulfilment_shipment",
    "fulfilment_package",
)


def load_postgres(url: str, orders: int, *, all_open_at: int | None = None) -> float:
    """Fill an empty copy of the base; return the seconds it took.

    Args:
        all_open_at: a supplier's id, where every order is sent to it and is open.
    """
    began = time.perf_counter()
    with psycopg.connect(url) as connection:
        cursor = connection.cursor()
        keys = _keys(cursor)
        with _without_indexes(cursor):
            cursor.execute(f"TRUNCATE {', '.join(_TABLES)} CASCADE")
            for statement in statements(POSTGRES, orders, keys, all_open_at):
                cursor.execute(statement)  # type: ignore[call-overload]
        for table in _TABLES:
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'),"  # type: ignore[arg-type]
                f" greatest((SELECT max(id) FROM {table}), 1))"
            )
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence('orders_ordernumber', 'id'),"
            f" {orders})"
        )
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
    return time.perf_counter() - began


@contextmanager
def _without_indexes(cursor: "psycopg.Cursor[Any]") -> Iterator[None]:
    """Take constraints and indexes off for the block, and put them back."""
    tables = list(_TABLES)
    cursor.execute(
        "SELECT conrelid::regclass::text, quote_ident(conname),"
        " pg_get_constraintdef(oid) FROM pg_constraint WHERE"
        " conrelid = ANY(%(tables)s::regclass[]) OR confrelid ="
        " ANY(%(tables)s::regclass[])"
        " ORDER BY CASE contype WHEN 'f' THEN 1 ELSE 0 END, contype <> 'p'",
        {"tables": tables},
    )
    constraints = cursor.fetchall()
    for table, name, _ in reversed(constraints):
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s)",
        [tables],
    )
    indexes = cursor.fetchall()
    for name, _ in indexes:
        cursor.execute(f'DROP INDEX "{name}"')
    yield
    for _, definition in indexes:
        cursor.execute(definition)
    for table, name, definition in constraints:
        cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


def load_sqlite(path: Path, orders: int) -> float:
    """Fill a file made by `migrate` and the base; return the seconds it took."""
    began = time.perf_counter()
    connection = sqlite3.connect(path, isolation_level=None)
    cursor = connection.cursor()
    for setting in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-500000"):
        cursor.execute(f"PRAGMA {setting}")
    names = ", ".join(f"'{table}'" for table in _TABLES)
    cursor.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        f" AND tbl_name IN ({names})"
    )
    indexes = cursor.fetchall()
    for name, _ in indexes:
        cursor.execute(f'DROP INDEX "{name}"')
    cursor.execute("BEGIN")
    for statement in statements(SQLITE, orders, _keys(cursor), None):
        cursor.execute(statement)
    cursor.execute(f"INSERT INTO orders_ordernumber (id, year) VALUES ({orders}, 2026)")
    cursor.execute("COMMIT")
    for _, definition in indexes:
        cursor.execute(definition)
    cursor.execute("ANALYZE")
    cursor.execute("PRAGMA journal_mode=WAL")
    connection.close()
    return time.perf_counter() - began


def _keys(cursor: Any) -> Keys:
    def span(table: str, condition: str = "1 = 1") -> tuple[int, int]:
        cursor.execute(f"SELECT min(id), count(*) FROM {table} WHERE {condition}")
        first, count = cursor.fetchone()
        return first, count

    return Keys(
        suppliers=span("suppliers_supplier"),
        shops=span("shops_shop"),
        customers=span("customers_customer"),
        buyers=span("auth_user", "username LIKE 'buyer%'"),
        approver=span("auth_user", "username = 'approver'")[0],
    )

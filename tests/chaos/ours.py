"""Our side of the books, read by SQL alone."""

import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import psycopg

Row = dict[str, Any]
AWAY = (psycopg.OperationalError, psycopg.InterfaceError, sqlite3.OperationalError)
PATIENCE_SECONDS = 120

UNDER_WAY = """
    SELECT COUNT(*) AS n FROM transmissions_transmission
    WHERE state = 'queued' OR state = 'sending'
"""
RESTLESS = """
    SELECT state, COUNT(*) AS n FROM transmissions_transmission
    WHERE state = 'queued' OR state = 'sending'
       OR (state = 'unknown' AND next_look_up_at IS NOT NULL)
    GROUP BY state
"""
ORDERS = """
    SELECT o.*, s.slug, s.vendor FROM orders_purchaseorder o
    JOIN suppliers_supplier s ON s.id = o.supplier_id
"""
LINES = """
    SELECT order_id, position, item_number, quantity, unit, unit_price
    FROM orders_orderline ORDER BY order_id, position
"""
TRANSMISSIONS = "SELECT * FROM transmissions_transmission ORDER BY id"
ATTEMPTS = """
    SELECT transmission_id, number, outcome, kind, text, conversation, finished_at
    FROM transmissions_attempt ORDER BY transmission_id, number
"""
EVENTS = "SELECT id, order_id, kind, text FROM orders_orderevent ORDER BY id"
EXCHANGES = "SELECT DISTINCT conversation FROM suppliers_exchange"
TAMPER = """
    UPDATE orders_orderline SET quantity = quantity + 1 WHERE order_id IN
    (SELECT id FROM orders_purchaseorder WHERE number = '{number}')
"""


@dataclass
class Transmission:
    row: Row
    attempts: list[Row] = field(default_factory=list)

    @property
    def state(self) -> str:
        return str(self.row["state"])


@dataclass
class Order:
    """One order of ours with everything that hangs on it."""

    row: Row
    lines: list[Row] = field(default_factory=list)
    placing: list[Transmission] = field(default_factory=list)
    cancelling: list[Transmission] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)

    @property
    def number(self) -> str:
        return str(self.row["number"])

    @property
    def transmission(self) -> str:
        return str(self.row["transmission"])

    def has_event(self, *kinds: str) -> bool:
        return any(event["kind"] in kinds for event in self.events)


class Ours:
    """Reads the installation's database; waits while it is away."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._own = threading.local()

    def rows(self, query: str) -> list[Row]:
        return self._patiently(query, returns_rows=True)

    def under_way(self) -> int:
        return int(self.rows(UNDER_WAY)[0]["n"])

    def restless(self) -> dict[str, int]:
        """How many transmissions are still to move by themselves, by state."""
        return {row["state"]: row["n"] for row in self.rows(RESTLESS)}

    def tamper(self, number: str) -> None:
        """Change an order's lines behind everybody's back."""
        self._patiently(TAMPER.format(number=number), returns_rows=False)

    def orders(self) -> dict[str, Order]:
        """Every order by its number."""
        found = {row["id"]: Order(row) for row in self.rows(ORDERS)}
        for line in self.rows(LINES):
            found[line["order_id"]].lines.append(line)
        for event in self.rows(EVENTS):
            found[event["order_id"]].events.append(event)
        by_number = {order.number: order for order in found.values()}
        carriers = {}
        for row in self.rows(TRANSMISSIONS):
            carriers[row["id"]] = carrier = Transmission(row)
            order = by_number[row["subject"]]
            is_placing = row["operation"] == "place_order"
            (order.placing if is_placing else order.cancelling).append(carrier)
        for attempt in self.rows(ATTEMPTS):
            carriers[attempt["transmission_id"]].attempts.append(attempt)
        return by_number

    def conversations(self) -> set[str]:
        """The conversations with vendors of which an exchange is kept."""
        return {_plain(row["conversation"]) for row in self.rows(EXCHANGES)}

    def event_ids(self) -> list[int]:
        query = "SELECT id FROM orders_orderevent ORDER BY id"
        return [row["id"] for row in self.rows(query)]

    def _patiently(self, query: str, *, returns_rows: bool) -> list[Row]:
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return self._run(query, returns_rows)
            except AWAY:
                self._forget()
                if time.monotonic() > give_up_at:
                    raise
                time.sleep(0.5)

    def _run(self, query: str, returns_rows: bool) -> list[Row]:
        line = getattr(self._own, "line", None)
        if line is None:
            line = self._own.line = self._connect()
        with _cursor(line) as cursor:
            cursor.execute(query)
            if not returns_rows:
                return []
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def _connect(self) -> Any:
        if self._url.startswith("sqlite:///"):
            path = self._url.removeprefix("sqlite:///")
            return sqlite3.connect(path, timeout=30, isolation_level=None)
        given = urlsplit(self._url)
        return psycopg.connect(
            host=given.hostname,
            port=given.port,
            user=given.username,
            dbname=given.path.strip("/"),
            autocommit=True,
            connect_timeout=5,
        )

    def _forget(self) -> None:
        line = getattr(self._own, "line", None)
        self._own.line = None
        if line is not None:
            with closing(line):
                return


@contextmanager
def _cursor(line: Any) -> Iterator[Any]:
    cursor = line.cursor()
    try:
        yield cursor
    finally:
        cursor.close()


def _plain(value: Any) -> str:
    """A UUID as SQLite keeps it."""
    return str(value).replace("-", "")


def has_exchange(attempt: Row, conversations: Iterable[str]) -> bool:
    return _plain(attempt["conversation"]) in conversations


def decimal(value: Any) -> Decimal:
    """A column's number; SQLite gives floats that hold fifteen digits exactly."""
    return Decimal(str(value)).normalize()

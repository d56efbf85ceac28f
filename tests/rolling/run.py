"""One run: clients work, machines restart in turn, the books are compared."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.chaos.ours import Ours
from tests.rolling.home import WEBS, WORKERS, Home, Restart
from tests.rolling.people import Person
from tests.soak import report
from tests.soak.following import Follower, faults
from tests.soak.lives import Clientele
from tests.soak.wire import Book, Unexpected, Wire

SLOW_SECONDS = 1.5
"""What some suppliers take to answer, so that calls are under way at every moment."""
CALM_SECONDS = 60
BETWEEN_SECONDS = 0.7
EVENTS = "SELECT id FROM orders_orderevent ORDER BY id"
ORDERS = """
    SELECT number, transmission, source || ' ' || external_reference AS reference,
           external_reference
    FROM orders_purchaseorder
"""
SENDING = """
    SELECT COUNT(*) AS n FROM transmissions_transmission WHERE state = 'sending'
"""


@dataclass(frozen=True)
class Options:
    front: str
    rounds: int
    clients: int
    seed: int


@dataclass
class Outcome:
    """What a run came to.

    Attributes:
        failed: calls that got no answer, or another one than they had to.
        faults: orders twice, lost, stuck, unasked; events missed or doubled.
        under_way: for each restart of a worker, the sends that were being made.
    """

    failed: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    restarts: list[Restart] = field(default_factory=list)
    under_way: list[int] = field(default_factory=list)
    orders: int = 0
    sent: int = 0
    calls: int = 0
    events: int = 0
    longest_ms: dict[str, float] = field(default_factory=dict)


class Rolling:
    """Sets up, drives, restarts, and judges."""

    def __init__(self, options: Options, folder: Path) -> None:
        self._options = options
        self.home = Home(folder, front=options.front)
        self._is_over = threading.Event()
        self._lives, self._pages, self._following = Book(), Book(), Book()
        self.outcome = Outcome()

    def go(self) -> Outcome:
        try:
            self._set_up()
            workers = self._drive()
            for thread in workers:
                thread.join()
            self._judge()
        finally:
            self._is_over.set()
            self.home.end()
        return self.outcome

    def _set_up(self) -> None:
        self.home.start()
        keys = self.home.connect()
        self._ours = Ours(self.home.environment["DATABASE_URL"])
        for vendor in ("eet", "simutek", "extend"):
            self.home.theirs.delay_orders(vendor, seconds=SLOW_SECONDS, chance=0.4)
        port = self.home.web_port
        self._clients = Clientele(port=port, keys=keys, seed=self._options.seed)
        self._clients.book = self._lives
        self._person = Person(port, self.home.username, self.home.password, self._pages)
        self._follower = Follower(
            Wire(port, keys["web shop"], self._following), waits=True
        )
        self._reader = self._start(self._follower.work)

    def _start(self, work: Callable[[], None]) -> threading.Thread:
        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        return thread

    def _drive(self) -> list[threading.Thread]:
        is_over = self._is_over.is_set
        count = self._options.clients
        threads = [
            self._start(lambda: self._clients.work(is_over)) for _ in range(count)
        ]
        threads.append(self._start(lambda: self._person.work(is_over)))
        time.sleep(2 * BETWEEN_SECONDS)
        for _ in range(self._options.rounds):
            for machine in zip(WEBS, WORKERS, strict=True):
                self._wait_for_sends()
                with ThreadPoolExecutor() as pool:
                    self.outcome.restarts += pool.map(self.home.restart, machine)
                time.sleep(BETWEEN_SECONDS)
        self._is_over.set()
        return threads

    def _wait_for_sends(self) -> None:
        """A worker is ended in the midst of its work, if it has any within seconds."""
        give_up_at = time.monotonic() + 5
        count = 0
        while not count and time.monotonic() < give_up_at:
            count = int(self._ours.rows(SENDING)[0]["n"])
        self.outcome.under_way.append(count)

    # --- the verdict ------------------------------------------------------------------

    def _judge(self) -> None:
        give_up_at = time.monotonic() + CALM_SECONDS
        while self._ours.restless() and time.monotonic() < give_up_at:
            time.sleep(0.2)
        expected = self._events()
        self._follower.stop.set()
        self._reader.join()
        with suppress(Unexpected):
            self._follower.read_to_the_end()
        rows = self._ours.rows(ORDERS)
        entered = self._clients.entered
        found = report.judge(
            entered=entered.by_number,
            ours={row["number"]: row["transmission"] for row in rows},
            references=[row["reference"] for row in rows if row["external_reference"]],
            booked=[each.reference for each in self.home.theirs.orders()],
        )
        events = faults(
            "follower",
            self._follower.ids,
            self._follower.orders,
            expected,
            self._events(),
        )
        self._tell([*found, *entered.faults, *events], rows)

    def _events(self) -> list[int]:
        return [row["id"] for row in self._ours.rows(EVENTS)]

    def _tell(self, found: list[str], rows: list[dict[str, Any]]) -> None:
        books = (self._lives, self._pages, self._following)
        outcome = self.outcome
        outcome.faults = found
        outcome.failed = [text for book in books for text in book.errors]
        outcome.orders = len(rows)
        outcome.sent = sum(row["transmission"] == "sent" for row in rows)
        outcome.events = len(self._follower.ids)
        for book in books:
            for name, times in book.milliseconds.items():
                outcome.calls += len(times)
                outcome.longest_ms[name] = max(times)

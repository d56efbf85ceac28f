"""A reader of `events/` that goes by its cursor: each event once, and none missed."""

import threading
import time
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from tests.soak.wire import Unexpected, Wire

PAGE_SIZE = 200
PAUSE_SECONDS = 0.2
WAIT_SECONDS = 5


def can_wait(description: Mapping[str, Any]) -> bool:
    """Whether the OpenAPI description of the product has `events/?wait=`."""
    call = description["paths"]["/api/v1/events/"]["get"]
    return any(each["name"] == "wait" for each in call.get("parameters", ()))


class Follower:
    """Follows the feed from its beginning; holds still while `pause` is set."""

    def __init__(self, wire: Wire, *, waits: bool) -> None:
        self.ids: list[str] = []
        self.orders: dict[str, list[int]] = {}
        """By order, the numbers of its events as they came."""
        self.lags: list[float] = []
        """Milliseconds from events to us, while we were not behind anyway."""
        self.stop, self.pause = threading.Event(), threading.Event()
        self.is_idle = threading.Event()
        self._wire, self._waits, self._cursor = wire, waits, ""
        self._is_behind = True

    def work(self) -> None:
        while not self.stop.is_set():
            if self.pause.is_set():
                self._is_behind = True
                self.is_idle.set()
                time.sleep(PAUSE_SECONDS)
                continue
            self.is_idle.clear()
            began = time.monotonic()
            try:
                found, has_more = self.read_page()
            except Unexpected:
                time.sleep(PAUSE_SECONDS)
                continue
            # A page without events that came at once: nobody has waited for us.
            if not found or not (has_more or self._waits):
                time.sleep(max(0, PAUSE_SECONDS - (time.monotonic() - began)))
        self._wire.close()

    def read_page(self) -> tuple[int, bool]:
        """Read one page: how many events it had, and whether there is another."""
        path = f"/api/v1/events/?page_size={PAGE_SIZE}&after={self._cursor}"
        if self._waits:
            path += f"&wait={WAIT_SECONDS}"
        name = "events, waited for" if self._waits else "events"
        page = self._wire.get(name, path).body
        if not self._is_behind:
            now = time.time()
            self.lags += [(now - moment_of(each)) * 1000 for each in page["results"]]
        self._is_behind = bool(page["next"])
        for event in page["results"]:
            self.ids.append(str(event["id"]))
            if order := event.get("order"):
                self.orders.setdefault(order, []).append(number_of(event["id"]))
        self._cursor = page["cursor"]
        return len(page["results"]), bool(page["next"])

    def read_to_the_end(self) -> None:
        self._waits = False
        while self.read_page()[1]:
            pass


def moment_of(event: Mapping[str, Any]) -> float:
    """When it happened, in seconds as `time.time` counts them."""
    return datetime.fromisoformat(event["at"]).timestamp()


def number_of(event_id: object) -> int:
    """Of an event of an order: the number its id is, or ends in."""
    return int(str(event_id).rpartition("-")[2])


def faults(
    name: str,
    ids: Collection[str],
    orders: Mapping[str, Collection[int]],
    expected: Collection[int],
    there: Collection[int],
) -> list[str]:
    """What a follower missed, saw twice, or saw out of order.

    Args:
        expected: the numbers of events of orders there were before it read last.
        there: of those there are now.
    """
    found = []
    if twice := len(ids) - len(set(ids)):
        found.append(f"{name}: {twice} events came twice")
    seen = {number for numbers in orders.values() for number in numbers}
    if missed := set(expected) - seen:
        found.append(f"{name}: {len(missed)} events never came: {sorted(missed)[:5]}")
    if ghosts := seen - set(there):
        found.append(f"{name}: {len(ghosts)} events came and are not there")
    unordered = [
        order for order, numbers in orders.items() if list(numbers) != sorted(numbers)
    ]
    if unordered:
        found.append(f"{name}: the events of {unordered[:5]} came out of order")
    return found

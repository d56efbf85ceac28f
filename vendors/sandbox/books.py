"""What a vendor holds on paper: the orders it took and the calls that came in."""

import threading
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

# Enough for a run of ten thousand orders with all its polling; then the oldest go.
MOST_CALLS = 100_000


@dataclass(frozen=True, slots=True)
class BookedLine:
    """One line as the vendor took it; the price is per unit, without VAT."""

    item_number: str
    quantity: Decimal
    unit: str
    unit_price: Decimal


@dataclass(frozen=True, slots=True)
class BookedOrder:
    """One order as it was taken. It is never changed: it is the evidence.

    Attributes:
        reference: the buyer's number for it.
        total: of the lines, without VAT and freight.
        body: what was sent, to the letter.
    """

    number: str
    reference: str
    is_test: bool
    lines: tuple[BookedLine, ...]
    total: Decimal
    currency: str
    placed_at: datetime
    body: str

    def as_dict(self, status: str = "") -> dict[str, Any]:
        """Return the entry with the vendor's word for where the order stands now."""
        return asdict(self) | {
            "status": status,
            "placed_at": self.placed_at.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class Call:
    """One call to a vendor.

    Attributes:
        endpoint: the sandbox's name for it, `unknown` where nothing matched.
        status: None where the connection was cut without an answer.
        fault: the fault that befell it, or nothing.
        at: ISO 8601 in UTC, on the sandbox clock.
    """

    vendor: str
    endpoint: str
    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: str
    status: int | None
    fault: str
    at: str


class CallLog:
    """The latest calls, and how many of each kind there were in all."""

    def __init__(self) -> None:
        self._calls: deque[Call] = deque(maxlen=MOST_CALLS)
        self._counts: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()

    def record(self, call: Call) -> None:
        with self._lock:
            self._calls.append(call)
            self._counts[call.vendor, call.endpoint] += 1

    def calls(self, vendor: str | None = None) -> list[Call]:
        with self._lock:
            return [call for call in self._calls if vendor in (None, call.vendor)]

    def counts(self, vendor: str) -> dict[str, int]:
        with self._lock:
            return {
                name: n for (code, name), n in self._counts.items() if code == vendor
            }

    def clear(self) -> None:
        with self._lock:
            self._calls.clear()
            self._counts.clear()

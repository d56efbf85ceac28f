"""When an order is looked at next, where no list tells that it has moved.

Young orders and those that are due are looked at often, old ones rarely. The longer
nothing moves, the longer the waits; something that moves makes them short again.
"""

import zlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta


@dataclass(frozen=True)
class Waits:
    """How long until the next look: at first, and at most after quiet looks."""

    first: timedelta
    longest: timedelta


BY_AGE = (
    (timedelta(hours=2), Waits(timedelta(minutes=10), timedelta(minutes=30))),
    (timedelta(days=1), Waits(timedelta(hours=1), timedelta(hours=4))),
    (timedelta(days=7), Waits(timedelta(hours=4), timedelta(days=1))),
    (timedelta.max, Waits(timedelta(days=1), timedelta(days=7))),
)
"""By the time since it was sent: younger than this, these waits."""
DUE = Waits(timedelta(hours=1), timedelta(hours=8))
"""From the day before the goods are due until they are long overdue."""
DUE_FROM = timedelta(days=1)
LONG_OVERDUE = timedelta(days=14)

MOST_DOUBLINGS = 10
SPREAD_PERCENT = 20
"""A wait is up to so much shorter or longer, so that looks don't fall together."""


@dataclass(frozen=True)
class OrderFacts:
    """What of an open order says how soon it should be looked at.

    Attributes:
        due_on: the day the goods are promised for, else wanted on.
        quiet_looks: how often in a row nothing had moved.
    """

    order_id: int
    sent_at: datetime
    due_on: date | None = None
    quiet_looks: int = 0


def next_look(order: OrderFacts, now: datetime) -> timedelta:
    """Return how long to wait from now until the next look at an open order."""
    waits = _waits(order, now)
    times = 1 << min(order.quiet_looks, MOST_DOUBLINGS)
    wait = min(waits.first * times, waits.longest)
    return wait * (100 + _shift(order)) / 100


def _waits(order: OrderFacts, now: datetime) -> Waits:
    age = now - order.sent_at
    by_age = next(waits for until, waits in BY_AGE if age < until)
    if order.due_on is None:
        return by_age
    today = now.date()
    is_due = order.due_on - DUE_FROM <= today <= order.due_on + LONG_OVERDUE
    return min(by_age, DUE, key=lambda each: each.first) if is_due else by_age


def _shift(order: OrderFacts) -> int:
    """Percent, the same for the same order and look, and evenly spread over orders."""
    seed = zlib.crc32(f"{order.order_id}:{order.quiet_looks}".encode())
    return seed % (2 * SPREAD_PERCENT + 1) - SPREAD_PERCENT

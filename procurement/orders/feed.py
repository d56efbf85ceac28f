"""All events in one sequence, so that a reader who remembers its place misses none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection
from django.db.models import F, QuerySet
from django.utils import timezone

from procurement.errors import InvalidInput
from procurement.orders.models import OrderEvent

SETTLED_AFTER = timedelta(seconds=30)
"""No transaction that writes an event stays open for longer; an id that is missing
then belongs to one that was rolled back."""
MAX_CURSOR_DIGITS = 18


@dataclass(frozen=True)
class Page:
    """Events after a cursor; `cursor` is where to go on, even if there is none yet."""

    events: Sequence[OrderEvent]
    cursor: int
    has_more: bool


def shown_events() -> QuerySet[OrderEvent]:
    """Events with the number of their order."""
    return OrderEvent.objects.annotate(order_number=F("order__number")).order_by("pk")


def read_events(*, after: int, limit: int) -> Page:
    """The next events after a cursor, in the order of their ids.

    PostgreSQL hands out ids before it commits, so an event may appear behind a later
    one. Where an id is missing and may still come, what follows it waits; a reader
    who has gone past it would never see it.
    """
    next_events = shown_events().filter(pk__gt=after)
    rows = list(next_events[: limit + 1])
    settled = _before_gap(rows, after)
    if len(settled) < len(rows) and nobody_writes():
        # Every id up to the last one was taken before, so it is there by now.
        settled = list(next_events.filter(pk__lte=rows[-1].pk)[: limit + 1])
    events = settled[:limit]
    return Page(
        events=events,
        cursor=events[-1].pk if events else after,
        has_more=len(settled) > limit,
    )


def _before_gap(rows: list[OrderEvent], after: int) -> list[OrderEvent]:
    """The events before the first missing id that may still come."""
    settled_before = timezone.now() - SETTLED_AFTER
    previous = after
    for index, event in enumerate(rows):
        if event.pk != previous + 1 and event.at > settled_before:
            return rows[:index]
        previous = event.pk
    return rows


def nobody_writes() -> bool:
    """Whether no other transaction that has written anything is open."""
    if connection.vendor != "postgresql":
        return True  # SQLite has one writer at a time, so ids appear in order.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_snapshot_xmin(s) = pg_snapshot_xmax(s) "
            "FROM pg_current_snapshot() AS s"
        )
        return bool(cursor.fetchone()[0])


def read_cursor(text: str) -> int:
    """The id a cursor stands for; the beginning, if it is empty.

    Raises:
        InvalidInput: it is none of ours.
    """
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) <= MAX_CURSOR_DIGITS):
        raise InvalidInput({"after": "Take it from `cursor` of the page read last."})
    return int(text)

"""All events in one sequence, so that a reader who remembers its place misses none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import F, QuerySet
from django.utils import timezone

from procurement.errors import InvalidInput
from procurement.orders.models import OrderEvent

SETTLED_AFTER = timedelta(seconds=30)
"""No transaction that writes an event stays open for longer."""
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
    one. A missing id may still come: what follows it waits until it is too old for
    that, and then the id belongs to a transaction that was rolled back.
    """
    rows = list(shown_events().filter(pk__gt=after)[: limit + 1])
    settled_before = timezone.now() - SETTLED_AFTER
    previous, settled = after, []
    for event in rows:
        if event.pk != previous + 1 and event.at > settled_before:
            break
        settled.append(event)
        previous = event.pk
    events = settled[:limit]
    return Page(
        events=events,
        cursor=events[-1].pk if events else after,
        has_more=len(settled) > limit,
    )


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

"""All events in one sequence, so that a reader who remembers its place misses none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.models import User
from django.db import connection
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from procurement.errors import InvalidInput
from procurement.orders.models import OrderEvent
from procurement.scoping import scoped, sight_of

SETTLED_AFTER = timedelta(seconds=30)
"""No transaction that writes an event stays open for longer; an id that is missing
then belongs to one that was rolled back."""
MAX_CURSOR_DIGITS = 18
MOST_UNSETTLED = 5000


@dataclass(frozen=True)
class Page:
    """Events after a cursor; `cursor` is where to go on, even if there is none yet."""

    events: Sequence[OrderEvent]
    cursor: int
    has_more: bool


def shown_events() -> QuerySet[OrderEvent]:
    """Events with the number of their order."""
    return OrderEvent.objects.annotate(order_number=F("order__number")).order_by("pk")


def read_events(*, after: int, limit: int, user: User) -> Page:
    """The next events that a user may see, in the order of their ids.

    PostgreSQL hands out ids before it commits, so an event may appear behind a later
    one. Where an id is missing and may still come, what follows it waits; a reader
    who has gone past it would never see it.
    """
    if sight_of(user) is not None:
        return _read_some(after, limit, user)
    return read_all_events(after=after, limit=limit)


def read_all_events(*, after: int, limit: int) -> Page:
    """The same for the program itself, which leaves nothing out."""
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


def _read_some(after: int, limit: int, user: User) -> Page:
    """The same where ids are missing since they are events of somebody else's orders.

    The cursor goes past those as well, so that nobody reads them over and over.
    """
    end = _settled_up_to(after)
    next_events = scoped(shown_events().filter(pk__gt=after, pk__lte=end), user)
    rows = list(next_events[: limit + 1])
    has_more = len(rows) > limit
    events = rows[:limit]
    return Page(events, events[-1].pk if has_more else end, has_more)


def _settled_up_to(after: int) -> int:
    """The last id before which no event can appear any more."""
    ids = OrderEvent.objects.filter(pk__gt=after).order_by("-pk")
    newest = ids.values_list("pk", flat=True).first()
    if newest is None:
        return after
    if nobody_writes():
        return newest
    settled_before = timezone.now() - SETTLED_AFTER
    end, later = newest, newest + 1
    for pk, at in ids.values_list("pk", "at")[:MOST_UNSETTLED]:
        if pk != later - 1:
            end = pk
        if at <= settled_before:
            return end
        later = pk
    # All of them may still get an earlier neighbour, or there are no others.
    return end if later == after + 1 else after


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
        raise InvalidInput({"after": _("Take it from `cursor` of the page read last.")})
    return int(text)

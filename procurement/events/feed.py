"""The feed of everything that happened, to be read on from a cursor.

page = read_events(after=cursor, limit=100, user=None)
...  # page.events
cursor = page.cursor
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from heapq import merge
from itertools import islice
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Max, Min

from procurement.access.permissions import is_permitted
from procurement.events.cursors import (
    Position,
    cursor_text,
    orders_alone,
    parse_cursor,
)
from procurement.events.event import Event
from procurement.events.frontier import settled
from procurement.events.streams import STREAMS, Stream, parse_subject
from procurement.events.types import kinds_of
from procurement.orders.models import OrderEvent
from procurement.prepared import PreparedRead
from procurement.scoping import scoped, sight_of

__all__ = [
    "Event",
    "Page",
    "cursor_at",
    "is_news",
    "is_there",
    "newest",
    "parse_cursor",
    "read_events",
]
Row = tuple[Any, ...]
OUT_OF_STEP = timedelta(hours=1)
"""By so much the times of two events may go against their order: clocks of several
machines, and transactions that stay open."""


@dataclass(frozen=True)
class Page:
    """Events after a cursor; `cursor` is where to go on, even if there is none yet."""

    events: Sequence[Event]
    cursor: str
    has_more: bool


def read_events(
    *,
    after: str,
    limit: int,
    user: User | None,
    types: Collection[str] = (),
    subject: str = "",
) -> Page:
    """The next events, by time; those of one subject in the order they happened in.

    The same cursor gives the same events again, however often it is used. It goes on
    past what is left out, so that nobody reads that over and over.

    Args:
        after: `cursor` of the page read last; empty for the first event on.
        limit: at least one.
        user: what they may not see is left out; None for the program itself. A key's
            shop counts if it stands on the user.
        types: others are left out; `order.*` is all types of orders. None for all.
        subject: others are left out: `order:PO-2031-000042`. Empty for all.

    Raises:
        InvalidInput: `after` is no cursor, or there can be no such `subject`.
    """
    begin = _position(after)
    end = settled()
    chosen = _Chosen(user, types, parse_subject(subject) if subject else None)
    found = {
        letter: chosen.read(stream, begin[letter], end[letter], limit + 1)
        for letter, stream in STREAMS.items()
    }
    page = list(islice(_by_time(found), limit))
    position = _after_page(begin, end, found, page)
    return Page(
        events=[STREAMS[letter].event(row) for letter, row in page],
        cursor=cursor_text(position),
        has_more=len(page) < sum(map(len, found.values())),
    )


def newest(user: User | None) -> str:
    """The cursor of the present end: what is settled is before it."""
    return cursor_text(settled())


def is_news(cursor: str) -> bool:
    """Whether anything was settled after a cursor, for whomever; one query."""
    behind = parse_cursor(cursor)
    return any(last > behind[letter] for letter, last in settled().items())


def is_there(subject: str, user: User) -> bool:
    """Whether anything ever happened to a subject that a user may see.

    Raises:
        InvalidInput: there can be no such `subject`.
    """
    stream, condition = parse_subject(subject)
    if not all(is_permitted(user, needed) for needed in stream.permissions):
        return False
    rows = stream.model._default_manager.filter(**condition)
    return bool(scoped(rows, user).exists())


def cursor_at(moment: datetime) -> str:
    """The cursor before all that happened from a moment on.

    Some that happened shortly before may come after it.
    """
    return cursor_text(_position_at(moment))


# --- from one stream ----------------------------------------------------------------


@dataclass(frozen=True)
class _Chosen:
    """What a reader may see and wants to."""

    user: User | None
    types: Collection[str]
    subject: tuple[Stream, Mapping[str, Any]] | None

    def read(self, stream: Stream, after: int, end: int, count: int) -> Sequence[Row]:
        """At most so many rows of a stream, in the order of their ids."""
        kinds = kinds_of(stream.name, self.types)
        is_out = kinds is not None and not kinds
        if end <= after or is_out or not self._takes(stream):
            return []
        sees_all = self.user is None or sight_of(self.user) is None
        if sees_all and kinds is None and self.subject is None:
            return _prepared(stream.letter, count)(after, end)
        rows = stream.rows(after, end)
        if self.user is not None:
            rows = scoped(rows, self.user)
        if kinds is not None:
            rows = rows.filter(kind__in=kinds)
        if self.subject is not None:
            rows = rows.filter(**self.subject[1])
        return list(stream.shown(rows)[:count])

    def _takes(self, stream: Stream) -> bool:
        if self.subject is not None and self.subject[0] is not stream:
            return False
        user = self.user
        return user is None or all(is_permitted(user, p) for p in stream.permissions)


_ID, _ID_BELOW = 1_999_999_973, 1_999_999_943


@cache
def _prepared(letter: str, count: int) -> PreparedRead:
    """Everything of one stream: what most readers ask for, over and over."""
    stream = STREAMS[letter]
    return PreparedRead(
        lambda after, end: stream.shown(stream.rows(after, end))[:count],
        _ID_BELOW,
        _ID,
    )


# --- out of all of them -------------------------------------------------------------


def _by_time(found: Mapping[str, Sequence[Row]]) -> Any:
    """Rows of all streams with the letters of theirs, each stream in its own order.

    The earliest of the next rows of all streams comes first. A stream whose times go
    back for a moment keeps its order nevertheless: it is the order of the subject.
    """
    streams = ([(letter, row) for row in rows] for letter, rows in found.items())
    return merge(*streams, key=lambda each: each[1][1])


def _after_page(
    begin: Position,
    end: Position,
    found: Mapping[str, Sequence[Row]],
    page: Sequence[tuple[str, Row]],
) -> Position:
    """Behind the last row of each stream; at the end where none is left of it."""
    last = {letter: row[0] for letter, row in page}
    position = {}
    for letter, rows in found.items():
        is_through = not rows or last.get(letter) == rows[-1][0]
        reached = max(begin[letter], end[letter])
        position[letter] = reached if is_through else last.get(letter, begin[letter])
    return position


# --- times and old cursors ----------------------------------------------------------


def _position(after: str) -> Position:
    """The position of a cursor, also of one from when the feed was of orders alone.

    The other streams are then read from the time of the last order event before it.
    """
    last = orders_alone(after)
    if last is None:
        return parse_cursor(after)
    times = OrderEvent.objects.filter(pk__lte=last).order_by("-pk")
    at = times.values_list("at", flat=True).first()
    beginning = parse_cursor("")
    return {**(_position_at(at) if at else beginning), "o": last}


def _position_at(moment: datetime) -> Position:
    end = settled()
    return {
        letter: min(_before(stream, moment, end[letter]), end[letter])
        for letter, stream in STREAMS.items()
    }


def _before(stream: Stream, moment: datetime, end: int) -> int:
    """An id before the first row from a moment on.

    The first query goes back from the newest row, so it is cheap for what is recent.
    """
    rows = stream.model._default_manager.order_by()
    early = rows.filter(at__lt=moment - OUT_OF_STEP).aggregate(last=Max("pk"))["last"]
    later = rows.filter(pk__gt=early or 0, at__gte=moment)
    first = later.aggregate(first=Min("pk"))["first"]
    return first - 1 if first else end

"""The feed of everything that happened, to be read on from a cursor."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Max

from procurement.access.permissions import is_permitted
from procurement.events.cursors import Position, cursor_text, parse_cursor
from procurement.events.frontier import settled
from procurement.events.streams import STREAMS, Event, Stream
from procurement.scoping import scoped

__all__ = ["Event", "Page", "cursor_at", "newest", "parse_cursor", "read_events"]


@dataclass(frozen=True)
class Page:
    """Events after a cursor; `cursor` is where to go on, even if there is none yet."""

    events: Sequence[Event]
    cursor: str
    has_more: bool


def read_events(
    *, after: str, limit: int, user: User | None, types: Collection[str] = ()
) -> Page:
    """The next events, by time; those of one subject in the order they happened.

    The same cursor gives the same events again, however often it is used. It goes on
    past what is left out, so that nobody reads that over and over.

    Args:
        after: `cursor` of the page read last; empty for the first event on.
        limit: at least one.
        user: leaves out what they may not see; None for the program itself.
        types: leaves out all others; `order.*` stands for all of an order. None
            for all.

    Raises:
        InvalidInput: `after` is no cursor.
    """
    begin = _position(after)
    end = settled()
    rows: list[list[tuple[Stream, tuple[Any, ...]]]] = []
    position = dict(begin)
    has_more_of: set[str] = set()
    for letter, stream in STREAMS.items():
        found = _read(stream, begin[letter], end[letter], limit, user, types)
        rows.append([(stream, row) for row in found])
        if len(found) > limit:
            has_more_of.add(letter)
    merged = list(islice(_by_time(rows), limit))
    taken = dict.fromkeys(STREAMS, 0)
    for stream, row in merged:
        taken[stream.letter] += 1
        position[stream.letter] = row[0]
    has_more = False
    for letter, of_stream in zip(STREAMS, rows, strict=True):
        if taken[letter] < len(of_stream):
            has_more = True
        else:
            position[letter] = max(begin[letter], end[letter])
    events = [stream.event(row) for stream, row in merged]
    return Page(events, cursor_text(position), has_more)


def newest(user: User | None) -> str:
    """The cursor at the present end: what comes after it has not been settled yet."""
    return cursor_text(settled())


def cursor_at(moment: datetime) -> str:
    """The cursor before the events that happened from a moment on."""
    return cursor_text(
        {letter: _last_id(stream, at__lt=moment) for letter, stream in STREAMS.items()}
    )


def _position(text: str) -> Position:
    return parse_cursor(text)


def _last_id(stream: Stream, **condition: Any) -> int:
    rows = stream.model._default_manager.filter(**condition)
    return rows.aggregate(last=Max("pk"))["last"] or 0


def _read(
    stream: Stream,
    after: int,
    end: int,
    limit: int,
    user: User | None,
    types: Collection[str],
) -> list[tuple[Any, ...]]:
    if end <= after:
        return []
    rows = stream.rows().filter(pk__gt=after, pk__lte=end)
    if user is not None:
        if not is_permitted(user, stream.permission):
            return []
        rows = scoped(rows, user)
    if types:
        kinds = {t.partition(".")[2] for t in types if t.startswith(f"{stream.name}.")}
        if not kinds:
            return []
        if "*" not in kinds:
            rows = rows.filter(kind__in=kinds)
    return list(stream.shown(rows)[: limit + 1])


def _by_time(rows: Any) -> Any:
    return merge(*rows, key=lambda found: found[1][2])

"""Up to where the feed is settled: no event can appear any more below these ids.

PostgreSQL hands out ids before it commits, so an event may appear below one that can
be read already; whoever had gone past it would never see it. So every transaction that
writes events marks the id below which it took none, before it takes its first: a lock
that others share and nobody waits for, set by a trigger (`migrations/0001_floors.py`)
and gone when the transaction is. What is settled ends at the lowest of these marks.

The order of the two readings makes it certain. The newest ids are read in the
snapshot of the statement, the marks after that, and the events in a later statement:
whoever took an id up to the newest had its mark set before. Either it is still there,
and the feed ends below it, or the transaction is over, and a later snapshot shows
whatever it has left. Nothing of it depends on a clock, nor on how long anything takes.
"""

from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Model

from procurement.events.cursors import Position
from procurement.events.streams import STREAMS, Stream

MARK = 0x4550
"""The first sixteen bits of a mark are this and the number of its stream, the others
the id."""
FLOOR_BITS = 48


def settled() -> Position:
    """The last id of each stream before which nothing can appear; one query.

    The caller's own transaction counts as settled: it can see what it wrote.
    """
    is_postgresql = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        cursor.execute(_newest_below_marks() if is_postgresql else _newest())
        row: Any = cursor.fetchone()
    return dict(zip(STREAMS, row, strict=True))


def settled_of(model: type[Model]) -> int:
    """The same for one table of events."""
    end = settled()
    return next(end[key] for key, stream in STREAMS.items() if stream.model is model)


@cache
def _newest() -> str:
    """SQLite has one writer at a time, so that ids appear in their order."""
    newest = (f"COALESCE({_max_id(stream)}, 0)" for stream in STREAMS.values())
    return f"SELECT {', '.join(newest)}"


def _max_id(stream: Stream) -> str:
    return f'(SELECT MAX(id) FROM "{stream.table}")'  # noqa: S608


@cache
def _newest_below_marks() -> str:
    columns = ", ".join(
        f"COALESCE(LEAST({_max_id(stream)}, "
        f"MIN(floor) FILTER (WHERE stream = {MARK + stream.number})), 0)"
        for stream in STREAMS.values()
    )
    return f"""
        SELECT {columns} FROM (
            SELECT key >> {FLOOR_BITS} AS stream, key & {2**FLOOR_BITS - 1} AS floor
            FROM (
                SELECT (classid::bigint << 32) | objid::bigint AS key FROM pg_locks
                WHERE locktype = 'advisory' AND objsubid = 1
                AND database = (
                    SELECT oid FROM pg_database WHERE datname = current_database()
                )
                AND pid <> pg_backend_pid()
            ) AS locks
        ) AS marks
    """  # noqa: S608

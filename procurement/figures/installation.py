"""How the installation itself is: its schema, its clock, its disk, its keys.

`/readyz` and `/metrics` look here.
"""

import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from procurement import rotating

LOOKED_AGAIN_AFTER = 300.0
MOST_LOOKED_AT = 500

_is_migrated = False
_unreadable: tuple[float, int] | None = None


def unapplied_migrations() -> int:
    """How many migrations of this code the database lacks.

    Once applied they stay so for this code; they are looked up until then.
    """
    global _is_migrated
    if _is_migrated:
        return 0
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    _is_migrated = not plan
    return len(plan)


def forget_migrations() -> None:
    """Look anew next time."""
    global _is_migrated
    _is_migrated = False


def database_bytes() -> int:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_database_size(current_database())")
        else:
            cursor.execute(
                "SELECT page_count * page_size"
                " FROM pragma_page_count(), pragma_page_size()"
            )
        (size,) = cursor.fetchone() or (0,)
    return int(size)


def clock_offset() -> timedelta:
    """How far this machine's clock is ahead of the database's.

    Claims, leases and what is due go by both, so they have to agree.
    """
    if connection.vendor != "postgresql":
        return timedelta()
    with connection.cursor() as cursor:
        asked_at = datetime.now(UTC)
        cursor.execute("SELECT clock_timestamp()")
        row = cursor.fetchone()
        answered_at = datetime.now(UTC)
    theirs: datetime = row[0] if row else asked_at
    # What lies within the time the question took is no difference.
    if asked_at <= theirs <= answered_at:
        return timedelta()
    return asked_at - theirs if theirs < asked_at else answered_at - theirs


def disk() -> tuple[int, int]:
    """Free and whole bytes of the disk this machine writes to."""
    place = Path(settings.BASE_DIR) / "var"
    if settings.IS_SQLITE:
        place = Path(str(settings.DATABASES["default"]["NAME"])).parent
    usage = shutil.disk_usage(place if place.exists() else settings.BASE_DIR)
    return usage.free, usage.total


def unreadable_secrets() -> int:
    """Stored secrets that none of the keys in use opens.

    Looked for each few minutes in the first rows of each place, where a lost key shows:
    opening secrets costs, and anybody may ask.
    """
    global _unreadable
    now = time.monotonic()
    if _unreadable is None or now - _unreadable[0] > LOOKED_AGAIN_AFTER:
        places = rotating.look(most=MOST_LOOKED_AT)
        _unreadable = now, sum(place.unreadable_count for place in places)
    return _unreadable[1]


def forget_unreadable_secrets() -> None:
    """Look anew next time."""
    global _unreadable
    _unreadable = None

"""How often something happened within a minute, counted by all processes together."""

import logging
import time
from functools import cache

import redis
from django.conf import settings
from django.db import DatabaseError, IntegrityError
from django.db.models import Case, F, Value, When

from procurement.access.models import CallCount
from procurement.coordination.redis_connection import connect

logger = logging.getLogger(__name__)

WINDOW_SECONDS = 60
AWAY_SECONDS = 5.0
"""How long the database stands in before Redis is asked again."""
PARTS = 20
"""Into how many reports a minute's calls go where the database counts them."""


class Counts:
    """Redis where there is one; else the database, which is told of several at a time.

    One more write for each call would cost a database more than most calls do. Without
    Redis a process therefore reports its calls in batches of a twentieth of the limit,
    and knows of the others' only what they have reported.
    """

    def __init__(self, quick: "redis.Redis | None", prefix: str) -> None:
        self._quick, self._prefix = quick, prefix
        self._away_until = float("-inf")

    def batch(self, limit: int) -> int:
        """How many calls of a key are reported together."""
        return 1 if self._is_quick() else max(1, limit // PARTS)

    def add_calls(self, key_id: int, window: int, calls: int) -> int | None:
        """Report calls of a key; what is known of by all, or None if nobody knows."""
        total = self.add_quickly(f"calls:{key_id}", window, calls)
        return self._add_slowly(key_id, window, calls) if total is None else total

    def add_quickly(self, name: str, window: int, times: int = 1) -> int | None:
        """Count in Redis; None where there is none, or it is away."""
        if self._quick is None or not self._is_quick():
            return None
        place = f"{self._prefix}:{name}:{window}"
        try:
            with self._quick.pipeline(transaction=False) as together:
                together.incrby(place, times)
                together.expire(place, 2 * WINDOW_SECONDS)
                return int(together.execute()[0])
        except redis.RedisError as error:
            self._away_until = time.monotonic() + AWAY_SECONDS
            logger.warning(
                "Calls are counted in the database while Redis is away: %s",
                type(error).__name__,
            )
            return None

    def _is_quick(self) -> bool:
        return self._quick is not None and time.monotonic() >= self._away_until

    @staticmethod
    def _add_slowly(key_id: int, window: int, calls: int) -> int | None:
        rows = CallCount.objects.filter(pk=key_id)
        more = Case(When(window=window, then=F("calls") + calls), default=Value(calls))
        try:
            if not rows.update(calls=more, window=window):
                CallCount.objects.get_or_create(
                    key_id=key_id, defaults={"window": window, "calls": calls}
                )
            return rows.values_list("calls", flat=True).first()
        except IntegrityError:
            # The key was deleted meanwhile.
            return None
        except DatabaseError as error:
            # What can't be counted is let through: the call itself will tell.
            logger.warning("Calls can't be counted: %s", type(error).__name__)
            return None


@cache
def _at(url: str, prefix: str) -> Counts:
    return Counts(connect(url) if url else None, prefix)


def shared_counts() -> Counts:
    """The counts of this installation."""
    return _at(settings.REDIS_URL, settings.REDIS_PREFIX)

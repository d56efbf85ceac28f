"""Call budgets in Redis: one script decides, and the database stands in for it."""

import logging
import time
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeVar

import redis
from django.conf import settings
from django.utils import timezone

from procurement.coordination.redis_connection import connect
from procurement.suppliers.buckets import (
    MICRO,
    Buckets,
    DatabaseBuckets,
    Key,
    Rate,
    Taken,
)
from procurement.suppliers.models import CallBudget

logger = logging.getLogger(__name__)

AWAY_SECONDS = 5.0
"""How long the database stands in before Redis is asked again."""
FORGOTTEN_AFTER = 3600
"""Seconds; longer than any closure, so that only idle budgets are forgotten."""

# Numbers of this size lose digits in Lua's own way to text, hence `format`.
TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local interval, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local wanted, patience = tonumber(ARGV[3]), tonumber(ARGV[4])
local stored = redis.call('HMGET', KEYS[1], 'next', 'closed', 'throttled')
if not stored[1] then
  if ARGV[5] == '' then return {'unknown', '0', '0'} end
  stored = {now + (burst - 1) * interval, now + tonumber(ARGV[5]), ARGV[6]}
  redis.call('HSET', KEYS[1], 'next', string.format('%.0f', stored[1]),
    'closed', string.format('%.0f', stored[2]), 'throttled', stored[3])
  redis.call('EXPIRE', KEYS[1], ARGV[7])
end
local throttled = tostring(stored[3] or '0')
local closed = tonumber(stored[2] or '0')
if closed > now then
  return {'closed', string.format('%.0f', closed - now), throttled}
end
local begin = math.max(tonumber(stored[1]), now)
local free = math.floor((now + burst * interval - begin) / interval)
if wanted == 0 then
  local due = math.floor((now + patience + burst * interval - begin) / interval)
  return {string.format('%.0f', math.max(due, 0)), '0', throttled}
end
local calls = math.max(1, math.min(wanted, free))
local wait = math.max(0, begin + calls * interval - now - burst * interval)
if wait > patience then return {'0', string.format('%.0f', wait), throttled} end
redis.call('HSET', KEYS[1], 'next', string.format('%.0f', begin + calls * interval))
redis.call('EXPIRE', KEYS[1], ARGV[7])
return {string.format('%.0f', calls), string.format('%.0f', wait), throttled}
"""

CLOSE = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local stored = redis.call('HMGET', KEYS[1], 'next', 'closed')
local until_us = math.max(now + tonumber(ARGV[1]), tonumber(stored[2] or '0'))
redis.call('HSET', KEYS[1], 'next', stored[1] or string.format('%.0f', now),
  'closed', string.format('%.0f', until_us), 'throttled', ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
"""

Found = TypeVar("Found")


class RedisBuckets:
    """Budgets as hashes in Redis.

    A budget that Redis does not know was flushed away, or never used. It begins with
    a single call, and closed if the database says so: a flush lifts no limit.
    """

    def __init__(self, client: "redis.Redis", prefix: str) -> None:
        self._client = client
        self._prefix = prefix
        self._take = client.register_script(TAKE)
        self._close = client.register_script(CLOSE)

    def take(
        self, key: Key, rate: Rate, *, wanted: int, patience: float = 0.0
    ) -> Taken:
        patience_us = int(patience * MICRO)
        word, wait_us, throttled = self._run(key, rate, wanted, patience_us)
        is_closed = word == "closed"
        return Taken(
            calls=0 if is_closed else int(word),
            wait=int(wait_us) / MICRO,
            is_closed=is_closed,
            throttled_in_a_row=int(throttled),
        )

    def left(self, key: Key, rate: Rate, *, ahead: float = 0.0) -> int:
        return self.take(key, rate, wanted=0, patience=ahead).calls

    def left_of(self, rates: Mapping[Key, Rate]) -> dict[Key, int]:
        with self._client.pipeline(transaction=False) as together:
            for key, rate in rates.items():
                self._take(
                    keys=[self._name(key)],
                    args=[rate.interval_us, rate.burst, 0, 0, "", "", 0],
                    client=together,
                )
            answers = together.execute()
        return {key: _free(answer) for key, answer in zip(rates, answers, strict=True)}

    def close(self, key: Key, seconds: float, *, throttled_in_a_row: int = 0) -> None:
        self._close(
            keys=[self._name(key)],
            args=[int(seconds * MICRO), throttled_in_a_row, FORGOTTEN_AFTER],
        )

    def calm(self, key: Key) -> None:
        self._client.hset(self._name(key), "throttled", "0")

    def _run(self, key: Key, rate: Rate, wanted: int, patience_us: int) -> list[str]:
        wish = [rate.interval_us, rate.burst, wanted, patience_us]
        found = self._take(
            keys=[self._name(key)], args=[*wish, "", "", FORGOTTEN_AFTER]
        )
        if found[0] == "unknown":
            closed_us, throttled = _remembered(key)
            found = self._take(
                keys=[self._name(key)],
                args=[*wish, closed_us, throttled, FORGOTTEN_AFTER],
            )
        return list(found)

    def _name(self, key: Key) -> str:
        return f"{self._prefix}:budget:{key.supplier_id}:{key.group}"


def _free(answer: list[str]) -> int:
    """How many calls an answer to a look says are due."""
    word = answer[0]
    if word == "unknown":
        # It begins with a single call, once one is made.
        return 1
    return 0 if word == "closed" else int(word)


def _remembered(key: Key) -> tuple[int, int]:
    """Microseconds that a budget stays closed, and throttlings in a row."""
    row = CallBudget.objects.filter(
        supplier_id=key.supplier_id, group=key.group
    ).first()
    if row is None or row.closed_until is None:
        return 0, 0
    left = (row.closed_until - timezone.now()).total_seconds()
    return max(0, int(left * MICRO)), row.throttled_in_a_row


class SharedBuckets:
    """Redis where there is one, and the database while it is away.

    What closes a budget is written to the database in any case, so that neither a
    flushed Redis nor one that went away opens it.
    """

    def __init__(self, quick: RedisBuckets | None) -> None:
        self._quick = quick
        self._sure = DatabaseBuckets()
        self._away_until = float("-inf")

    def take(
        self, key: Key, rate: Rate, *, wanted: int, patience: float = 0.0
    ) -> Taken:
        return self._ask(
            lambda store: store.take(key, rate, wanted=wanted, patience=patience)
        )

    def left(self, key: Key, rate: Rate, *, ahead: float = 0.0) -> int:
        return self._ask(lambda store: store.left(key, rate, ahead=ahead))

    def left_of(self, rates: Mapping[Key, Rate]) -> dict[Key, int]:
        return self._ask(lambda store: store.left_of(rates)) if rates else {}

    def close(self, key: Key, seconds: float, *, throttled_in_a_row: int = 0) -> None:
        self._sure.close(key, seconds)
        self._try(
            lambda quick: quick.close(
                key, seconds, throttled_in_a_row=throttled_in_a_row
            )
        )

    def slow(self, key: Key, seconds: float) -> None:
        """Close it for a moment, which need not outlive the store."""
        self._ask(lambda store: store.close(key, seconds))

    def calm(self, key: Key) -> None:
        self._sure.calm(key)
        self._try(lambda quick: quick.calm(key))

    def _ask(self, question: Callable[[Buckets], Found]) -> Found:
        found: list[Found] = []
        if self._try(lambda quick: found.append(question(quick))):
            return found[0]
        return question(self._sure)

    def _try(self, act: Callable[[RedisBuckets], Any]) -> bool:
        """Do it in Redis, if it is there."""
        if self._quick is None or time.monotonic() < self._away_until:
            return False
        try:
            act(self._quick)
        except redis.RedisError as error:
            self._away_until = time.monotonic() + AWAY_SECONDS
            logger.warning(
                "Call budgets are kept in the database while Redis is away: %s",
                type(error).__name__,
            )
            return False
        return True


@cache
def _at(url: str, prefix: str) -> SharedBuckets:
    return SharedBuckets(RedisBuckets(connect(url), prefix) if url else None)


def shared_buckets() -> SharedBuckets:
    """The store of this installation."""
    return _at(settings.REDIS_URL, settings.REDIS_PREFIX)

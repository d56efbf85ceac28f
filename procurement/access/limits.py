"""How many calls a key may make a minute, and how many wrong keys an address may try.

Both are judged before anything but the key is read. Minutes are those of the clock, the
same for every process: with Redis a key gets exactly its limit, on however many
machines. Where the database counts, no key is refused below its limit, and each further
process may let a twentieth more through. A process that has seen a limit reached
refuses without asking anybody until the minute is over.
"""

import threading
import time
from dataclasses import dataclass, field

from django.conf import settings

from procurement.access.callers import Address
from procurement.access.codes import Code
from procurement.access.counting import WINDOW_SECONDS, Counts, shared_counts
from procurement.access.models import ApiKey, hash_key
from procurement.access.problems import Refusal

TOO_MANY = 429
_MOST_REMEMBERED = 1000


@dataclass(frozen=True)
class Minute:
    """A minute of the clock, and what is left of it."""

    number: int
    seconds_left: int

    @classmethod
    def now(cls) -> "Minute":
        number, gone = divmod(int(time.time()), WINDOW_SECONDS)
        return cls(number, WINDOW_SECONDS - gone)


@dataclass(frozen=True)
class Allowance:
    """What a key has left of its calls this minute."""

    limit: int
    left: int
    seconds_left: int
    is_over: bool = False
    """This call is one too many."""

    def headers(self) -> dict[str, str]:
        """As the IETF's draft has them (draft-ietf-httpapi-ratelimit-headers)."""
        return {
            "RateLimit-Policy": f'"calls";q={self.limit};w={WINDOW_SECONDS}',
            "RateLimit": f'"calls";r={self.left};t={self.seconds_left}',
        }


class TooManyCalls(Refusal):
    def __init__(self, allowance: Allowance) -> None:
        super().__init__(
            f"This key may make {allowance.limit} calls a minute; the next one in "
            f"{allowance.seconds_left} s.",
            code=Code.TOO_MANY_CALLS,
            status=TOO_MANY,
            headers=allowance.headers() | _retry_after(allowance.seconds_left),
        )


class TooManyWrongKeys(Refusal):
    def __init__(self, seconds: int) -> None:
        super().__init__(
            "Too many calls with wrong keys came from this address. Try again in "
            f"{seconds} s.",
            code=Code.TOO_MANY_WRONG_KEYS,
            status=TOO_MANY,
            headers=_retry_after(seconds),
        )


def _retry_after(seconds: int) -> dict[str, str]:
    return {"Retry-After": str(seconds)}


# --- calls of a key ---------------------------------------------------------------


@dataclass
class _Hand:
    """What this process knows of a key's calls in one minute."""

    minute: int
    told: int = 0
    """As the store said last."""
    own: int = 0
    """Made here since, and not reported."""

    @property
    def calls(self) -> int:
        return self.told + self.own


class CallLimiter:
    """Counts calls; shared by the threads of a process."""

    def __init__(self, counts: Counts) -> None:
        self._counts = counts
        self._lock = threading.Lock()
        self._hands: dict[int, _Hand] = {}

    def take(self, key_id: int, limit: int) -> Allowance:
        """Count one more call of a key.

        Args:
            limit: calls a minute, 1 or more.
        """
        minute = Minute.now()
        batch = self._counts.batch(limit)
        with self._lock:
            hand = self._hand(key_id, minute.number)
            if hand.calls >= limit:
                return Allowance(limit, 0, minute.seconds_left, is_over=True)
            hand.own += 1
            reported = hand.own if hand.own >= batch else 0
            hand.own -= reported
            hand.told += reported
        total: int | None = None
        if reported:
            total = self._counts.add_calls(key_id, minute.number, reported)
        with self._lock:
            hand.told = max(hand.told, total or 0)
            left = max(0, limit - hand.calls)
        is_over = total is not None and total > limit
        return Allowance(limit, left, minute.seconds_left, is_over)

    def _hand(self, key_id: int, minute: int) -> _Hand:
        hand = self._hands.get(key_id)
        if hand is None or hand.minute != minute:
            if len(self._hands) >= _MOST_REMEMBERED:
                self._hands.clear()
            hand = self._hands[key_id] = _Hand(minute)
        return hand


def limit_of(key: ApiKey) -> int:
    """Calls a minute; 0 is no limit."""
    own = key.calls_per_minute
    limit: int = settings.API_CALLS_PER_MINUTE if own is None else own
    return limit


# --- wrong keys from an address ---------------------------------------------------


@dataclass
class WrongKeys:
    """Addresses that tried too many wrong keys this minute.

    Whoever has a good key there is let in all the same, once this process has seen the
    key: a neighbour behind the same proxy must not keep them out. Everything else is
    refused without a look at the database.
    """

    counts: Counts
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _tried: dict[tuple[Address | None, int], int] = field(default_factory=dict)
    _good: dict[str, None] = field(default_factory=dict)

    def refuse_if_too_many(self, caller: Address | None, text: str) -> None:
        """
        Raises:
            TooManyWrongKeys: from this address, and the text is no key seen good.
        """
        limit = settings.API_WRONG_KEYS_PER_MINUTE
        if not limit or not self._tried:
            return
        minute = Minute.now()
        tried = self._tried.get((caller, minute.number), 0)
        if tried >= limit and hash_key(text) not in self._good:
            raise TooManyWrongKeys(minute.seconds_left)

    def note_wrong(self, caller: Address | None) -> None:
        if not settings.API_WRONG_KEYS_PER_MINUTE:
            return
        minute = Minute.now().number
        elsewhere = self.counts.add_quickly(f"wrong:{caller}", minute) or 0
        with self._lock:
            if len(self._tried) >= _MOST_REMEMBERED:
                self._tried = {
                    place: tried
                    for place, tried in self._tried.items()
                    if place[1] == minute
                }
            here = self._tried.get((caller, minute), 0) + 1
            self._tried[caller, minute] = max(here, elsewhere)

    def note_good(self, key: ApiKey) -> None:
        if key.secret_hash in self._good:
            return
        with self._lock:
            if len(self._good) >= _MOST_REMEMBERED:
                self._good.clear()
            self._good[key.secret_hash] = None


# --- this installation's ----------------------------------------------------------


@dataclass(frozen=True)
class Limits:
    calls: CallLimiter
    wrong_keys: WrongKeys


_limits: dict[int, Limits] = {}


def limits() -> Limits:
    """What this process knows of the limits."""
    counts = shared_counts()
    found = _limits.get(id(counts))
    if found is None:
        made = Limits(CallLimiter(counts), WrongKeys(counts))
        found = _limits.setdefault(id(counts), made)
    return found


def forget() -> None:
    """Forget what this process knows of calls and of wrong keys."""
    _limits.clear()


def count_call(key: ApiKey) -> Allowance | None:
    """Count a call of a key; None if its calls are not limited."""
    limit = limit_of(key)
    return limits().calls.take(key.pk, limit) if limit else None

"""Where the used part of a call budget is kept, so that all machines share it.

The algorithm is GCRA, the leaky bucket as one number: the moment at which the next
call would come if all were evenly spaced. A call moves it on by one interval, and may
not move it further than `burst` intervals ahead of now. So in any stretch of time
there are at most `burst` calls and one more for each interval of it.

Clocks of machines differ; the one that counts is the store's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from django.db import IntegrityError, transaction
from django.db.models import BigIntegerField, F, Func, Q
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from procurement.suppliers.models import CallBudget

MICRO = 1_000_000
CLASHES = 20
"""How often a row that others change meanwhile is looked at anew."""


@dataclass(frozen=True)
class Rate:
    """Evenly spaced calls, of which `burst` may come at once.

    Attributes:
        interval_us: microseconds from call to call.
    """

    interval_us: int
    burst: int

    @property
    def ahead_us(self) -> int:
        return self.interval_us * self.burst


@dataclass(frozen=True)
class Key:
    supplier_id: int
    group: str = ""


@dataclass(frozen=True)
class Taken:
    """What a store let go.

    Attributes:
        calls: how many may go; 0 = none.
        wait: seconds to wait before the first, or before asking again if there is none.
        is_closed: the vendor itself wants none before then.
        throttled_in_a_row: how often it said so without a good answer between.
    """

    calls: int
    wait: float = 0.0
    is_closed: bool = False
    throttled_in_a_row: int = 0


class Buckets(Protocol):
    """A store of budgets."""

    def take(
        self, key: Key, rate: Rate, *, wanted: int, patience: float = 0.0
    ) -> Taken:
        """Take up to `wanted` calls; else one that is due within `patience` seconds.

        What was taken has to be used at once, or after the wait that comes with it.
        """
        ...

    def left(self, key: Key, rate: Rate, *, ahead: float = 0.0) -> int:
        """How many calls are due until `ahead` seconds from now; none while closed."""
        ...

    def left_of(self, rates: Mapping[Key, Rate]) -> dict[Key, int]:
        """The same for many budgets at this moment; changes nothing."""
        ...

    def close(self, key: Key, seconds: float) -> None:
        """Let nothing out for a while; a closure that lasts longer stands."""
        ...

    def calm(self, key: Key) -> None:
        """Forget that the vendor has throttled: it took a call."""
        ...


class Microseconds(Func):
    """The clock of the database, in microseconds since 1970."""

    output_field = BigIntegerField()
    arity = 0

    def as_postgresql(self, *_: Any, **__: Any) -> tuple[str, list[Any]]:
        return "(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::bigint", []

    def as_sqlite(self, *_: Any, **__: Any) -> tuple[str, tuple[str | int, ...]]:
        # There is one machine then, and SQLite's own clock knows milliseconds only.
        return "%s", (int(timezone.now().timestamp() * MICRO),)


class DatabaseBuckets:
    """Budgets as rows, changed by conditional updates; nothing is locked meanwhile."""

    def take(
        self, key: Key, rate: Rate, *, wanted: int, patience: float = 0.0
    ) -> Taken:
        if self._take_at_once(key, rate, wanted):
            return Taken(wanted)
        for _ in range(CLASHES):
            row, now_us = self._read(key)
            if closed := _closed_seconds(row):
                return Taken(
                    0,
                    wait=closed,
                    is_closed=True,
                    throttled_in_a_row=row.throttled_in_a_row,
                )
            begin = max(row.next_call_us, now_us)
            free = (now_us + rate.ahead_us - begin) // rate.interval_us
            calls = max(1, min(wanted, free))
            wait_us = max(0, begin + calls * rate.interval_us - now_us - rate.ahead_us)
            if wait_us > patience * MICRO:
                return Taken(0, wait=wait_us / MICRO)
            after = begin + calls * rate.interval_us
            seen = self._rows(key).filter(next_call_us=row.next_call_us)
            if seen.update(next_call_us=after):
                return Taken(
                    calls,
                    wait=wait_us / MICRO,
                    throttled_in_a_row=row.throttled_in_a_row,
                )
        return Taken(0, wait=rate.interval_us / MICRO)

    def left(self, key: Key, rate: Rate, *, ahead: float = 0.0) -> int:
        row, now_us = self._read(key)
        if _closed_seconds(row):
            return 0
        begin = max(row.next_call_us, now_us)
        until_us = now_us + int(ahead * MICRO) + rate.ahead_us
        return max(0, (until_us - begin) // rate.interval_us)

    def left_of(self, rates: Mapping[Key, Rate]) -> dict[Key, int]:
        suppliers = {key.supplier_id for key in rates}
        rows = CallBudget.objects.filter(supplier_id__in=suppliers).annotate(
            now_us=Microseconds()
        )
        left = {key: rate.burst for key, rate in rates.items()}
        for row in rows:
            key = Key(row.supplier_id, row.group)
            if rate := rates.get(key):
                begin = max(row.next_call_us, row.now_us)
                free = (row.now_us + rate.ahead_us - begin) // rate.interval_us
                left[key] = 0 if _closed_seconds(row) else max(0, free)
        return left

    def close(self, key: Key, seconds: float) -> None:
        self._read(key)
        until = timezone.now() + timedelta(seconds=seconds)
        self._rows(key).update(
            closed_until=Greatest(Coalesce("closed_until", until), until)
        )

    def calm(self, key: Key) -> None:
        self._rows(key).filter(throttled_in_a_row__gt=0).update(throttled_in_a_row=0)

    def _take_at_once(self, key: Key, rate: Rate, calls: int) -> bool:
        """The usual case in one statement."""
        behind = (rate.burst - calls) * rate.interval_us
        free = self._rows(key).filter(
            Q(closed_until=None) | Q(closed_until__lte=timezone.now()),
            next_call_us__lte=Microseconds() + behind,
        )
        moved = Greatest(F("next_call_us"), Microseconds()) + calls * rate.interval_us
        return bool(free.update(next_call_us=moved))

    def _read(self, key: Key) -> tuple[CallBudget, int]:
        row = self._rows(key).annotate(now_us=Microseconds()).first()
        if row is None:
            try:
                with transaction.atomic():
                    CallBudget.objects.create(
                        supplier_id=key.supplier_id, group=key.group
                    )
            except IntegrityError:
                pass
            row = self._rows(key).annotate(now_us=Microseconds()).get()
        return row, row.now_us

    @staticmethod
    def _rows(key: Key) -> Any:
        return CallBudget.objects.filter(supplier_id=key.supplier_id, group=key.group)


def _closed_seconds(row: CallBudget) -> float:
    if row.closed_until is None:
        return 0.0
    return max(0.0, (row.closed_until - timezone.now()).total_seconds())

"""The call budget of a supplier: asked before every request, on every machine.

Calls a minute come from the vendor's own limits and the supplier's options. What the
vendor says in its answers counts more: 429 and its limit headers close a budget for
everybody until the moment it names, or for growing waits where it names none.
"""

import logging
import math
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import DatabaseError, InterfaceError
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from procurement.suppliers.buckets import MICRO, Key, Rate
from procurement.suppliers.models import CallBudget, Supplier, SupplierHealth
from procurement.suppliers.redis_buckets import SharedBuckets, shared_buckets
from vendors.contracts import CallLimits, Gate, SeenLimits
from vendors.errors import HeldBack, Kind

logger = logging.getLogger(__name__)

PATIENCE_SECONDS = 2.0
"""How long a request waits for its turn before it is put off."""
HOLD_SECONDS = 0.5
"""Calls taken together are used within that time at most, or given up."""
FIRST_WAIT_SECONDS = 5
LONGEST_WAIT_SECONDS = 600
CALM_AFTER = timedelta(minutes=10)
"""A throttling so long after the last one begins a new row of them."""
FEW_PERCENT = 10
"""With fewer calls left than this, they are spread over the time that remains."""


def limits_of(supplier: Supplier) -> CallLimits:
    """The limits in effect: the vendor's own, changed by the supplier's options."""
    return supplier.api.limits.changed_by(supplier.options)


@dataclass(frozen=True)
class Allowance:
    """A rate as it is kept: what the store lets go at once, and how many it is asked.

    Several calls are taken together where the rate is high, and may be used a moment
    later. So that no more than a second's worth ever comes at once, the burst of the
    store is smaller by what may be held.
    """

    rate: Rate
    most_at_once: int

    @property
    def hold_seconds(self) -> float:
        """How long what was taken together may be kept: as long as it is worth."""
        return self.most_at_once * self.rate.interval_us / MICRO

    @classmethod
    def of(cls, per_minute: int) -> "Allowance":
        interval_us = -(-60 * MICRO // per_minute)
        burst = max(1, per_minute // 60)
        together = max(1, int(HOLD_SECONDS * MICRO) // interval_us)
        if together == 1:
            return cls(Rate(interval_us, burst), 1)
        return cls(Rate(interval_us, max(1, burst - together)), together)


@dataclass
class _Hand:
    """What this process has taken from a budget and not used, and has heard of it."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    calls: int = 0
    good_until: float = 0.0
    asks_for: int = 1
    closed_until: float = 0.0
    has_throttled: bool = False

    def closed_for(self) -> float:
        return max(0.0, self.closed_until - time.monotonic())

    def close(self, seconds: float) -> None:
        self.calls = 0
        self.closed_until = max(self.closed_until, time.monotonic() + seconds)


_hands: dict[tuple[Key, int | None], _Hand] = {}


def forget() -> None:
    """Forget what this process holds and knows of all budgets."""
    _hands.clear()


class SharedGate:
    """The gate of one supplier; implements `vendors.contracts.Gate`."""

    def __init__(
        self,
        supplier: Supplier,
        buckets: SharedBuckets,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._supplier = supplier
        self._limits = limits_of(supplier)
        self._buckets = buckets
        self._sleep = sleep

    # --- before a request ---------------------------------------------------------

    def enter(self, purpose: str) -> None:
        group = self._limits.group(purpose)
        hand = self._hand(group)
        if closed := max(hand.closed_for(), self._throttled_for(group)):
            raise self._held_back(closed)
        per_minute = self._limits.rate(group)
        if per_minute is None:
            return
        key = Key(self._supplier.pk, group)
        try:
            wait = self._take(hand, key, Allowance.of(per_minute))
        except (DatabaseError, InterfaceError):
            # Without the budget nobody knows whether the call may be made.
            logger.exception("The call budget of %s can't be read", self._supplier)
            raise self._held_back(FIRST_WAIT_SECONDS) from None
        if wait:
            self._sleep(wait)
            if closed := hand.closed_for():
                raise self._held_back(closed)

    def _take(self, hand: _Hand, key: Key, allowance: Allowance) -> float:
        """Take a call and return the seconds until it is due.

        Raises:
            HeldBack: none is due soon.
        """
        with hand.lock:
            now = time.monotonic()
            if hand.calls and now < hand.good_until:
                hand.calls -= 1
                return 0.0
            self._adapt(hand, now, allowance)
            taken = self._buckets.take(
                key,
                allowance.rate,
                wanted=hand.asks_for,
                patience=PATIENCE_SECONDS,
            )
            hand.has_throttled = hand.has_throttled or taken.throttled_in_a_row > 0
            if not taken.calls:
                if taken.is_closed:
                    hand.close(taken.wait)
                raise self._held_back(taken.wait)
            hand.calls = taken.calls - 1
            # From before the store was asked, so that its answer costs of the time.
            hand.good_until = now + allowance.hold_seconds
            return taken.wait

    @staticmethod
    def _adapt(hand: _Hand, now: float, allowance: Allowance) -> None:
        """Take more at a time while all is used, and one by one when it is not."""
        is_busy = hand.calls == 0 and now < hand.good_until
        doubled = min(2 * hand.asks_for, allowance.most_at_once)
        hand.asks_for = doubled if is_busy else 1

    def _throttled_for(self, group: str) -> float:
        """Seconds that the supplier wanted no calls, when it was read."""
        is_known = Supplier._meta.get_field("health").is_cached(self._supplier)
        if group or not is_known:
            return 0.0
        until = self._supplier.health.throttled_until
        return max(0.0, (until - timezone.now()).total_seconds()) if until else 0.0

    def _held_back(self, seconds: float) -> HeldBack:
        wait = max(1, math.ceil(seconds))
        return HeldBack(
            f"{self._supplier}: the call budget is used up for {wait} s; nothing was "
            "sent.",
            kind=Kind.THROTTLED,
            retry_after=wait,
        )

    def _hand(self, group: str) -> _Hand:
        key = Key(self._supplier.pk, group), self._limits.rate(group)
        return _hands.setdefault(key, _Hand())

    # --- after an answer ----------------------------------------------------------

    def heard(
        self,
        purpose: str,
        *,
        status: int,
        limits: SeenLimits | None,
        retry_after: int | None,
    ) -> None:
        """Take note of what an answer said; its failure must not lose the answer."""
        try:
            self._heed(purpose, status, limits, retry_after)
        except Exception:
            logger.exception("What %s said of limits is lost", self._supplier)

    def _heed(
        self,
        purpose: str,
        status: int,
        limits: SeenLimits | None,
        retry_after: int | None,
    ) -> None:
        group = self._limits.group(purpose)
        hand = self._hand(group)
        if status == 429 or retry_after is not None:
            self._throttled(group, hand, status, retry_after)
            return
        if limits and limits.remaining is not None:
            self._heed_headers(group, hand, limits)
        if hand.has_throttled and 200 <= status < 300:
            hand.has_throttled = False
            self._buckets.calm(Key(self._supplier.pk, group))

    def _throttled(
        self, group: str, hand: _Hand, status: int, retry_after: int | None
    ) -> None:
        row = self._count_throttling(group)
        if retry_after is not None:
            # A vendor that says nought still wants a moment.
            seconds = float(max(1, min(retry_after, LONGEST_WAIT_SECONDS)))
            why = f"It answered {status} and asked for {seconds:.0f} s."
        else:
            seconds = throttled_wait(row.throttled_in_a_row)
            why = f"It answered {status} and did not say how long to wait."
        hand.has_throttled = True
        self._close(group, hand, seconds, why, row.throttled_in_a_row)

    def _count_throttling(self, group: str) -> CallBudget:
        """Count it, unless it is an answer to what went out before the last one."""
        row, _ = CallBudget.objects.get_or_create(supplier=self._supplier, group=group)
        now = timezone.now()
        rows = CallBudget.objects.filter(pk=row.pk)
        long_ago = Q(closed_until__lt=now - CALM_AFTER)
        # Closed for a moment in the same statement, so that of many answers that come
        # together one is counted.
        soon = now + timedelta(seconds=1)
        if not rows.filter(long_ago).update(throttled_in_a_row=1, closed_until=soon):
            rows.filter(Q(closed_until=None) | Q(closed_until__lte=now)).update(
                throttled_in_a_row=F("throttled_in_a_row") + 1, closed_until=soon
            )
        row.refresh_from_db()
        return row

    def _heed_headers(self, group: str, hand: _Hand, limits: SeenLimits) -> None:
        """Obey the headers of an answer that was not refused."""
        left = limits.remaining or 0
        now = timezone.now()
        until = limits.reset_at
        to_go = (until - now).total_seconds() if until else 0.0
        to_go = min(to_go, LONGEST_WAIT_SECONDS)
        if left <= 0:
            seconds = to_go + 1 if to_go > 0 else FIRST_WAIT_SECONDS
            self._close(group, hand, seconds, "Its headers say no call is left.", 0)
        elif limits.limit and to_go > 0 and left * 100 < limits.limit * FEW_PERCENT:
            pause = to_go / (left + 1)
            hand.close(pause)
            if self._limits.rate(group) is not None:
                self._buckets.slow(Key(self._supplier.pk, group), pause)

    def _close(
        self, group: str, hand: _Hand, seconds: float, why: str, in_a_row: int
    ) -> None:
        hand.close(seconds)
        key = Key(self._supplier.pk, group)
        self._buckets.close(key, seconds, throttled_in_a_row=in_a_row)
        CallBudget.objects.filter(supplier=self._supplier, group=group).update(
            closed_why=why
        )
        if not group:
            until = timezone.now() + timedelta(seconds=seconds)
            SupplierHealth.objects.filter(supplier=self._supplier).update(
                throttled_until=Greatest(Coalesce("throttled_until", until), until)
            )


def throttled_wait(in_a_row: int) -> float:
    """Seconds to wait where the vendor names none: doubling, and jittered."""
    doublings = min(max(in_a_row, 1) - 1, 10)
    jitter = random.uniform(1.0, 1.25)  # noqa: S311 - spreads load, no secret
    return float(min(FIRST_WAIT_SECONDS * 2**doublings * jitter, LONGEST_WAIT_SECONDS))


def gate_of(supplier: Supplier) -> Gate:
    """The gate that a client of this supplier asks before every request."""
    return SharedGate(supplier, shared_buckets())

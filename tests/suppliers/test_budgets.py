"""Call budgets: never more than the rate and a burst, whoever asks and wherever."""

import json
import subprocess
import sys
import threading
import time
from bisect import bisect_right
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import OperationalError, connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from procurement.suppliers import budgets, redis_buckets
from procurement.suppliers.buckets import MICRO, DatabaseBuckets, Key, Rate, Taken
from procurement.suppliers.budgets import Allowance, SharedGate
from procurement.suppliers.models import CallBudget, Supplier, SupplierHealth
from procurement.suppliers.redis_buckets import RedisBuckets, SharedBuckets
from tests.factories import make_supplier
from vendors.contracts import SeenLimits
from vendors.errors import HeldBack, Kind

pytestmark = pytest.mark.django_db

SLOW = Rate(interval_us=60 * MICRO, burst=3)
needs_redis = pytest.mark.skipif(
    not django_settings.REDIS_URL, reason="Redis keeps the budget here"
)


def in_redis(url: str = "") -> RedisBuckets:
    """A store of its own in Redis, empty."""
    client = redis_buckets.connect(url or django_settings.REDIS_URL)
    prefix = f"{django_settings.REDIS_PREFIX}:{time.monotonic_ns()}"
    return RedisBuckets(client, prefix)


@pytest.fixture(params=["database", pytest.param("redis", marks=needs_redis)])
def store(request: pytest.FixtureRequest) -> DatabaseBuckets | RedisBuckets:
    return DatabaseBuckets() if request.param == "database" else in_redis()


@pytest.fixture
def supplier() -> Supplier:
    return make_supplier("eet", options={"calls_per_minute": 60})


def most_in_any_window(moments: list[float], seconds: float) -> int:
    moments = sorted(moments)
    return max(
        (bisect_right(moments, at + seconds) - n for n, at in enumerate(moments)),
        default=0,
    )


# --- the algorithm ----------------------------------------------------------------


class Model:
    """The stores' arithmetic with a clock that a test sets."""

    def __init__(self, rate: Rate) -> None:
        self.rate, self.now, self.next = rate, 0, 0

    def take(self, key: Key, rate: Rate, *, wanted: int, patience: float) -> Taken:
        begin = max(self.next, self.now)
        free = (self.now + rate.ahead_us - begin) // rate.interval_us
        calls = max(1, min(wanted, free))
        wait = max(0, begin + calls * rate.interval_us - self.now - rate.ahead_us)
        if wait > patience * MICRO:
            return Taken(0, wait / MICRO)
        self.next = begin + calls * rate.interval_us
        return Taken(calls, wait / MICRO)


@given(
    per_minute=st.integers(1, 60_000),
    pauses=st.lists(st.integers(0, 2 * MICRO), min_size=1, max_size=60),
    delays=st.lists(st.floats(0, 1), min_size=1, max_size=60),
)
def test_calls_that_are_taken_together_never_exceed_rate_and_burst(
    per_minute: int, pauses: list[int], delays: list[float]
) -> None:
    """However long each taken call is held back, up to what the gate allows."""
    allowance = Allowance.of(per_minute)
    model, used = Model(allowance.rate), []
    for n, pause in enumerate(pauses):
        model.now += pause
        taken = model.take(
            Key(1), allowance.rate, wanted=allowance.most_at_once, patience=2.0
        )
        delay = delays[n % len(delays)]
        held = allowance.hold_seconds * delay if taken.calls > 1 else 0.0
        used += [model.now / MICRO + taken.wait + held] * taken.calls

    burst = max(1, per_minute // 60)
    for window in (0.0, 0.25, 1.0, 5.0, 60.0):
        most = burst + per_minute * window / 60
        assert most_in_any_window(used, window - 1e-9) <= most + 1e-6


@pytest.mark.parametrize(
    ("per_minute", "kept", "together"),
    [
        (1, Rate(60_000_000, 1), 1),
        (60, Rate(1_000_000, 1), 1),
        (240, Rate(250_000, 2), 2),
        (6000, Rate(10_000, 50), 50),
    ],
)
def test_a_second_of_a_rate_may_come_at_once(
    per_minute: int, kept: Rate, together: int
) -> None:
    assert Allowance.of(per_minute) == Allowance(kept, together)


# --- the stores -------------------------------------------------------------------


def test_store_lets_a_burst_out_and_then_names_the_wait(
    store: DatabaseBuckets, supplier: Supplier
) -> None:
    key = Key(supplier.pk)
    # Redis begins a budget it does not know with one call: it may have been flushed.
    burst = 3 if isinstance(store, DatabaseBuckets) else 1

    granted = [store.take(key, SLOW, wanted=1).calls for _ in range(burst)]
    refused = store.take(key, SLOW, wanted=1)

    assert granted == [1] * burst
    assert (refused.calls, refused.is_closed) == (0, False)
    assert 59 < refused.wait <= 60
    assert store.left(key, SLOW) == 0
    assert store.left(key, SLOW, ahead=121) == 2


def test_many_budgets_are_looked_at_at_once_and_none_is_changed(
    store: DatabaseBuckets, supplier: Supplier
) -> None:
    used, closed, unused = (Key(supplier.pk, group) for group in ("used", "shut", ""))
    # Redis begins a budget it does not know with one call: it may have been flushed.
    burst = 3 if isinstance(store, DatabaseBuckets) else 1
    store.take(used, SLOW, wanted=1)
    store.take(closed, SLOW, wanted=1)
    store.close(closed, 60)
    rows = CallBudget.objects.count()

    for _ in range(2):
        left = store.left_of(dict.fromkeys((used, closed, unused), SLOW))

    assert left == {used: burst - 1, closed: 0, unused: burst}
    assert CallBudget.objects.count() == rows
    assert store.left(used, SLOW) == burst - 1


def test_call_that_is_due_soon_is_reserved(
    store: DatabaseBuckets, supplier: Supplier
) -> None:
    key, rate = Key(supplier.pk), Rate(interval_us=MICRO, burst=1)

    first, second, third, fourth = (
        store.take(key, rate, wanted=1, patience=2.0) for _ in range(4)
    )

    assert (first.calls, first.wait) == (1, 0)
    assert second.calls == third.calls == 1
    assert 0.8 < second.wait <= 1
    assert 1.8 < third.wait <= 2
    assert fourth.calls == 0


def test_closed_budget_lets_nothing_out_and_the_longer_closure_stands(
    store: DatabaseBuckets, supplier: Supplier
) -> None:
    key = Key(supplier.pk)

    store.close(key, 100)
    store.close(key, 10)
    refused = store.take(key, SLOW, wanted=1, patience=2.0)

    assert (refused.calls, refused.is_closed) == (0, True)
    assert 98 < refused.wait <= 100
    assert store.left(key, SLOW, ahead=1000) == 0


def test_groups_and_suppliers_have_budgets_of_their_own(
    store: DatabaseBuckets, supplier: Supplier
) -> None:
    other = make_supplier()
    store.close(Key(supplier.pk), 100)

    assert store.take(Key(supplier.pk, "high"), SLOW, wanted=1).calls == 1
    assert store.take(Key(other.pk), SLOW, wanted=1).calls == 1


def in_threads(work: Callable[[], None], count: int) -> None:
    def alone() -> None:
        try:
            work()
        finally:
            connection.close()

    threads = [threading.Thread(target=alone) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.django_db(transaction=True)
def test_many_threads_together_stay_within_the_rate(
    store: DatabaseBuckets, supplier: Supplier
) -> None:
    key, rate = Key(supplier.pk), Rate(interval_us=50_000, burst=5)
    used: list[float] = []
    until = time.monotonic() + 1.0

    def work() -> None:
        while time.monotonic() < until:
            taken = store.take(key, rate, wanted=1, patience=0.2)
            time.sleep(taken.wait)
            if taken.calls:
                used.append(time.monotonic())

    in_threads(work, 8)

    assert len(used) >= 10
    # 20 a second; a tenth of a second for what a busy machine is late.
    assert len(used) <= 5 + 20 * (max(used) - min(used) + 0.1) + 1


PROCESS = """
import json, sys, time
import django
django.setup()
from django.db import connections
from procurement.suppliers.buckets import DatabaseBuckets, Key, Rate
from procurement.suppliers import redis_buckets
prefix, supplier_id, url = sys.argv[1], int(sys.argv[2]), sys.argv[3]
store = DatabaseBuckets()
if prefix:
    store = redis_buckets.RedisBuckets(redis_buckets.connect(url), prefix)
print("ready", flush=True); sys.stdin.readline()
used, until = 0, time.monotonic() + 1.0
while time.monotonic() < until:
    taken = store.take(Key(supplier_id), Rate(50_000, 5), wanted=1)
    used += taken.calls
    time.sleep(min(taken.wait, 0.02))
print(json.dumps(used))
"""


@pytest.mark.django_db(transaction=True)
def test_two_processes_share_one_budget(
    store: DatabaseBuckets | RedisBuckets, supplier: Supplier
) -> None:
    """Each alone would make 25 calls in that second; both together may make no more."""
    prefix = store._prefix if isinstance(store, RedisBuckets) else ""
    database = connection.settings_dict
    program = PROCESS.replace(
        "django.setup()",
        "from django.conf import settings; "
        f"settings.DATABASES['default']['NAME'] = {str(database['NAME'])!r}; "
        "django.setup()",
    )
    began = time.monotonic()
    processes = [
        subprocess.Popen(
            [
                sys.executable,
                "-c",
                program,
                prefix,
                str(supplier.pk),
                django_settings.REDIS_URL,
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in processes:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    began = time.monotonic()
    for process in processes:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
    counts = [json.loads(process.communicate()[0]) for process in processes]
    seconds = time.monotonic() - began

    assert all(counts)
    assert 10 <= sum(counts) <= 5 + 20 * seconds + 1


# --- Redis that is away or was flushed --------------------------------------------


def test_without_redis_the_database_keeps_the_budget(supplier: Supplier) -> None:
    nobody_there = in_redis("redis://127.0.0.1:1/0")
    shared = SharedBuckets(nobody_there)
    key = Key(supplier.pk)

    taken = [shared.take(key, SLOW, wanted=1).calls for _ in range(4)]
    began = time.monotonic()
    shared.close(key, 60)

    assert taken == [1, 1, 1, 0]
    assert CallBudget.objects.get().closed_until is not None
    # Redis is not asked again for a while.
    assert time.monotonic() - began < 0.4


@needs_redis
def test_flushed_redis_opens_nothing_that_was_closed(supplier: Supplier) -> None:
    quick = in_redis()
    shared, key = SharedBuckets(quick), Key(supplier.pk)
    shared.close(key, 60, throttled_in_a_row=1)

    quick._client.delete(quick._name(key))
    refused = shared.take(key, SLOW, wanted=1)

    assert refused.is_closed
    assert 50 < refused.wait <= 60


@needs_redis
def test_flushed_redis_gives_no_second_burst(supplier: Supplier) -> None:
    quick, key = in_redis(), Key(supplier.pk)
    quick.take(key, SLOW, wanted=3)

    quick._client.delete(quick._name(key))

    assert quick.take(key, SLOW, wanted=3).calls == 1
    assert quick.take(key, SLOW, wanted=3).calls == 0


# --- the gate ---------------------------------------------------------------------


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def gate(supplier: Supplier, slept: list[float]) -> SharedGate:
    return SharedGate(supplier, SharedBuckets(None), sleep=slept.append)


def again(supplier: Supplier) -> SharedGate:
    """The gate on another machine, which knows what is stored and nothing else."""
    budgets.forget()
    found = Supplier.objects.select_related("health").get(pk=supplier.pk)
    return SharedGate(found, SharedBuckets(None), sleep=lambda seconds: None)


def test_gate_waits_its_turn_and_then_puts_the_call_off(
    gate: SharedGate, slept: list[float]
) -> None:
    for _ in range(3):
        gate.enter("place_order")

    with pytest.raises(HeldBack) as held:
        gate.enter("place_order")

    assert [round(seconds) for seconds in slept] == [1, 2]
    assert held.value.kind is Kind.THROTTLED
    assert held.value.retry_after == 3
    assert held.value.status is None


def test_supplier_without_a_rate_costs_no_query(
    django_assert_num_queries: Any,
) -> None:
    gate = SharedGate(make_supplier(), SharedBuckets(None))

    with django_assert_num_queries(0):
        for _ in range(100):
            gate.enter("place_order")
            gate.heard("place_order", status=200, limits=None, retry_after=None)


def test_many_calls_at_a_high_rate_cost_few_looks_at_the_store(
    django_assert_max_num_queries: Any,
) -> None:
    supplier = make_supplier(options={"calls_per_minute": 60_000})
    gate = SharedGate(supplier, SharedBuckets(None))

    with django_assert_max_num_queries(40):
        for _ in range(200):
            gate.enter("place_order")


@pytest.mark.parametrize("calls_per_minute", [0, 60])
def test_retry_after_closes_the_supplier_for_everybody(
    calls_per_minute: int,
) -> None:
    supplier = make_supplier(options={"calls_per_minute": calls_per_minute})
    gate = SharedGate(supplier, SharedBuckets(None))
    gate.enter("place_order")

    gate.heard("place_order", status=429, limits=None, retry_after=30)

    with pytest.raises(HeldBack) as held:
        gate.enter("read_order")
    assert held.value.retry_after in (29, 30)
    with pytest.raises(HeldBack) as held:
        again(supplier).enter("read_order")
    assert held.value.retry_after in (29, 30)
    health = SupplierHealth.objects.get()
    assert health.throttled_until is not None
    row = CallBudget.objects.get()
    assert row.closed_why == "It answered 429 and asked for 30 s."


def test_unavailable_without_a_time_closes_nothing(gate: SharedGate) -> None:
    gate.heard("place_order", status=503, limits=None, retry_after=None)

    gate.enter("place_order")


def test_waits_grow_until_a_call_is_taken(supplier: Supplier) -> None:
    waits = []
    for _ in range(3):
        gate = again(supplier)
        gate.heard("place_order", status=429, limits=None, retry_after=None)
        row = CallBudget.objects.get()
        assert row.closed_until is not None
        waits.append((row.closed_until - timezone.now()).total_seconds())
        CallBudget.objects.update(closed_until=timezone.now())
    gate.heard("place_order", status=200, limits=None, retry_after=None)

    for wait, least in zip(waits, (5, 10, 20), strict=True):
        assert least - 0.5 <= wait <= least * 1.25
    assert CallBudget.objects.get().throttled_in_a_row == 0


def test_answers_that_come_together_are_one_throttling(gate: SharedGate) -> None:
    for _ in range(32):
        gate.heard("place_order", status=429, limits=None, retry_after=None)

    assert CallBudget.objects.get().throttled_in_a_row == 1


def test_headers_that_say_no_call_is_left_close_until_their_reset(
    gate: SharedGate,
) -> None:
    reset = datetime.now(UTC) + timedelta(seconds=40)

    gate.heard(
        "read_order", status=200, limits=SeenLimits(300, 0, reset), retry_after=None
    )

    with pytest.raises(HeldBack) as held:
        gate.enter("read_order")
    assert held.value.retry_after in (40, 41)


def test_the_last_tenth_of_the_calls_is_spread_over_the_time_left(
    gate: SharedGate,
) -> None:
    reset = datetime.now(UTC) + timedelta(seconds=60)

    gate.heard(
        "read_order", status=200, limits=SeenLimits(300, 9, reset), retry_after=None
    )

    with pytest.raises(HeldBack) as held:
        gate.enter("read_order")
    assert held.value.retry_after == 6


def test_plenty_left_changes_nothing(gate: SharedGate) -> None:
    reset = datetime.now(UTC) + timedelta(seconds=60)

    gate.heard(
        "read_order", status=200, limits=SeenLimits(300, 200, reset), retry_after=None
    )

    gate.enter("read_order")


def test_closed_group_leaves_the_others_open() -> None:
    supplier = make_supplier(options={"client": "NORD", "calls_per_minute": 240})
    gate = SharedGate(supplier, SharedBuckets(None))

    gate.heard("check_connection", status=429, limits=None, retry_after=60)

    gate.enter("place_order")
    with pytest.raises(HeldBack):
        gate.enter("check_connection")
    assert SupplierHealth.objects.get().throttled_until is None


@pytest.fixture
def broken_store(supplier: Supplier) -> SharedGate:
    class Broken(SharedBuckets):
        def take(self, *args: Any, **kwargs: Any) -> Taken:
            raise OperationalError("away")

        def close(self, *args: Any, **kwargs: Any) -> None:
            raise OperationalError("away")

    return SharedGate(supplier, Broken(None))


def test_store_that_fails_holds_the_call_back(broken_store: SharedGate) -> None:
    with pytest.raises(HeldBack):
        broken_store.enter("place_order")


def test_store_that_fails_after_an_answer_does_not_lose_the_answer(
    broken_store: SharedGate,
) -> None:
    broken_store.heard("place_order", status=429, limits=None, retry_after=30)

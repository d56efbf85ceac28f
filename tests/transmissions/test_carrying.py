"""Many calls at once in one process, over a vendor that answers when it is told to."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from procurement.orders.models import PurchaseOrder
from procurement.suppliers.models import Supplier
from procurement.transmissions import carrying, claiming, errands, sweeping
from procurement.transmissions.carrying import Carrier, carry
from procurement.transmissions.errands import Errand, Source
from procurement.transmissions.models import Attempt, State, Transmission, Urgency
from tests.conftest import use_fake
from tests.factories import make_queued_order, make_supplier
from tests.fakes import FakeVendor
from tests.processes import wait_until
from vendors.contracts import Accepted, OrderRequest
from vendors.errors import Kind, NotSent, OutcomeUnknown, Refused

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carrying, "LINGER_SECONDS", 0.3)
    monkeypatch.setattr(carrying, "LOOK_AGAIN_SECONDS", 0.02)
    monkeypatch.setattr(carrying, "LOOK_FOR_ERRANDS_SECONDS", 0.02)


@pytest.fixture
def open_supplier(fake_vendor: FakeVendor) -> Supplier:
    return make_supplier(options={"calls_at_once": 50, "calls_per_minute": 0})


class Door:
    """Holds calls until it is opened, and tells how many stand before it."""

    def __init__(self) -> None:
        self.standing = 0
        self.most = 0
        self._lock = threading.Lock()
        self._open = threading.Event()

    def open(self) -> None:
        self._open.set()

    def __call__(self, request: OrderRequest) -> None:
        with self._lock:
            self.standing += 1
            self.most = max(self.most, self.standing)
        assert self._open.wait(20)
        with self._lock:
            self.standing -= 1


@pytest.fixture
def door() -> Iterator[Door]:
    made = Door()
    yield made
    made.open()


@pytest.fixture
def in_background() -> Iterator[Callable[[Carrier], threading.Thread]]:
    started: list[threading.Thread] = []

    def start(carrier: Carrier) -> threading.Thread:
        def work() -> None:
            try:
                carrier.run()
            finally:
                connection.close()

        started.append(threading.Thread(target=work))
        started[-1].start()
        return started[-1]

    yield start
    for thread in started:
        thread.join(20)


def carrier(**changes: Any) -> Carrier:
    return Carrier(**{"threads": 8, "seconds": 20, **changes})


def states() -> dict[str, int]:
    found: dict[str, int] = {}
    for state in Transmission.objects.values_list("state", flat=True):
        found[state] = found.get(state, 0) + 1
    return found


def sent_order(fake: FakeVendor) -> list[str]:
    return [request.reference for request in fake.books]


def test_everything_due_is_carried_once(
    fake_vendor: FakeVendor, open_supplier: Supplier
) -> None:
    numbers = {make_queued_order(open_supplier)[0].number for _ in range(20)}

    carrier().run()

    assert sorted(sent_order(fake_vendor)) == sorted(numbers)
    assert states() == {"sent": 20}
    for order in PurchaseOrder.objects.all():
        kinds = list(order.events.order_by("pk").values_list("kind", flat=True))
        assert kinds[-2:] == ["sending", "sent"]
        assert order.version == len(kinds)


def test_outcomes_of_one_commit_keep_apart(
    fake_vendor: FakeVendor, open_supplier: Supplier
) -> None:
    orders = [make_queued_order(open_supplier)[0] for _ in range(4)]
    outcomes: dict[str, Any] = dict(
        zip(
            [order.number for order in orders],
            [
                Accepted(number="SO-1"),
                Refused("No such item."),
                NotSent("No connection.", kind=Kind.CONNECTION),
                OutcomeUnknown("No answer.", kind=Kind.TIMEOUT),
            ],
            strict=True,
        )
    )
    fake_vendor.answer_of = outcomes.__getitem__

    carrier(threads=4).run()

    for order in orders:
        order.refresh_from_db()
    assert [order.transmission for order in orders] == [
        "sent",
        "refused",
        "queued",
        "unknown",
    ]
    assert orders[0].supplier_order_number == "SO-1"
    assert orders[1].attention == "No such item."
    assert [attempt.outcome for attempt in Attempt.objects.order_by("pk")] == [
        "accepted",
        "refused",
        "not_sent",
        "unknown",
    ]
    exchanges = [attempt.exchanges.count() for attempt in Attempt.objects.all()]
    assert exchanges == [1, 1, 1, 1]


def test_calls_wait_side_by_side(
    fake_vendor: FakeVendor,
    open_supplier: Supplier,
    door: Door,
    in_background: Callable[[Carrier], threading.Thread],
) -> None:
    for _ in range(6):
        make_queued_order(open_supplier)
    fake_vendor.on_place = door

    in_background(carrier())

    wait_until("all six are under way", lambda: door.standing == 6)
    door.open()
    wait_until("all are recorded", lambda: states() == {"sent": 6})


def test_limit_of_a_supplier_holds_over_two_carriers(
    fake_vendor: FakeVendor,
    door: Door,
    in_background: Callable[[Carrier], threading.Thread],
) -> None:
    supplier = make_supplier(options={"calls_at_once": 2, "calls_per_minute": 0})
    for _ in range(6):
        make_queued_order(supplier)
    fake_vendor.on_place = door

    for _ in range(2):
        in_background(carrier())

    wait_until("two are under way", lambda: door.standing == 2)
    time.sleep(0.5)
    assert door.most == 2
    door.open()
    wait_until("all are recorded", lambda: states() == {"sent": 6})


def test_supplier_that_hangs_holds_up_nobody_else(
    monkeypatch: pytest.MonkeyPatch,
    fake_vendor: FakeVendor,
    door: Door,
    in_background: Callable[[Carrier], threading.Thread],
) -> None:
    hanging = FakeVendor(code="eet", can_follow=False, has_test_flag=True)
    use_fake(monkeypatch, hanging)
    hanging.on_place = door
    dead = make_supplier("eet", options={"calls_at_once": 0, "calls_per_minute": 0})
    alive = make_supplier(
        slug="alive", options={"calls_at_once": 4, "calls_per_minute": 0}
    )
    for _ in range(20):
        make_queued_order(dead)
    for _ in range(8):
        make_queued_order(alive)

    in_background(carrier(threads=8))

    wait_until("the other's are sent", lambda: states().get("sent") == 8)
    assert door.standing == 6, "a quarter of the places is left to others"
    door.open()
    wait_until("all are sent", lambda: states() == {"sent": 28})


def test_what_is_urgent_goes_first_and_then_what_is_old(
    fake_vendor: FakeVendor,
) -> None:
    supplier = make_supplier(options={"calls_at_once": 1, "calls_per_minute": 0})
    made = [make_queued_order(supplier) for _ in range(4)]
    now = timezone.now()
    for minutes, (_, transmission) in zip((5, 20, 1, 10), made, strict=True):
        Transmission.objects.filter(pk=transmission.pk).update(
            next_attempt_at=now - timedelta(minutes=minutes)
        )
    Transmission.objects.filter(pk=made[2][1].pk).update(urgency=Urgency.AT_ONCE)

    carrier(threads=1).run()

    expected = [made[n][0].number for n in (2, 1, 3, 0)]
    assert sent_order(fake_vendor) == expected


@pytest.mark.parametrize(
    ("days", "urgency"),
    [(None, Urgency.NORMAL), (1, Urgency.SOON), (9, Urgency.NORMAL)],
)
def test_goods_wanted_within_days_go_before_others(
    fake_vendor: FakeVendor, days: int | None, urgency: Urgency
) -> None:
    wanted: date | None = None
    if days is not None:
        wanted = timezone.localdate() + timedelta(days=days)

    _, transmission = make_queued_order(requested_date=wanted)

    assert transmission.urgency == urgency


def test_told_to_stop_it_finishes_what_is_under_way_and_begins_nothing(
    fake_vendor: FakeVendor,
    door: Door,
    in_background: Callable[[Carrier], threading.Thread],
) -> None:
    supplier = make_supplier(options={"calls_at_once": 2, "calls_per_minute": 0})
    for _ in range(5):
        make_queued_order(supplier)
    fake_vendor.on_place = door
    stop = threading.Event()
    thread = in_background(carrier(should_stop=stop.is_set))
    wait_until("two are under way", lambda: door.standing == 2)

    stop.set()
    door.open()
    thread.join(10)

    assert not thread.is_alive()
    assert states() == {"sent": 2, "queued": 3}
    assert not Attempt.objects.filter(outcome="running").exists()


def test_claims_under_way_are_renewed_and_not_taken_for_dead(
    settings: Any,
    fake_vendor: FakeVendor,
    open_supplier: Supplier,
    door: Door,
    in_background: Callable[[Carrier], threading.Thread],
) -> None:
    settings.SEND_LEASE_SECONDS = 1
    _, transmission = make_queued_order(open_supplier)
    fake_vendor.on_place = door
    in_background(carrier())
    wait_until("it is under way", lambda: door.standing == 1)

    time.sleep(1.5)
    sweeping.sweep()

    transmission.refresh_from_db()
    assert transmission.state == State.SENDING
    door.open()
    wait_until("it is sent", lambda: states() == {"sent": 1})


def test_answers_are_recorded_though_the_database_fails_while_more_is_claimed(
    monkeypatch: pytest.MonkeyPatch, fake_vendor: FakeVendor, open_supplier: Supplier
) -> None:
    for _ in range(3):
        make_queued_order(open_supplier)
    claim_next = claiming.claim_next
    calls: list[int] = []

    def falters(*args: Any, **kwargs: Any) -> Any:
        calls.append(1)
        if len(calls) in (2, 3):
            raise OperationalError("gone")
        return claim_next(*args, **kwargs)

    monkeypatch.setattr(carrying, "claim_next", falters)

    carrier().run()

    assert states() == {"sent": 3}
    assert len(calls) > 3


def test_one_outcome_that_cant_be_recorded_does_not_spoil_the_others(
    monkeypatch: pytest.MonkeyPatch, fake_vendor: FakeVendor, open_supplier: Supplier
) -> None:
    from procurement.transmissions import moves

    orders = [make_queued_order(open_supplier)[0] for _ in range(3)]
    accept = moves.accept

    def fails_for_one(transmission: Transmission, *args: Any) -> None:
        if transmission.subject == orders[1].number:
            raise ZeroDivisionError
        accept(transmission, *args)

    monkeypatch.setattr(moves, "accept", fails_for_one)

    carrier().run()

    assert states() == {"sent": 2, "sending": 1}, "its claim runs out"
    assert len(fake_vendor.books) == 3


def test_errands_run_beside_sends_and_one_that_fails_ends_nothing(
    monkeypatch: pytest.MonkeyPatch, fake_vendor: FakeVendor, open_supplier: Supplier
) -> None:
    make_queued_order(open_supplier)
    ran: list[str] = []

    def fails() -> None:
        ran.append("failed")
        raise ZeroDivisionError

    waiting = [
        Errand("One that fails", open_supplier.pk, fails),
        Errand("One that works", open_supplier.pk, lambda: ran.append("worked")),
    ]
    source = Source(
        claim=lambda limit: [waiting.pop() for _ in range(min(limit, len(waiting)))],
        is_due=lambda: bool(waiting),
    )
    monkeypatch.setattr(errands, "_sources", {"test": source})

    assert carrier().run() == 3

    assert sorted(ran) == ["failed", "worked"]
    assert states() == {"sent": 1}


def test_lost_answer_is_looked_up_by_a_carrier(
    settings: Any, fake_vendor: FakeVendor, open_supplier: Supplier
) -> None:
    settings.LOOK_UP_WAITS = [0]
    order, _ = make_queued_order(open_supplier)
    fake_vendor.answers = [OutcomeUnknown("No answer.", kind=Kind.TIMEOUT)]
    from tests.transmissions.test_sending import found

    fake_vendor.found = [(found("SO-88"),)]

    carrier().run()

    order.refresh_from_db()
    assert (order.transmission, order.supplier_order_number) == ("sent", "SO-88")
    assert len(fake_vendor.books) == 1


def test_second_task_of_a_process_leaves_the_work_to_the_first(
    fake_vendor: FakeVendor, open_supplier: Supplier, door: Door
) -> None:
    make_queued_order(open_supplier)
    fake_vendor.on_place = door
    thread = threading.Thread(target=carry_and_close)
    thread.start()
    wait_until("it is under way", lambda: door.standing == 1)

    assert carry() == 0

    door.open()
    thread.join(20)
    assert states() == {"sent": 1}


def carry_and_close() -> None:
    try:
        carry()
    finally:
        connection.close()


def test_order_that_breaks_our_code_holds_up_no_other(
    monkeypatch: pytest.MonkeyPatch, fake_vendor: FakeVendor, open_supplier: Supplier
) -> None:
    from procurement.orders import queries

    orders = [make_queued_order(open_supplier)[0] for _ in range(3)]
    hash_of = queries.content_hash

    def breaks_for_one(order: PurchaseOrder) -> str:
        if order.number == orders[1].number:
            raise ZeroDivisionError
        return hash_of(order)

    monkeypatch.setattr(queries, "content_hash", breaks_for_one)

    carrier().run()

    assert states() == {"sent": 2, "queued": 1}
    assert orders[1].number not in sent_order(fake_vendor)


def test_carrier_that_breaks_off_still_records_what_is_under_way(
    monkeypatch: pytest.MonkeyPatch, fake_vendor: FakeVendor, open_supplier: Supplier
) -> None:
    for _ in range(2):
        make_queued_order(open_supplier)
    claim_next = claiming.claim_next
    claims: list[int] = []

    def breaks_off(*args: Any, **kwargs: Any) -> Any:
        claims.append(1)
        if len(claims) > 1:
            raise ZeroDivisionError
        return claim_next(*args, **kwargs)

    monkeypatch.setattr(carrying, "claim_next", breaks_off)

    carrier().run()

    assert states() == {"sent": 2}


def test_call_that_ends_its_thread_is_let_go_and_not_renewed_for_ever(
    fake_vendor: FakeVendor, open_supplier: Supplier
) -> None:
    make_queued_order(open_supplier)

    def ends_the_thread(request: OrderRequest) -> None:
        raise SystemExit

    fake_vendor.on_place = ends_the_thread

    carrier().run()

    assert states() == {"sending": 1}, "its claim runs out"
    assert len(fake_vendor.books) == 1

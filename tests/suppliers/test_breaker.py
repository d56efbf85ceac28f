"""The breaker: what opens it, what is tried, and what closes it again."""

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

import vendors
from procurement.errors import OperationNotAllowed
from procurement.suppliers import breaker, gates
from procurement.suppliers.conversations import (
    conversation,
    record_failure,
    record_success,
)
from procurement.suppliers.models import Breaker, Exchange, Supplier, SupplierHealth
from procurement.suppliers.operations import (
    change_supplier,
    pause_supplier,
    resume_supplier,
    try_supplier_now,
)
from tests.factories import make_supplier, make_user
from tests.fakes import FakeVendor
from vendors.errors import HeldBack, Kind, NotSent, OutcomeUnknown, Refused

pytestmark = pytest.mark.django_db

COUNTED = [Kind.CONNECTION, Kind.TIMEOUT, Kind.CUT, Kind.SERVER, Kind.UNREADABLE]
STEPS = ["good", "bad", "refused", "late bad", "late good", "wait"]
NOT_COUNTED = [Kind.THROTTLED, Kind.CREDENTIALS, Kind.CONFIGURATION, Kind.BUG]


@pytest.fixture
def supplier(fake_vendor: FakeVendor) -> Supplier:
    return make_supplier()


def fail(
    supplier: Supplier,
    times: int = 1,
    kind: Kind = Kind.TIMEOUT,
    begun_at: datetime | None = None,
) -> None:
    for _ in range(times):
        record_failure(supplier, NotSent("No.", kind=kind), begun_at=begun_at)


def health_of(supplier: Supplier) -> SupplierHealth:
    return SupplierHealth.objects.get(supplier=supplier)


def room_at(supplier: Supplier, under_way: int = 0) -> int:
    found = Supplier.objects.select_related("health").get(pk=supplier.pk)
    return gates.room(found, under_way=under_way)


def wait_is_over(supplier: Supplier) -> None:
    now = timezone.now()
    SupplierHealth.objects.filter(supplier=supplier).update(breaker_until=now)


def answering(
    monkeypatch: pytest.MonkeyPatch, answer: Exception | None = None
) -> list[str]:
    """What the vendor's harmless call says; returns the calls made."""
    made: list[str] = []

    def check(client: Any) -> str:
        made.append("check")
        client.said("check_connection")
        if answer:
            raise answer
        return "It works."

    monkeypatch.setitem(vendors.get("extend").__dict__, "check_connection", check)
    return made


# --- opening ----------------------------------------------------------------------


@pytest.mark.parametrize("kind", COUNTED)
def test_five_failures_in_a_row_open_it(supplier: Supplier, kind: Kind) -> None:
    fail(supplier, 4, kind)
    assert room_at(supplier) > 0

    fail(supplier, 1, kind)

    health = health_of(supplier)
    assert health.breaker == Breaker.OPEN
    assert health.breaker_until is not None
    wait = (health.breaker_until - timezone.now()).total_seconds()
    assert 23 < wait <= 36
    assert room_at(supplier) == 0
    event = supplier.events.first()
    assert event is not None
    assert (event.kind, event.actor) == ("breaker_opened", None)
    assert event.text == "Paused by itself after 5 failures in a row."


@pytest.mark.parametrize("kind", NOT_COUNTED)
def test_what_is_not_the_suppliers_trouble_opens_nothing(
    supplier: Supplier, kind: Kind
) -> None:
    fail(supplier, 9, kind)

    assert health_of(supplier).breaker == Breaker.CLOSED


def test_what_our_own_budget_held_back_is_no_failure(supplier: Supplier) -> None:
    for _ in range(9):
        record_failure(supplier, HeldBack("Later.", kind=Kind.THROTTLED))

    health = health_of(supplier)
    assert (health.failures_in_a_row, health.last_failure_at) == (0, None)


@pytest.mark.parametrize("good", [None, Refused("No such item.")])
def test_an_answer_ends_the_row(supplier: Supplier, good: Refused | None) -> None:
    """A refusal of the data is an answer as good as any other."""
    fail(supplier, 4)
    if good:
        record_failure(supplier, good)
    else:
        record_success(supplier)
    fail(supplier, 4)

    assert health_of(supplier).breaker == Breaker.CLOSED


@pytest.mark.django_db(transaction=True)
def test_of_many_that_fail_at_once_one_opens_it(supplier: Supplier) -> None:
    barrier = threading.Barrier(8)

    def work() -> None:
        try:
            barrier.wait()
            error = OutcomeUnknown("No answer.", kind=Kind.TIMEOUT)
            record_failure(supplier, error, begun_at=began)
        finally:
            connection.close()

    began = timezone.now()
    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    health = health_of(supplier)
    assert (health.breaker, health.breaker_openings) == (Breaker.OPEN, 1)
    assert supplier.events.filter(kind="breaker_opened").count() == 1


# --- trying -----------------------------------------------------------------------


def test_it_is_tried_when_the_wait_is_over_and_not_before(
    supplier: Supplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = answering(monkeypatch)
    fail(supplier, 5)

    assert gates.due_probes() == []
    gates.probe(supplier_id=supplier.pk)
    assert made == []
    wait_is_over(supplier)
    assert gates.due_probes() == [supplier.pk]
    gates.probe(supplier_id=supplier.pk)

    assert made == ["check"]
    assert health_of(supplier).breaker == Breaker.HALF_OPEN
    assert gates.due_probes() == []
    assert Exchange.objects.get().purpose == "check_connection"


def test_half_open_lets_one_job_out_on_all_machines(supplier: Supplier) -> None:
    fail(supplier, 5)
    wait_is_over(supplier)
    gates.probe(supplier_id=supplier.pk)

    assert room_at(supplier, under_way=0) == 1
    assert room_at(supplier, under_way=1) == 0


def test_good_job_closes_it_and_says_so(supplier: Supplier) -> None:
    fail(supplier, 5)
    wait_is_over(supplier)
    gates.probe(supplier_id=supplier.pk)

    record_success(supplier)

    health = health_of(supplier)
    assert (health.breaker, health.breaker_openings) == (Breaker.CLOSED, 0)
    assert health.breaker_failures == 0
    assert room_at(supplier) > 1
    kinds = list(supplier.events.values_list("kind", flat=True))
    assert kinds == ["breaker_closed", "breaker_opened", "created"]


def test_each_try_that_fails_opens_it_for_longer(
    supplier: Supplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, NotSent("No route.", kind=Kind.CONNECTION))
    monkeypatch.setattr("random.uniform", lambda low, high: 1.0)
    fail(supplier, 5)
    waits = []
    for _ in range(6):
        wait_is_over(supplier)
        gates.probe(supplier_id=supplier.pk)
        until = health_of(supplier).breaker_until
        assert until is not None
        waits.append(round((until - timezone.now()).total_seconds()))

    assert waits == [60, 120, 240, 480, 600, 600]
    assert supplier.events.filter(kind="breaker_opened").count() == 1


def test_failed_job_in_its_half_open_state_opens_it_for_longer(
    supplier: Supplier,
) -> None:
    fail(supplier, 5)
    wait_is_over(supplier)
    gates.probe(supplier_id=supplier.pk)

    fail(supplier)

    health = health_of(supplier)
    assert (health.breaker, health.breaker_openings) == (Breaker.OPEN, 2)


def test_calls_from_before_say_nothing_about_it(supplier: Supplier) -> None:
    """Thirty calls may hang for a minute and end long after the breaker moved."""
    before = timezone.now()
    fail(supplier, 5)
    record_success(supplier, begun_at=before)
    assert health_of(supplier).breaker == Breaker.OPEN

    wait_is_over(supplier)
    gates.probe(supplier_id=supplier.pk)
    fail(supplier, 3, begun_at=before)
    assert health_of(supplier).breaker == Breaker.HALF_OPEN

    record_success(supplier)
    fail(supplier, 9, begun_at=before)
    assert health_of(supplier).breaker == Breaker.CLOSED


@pytest.mark.parametrize(
    "trouble",
    [
        NotSent("Refused.", kind=Kind.CREDENTIALS),
        NotSent("Too many.", kind=Kind.THROTTLED),
        HeldBack("Later.", kind=Kind.THROTTLED, retry_after=3),
        ValueError("our own fault"),
    ],
)
def test_try_that_tells_nothing_is_not_made_again_at_once(
    supplier: Supplier, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    answering(monkeypatch, trouble)
    fail(supplier, 5)
    wait_is_over(supplier)

    gates.probe(supplier_id=supplier.pk)

    assert health_of(supplier).breaker == Breaker.OPEN
    assert gates.due_probes() == []


def test_supplier_paused_by_hand_is_not_tried(supplier: Supplier) -> None:
    fail(supplier, 5)
    wait_is_over(supplier)

    pause_supplier(supplier_id=supplier.pk, actor=None)

    assert gates.due_probes() == []


@pytest.mark.django_db(transaction=True)
def test_one_machine_tries_at_a_time(
    supplier: Supplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    begun, may_end = threading.Event(), threading.Event()

    def check(client: Any) -> str:
        made.append("check")
        begun.set()
        may_end.wait(10)
        return "It works."

    monkeypatch.setitem(vendors.get("extend").__dict__, "check_connection", check)
    fail(supplier, 5)
    wait_is_over(supplier)

    def work() -> None:
        try:
            gates.probe(supplier_id=supplier.pk)
        finally:
            connection.close()

    first = threading.Thread(target=work)
    first.start()
    assert begun.wait(10)
    gates.probe(supplier_id=supplier.pk)
    may_end.set()
    first.join()

    assert made == ["check"]


def test_account_in_trouble_is_tried_with_one_job(supplier: Supplier) -> None:
    fail(supplier, 1, Kind.CREDENTIALS)
    assert room_at(supplier) == 0

    SupplierHealth.objects.update(blocked_until=timezone.now())
    assert room_at(supplier, under_way=0) == 1
    assert room_at(supplier, under_way=1) == 0

    record_success(supplier)
    assert room_at(supplier) > 1


# --- by hand ----------------------------------------------------------------------


def test_person_may_end_the_wait(supplier: Supplier) -> None:
    operator = make_user("olle")
    fail(supplier, 5)

    try_supplier_now(supplier_id=supplier.pk, actor=operator)

    assert gates.due_probes() == [supplier.pk]
    event = supplier.events.first()
    assert event is not None
    assert (event.kind, event.actor) == ("tried", operator)


def test_nothing_to_end_is_said(supplier: Supplier) -> None:
    with pytest.raises(OperationNotAllowed, match="not waiting"):
        try_supplier_now(supplier_id=supplier.pk, actor=None)


def test_new_address_is_tried_at_once(supplier: Supplier) -> None:
    fail(supplier, 5)

    change_supplier(
        supplier_id=supplier.pk, actor=None, data={"base_url": "http://127.0.0.1:8/x"}
    )

    assert gates.due_probes() == [supplier.pk]


def test_pause_keeps_who_when_and_why_and_resume_wakes_the_carriers(
    supplier: Supplier,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    woken: list[bool] = []
    monkeypatch.setattr("procurement.queue._wake", lambda: woken.append(True))
    operator = make_user("olle")

    pause_supplier(
        supplier_id=supplier.pk, actor=operator, reason=" Stock-taking\nthere. "
    )
    supplier.refresh_from_db()
    assert supplier.is_paused
    assert (supplier.paused_by, supplier.pause_reason) == (
        operator,
        "Stock-taking there.",
    )
    assert supplier.paused_at is not None
    assert room_at(supplier) == 0
    with django_capture_on_commit_callbacks(execute=True):
        resume_supplier(supplier_id=supplier.pk, actor=operator)

    supplier.refresh_from_db()
    assert (supplier.is_paused, supplier.pause_reason) == (False, "")
    assert (supplier.paused_by, supplier.paused_at) == (None, None)
    assert woken == [True]
    assert room_at(supplier) > 0
    texts = list(supplier.events.values_list("kind", "text"))
    assert texts[:2] == [("resumed", ""), ("paused", "Stock-taking there.")]


def test_pausing_cuts_nothing_that_is_under_way(supplier: Supplier) -> None:
    with conversation(supplier, subject="x") as talk:
        pause_supplier(supplier_id=supplier.pk, actor=None)
        talk.client.said("read_order")  # type: ignore[attr-defined]

    assert Exchange.objects.count() == 1
    assert health_of(supplier).last_success_at is not None


# --- the whole of it --------------------------------------------------------------


class AnyOrder(TestCase):
    """Held against the rules in words, whatever happens in whatever order."""

    @settings(max_examples=60)
    @given(
        steps=st.lists(
            st.sampled_from(
                ["good", "bad", "refused", "late bad", "late good", "wait"]
            ),
            max_size=40,
        )
    )
    def test_states_follow_the_rules(self, steps: list[str]) -> None:
        supplier = Supplier.objects.filter(slug="any").first() or make_supplier(
            slug="any"
        )
        SupplierHealth.objects.filter(supplier=supplier).update(
            breaker=Breaker.CLOSED,
            breaker_failures=0,
            breaker_openings=0,
            breaker_until=None,
            breaker_changed_at=None,
        )
        long_ago = timezone.now() - timedelta(days=1)
        state, row, has_moved, is_due = Breaker.CLOSED, 0, False, False
        for step in steps:
            is_late = step.startswith("late")
            begun_at = long_ago if is_late else timezone.now()
            is_counted = not is_late or not has_moved
            before = state
            if step == "wait":
                SupplierHealth.objects.filter(
                    supplier=supplier, breaker=Breaker.OPEN
                ).update(breaker_until=timezone.now())
                is_due = state == Breaker.OPEN
            elif step.endswith("bad"):
                fail(supplier, begun_at=begun_at)
                if is_counted and state == Breaker.CLOSED:
                    row += 1
                    state = Breaker.OPEN if row >= 5 else state
                elif is_counted and (state == Breaker.HALF_OPEN or is_due):
                    state, is_due = Breaker.OPEN, False
            else:
                if step == "refused":
                    record_failure(supplier, Refused("No."), begun_at=begun_at)
                else:
                    record_success(supplier, begun_at=begun_at)
                if is_counted:
                    row = 0 if state == Breaker.CLOSED else row
                    if state == Breaker.HALF_OPEN:
                        state, row = Breaker.CLOSED, 0
                    elif state == Breaker.OPEN:
                        state, is_due = Breaker.HALF_OPEN, False
            has_moved = has_moved or state != before

            health = health_of(supplier)
            assert health.breaker == state, (steps, step)
            if state == Breaker.CLOSED:
                assert health.breaker_failures == row
                assert health.breaker_openings == 0
            assert (health.breaker_until is not None) == (state == Breaker.OPEN)


def test_wait_never_exceeds_ten_minutes() -> None:
    assert all(breaker.wait_seconds(n) <= 600 for n in (1, 2, 5, 6, 50, 10_000))

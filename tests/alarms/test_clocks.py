"""Each silence is an alarm at its clock, not before, and no longer than it lasts."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django_q.models import OrmQ, Schedule

from procurement.alarms.models import RULED, Alarm, AlarmRule, Kind, Unit
from procurement.alarms.operations import look_for_silence
from procurement.coordination.models import Heartbeat, JobRun
from procurement.fulfilment.models import PollState
from procurement.orders.models import PurchaseOrder
from procurement.orders.states import Fulfilment, Sending
from procurement.suppliers.models import Supplier, SupplierHealth
from procurement.transmissions.models import Attempt, State, Transmission
from tests.factories import make_approved_order, make_queued_order, make_supplier

pytestmark = pytest.mark.django_db

START = datetime(2031, 4, 9, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def open_at(now: datetime) -> set[tuple[str, str]]:
    """What is open after a look at that moment: kinds and slugs."""
    look_for_silence(now)
    rows = Alarm.objects.filter(cleared_at=None)
    return {
        (kind, slug or "") for kind, slug in rows.values_list("kind", "supplier__slug")
    }


def kinds_at(now: datetime) -> set[str]:
    return {kind for kind, _ in open_at(now)}


def sent_order(supplier: Supplier | None = None, **changes: Any) -> PurchaseOrder:
    """Sent at START and read with success since, so that it alone is silent."""
    order, transmission = make_queued_order(supplier)
    Transmission.objects.filter(pk=transmission.pk).update(state=State.SENT)
    PurchaseOrder.objects.filter(pk=order.pk).update(
        **{"transmission": Sending.SENT, "sent_at": START, **changes}
    )
    PollState.objects.update_or_create(
        supplier=order.supplier,
        defaults={
            "next_poll_at": START,
            "last_success_at": START + timedelta(days=100),
        },
    )
    return order


def asked() -> None:
    """Asked to be sent at START, tried in vain, and to be tried again much later."""
    make_queued_order()
    Transmission.objects.update(
        created_at=START, next_attempt_at=START + timedelta(days=99)
    )


def approved() -> None:
    make_approved_order()
    PurchaseOrder.objects.update(state_since=START)


def sent() -> None:
    sent_order()


def sent_to_one_that_cannot_be_asked() -> None:
    sent_order(make_supplier("eet"))


def promised() -> None:
    sent_order(fulfilment=Fulfilment.CONFIRMED, promised_date=date(2031, 4, 8))


def partly_shipped() -> None:
    sent_order(fulfilment=Fulfilment.PARTIALLY_SHIPPED, promised_date=date(2031, 4, 8))


def requested() -> None:
    sent_order(fulfilment=Fulfilment.CONFIRMED, requested_date=date(2031, 4, 8))


def unknown() -> None:
    """Asked for long before the try that nobody answered."""
    _, transmission = make_queued_order()
    Transmission.objects.update(
        state=State.UNKNOWN, created_at=START - timedelta(days=3)
    )
    Attempt.objects.create(
        transmission=transmission,
        number=1,
        reference=transmission.reference,
        is_test=False,
        request={},
        worker="one",
        started_at=START,
    )
    PurchaseOrder.objects.update(transmission=Sending.UNKNOWN)


def unread() -> None:
    sent_order(fulfilment=Fulfilment.CONFIRMED)
    PollState.objects.update(last_success_at=START)


def never_read() -> None:
    sent_order(fulfilment=Fulfilment.CONFIRMED)
    PollState.objects.update(last_success_at=None)


def held(**health: Any) -> None:
    make_queued_order()
    Transmission.objects.update(
        created_at=START - timedelta(hours=9), next_attempt_at=START
    )
    SupplierHealth.objects.update(last_success_at=START, **health)


def paused() -> None:
    held()
    Supplier.objects.update(is_paused=True, paused_at=START)


def blocked() -> None:
    held(blocked_until=START + timedelta(days=99))


def broken() -> None:
    held(breaker="open", breaker_until=START, breaker_changed_at=START)


def standing_queue() -> None:
    make_queued_order()
    Transmission.objects.update(
        created_at=START + timedelta(days=1), next_attempt_at=START
    )


def message(key: str, at: datetime) -> OrmQ:
    return OrmQ.objects.create(key=key, payload="x", lock=at)


def job(name: str, minutes: int, due_at: datetime) -> Schedule:
    """One that ended well in its last turn before `due_at`."""
    every = timedelta(minutes=minutes)
    JobRun.objects.create(
        name=name, expected_since=due_at - every, last_ended_at=due_at - every
    )
    return Schedule.objects.create(
        name=name,
        func="procurement.coordination.tasks.beat",
        schedule_type=Schedule.MINUTES,
        minutes=minutes,
        repeats=-1,
        next_run=due_at,
    )


def late_purge() -> None:
    job("Follow", 5, START)
    job("Sweep", 1, START + timedelta(days=99))


def silent_worker() -> None:
    Heartbeat.objects.create(worker="one", at=START)


CLOCKS: dict[str, tuple[Callable[[], None], Kind, timedelta]] = {
    "asked to be sent": (asked, Kind.NOT_GONE_OUT, timedelta(minutes=30)),
    "nobody sends": (approved, Kind.NOBODY_SENDS, timedelta(days=3)),
    "no confirmation": (sent, Kind.UNCONFIRMED, timedelta(hours=48)),
    "no confirmation by hand": (
        sent_to_one_that_cannot_be_asked,
        Kind.UNCONFIRMED,
        timedelta(days=7),
    ),
    # The 8th is over at midnight, half a day before START, and has a day of grace.
    "promised": (promised, Kind.PROMISE_PASSED, timedelta(hours=12)),
    "partly shipped": (partly_shipped, Kind.PROMISE_PASSED, timedelta(hours=12)),
    "requested": (requested, Kind.REQUEST_PASSED, timedelta(hours=12)),
    "unknown": (unknown, Kind.UNKNOWN, timedelta(hours=1)),
    "unread": (unread, Kind.SUPPLIER_UNREAD, timedelta(hours=1)),
    "never read": (never_read, Kind.SUPPLIER_UNREAD, timedelta(hours=1)),
    "paused": (paused, Kind.SUPPLIER_HELD, timedelta(hours=2)),
    "blocked": (blocked, Kind.SUPPLIER_HELD, timedelta(hours=2)),
    "breaker": (broken, Kind.SUPPLIER_HELD, timedelta(hours=2)),
    "queue": (standing_queue, Kind.QUEUE_STANDS, timedelta(minutes=5)),
    "job": (late_purge, Kind.JOB_LATE, timedelta(minutes=10) + SECOND),
    # After more than the limit of 180 seconds.
    "worker": (silent_worker, Kind.WORKER_SILENT, timedelta(seconds=181)),
}


@pytest.mark.parametrize("case", CLOCKS)
def test_silence_is_an_alarm_at_its_clock_and_not_a_second_before(case: str) -> None:
    fall_silent, kind, clock = CLOCKS[case]
    fall_silent()

    assert kinds_at(START + clock - SECOND) == set()
    assert kinds_at(START + clock) == {kind}


def test_alarm_says_since_when_and_about_what() -> None:
    order = sent_order()
    sent_order(order.supplier, sent_at=START + timedelta(hours=5))
    sent_order(order.supplier, sent_at=START + timedelta(days=50))

    look_for_silence(START + timedelta(days=3))

    alarm = Alarm.objects.get()
    numbers = list(
        PurchaseOrder.objects.order_by("pk").values_list("number", flat=True)
    )
    assert alarm.supplier == order.supplier
    assert alarm.since == START
    assert alarm.count == 2
    assert alarm.sample == numbers[:2]
    assert alarm.text.startswith("Sent 2 days ago or earlier.")


def test_promise_is_silent_from_the_end_of_its_day() -> None:
    promised()

    look_for_silence(START + timedelta(days=2))

    assert Alarm.objects.get().since == datetime(2031, 4, 9, tzinfo=UTC)


def test_end_of_a_day_is_that_of_the_installation(settings: Any) -> None:
    settings.TIME_ZONE = "Europe/Stockholm"
    promised()

    # Midnight there is 22:00 UTC in summer.
    midnight = datetime(2031, 4, 9, 22, tzinfo=UTC)
    assert kinds_at(midnight - SECOND) == set()
    assert kinds_at(midnight) == {Kind.PROMISE_PASSED}
    assert Alarm.objects.get().since == datetime(2031, 4, 8, 22, tzinfo=UTC)


# --- what is no silence -----------------------------------------------------------


@pytest.mark.parametrize("state", [Fulfilment.SHIPPED, Fulfilment.DELIVERED])
def test_shipped_order_keeps_its_promise(state: Fulfilment) -> None:
    sent_order(
        fulfilment=state,
        promised_date=date(2031, 4, 1),
        requested_date=date(2031, 4, 1),
    )

    assert kinds_at(START + timedelta(days=90)) == set()


def test_later_promise_goes_before_the_day_we_asked_for() -> None:
    sent_order(
        fulfilment=Fulfilment.CONFIRMED,
        requested_date=date(2031, 4, 1),
        promised_date=date(2031, 4, 30),
    )

    assert kinds_at(START + timedelta(days=10)) == set()


def test_draft_owes_nothing() -> None:
    sent_order()
    PurchaseOrder.objects.update(
        approval="draft",
        transmission=Sending.NONE,
        requested_date=date(2031, 1, 1),
        state_since=START,
    )

    assert kinds_at(START + timedelta(days=90)) == set()


def test_supplier_without_open_orders_need_not_be_read() -> None:
    sent_order(fulfilment=Fulfilment.DELIVERED)
    PollState.objects.update(last_success_at=START - timedelta(days=9))

    assert kinds_at(START) == set()


def test_paused_supplier_is_not_read_and_that_is_no_silence() -> None:
    unread()
    Supplier.objects.update(is_paused=True)

    assert kinds_at(START + timedelta(days=1)) == set()


def test_pause_without_anything_waiting_is_no_silence() -> None:
    make_supplier(is_paused=True)
    Supplier.objects.update(paused_at=START)

    assert kinds_at(START + timedelta(days=9)) == set()


def test_pause_says_why() -> None:
    paused()
    Supplier.objects.update(pause_reason="Stocktaking until Friday.")

    look_for_silence(START + timedelta(hours=3))

    text = Alarm.objects.get(kind=Kind.SUPPLIER_HELD).text
    assert text.startswith(
        "A person has paused this supplier: Stocktaking until Friday. "
    )


def test_messages_that_lie_are_an_alarm_those_to_carriers_are_not(
    settings: Any, time_machine: Any
) -> None:
    time_machine.move_to(START, tick=False)
    message(settings.Q_CLUSTER["name"], START)
    message(settings.CARRIERS, START - timedelta(days=1))

    assert kinds_at(START + timedelta(minutes=10) - SECOND) == set()
    assert kinds_at(START + timedelta(minutes=10)) == {Kind.MESSAGES_WAIT}
    assert Alarm.objects.get().count == 1


def test_scheduler_is_asleep_when_no_frequent_job_runs() -> None:
    job("Sweep", 1, START)
    job("Poll", 1, START)

    assert kinds_at(START + timedelta(minutes=10) - SECOND) == set()
    found = kinds_at(START + timedelta(minutes=10))

    assert found == {Kind.SCHEDULER_ASLEEP, Kind.JOB_LATE}
    assert Alarm.objects.get(kind=Kind.JOB_LATE).sample == ["Poll", "Sweep"]


def test_job_that_was_switched_off_is_not_late() -> None:
    job("Sweep", 1, START)
    Schedule.objects.update(repeats=0)

    assert kinds_at(START + timedelta(days=1)) == set()


def test_worker_gone_for_a_day_was_taken_away() -> None:
    silent_worker()

    assert kinds_at(START + timedelta(hours=23)) == {Kind.WORKER_SILENT}
    assert kinds_at(START + timedelta(hours=24)) == set()


def test_one_silent_worker_among_others_is_said_to_be_one() -> None:
    silent_worker()
    now = START + timedelta(minutes=10)
    Heartbeat.objects.create(worker="two", at=now)

    look_for_silence(now)

    alarm = Alarm.objects.get()
    assert (alarm.count, alarm.sample) == (1, ["one"])
    assert alarm.text.startswith("A worker ended without a word or is frozen")


@pytest.mark.parametrize(("last_error", "is_silent"), [("", False), ("No.", True)])
def test_poll_that_waits_by_plan_is_no_silence_a_failing_one_is(
    last_error: str, is_silent: bool
) -> None:
    unread()
    PollState.objects.update(
        next_poll_at=START + timedelta(days=1), last_error=last_error
    )

    found = kinds_at(START + timedelta(hours=5))

    assert found == ({Kind.SUPPLIER_UNREAD} if is_silent else set())


def test_supplier_that_is_polled_rarely_has_a_longer_clock() -> None:
    unread()
    supplier = Supplier.objects.get()
    Supplier.objects.update(options={**supplier.options, "poll_minutes": 60})

    assert kinds_at(START + timedelta(hours=4) - SECOND) == set()
    assert kinds_at(START + timedelta(hours=4)) == {Kind.SUPPLIER_UNREAD}


def test_daily_job_is_late_when_it_missed_its_turns() -> None:
    job("Purge", 1440, START)

    assert kinds_at(START + timedelta(days=2)) == set()
    assert kinds_at(START + timedelta(days=2) + SECOND) == {Kind.JOB_LATE}


# --- rules ------------------------------------------------------------------------


def test_rule_gives_one_supplier_another_clock() -> None:
    weekly = make_supplier(slug="weekly")
    for supplier in (weekly, make_supplier(slug="daily")):
        sent_order(supplier)
    AlarmRule.objects.create(
        kind=Kind.UNCONFIRMED, supplier=weekly, after=9, unit=Unit.DAYS
    )

    late = START + timedelta(days=9)
    assert open_at(late - SECOND) == {(Kind.UNCONFIRMED, "daily")}
    assert open_at(late) == {
        (Kind.UNCONFIRMED, "daily"),
        (Kind.UNCONFIRMED, "weekly"),
    }
    assert "9 days" in Alarm.objects.get(supplier=weekly).text


def test_rule_may_make_the_clock_of_steps_by_hand_shorter() -> None:
    order = sent_order(make_supplier("eet"))
    AlarmRule.objects.create(
        kind=Kind.UNCONFIRMED, supplier=order.supplier, after=5, unit=Unit.HOURS
    )

    assert kinds_at(START + timedelta(hours=5) - SECOND) == set()
    assert kinds_at(START + timedelta(hours=5)) == {Kind.UNCONFIRMED}


def test_rule_holds_for_days_as_well() -> None:
    promised()
    AlarmRule.objects.create(
        kind=Kind.PROMISE_PASSED, supplier=Supplier.objects.get(), after=4
    )

    # The 8th and four more days are over.
    over = datetime(2031, 4, 13, tzinfo=UTC)
    assert kinds_at(over - SECOND) == set()
    assert kinds_at(over) == {Kind.PROMISE_PASSED}


@pytest.mark.parametrize(
    "case", [case for case, (_, kind, _) in CLOCKS.items() if kind in RULED]
)
def test_rule_may_turn_an_alarm_off(case: str) -> None:
    fall_silent, kind, clock = CLOCKS[case]
    fall_silent()
    AlarmRule.objects.create(kind=kind, supplier=Supplier.objects.get(), is_on=False)

    assert kinds_at(START + clock) == set()

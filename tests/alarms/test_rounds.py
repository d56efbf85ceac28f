"""A round keeps the alarms as things are: one for each silence, none twice."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import (
    DatabaseError,
    IntegrityError,
    connection,
    connections,
    transaction,
)
from django.test.utils import CaptureQueriesContext

from procurement.alarms import operations, silences
from procurement.alarms.models import Alarm, Kind
from procurement.alarms.operations import acknowledge_alarm, look_for_silence
from procurement.alarms.tasks import look_for_silence as look_now
from procurement.coordination.operations import take_lease
from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.orders.models import PurchaseOrder
from tests.alarms.silence import START, end_silence, leave_unsent, make_alarm
from tests.factories import make_supplier, make_user

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@pytest.mark.django_db
def test_silence_that_goes_on_stays_one_alarm_with_new_figures() -> None:
    order = leave_unsent()
    look_for_silence(START + 3 * DAY)
    leave_unsent(order.supplier)

    done = look_for_silence(START + 4 * DAY)

    alarm = Alarm.objects.get()
    assert done is not None
    assert (len(done.raised), len(done.going_on), len(done.cleared)) == (0, 1, 0)
    assert alarm.count == 2
    assert alarm.raised_at == START + 3 * DAY
    assert alarm.seen_at == START + 4 * DAY


@pytest.mark.django_db
def test_alarm_is_over_when_nothing_is_silent_and_new_when_it_is_again() -> None:
    leave_unsent()
    look_for_silence(START + 3 * DAY)
    end_silence()
    look_for_silence(START + 4 * DAY)

    first = Alarm.objects.get()
    assert first.cleared_at == START + 4 * DAY
    assert first.seen_at == START + 3 * DAY

    PurchaseOrder.objects.update(approval="approved")
    look_for_silence(START + 5 * DAY)

    assert Alarm.objects.count() == 2
    assert Alarm.objects.get(cleared_at=None).raised_at == START + 5 * DAY


@pytest.mark.django_db
def test_job_looks_as_of_now() -> None:
    leave_unsent()
    PurchaseOrder.objects.update(state_since=START.replace(year=2020))

    look_now()

    assert Alarm.objects.get().kind == Kind.NOBODY_SENDS


@pytest.mark.django_db
def test_count_stops_after_a_hundred(django_assert_max_num_queries: Any) -> None:
    order = leave_unsent()
    copies = []
    for number in range(120):
        copy = PurchaseOrder.objects.get(pk=order.pk)
        copy.pk, copy.number = None, f"PO-1-{number:06}"
        copies.append(copy)
    PurchaseOrder.objects.bulk_create(copies)

    look_for_silence(START + 3 * DAY)

    alarm = Alarm.objects.get()
    assert (alarm.count, alarm.count_text) == (101, "100+")
    assert len(alarm.sample) == 10


@pytest.mark.django_db
def test_look_costs_the_same_queries_whatever_there_is() -> None:
    costs = []
    for number in range(4):
        for each in range(number * 2):
            supplier = make_supplier(slug=f"extend-{number}-{each}")
            leave_unsent(supplier)
            leave_unsent(supplier)
        look_for_silence(START + 3 * DAY + number * HOUR)
        with CaptureQueriesContext(connection) as queries:
            look_for_silence(START + 3 * DAY + number * HOUR)
        costs.append(len(queries))

    # Without any alarm there is nothing to update, so the first round is cheaper.
    assert len(set(costs[1:])) == 1
    assert costs[-1] < 45


@pytest.mark.django_db
def test_look_that_fails_ends_no_alarm_and_stops_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    leave_unsent()
    look_for_silence(START + 3 * DAY)
    make_alarm(Kind.WORKER_SILENT)
    end_silence()

    def fail(*args: Any) -> None:
        raise DatabaseError("canceling statement due to statement timeout")

    monkeypatch.setitem(silences._LOOKS, Kind.NOBODY_SENDS, fail)
    look_for_silence(START + 4 * DAY)

    assert [alarm.kind for alarm in Alarm.objects.filter(cleared_at=None)] == [
        Kind.NOBODY_SENDS
    ]


@pytest.mark.django_db
def test_second_runner_leaves_it_to_the_first() -> None:
    leave_unsent()
    assert take_lease(name=operations.LEASE, seconds=60, holder="another")

    assert look_for_silence(START + 3 * DAY) is None
    assert not Alarm.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_that_look_at_once_raise_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if both held the lease, the constraint leaves one alarm."""
    leave_unsent()
    both_looked = threading.Barrier(2, timeout=30)
    looked = operations._look

    def look_together(now: Any) -> Any:
        found = looked(now)
        both_looked.wait()
        return found

    monkeypatch.setattr(operations, "_look", look_together)
    monkeypatch.setattr(
        "procurement.coordination.operations.take_lease", lambda **kwargs: True
    )
    failures: list[Exception] = []

    def run() -> None:
        try:
            look_for_silence(START + 3 * DAY)
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not failures
    assert Alarm.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("of_a_supplier", [True, False])
def test_database_takes_no_second_open_alarm_of_a_kind(of_a_supplier: bool) -> None:
    supplier = make_supplier() if of_a_supplier else None
    make_alarm(supplier=supplier, cleared_at=START)
    make_alarm(supplier=supplier)

    with pytest.raises(IntegrityError), transaction.atomic():
        make_alarm(supplier=supplier)


# --- taking one on ----------------------------------------------------------------


@pytest.mark.django_db
def test_person_takes_an_alarm_on_and_it_stays_open() -> None:
    leave_unsent()
    look_for_silence(START + 3 * DAY)
    olga = make_user("olga")

    acknowledge_alarm(
        alarm_id=Alarm.objects.get().pk,
        actor=olga,
        comment=" I have called them. ",
        quiet_for=HOUR,
    )
    look_for_silence(START + 3 * DAY + HOUR)

    alarm = Alarm.objects.get()
    assert alarm.is_open
    assert alarm.acknowledged_by == olga
    assert alarm.comment == "I have called them."
    assert alarm.acknowledged_at is not None
    assert alarm.acknowledged_until == alarm.acknowledged_at + HOUR


@pytest.mark.django_db
@pytest.mark.parametrize("comment", ["", "  ", "x" * 401])
def test_taking_on_needs_a_comment_that_fits(comment: str) -> None:
    alarm = make_alarm()

    with pytest.raises(InvalidInput) as refusal:
        acknowledge_alarm(alarm_id=alarm.pk, actor=make_user("olga"), comment=comment)

    assert list(refusal.value.errors) == ["comment"]
    alarm.refresh_from_db()
    assert alarm.acknowledged_at is None


@pytest.mark.django_db
def test_alarm_that_is_over_is_not_taken_on() -> None:
    alarm = make_alarm(cleared_at=START)

    with pytest.raises(OperationNotAllowed, match="It is over"):
        acknowledge_alarm(alarm_id=alarm.pk, actor=make_user("olga"), comment="Mine.")

    alarm.refresh_from_db()
    assert alarm.acknowledged_at is None

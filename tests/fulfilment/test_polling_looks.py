"""Following orders at a supplier that has no list of changes, or only a whole one."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

import vendors
from procurement.fulfilment import rounds
from procurement.fulfilment.models import OrderLook, PollState
from procurement.fulfilment.operations import refresh_order
from procurement.fulfilment.polling import claim_due_polls, poll_if_due, poll_supplier
from procurement.orders.models import PurchaseOrder
from tests.bulk import make_open_orders
from tests.conftest import use_fake
from tests.factories import make_supplier, make_user
from tests.fakes import ABSENT, FakeVendor
from tests.fulfilment.test_polling import confirmed, sent_order, shown_whole
from vendors.contracts import Fulfilment

pytestmark = pytest.mark.django_db

NOON = datetime(2031, 4, 2, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> FakeVendor:
    """A vendor whose orders can be read one by one, and that has no list of them."""
    fake = FakeVendor()
    use_fake(monkeypatch, fake)
    made = replace(fake.vendor(), list_changed_orders=ABSENT)
    real = vendors.get
    monkeypatch.setattr(
        vendors, "get", lambda code: made if code == fake.code else real(code)
    )
    return fake


@pytest.fixture
def whole(monkeypatch: pytest.MonkeyPatch) -> FakeVendor:
    """A vendor that gives the list of all orders at every poll."""
    fake = FakeVendor()
    made = replace(fake.vendor(), lists_whole=True)
    real = vendors.get
    monkeypatch.setattr(
        vendors, "get", lambda code: made if code == fake.code else real(code)
    )
    return fake


def work_through(clock: time_machine.Traveller, hours: int, step: timedelta) -> None:
    for _ in range(int(hours * HOUR / step)):
        for supplier_id in claim_due_polls():
            poll_if_due(supplier_id=supplier_id)
        clock.shift(step)


def test_order_is_looked_at_often_at_first_then_ever_more_rarely(
    clock: time_machine.Traveller, reader: FakeVendor
) -> None:
    sent_order(reader, make_supplier())
    reader.orders["SO-1"] = confirmed()

    work_through(clock, 2, 5 * MINUTE)
    first_hours = len(reader.reads)
    work_through(clock, 22, 30 * MINUTE)
    first_day = len(reader.reads) - first_hours
    work_through(clock, 24 * 6, 2 * HOUR)
    first_week = len(reader.reads) - first_hours - first_day

    # After 10, 20, then 30 minutes; then every 4 hours; then every day.
    assert 4 <= first_hours <= 6
    assert 4 <= first_day <= 8
    assert 5 <= first_week <= 8


def test_what_moves_is_looked_at_soon_again(
    clock: time_machine.Traveller, reader: FakeVendor
) -> None:
    order = sent_order(reader, make_supplier())
    reader.orders["SO-1"] = confirmed()
    work_through(clock, 30, HOUR)
    assert OrderLook.objects.get(order=order).quiet_looks > 2
    reader.orders["SO-1"] = replace(confirmed(), payment_status="paid")

    refresh_order(order_id=order.pk, actor=make_user("buyer"))

    look = OrderLook.objects.get(order=order)
    assert look.quiet_looks == 0
    assert look.next_look_at - timezone.now() <= 5 * HOUR


def test_order_that_has_ended_is_looked_at_no_more(
    clock: time_machine.Traveller, reader: FakeVendor
) -> None:
    order = sent_order(reader, make_supplier())
    reader.orders["SO-1"] = replace(
        confirmed(), fulfilment=Fulfilment.CANCELLED, lines=()
    )

    work_through(clock, 48, HOUR)

    assert not OrderLook.objects.filter(order=order).exists()
    assert reader.reads == ["SO-1"]


def test_a_round_takes_a_few_orders_and_stops_where_there_is_no_room(
    clock: time_machine.Traveller,
    reader: FakeVendor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    supplier = make_supplier()
    make_open_orders(supplier, 60)
    PurchaseOrder.objects.update(supplier_changed_at=None, sent_at=NOON - HOUR)
    for order in PurchaseOrder.objects.all():
        reader.orders[order.supplier_order_number] = confirmed(
            order.supplier_order_number
        )

    assert poll_supplier(supplier_id=supplier.pk) == rounds.LOOKS_AT_ONCE
    assert PollState.objects.get().next_poll_at == NOON + MINUTE, "the rest is due"

    left = iter([3, 2, 1])
    monkeypatch.setattr(
        rounds.gates,
        "room",
        lambda supplier, *, under_way: next(left, 0) if under_way else 1,
    )
    assert poll_supplier(supplier_id=supplier.pk) == 3


def test_whole_list_is_read_often_while_something_is_young_then_ever_more_rarely(
    clock: time_machine.Traveller, whole: FakeVendor
) -> None:
    sent_order(whole, make_supplier())
    whole.pages = [[shown_whole("a")]]

    work_through(clock, 2, 5 * MINUTE)
    first_hours = len(whole.listed)
    work_through(clock, 24 * 20, 2 * HOUR)
    whole.listed.clear()
    work_through(clock, 24 * 7, 2 * HOUR)

    assert 4 <= first_hours <= 8
    assert 1 <= len(whole.listed) <= 2


def test_order_that_was_just_sent_brings_the_whole_list_forward(
    clock: time_machine.Traveller, whole: FakeVendor
) -> None:
    supplier = make_supplier()
    poll_supplier(supplier_id=supplier.pk)
    assert PollState.objects.get().next_poll_at == NOON + 24 * HOUR, "nothing is open"

    sent_order(whole, supplier)

    assert claim_due_polls() == []
    clock.shift(10 * MINUTE)
    assert claim_due_polls() == [supplier.pk]


def test_kvik_is_a_vendor_that_gives_the_whole_list() -> None:
    assert [code for code in vendors.CODES if vendors.get(code).lists_whole] == ["kvik"]

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from procurement.coordination.models import Lease
from procurement.coordination.operations import take_lease
from procurement.fulfilment.models import PollState
from procurement.fulfilment.polling import claim_due_polls, poll_supplier
from procurement.orders.models import PurchaseOrder
from procurement.suppliers.models import Exchange, Supplier
from procurement.transmissions.models import Transmission
from tests.factories import make_queued_order, make_supplier
from tests.fakes import FakeVendor
from tests.sending import transmit
from vendors.contracts import (
    Accepted,
    ChangedOrder,
    Fulfilment,
    VendorLine,
    VendorOrder,
)
from vendors.errors import Kind, NotSent, OutcomeUnknown, Refused

pytestmark = pytest.mark.django_db

NOON = datetime(2031, 4, 2, 12, tzinfo=UTC)


def sent_order(
    fake: FakeVendor, supplier: Supplier, number: str = "SO-1"
) -> PurchaseOrder:
    order, transmission = make_queued_order(supplier)
    fake.answers = [Accepted(number=number)]
    transmit(transmission_id=transmission.pk)
    order.refresh_from_db()
    return order


def changed(number: str = "SO-1", at: datetime = NOON, **more: Any) -> ChangedOrder:
    return ChangedOrder(
        number=number,
        reference=more.pop("reference", ""),
        raw_status="Incoming",
        changed_at=at,
    )


def confirmed(number: str = "SO-1") -> VendorOrder:
    return VendorOrder(
        number=number,
        reference="",
        raw_status="Incoming",
        fulfilment=Fulfilment.CONFIRMED,
        lines=(
            VendorLine(
                position=1,
                item_number="SKU-4410",
                quantity=Decimal(6),
                is_confirmed=True,
            ),
        ),
    )


@pytest.fixture(autouse=True)
def an_afternoon() -> Iterator[None]:
    with time_machine.travel(NOON + timedelta(hours=2)):
        yield


@pytest.fixture
def supplier(fake_vendor: FakeVendor) -> Supplier:
    return make_supplier()


def test_each_order_that_moved_is_read_once(
    fake_vendor: FakeVendor, supplier: Supplier
) -> None:
    order = sent_order(fake_vendor, supplier)
    fake_vendor.pages = [[changed(), changed("SO-OF-SOMEBODY-ELSE")]]
    fake_vendor.orders["SO-1"] = confirmed()

    assert poll_supplier(supplier_id=supplier.pk) == 1
    assert poll_supplier(supplier_id=supplier.pk) == 0, "seen in the overlap again"

    order.refresh_from_db()
    assert order.status == "confirmed"
    assert fake_vendor.reads == ["SO-1"]


def test_cursor_is_the_vendors_own_time(
    fake_vendor: FakeVendor, supplier: Supplier
) -> None:
    fake_vendor.pages = [[changed(at=NOON), changed(at=NOON - timedelta(hours=1))]]
    poll_supplier(supplier_id=supplier.pk)

    assert PollState.objects.get().cursor == NOON
    poll_supplier(supplier_id=supplier.pk)
    assert fake_vendor.listed[-1] == (NOON, 0)


def test_first_poll_begins_before_the_oldest_open_order(
    fake_vendor: FakeVendor, supplier: Supplier
) -> None:
    order = sent_order(fake_vendor, supplier)
    long_ago = timezone.now() - timedelta(days=30)
    PurchaseOrder.objects.filter(pk=order.pk).update(sent_at=long_ago)
    fake_vendor.orders["SO-1"] = confirmed()

    poll_supplier(supplier_id=supplier.pk)

    assert fake_vendor.listed == [(long_ago - timedelta(days=1), 0)]


def test_all_pages_are_read(fake_vendor: FakeVendor, supplier: Supplier) -> None:
    for number in ("SO-1", "SO-2"):
        sent_order(fake_vendor, supplier, number)
        fake_vendor.orders[number] = confirmed(number)
    fake_vendor.pages = [[changed("SO-1")], [changed("SO-2")]]

    assert poll_supplier(supplier_id=supplier.pk) == 2
    assert fake_vendor.reads == ["SO-1", "SO-2"]
    assert [page for _, page in fake_vendor.listed] == [0, 1, 0], "and back again"

    fake_vendor.listed.clear()
    assert poll_supplier(supplier_id=supplier.pk) == 0
    assert [page for _, page in fake_vendor.listed] == [0, 1], "nothing new in it"


def test_failure_half_way_leaves_the_cursor_where_it_was(
    fake_vendor: FakeVendor, supplier: Supplier
) -> None:
    for number in ("SO-1", "SO-2"):
        sent_order(fake_vendor, supplier, number)
    fake_vendor.pages = [[changed("SO-1"), changed("SO-2", NOON)]]
    fake_vendor.orders = {
        "SO-1": confirmed(),
        "SO-2": NotSent("No connection.", kind=Kind.CONNECTION),  # type: ignore[dict-item]
    }

    poll_supplier(supplier_id=supplier.pk)

    state = PollState.objects.get()
    assert (state.cursor, state.last_success_at) == (None, None)
    assert state.last_error == "No connection."
    supplier.health.refresh_from_db()
    assert supplier.health.failures_in_a_row == 1

    fake_vendor.orders["SO-2"] = confirmed("SO-2")
    poll_supplier(supplier_id=supplier.pk)
    assert fake_vendor.reads == ["SO-1", "SO-2", "SO-2"]
    state.refresh_from_db()
    assert (state.cursor, state.last_error) == (NOON, "")


def test_one_poller_at_a_time(fake_vendor: FakeVendor, supplier: Supplier) -> None:
    take_lease(name=f"poll:{supplier.slug}", seconds=60, holder="another machine")

    poll_supplier(supplier_id=supplier.pk)

    assert fake_vendor.listed == []


def test_poller_that_died_is_taken_over(
    fake_vendor: FakeVendor, supplier: Supplier
) -> None:
    take_lease(name=f"poll:{supplier.slug}", seconds=0, holder="a dead machine")

    poll_supplier(supplier_id=supplier.pk)

    assert len(fake_vendor.listed) == 1


def test_unknown_order_seen_in_the_list_is_looked_up_at_once(
    fake_vendor: FakeVendor, supplier: Supplier
) -> None:
    order, transmission = make_queued_order(supplier)
    fake_vendor.answers = [OutcomeUnknown("No answer.", kind=Kind.TIMEOUT)]
    transmit(transmission_id=transmission.pk)
    Transmission.objects.update(next_look_up_at=None)
    fake_vendor.pages = [[changed("SO-7", reference=order.number)]]

    poll_supplier(supplier_id=supplier.pk)

    transmission.refresh_from_db()
    assert transmission.next_look_up_at <= timezone.now()


def shown_whole(fingerprint: str, **changes: Any) -> ChangedOrder:
    """An entry of a list that shows each order whole and gives no time of a change."""
    return ChangedOrder(
        number="SO-1",
        reference="",
        raw_status="Incoming",
        changed_at=None,
        order=replace(confirmed(), **changes),
        fingerprint=fingerprint,
    )


def test_list_that_shows_orders_whole_needs_no_reading(
    fake_vendor: FakeVendor, supplier: Supplier
) -> None:
    order = sent_order(fake_vendor, supplier)
    fake_vendor.pages = [[shown_whole("a", payment_status="half paid")]]

    assert poll_supplier(supplier_id=supplier.pk) == 1
    assert poll_supplier(supplier_id=supplier.pk) == 0, "nothing in it has changed"

    order.refresh_from_db()
    assert (order.status, order.payment_status) == ("confirmed", "half paid")
    assert fake_vendor.reads == []
    event = order.events.get(kind="confirmed")
    assert Exchange.objects.filter(conversation=event.conversation).exists()


def test_list_that_shows_orders_whole_is_followed_when_it_changes(
    fake_vendor: FakeVendor, supplier: Supplier
) -> None:
    order = sent_order(fake_vendor, supplier)
    fake_vendor.pages = [[shown_whole("a")]]
    poll_supplier(supplier_id=supplier.pk)
    cancelled = {"raw_status": "Stornert", "fulfilment": Fulfilment.CANCELLED}
    fake_vendor.pages = [[shown_whole("b", lines=(), **cancelled)]]

    assert poll_supplier(supplier_id=supplier.pk) == 1

    order.refresh_from_db()
    assert order.supplier_status == "Stornert"


def test_number_that_was_not_given_is_learnt_from_the_list(
    fake_vendor: FakeVendor, supplier: Supplier
) -> None:
    order, transmission = make_queued_order(supplier)
    fake_vendor.answers = [Accepted(number=None)]
    transmit(transmission_id=transmission.pk)
    fake_vendor.pages = [[changed("SO-7", reference=order.number)]]
    fake_vendor.orders["SO-7"] = confirmed("SO-7")

    poll_supplier(supplier_id=supplier.pk)

    order.refresh_from_db()
    assert (order.supplier_order_number, order.status) == ("SO-7", "confirmed")
    assert "under the number SO-7" in order.events.get(kind="number_learnt").text


def test_number_is_not_guessed_when_the_supplier_lists_the_order_twice(
    fake_vendor: FakeVendor, supplier: Supplier
) -> None:
    order, transmission = make_queued_order(supplier)
    fake_vendor.answers = [Accepted(number=None)]
    transmit(transmission_id=transmission.pk)
    twice = [changed(number, reference=order.number) for number in ("SO-8", "SO-7")]
    fake_vendor.pages = [twice]

    poll_supplier(supplier_id=supplier.pk)

    order.refresh_from_db()
    assert order.supplier_order_number == ""
    assert order.attention.startswith("The supplier has it under 2 numbers: SO-7, SO-8")


def test_second_order_with_our_reference_is_an_alarm(
    fake_vendor: FakeVendor, supplier: Supplier
) -> None:
    order = sent_order(fake_vendor, supplier)
    fake_vendor.orders["SO-1"] = confirmed()
    fake_vendor.pages = [
        [changed(reference=order.number)],
        [changed("SO-2", reference=order.number)],
    ]

    poll_supplier(supplier_id=supplier.pk)

    order.refresh_from_db()
    assert order.supplier_order_number == "SO-1"
    assert "under 2 numbers: SO-1, SO-2" in order.attention


def test_exchanges_of_a_read_are_found_by_the_order(
    fake_vendor: FakeVendor, supplier: Supplier
) -> None:
    order = sent_order(fake_vendor, supplier)
    fake_vendor.pages = [[changed()]]
    fake_vendor.orders["SO-1"] = confirmed()

    poll_supplier(supplier_id=supplier.pk)

    purposes = Exchange.objects.filter(subject=order.number).values_list(
        "purpose", flat=True
    )
    assert list(purposes) == ["place_order", "read_order"]
    event = order.events.last()
    assert Exchange.objects.get(conversation=event.conversation).purpose == (
        "read_order"
    )


def test_polls_are_handed_out_when_they_are_due(
    fake_vendor: FakeVendor, supplier: Supplier, settings: Any
) -> None:
    settings.POLL_INTERVAL_SECONDS = 900
    assert claim_due_polls() == [supplier.pk]
    assert claim_due_polls() == [], "somebody has it"

    poll_supplier(supplier_id=supplier.pk)
    assert claim_due_polls() == [], "not due"
    PollState.objects.update(next_poll_at=timezone.now())
    assert claim_due_polls() == [supplier.pk]


def test_paused_supplier_and_one_without_a_list_are_not_polled(
    fake_vendor: FakeVendor, supplier: Supplier
) -> None:
    eet = make_supplier("eet")
    Supplier.objects.filter(pk=supplier.pk).update(is_paused=True)

    assert claim_due_polls() == []
    assert poll_supplier(supplier_id=supplier.pk) == 0
    assert poll_supplier(supplier_id=eet.pk) == 0
    assert fake_vendor.listed == []


@pytest.mark.parametrize(
    "trouble",
    [
        Refused("They do not know it.", kind=Kind.NOT_FOUND),
        NotSent("No order in the answer.", kind=Kind.UNREADABLE),
    ],
)
def test_one_order_that_cant_be_read_does_not_hold_up_the_others(
    trouble: Exception, fake_vendor: FakeVendor, supplier: Supplier
) -> None:
    first = sent_order(fake_vendor, supplier, "SO-1")
    second = sent_order(fake_vendor, supplier, "SO-2")
    fake_vendor.pages = [[changed("SO-1"), changed("SO-2")]]
    fake_vendor.orders = {"SO-1": trouble, "SO-2": confirmed("SO-2")}  # type: ignore[dict-item]

    poll_supplier(supplier_id=supplier.pk)
    poll_supplier(supplier_id=supplier.pk)

    first.refresh_from_db()
    second.refresh_from_db()
    assert second.status == "confirmed"
    assert "can't be read at the supplier" in first.attention
    assert fake_vendor.reads == ["SO-1", "SO-2"]
    assert PollState.objects.get().cursor == NOON


def test_order_whose_number_came_late_is_read_though_the_list_has_passed_it(
    fake_vendor: FakeVendor, supplier: Supplier
) -> None:
    order = sent_order(fake_vendor, supplier, "SO-1")
    fake_vendor.orders["SO-1"] = confirmed()

    poll_supplier(supplier_id=supplier.pk)
    poll_supplier(supplier_id=supplier.pk)

    order.refresh_from_db()
    assert order.status == "confirmed"
    assert fake_vendor.reads == ["SO-1"]


def test_poll_that_was_taken_over_stops(
    fake_vendor: FakeVendor, supplier: Supplier
) -> None:
    sent_order(fake_vendor, supplier)
    fake_vendor.pages = [[changed()], [changed("SO-2")]]

    def another_takes_over(number: str) -> None:
        Lease.objects.update(holder="another machine")

    fake_vendor.on_read = another_takes_over
    fake_vendor.orders["SO-1"] = confirmed()

    poll_supplier(supplier_id=supplier.pk)

    assert [page for _, page in fake_vendor.listed] == [0]
    assert PollState.objects.get().cursor is None
    assert Lease.objects.get().holder == "another machine"


def test_bug_while_reading_is_shown_and_raised(
    fake_vendor: FakeVendor, supplier: Supplier
) -> None:
    sent_order(fake_vendor, supplier)
    fake_vendor.pages = [[changed()]]

    with pytest.raises(KeyError):
        poll_supplier(supplier_id=supplier.pk)

    assert PollState.objects.get().last_error == "The program failed: KeyError."

"""What waits, brought forward by a person: a look-up, or the next try."""

from datetime import timedelta

import pytest
from django.utils import timezone

from procurement.errors import OperationNotAllowed
from procurement.orders.models import PurchaseOrder
from procurement.suppliers.models import SupplierHealth
from procurement.transmissions import sweeping
from procurement.transmissions.models import State, Transmission
from procurement.transmissions.operations import ask_for_look_up, try_now
from tests.factories import make_queued_order, make_supplier, make_user
from tests.fakes import FakeVendor
from tests.sending import transmit
from vendors.contracts import Fulfilment, VendorOrder
from vendors.errors import Kind, NotSent, OutcomeUnknown, Refused

pytestmark = pytest.mark.django_db


def unknown_order() -> tuple[PurchaseOrder, Transmission]:
    """An order whose answer was lost, and whose look-ups are used up."""
    order, asked = make_queued_order()
    transmit(transmission_id=asked.pk)
    Transmission.objects.update(next_look_up_at=None, look_up_count=3)
    asked.refresh_from_db()
    return order, asked


def look_up_what_is_due() -> None:
    for errand in sweeping.LOOK_UPS.claim(10):
        errand.run()


def test_look_up_asked_for_adopts_what_is_there_once(fake_vendor: FakeVendor) -> None:
    fake_vendor.answers = [OutcomeUnknown("No answer.", kind=Kind.TIMEOUT)]
    order, asked = unknown_order()
    fake_vendor.found = [
        (
            VendorOrder(
                number="SO-9",
                reference=order.number,
                raw_status="Incoming",
                fulfilment=Fulfilment.CONFIRMED,
            ),
        )
    ]

    ask_for_look_up(transmission_id=asked.pk, actor=make_user("olle"))
    look_up_what_is_due()

    order.refresh_from_db()
    assert (order.transmission, order.supplier_order_number) == ("sent", "SO-9")
    event = order.events.get(kind="look_up_asked")
    assert event.actor_name == "olle"
    assert len(fake_vendor.books) == 1


def test_look_up_that_finds_nothing_leaves_it_to_a_person(
    fake_vendor: FakeVendor,
) -> None:
    fake_vendor.answers = [OutcomeUnknown("No answer.", kind=Kind.TIMEOUT)]
    order, asked = unknown_order()

    ask_for_look_up(transmission_id=asked.pk, actor=make_user("olle"))
    look_up_what_is_due()

    asked.refresh_from_db()
    assert asked.state == State.UNKNOWN
    assert asked.next_look_up_at is None
    assert len(fake_vendor.books) == 1


def test_look_up_is_not_asked_for_twice(fake_vendor: FakeVendor) -> None:
    fake_vendor.answers = [OutcomeUnknown("No answer.", kind=Kind.TIMEOUT)]
    order, asked = unknown_order()
    ask_for_look_up(transmission_id=asked.pk, actor=make_user("olle"))

    with pytest.raises(OperationNotAllowed, match="due already"):
        ask_for_look_up(transmission_id=asked.pk, actor=make_user("olle"))

    assert order.events.filter(kind="look_up_asked").count() == 1


def test_vendor_that_cannot_be_asked_is_not_looked_up(
    silent_vendor: FakeVendor,
) -> None:
    silent_vendor.answers = [OutcomeUnknown("No answer.", kind=Kind.TIMEOUT)]
    order, asked = make_queued_order(make_supplier("eet"))
    transmit(transmission_id=asked.pk)

    with pytest.raises(OperationNotAllowed, match="can't be asked by program"):
        ask_for_look_up(transmission_id=asked.pk, actor=make_user("olle"))

    asked.refresh_from_db()
    assert asked.next_look_up_at is None


def test_what_is_known_is_not_looked_up(fake_vendor: FakeVendor) -> None:
    fake_vendor.answers = [Refused("No.")]
    order, asked = make_queued_order()
    transmit(transmission_id=asked.pk)

    with pytest.raises(OperationNotAllowed, match="not unknown any more: refused"):
        ask_for_look_up(transmission_id=asked.pk, actor=make_user("olle"))


def waiting(fake_vendor: FakeVendor, kind: Kind) -> tuple[PurchaseOrder, Transmission]:
    fake_vendor.answers = [NotSent("Not sent.", kind=kind, retry_after=600)]
    order, asked = make_queued_order()
    transmit(transmission_id=asked.pk)
    asked.refresh_from_db()
    return order, asked


def test_what_never_left_is_tried_at_once(fake_vendor: FakeVendor) -> None:
    order, asked = waiting(fake_vendor, Kind.CONNECTION)

    try_now(transmission_id=asked.pk, actor=make_user("olle"))
    transmit(transmission_id=asked.pk)

    order.refresh_from_db()
    assert order.transmission == "sent"
    assert order.events.get(kind="try_asked").actor_name == "olle"


def test_second_press_is_refused(fake_vendor: FakeVendor) -> None:
    order, asked = waiting(fake_vendor, Kind.CONNECTION)
    try_now(transmission_id=asked.pk, actor=make_user("olle"))

    with pytest.raises(OperationNotAllowed, match="due already"):
        try_now(transmission_id=asked.pk, actor=make_user("olle"))

    assert order.events.filter(kind="try_asked").count() == 1


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (Kind.THROTTLED, "has asked for the wait"),
        (Kind.CREDENTIALS, "is in trouble"),
        (Kind.CONFIGURATION, "is in trouble"),
    ],
)
def test_wait_that_is_not_ours_to_end_stands(
    fake_vendor: FakeVendor, kind: Kind, reason: str
) -> None:
    _, asked = waiting(fake_vendor, kind)

    with pytest.raises(OperationNotAllowed, match=reason):
        try_now(transmission_id=asked.pk, actor=make_user("olle"))

    due = Transmission.objects.get(pk=asked.pk).next_attempt_at
    assert due == asked.next_attempt_at
    assert due > timezone.now() + timedelta(minutes=5)


def test_what_waited_for_the_account_goes_once_it_is_mended(
    fake_vendor: FakeVendor,
) -> None:
    order, asked = waiting(fake_vendor, Kind.CREDENTIALS)
    SupplierHealth.objects.update(blocked_until=None)

    try_now(transmission_id=asked.pk, actor=make_user("olle"))
    transmit(transmission_id=asked.pk)

    order.refresh_from_db()
    assert order.transmission == "sent"


@pytest.mark.parametrize(
    "answer",
    [
        OutcomeUnknown("No answer.", kind=Kind.TIMEOUT),
        Refused("No."),
        NotSent("Our fault.", kind=Kind.BUG),
    ],
)
def test_nothing_but_what_waits_is_tried(
    fake_vendor: FakeVendor, answer: Exception
) -> None:
    fake_vendor.answers = [answer]
    order, asked = make_queued_order()
    transmit(transmission_id=asked.pk)

    with pytest.raises(OperationNotAllowed, match="does not wait for a try"):
        try_now(transmission_id=asked.pk, actor=make_user("olle"))

    transmit(transmission_id=asked.pk)
    assert len(fake_vendor.books) == 1

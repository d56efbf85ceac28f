from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from procurement.errors import InvalidInput, OperationNotAllowed, SupplierUnavailable
from procurement.fulfilment.confirmations import record_confirmation
from procurement.fulfilment.models import GoodsReceipt
from procurement.fulfilment.operations import (
    receive_goods,
    refresh_order,
)
from procurement.fulfilment.recording import record_vendor_order
from procurement.orders.models import PurchaseOrder
from tests.factories import line, make_order, make_queued_order, make_supplier
from tests.fakes import FakeVendor
from tests.fulfilment.test_recording import seen, sent_order, their_line
from tests.sending import transmit
from vendors.contracts import Fulfilment as Theirs
from vendors.contracts import VendorOrder
from vendors.errors import Kind, NotSent, OutcomeUnknown

pytestmark = pytest.mark.django_db


def confirm(order: PurchaseOrder, **changes: Any) -> PurchaseOrder:
    return record_confirmation(
        order_id=order.pk,
        actor=order.buyer,
        **{"evidence": "Mail from Lisa, 3 April.", **changes},
    )


def receive(order: PurchaseOrder, **changes: Any) -> PurchaseOrder:
    return receive_goods(order_id=order.pk, actor=order.buyer, **changes)


# --- confirming -------------------------------------------------------------------


def test_confirmation_by_hand_is_marked_as_such() -> None:
    order = sent_order()

    confirm(order, promised_date=date(2031, 4, 9), supplier_order_number=" SO-9 ")

    order.refresh_from_db()
    assert order.status == "confirmed"
    assert order.promised_date == date(2031, 4, 9)
    assert order.supplier_order_number == "SO-9"
    event = order.events.last()
    assert event.data["is_manual"] is True
    assert event.text == (
        "Confirmed by hand: Mail from Lisa, 3 April.\n"
        "The supplier's number was SO-1, and is now SO-9."
    )


def test_news_from_the_supplier_still_counts_after_a_confirmation_by_hand() -> None:
    order = confirm(sent_order())

    record_vendor_order(
        order, seen(Theirs.SHIPPED, their_line(quantity_shipped=Decimal(6)))
    )

    assert order.status == "shipped"


def test_confirmation_needs_evidence() -> None:
    order = sent_order()

    with pytest.raises(InvalidInput) as refused:
        confirm(order, evidence=" ")

    assert "evidence" in refused.value.errors


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"transmission": "none"}, "was not sent"),
        ({"fulfilment": "shipped"}, "further already"),
    ],
)
def test_confirmation_out_of_place_is_refused(
    changes: dict[str, str], text: str
) -> None:
    order = sent_order()
    PurchaseOrder.objects.filter(pk=order.pk).update(**changes)

    with pytest.raises(OperationNotAllowed, match=text):
        confirm(order)


# --- counting in ------------------------------------------------------------------


def test_goods_come_in_parts() -> None:
    order = sent_order()

    receive(order, quantities={1: Decimal(4)}, note="Note 17")
    order.refresh_from_db()
    assert order.status == "partially_shipped"
    assert order.lines.get().quantity_open == 2

    receive(order, quantities={1: Decimal(2)})
    order.refresh_from_db()
    assert order.status == "delivered"
    assert GoodsReceipt.objects.count() == 2
    assert order.events.filter(kind="received").first().text == (
        "Received line 1: 4. Note 17"
    )


def test_one_line_is_closed_short_and_the_other_stays_open() -> None:
    order = sent_order(lines=[line("A"), line("B")])

    receive(order, quantities={1: Decimal(5)}, close_short=True)

    order.refresh_from_db()
    first, second = order.lines.all()
    assert (first.fulfilment, first.quantity_cancelled) == ("delivered", Decimal(1))
    assert second.quantity_open == 6
    assert order.fulfilment == "partially_shipped"


def test_the_rest_of_an_order_is_closed_short() -> None:
    order = sent_order(lines=[line("A"), line("B")])
    receive(order, quantities={1: Decimal(6)})

    receive(order, close_short=True)

    order.refresh_from_db()
    assert order.status == "delivered"
    assert order.lines.last().fulfilment == "cancelled"
    assert order.events.last().kind == "closed_short"


def test_more_than_ordered_is_counted_and_said() -> None:
    order = sent_order()

    receive(order, quantities={1: Decimal(7)})

    order.refresh_from_db()
    assert order.status == "delivered"
    assert order.lines.get().quantity_received == 7
    assert "1 more than ordered" in order.events.last().text


@pytest.mark.parametrize(
    ("quantities", "field"),
    [
        ({}, "quantities"),
        ({1: Decimal(0)}, "quantities"),
        ({2: Decimal(1)}, "quantities.2"),
        ({1: Decimal(-1)}, "quantities.1"),
        ({1: 1.5}, "quantities.1"),
        ({1: Decimal("NaN")}, "quantities.1"),
    ],
)
def test_count_that_wont_do(quantities: Any, field: str) -> None:
    order = sent_order()

    with pytest.raises(InvalidInput) as refused:
        receive(order, quantities=quantities)

    assert field in refused.value.errors
    assert GoodsReceipt.objects.count() == 0


def test_order_of_which_nothing_came_is_cancelled_instead() -> None:
    order = sent_order()

    with pytest.raises(OperationNotAllowed, match="cancel it instead"):
        receive(order, close_short=True)

    assert order.lines.get().quantity_cancelled == 0


@pytest.mark.parametrize(
    "changes", [{"transmission": "none"}, {"fulfilment": "cancelled"}]
)
def test_nothing_is_received_for_an_order_that_is_not_out(
    changes: dict[str, str],
) -> None:
    order = sent_order()
    PurchaseOrder.objects.filter(pk=order.pk).update(**changes)

    with pytest.raises(OperationNotAllowed):
        receive(order, quantities={1: Decimal(1)})


# --- asking now -------------------------------------------------------------------


def test_refresh_reads_the_order_now(fake_vendor: FakeVendor) -> None:
    order = sent_order()
    fake_vendor.orders["SO-1"] = seen()

    refreshed = refresh_order(order_id=order.pk, actor=order.buyer)

    assert refreshed.status == "confirmed"


def test_refresh_of_an_unknown_order_looks_it_up(fake_vendor: FakeVendor) -> None:
    order, transmission = make_queued_order()
    fake_vendor.answers = [OutcomeUnknown("No answer.", kind=Kind.TIMEOUT)]
    transmit(transmission_id=transmission.pk)
    fake_vendor.found = [
        (
            VendorOrder(
                number="SO-5",
                reference=order.number,
                raw_status="Incoming",
                fulfilment=None,
            ),
        )
    ]

    refreshed = refresh_order(order_id=order.pk, actor=order.buyer)

    assert refreshed.supplier_order_number == "SO-5"


def test_supplier_that_does_not_answer_is_told_apart_from_a_refusal(
    fake_vendor: FakeVendor,
) -> None:
    order = sent_order()
    fake_vendor.orders["SO-1"] = NotSent(  # type: ignore[assignment]
        "No answer in 30 s.", kind=Kind.TIMEOUT
    )

    with pytest.raises(SupplierUnavailable, match="No answer in 30 s"):
        refresh_order(order_id=order.pk, actor=order.buyer)


def test_refresh_with_nothing_to_ask_says_why(
    fake_vendor: FakeVendor, silent_vendor: FakeVendor
) -> None:
    eet = sent_order(supplier=make_supplier("eet"))
    extend = sent_order()
    PurchaseOrder.objects.filter(pk=extend.pk).update(supplier_order_number="")
    draft = make_order(make_supplier(slug="third"))

    for order, text in (
        (eet, "This vendor can't do that."),
        (extend, "no number at the supplier"),
        (draft, "not at the supplier"),
    ):
        with pytest.raises(OperationNotAllowed, match=text):
            refresh_order(order_id=order.pk, actor=order.buyer)

"""Confirmations people record: on evidence, forward only, with deviations flagged."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from procurement.errors import InvalidInput
from procurement.fulfilment.confirmations import record_confirmation
from procurement.fulfilment.recording import record_vendor_order
from procurement.orders.models import PurchaseOrder
from procurement.orders.operations import dismiss_attention
from tests.asserting import refusal
from tests.factories import line, make_approved_order, make_supplier, make_user
from tests.fulfilment.test_recording import seen, sent_order, their_line
from vendors.contracts import Fulfilment as Theirs

pytestmark = pytest.mark.django_db


def confirm(order: PurchaseOrder, **changes: Any) -> PurchaseOrder:
    record_confirmation(
        order_id=order.pk,
        actor=make_user("lena"),
        **{"evidence": "Mail from Lisa, 3 April.", **changes},
    )
    order.refresh_from_db()
    return order


def errors(order: PurchaseOrder, **changes: Any) -> dict[str, str]:
    with pytest.raises(InvalidInput) as refused:
        confirm(order, **changes)
    return refused.value.errors


def test_who_when_and_on_what_evidence_is_kept() -> None:
    before = timezone.now()
    order = confirm(sent_order(), document="OC-5512", confirmed_on=date(2026, 4, 3))

    event = order.events.get(kind="confirmed")
    assert (event.actor_name, event.text) == (
        "lena",
        "Confirmed by hand: Mail from Lisa, 3 April. Document OC-5512.",
    )
    assert event.at >= before
    assert event.data == {
        "is_manual": True,
        "is_correction": True,
        "evidence": "Mail from Lisa, 3 April.",
        "document": "OC-5512",
        "supplier_order_number": "",
        "confirmed_on": "2026-04-03",
        "lines": [
            {
                "position": 1,
                "quantity": "6",
                "promised_date": None,
                "unit_price": None,
            }
        ],
    }


def test_where_the_api_tells_nothing_it_is_no_correction() -> None:
    order = confirm(sent_order(supplier=make_supplier("eet")))

    assert order.events.get(kind="confirmed").data["is_correction"] is False


def test_whole_order_is_confirmed_as_it_was_ordered() -> None:
    order = confirm(
        sent_order(lines=[line("A"), line("B")]), promised_date=date(2031, 4, 9)
    )

    assert order.status == "confirmed"
    assert order.attention == ""
    assert [row.is_confirmed for row in order.lines.all()] == [True, True]
    assert {row.promised_date for row in order.lines.all()} == {date(2031, 4, 9)}
    assert order.promised_date == date(2031, 4, 9)


def test_lines_are_confirmed_one_by_one() -> None:
    order = confirm(
        sent_order(lines=[line("A"), line("B")]),
        quantities={2: Decimal(6)},
        promised_dates={2: date(2031, 4, 9)},
    )
    first, second = order.lines.all()
    assert (first.is_confirmed, first.promised_date) == (False, None)
    assert (second.is_confirmed, second.promised_date) == (True, date(2031, 4, 9))

    confirm(order, quantities={1: Decimal(6)}, promised_date=date(2031, 5, 1))

    first, second = order.lines.all()
    assert (first.is_confirmed, first.promised_date) == (True, date(2031, 5, 1))
    assert second.promised_date == date(2031, 4, 9)
    assert order.promised_date == date(2031, 5, 1)


def test_first_promise_stays_when_the_date_moves() -> None:
    order = confirm(sent_order(), promised_date=date(2031, 4, 9))

    confirm(order, promised_date=date(2031, 6, 1))

    row = order.lines.get()
    assert row.first_promised_date == date(2031, 4, 9)
    assert row.promised_date == date(2031, 6, 1)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (
            {"unit_prices": {1: Decimal("43.00")}},
            "Line 1: the supplier's price is 43.00 instead of 41.50.",
        ),
        (
            {"quantities": {1: Decimal(5)}},
            "Line 1: the supplier has 5 instead of 6.",
        ),
        (
            {"quantities": {1: Decimal(0)}},
            "Line 1: the supplier has 0 instead of 6.",
        ),
        (
            {"promised_date": date(2031, 4, 10)},
            "Line 1: promised for 2031-04-10, wanted on 2031-04-09.",
        ),
    ],
)
def test_what_was_not_approved_asks_for_a_person(
    changes: dict[str, Any], text: str
) -> None:
    order = confirm(sent_order(requested_date=date(2031, 4, 9)), **changes)

    assert (order.status, order.attention) == ("needs_attention", text)
    assert text in order.events.get(kind="confirmed").text


def test_price_and_day_as_approved_ask_for_nobody() -> None:
    order = confirm(
        sent_order(requested_date=date(2031, 4, 9)),
        unit_prices={1: Decimal("41.5")},
        promised_date=date(2031, 4, 9),
    )

    assert order.attention == ""


def test_line_the_supplier_will_not_deliver_is_not_confirmed() -> None:
    order = confirm(
        sent_order(lines=[line("A"), line("B")]),
        quantities={1: Decimal(6), 2: Decimal(0)},
        promised_date=date(2031, 4, 9),
    )

    second = order.lines.get(position=2)
    assert (second.is_confirmed, second.promised_date) == (False, None)


def test_what_was_dismissed_is_not_flagged_again() -> None:
    order = confirm(sent_order(), quantities={1: Decimal(5)})
    dismiss_attention(order_id=order.pk, actor=make_user("operator"), note="Agreed.")

    confirm(order, quantities={1: Decimal(5)})

    assert order.attention == ""


def test_flag_by_hand_is_added_to_what_is_flagged_already() -> None:
    order = sent_order()
    PurchaseOrder.objects.filter(pk=order.pk).update(attention="Not cancelled.")

    confirm(order, quantities={1: Decimal(5)})

    assert order.attention == "Not cancelled. Line 1: the supplier has 5 instead of 6."


def test_api_that_says_nothing_of_a_price_does_not_take_the_flag_off() -> None:
    order = confirm(sent_order(), unit_prices={1: Decimal("43.00")})

    record_vendor_order(order, seen())

    assert order.attention == "Line 1: the supplier's price is 43.00 instead of 41.50."


def test_news_of_the_supplier_counts_after_it_and_takes_nothing_back() -> None:
    order = confirm(sent_order(), promised_date=date(2031, 4, 9))

    record_vendor_order(order, seen(None, raw_status="Incoming"))
    assert order.fulfilment == "confirmed"
    record_vendor_order(
        order, seen(Theirs.SHIPPED, their_line(quantity_shipped=Decimal(6)))
    )
    assert order.fulfilment == "shipped"


def test_confirmation_of_the_rest_comes_after_a_part_was_shipped() -> None:
    order = sent_order()
    record_vendor_order(
        order, seen(Theirs.PARTIALLY_SHIPPED, their_line(quantity_shipped=Decimal(4)))
    )

    confirm(order, promised_date=date(2031, 6, 1))

    assert order.fulfilment == "partially_shipped"
    assert order.promised_date == date(2031, 6, 1)


# --- what won't do ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "name", "text"),
    [
        ({"evidence": " \n"}, "evidence", "Say where the confirmation is"),
        ({"document": "9" * 81}, "document", "at most 80 characters"),
        ({"supplier_order_number": "9" * 81}, "supplier_order_number", "at most 80"),
        ({"quantities": {2: Decimal(1)}}, "quantities.2", "There is no line 2."),
        ({"quantities": {1: Decimal(-1)}}, "quantities.1", "0 or more"),
        ({"quantities": {1: 1.5}}, "quantities.1", "decimal number"),
        ({"quantities": {1: Decimal(61)}}, "quantities.1", "More than 10 times"),
        ({"quantities": {1: Decimal("1.0005")}}, "quantities.1", "3 decimals"),
        ({"promised_dates": {2: date(2031, 1, 1)}}, "promised_dates.2", "no line 2"),
        ({"unit_prices": {1: Decimal(-1)}}, "unit_prices.1", "0 or more"),
        ({"unit_prices": {1: Decimal("NaN")}}, "unit_prices.1", "decimal number"),
        ({"unit_prices": {1: Decimal("1.00001")}}, "unit_prices.1", "4 decimals"),
    ],
)
def test_value_that_will_not_do_is_named(
    changes: dict[str, Any], name: str, text: str
) -> None:
    order = sent_order()

    found = errors(order, **changes)

    assert text in found[name]
    order.refresh_from_db()
    assert (order.fulfilment, order.events.filter(kind="confirmed").count()) == (
        "none",
        0,
    )


def test_day_of_the_answer_is_not_still_to_come() -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)

    assert errors(sent_order(), confirmed_on=tomorrow) == {
        "confirmed_on": "That day is still to come."
    }


def test_price_of_a_line_that_is_left_out_is_refused() -> None:
    order = sent_order(lines=[line("A"), line("B")])

    assert errors(
        order, quantities={1: Decimal(6)}, unit_prices={2: Decimal("41.50")}
    ) == {"unit_prices.2": "Line 2 is not confirmed here; give its quantity too."}


def test_number_of_another_order_is_refused() -> None:
    other = sent_order()
    order = make_approved_order(other.supplier)
    PurchaseOrder.objects.filter(pk=order.pk).update(transmission="sent")

    assert errors(order, supplier_order_number="SO-1") == {
        "supplier_order_number": f"SO-1 is the supplier's number of {other}."
    }


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"transmission": "none"}, "was not sent: not sent."),
        ({"transmission": "queued"}, "was not sent: queued."),
        ({"fulfilment": "shipped"}, "is further already: shipped."),
        ({"fulfilment": "delivered"}, "is further already: delivered."),
        ({"fulfilment": "cancelled"}, "is further already: cancelled."),
    ],
)
def test_confirmation_out_of_place_says_why(changes: dict[str, str], text: str) -> None:
    order = sent_order()
    PurchaseOrder.objects.filter(pk=order.pk).update(**changes)

    refused = refusal(
        record_confirmation, order_id=order.pk, actor=order.buyer, evidence="Mail."
    )

    assert (refused.text, refused.code) == (f"{order} {text}", "not_confirmable")

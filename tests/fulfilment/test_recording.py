from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procurement.fulfilment.cancellations import record_cancellation
from procurement.fulfilment.models import ShipmentLine
from procurement.fulfilment.recording import record_vendor_order
from procurement.orders.models import PurchaseOrder
from procurement.orders.operations import dismiss_attention
from procurement.orders.states import RANK, Fulfilment
from tests.factories import line, make_approved_order, make_supplier, make_user
from vendors.contracts import Fulfilment as Theirs
from vendors.contracts import VendorCharge, VendorLine, VendorOrder, VendorShipment

pytestmark = pytest.mark.django_db


def sent_order(**changes: Any) -> PurchaseOrder:
    order = make_approved_order(**changes)
    PurchaseOrder.objects.filter(pk=order.pk).update(
        transmission="sent", supplier_order_number="SO-1"
    )
    order.refresh_from_db()
    return order


def their_line(position: int | None = 1, **changes: Any) -> VendorLine:
    values: dict[str, Any] = {
        "item_number": "SKU-4410",
        "quantity": Decimal(6),
        "is_confirmed": True,
        **changes,
    }
    return VendorLine(position=position, **values)


def seen(
    fulfilment: Theirs | None = Theirs.CONFIRMED,
    *lines: VendorLine,
    **changes: Any,
) -> VendorOrder:
    values: dict[str, Any] = {
        "number": "SO-1",
        "reference": "",
        "raw_status": "Incoming",
        **changes,
    }
    return VendorOrder(fulfilment=fulfilment, lines=lines or (their_line(),), **values)


def kinds(order: PurchaseOrder) -> list[str]:
    return list(order.events.values_list("kind", flat=True))[3:]


def test_order_is_followed_from_confirmation_to_shipment() -> None:
    order = sent_order()

    record_vendor_order(order, seen())
    assert order.status == "confirmed"
    record_vendor_order(
        order,
        seen(
            Theirs.PARTIALLY_SHIPPED,
            their_line(quantity_shipped=Decimal(4)),
            raw_status="PartiallyDelivered",
            shipments=(
                VendorShipment(
                    number="SH-1", packages=("373",), quantities={1: Decimal(4)}
                ),
            ),
        ),
    )
    assert order.status == "partially_shipped"
    record_vendor_order(
        order, seen(Theirs.SHIPPED, their_line(quantity_shipped=Decimal(6)))
    )

    order.refresh_from_db()
    assert (order.status, order.supplier_status) == ("shipped", "Incoming")
    assert kinds(order) == ["confirmed", "partially_shipped", "shipped"]
    assert [str(package) for package in order.shipments.get().packages.all()] == ["373"]
    assert ShipmentLine.objects.get().quantity == 4
    assert order.events.last().actor_name == "Extend Nord"


def test_same_news_twice_is_told_once() -> None:
    order = sent_order()

    assert record_vendor_order(order, seen())
    assert not record_vendor_order(order, seen())

    assert kinds(order) == ["confirmed"]


def test_stale_answer_takes_nothing_back() -> None:
    order = sent_order()
    record_vendor_order(
        order, seen(Theirs.SHIPPED, their_line(quantity_shipped=Decimal(6)))
    )

    record_vendor_order(order, seen(Theirs.CONFIRMED, raw_status="Incoming"))

    found = order.lines.get()
    assert order.status == "shipped"
    assert (found.fulfilment, found.quantity_shipped) == ("shipped", Decimal(6))


def test_first_promise_is_kept_when_the_date_moves() -> None:
    order = sent_order()
    record_vendor_order(order, seen(None, their_line(promised_date=date(2031, 4, 9))))
    record_vendor_order(order, seen(None, their_line(promised_date=date(2031, 5, 1))))

    found = order.lines.get()
    assert found.first_promised_date == date(2031, 4, 9)
    assert found.promised_date == order.promised_date == date(2031, 5, 1)


def test_lines_are_matched_by_position_else_by_an_item_that_is_there_once() -> None:
    order = sent_order(
        lines=[line("A"), line("B"), line("B", unit_price=Decimal("1.00"))]
    )

    record_vendor_order(
        order,
        seen(
            Theirs.CONFIRMED,
            their_line(None, item_number="A", quantity_shipped=Decimal(6)),
            their_line(2, item_number="B"),
            their_line(None, item_number="B", quantity_shipped=Decimal(6)),
        ),
    )

    states = [each.fulfilment for each in order.lines.all()]
    assert states == ["shipped", "confirmed", "confirmed"]
    assert "does not show line 3" in order.attention


def test_same_item_of_two_brands_is_matched_by_brand() -> None:
    order = sent_order(lines=[line("A", brand="Norvik"), line("A", brand="Brava")])

    record_vendor_order(
        order,
        seen(
            Theirs.CONFIRMED,
            their_line(
                None, item_number="A", brand="brava", quantity_shipped=Decimal(6)
            ),
            their_line(None, item_number="A", brand="NORVIK"),
        ),
    )

    assert [each.fulfilment for each in order.lines.all()] == ["confirmed", "shipped"]


def test_what_the_supplier_calls_delivered_is_delivered_but_not_counted_in() -> None:
    order = sent_order(lines=[line("A"), line("B")])
    whole = their_line(1, item_number="A", quantity_shipped=Decimal(6))
    half = their_line(2, item_number="B", quantity_shipped=Decimal(3))

    record_vendor_order(order, seen(Theirs.DELIVERED, whole, half))
    assert order.status == "partially_shipped", "a word does not make up for goods"

    rest = their_line(2, item_number="B", quantity_shipped=Decimal(6))
    record_vendor_order(order, seen(Theirs.DELIVERED, whole, rest))
    assert order.status == "delivered"
    assert [each.quantity_open for each in order.lines.all()] == [6, 6]


def test_line_without_a_brand_is_not_guessed_among_two() -> None:
    order = sent_order(lines=[line("A", brand="Norvik"), line("A", brand="Brava")])

    record_vendor_order(
        order,
        seen(
            Theirs.CONFIRMED,
            their_line(None, item_number="A", quantity_shipped=Decimal(6)),
        ),
    )

    assert [each.quantity_shipped for each in order.lines.all()] == [0, 0]


# --- what a person has to look at -------------------------------------------------


def test_unknown_word_is_kept_raw_and_flagged() -> None:
    order = sent_order()

    record_vendor_order(
        order, seen(None, raw_status="Teleported", unknown_words=("Teleported",))
    )

    assert order.supplier_status == "Teleported"
    assert order.status == "needs_attention"
    assert "not in its table: Teleported" in order.attention


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (
            {"unit_price": Decimal("43.00")},
            "Line 1: the supplier's price is 43.00 instead of 41.50.",
        ),
        ({"quantity": Decimal(5)}, "Line 1: the supplier has 5 instead of 6."),
    ],
)
def test_confirmation_with_changes_is_flagged(
    changes: dict[str, Any], text: str
) -> None:
    order = sent_order()

    record_vendor_order(order, seen(Theirs.CONFIRMED, their_line(**changes)))

    assert order.attention == text


def test_what_was_dismissed_is_not_flagged_again() -> None:
    order = sent_order()
    news = seen(Theirs.CONFIRMED, their_line(unit_price=Decimal("43.00")))
    record_vendor_order(order, news)
    dismiss_attention(order_id=order.pk, actor=make_user("operator"), note="Agreed.")
    order.refresh_from_db()

    record_vendor_order(order, news)

    assert order.attention == ""


def test_flag_goes_when_its_cause_has_gone() -> None:
    order = sent_order()
    record_vendor_order(order, seen(None, attention="On hold: payment."))
    assert order.attention == "On hold: payment."

    record_vendor_order(order, seen())

    assert (order.attention, order.status) == ("", "confirmed")


def test_flag_of_another_cause_stays() -> None:
    order = sent_order()
    PurchaseOrder.objects.filter(pk=order.pk).update(attention="Not cancelled.")
    order.refresh_from_db()

    record_vendor_order(order, seen())

    assert order.attention == "Not cancelled."


def test_cancellation_by_the_supplier_is_flagged() -> None:
    order = sent_order()

    record_vendor_order(order, seen(Theirs.CANCELLED, raw_status="Annulled"))

    assert (order.fulfilment, order.status) == ("cancelled", "needs_attention")
    assert order.attention == "Extend Nord cancelled the order."
    assert order.lines.get().fulfilment == "cancelled"


def test_cancellation_recorded_by_hand_is_no_news_when_the_supplier_tells_it() -> None:
    order = sent_order()
    record_cancellation(
        order_id=order.pk, actor=make_user("buyer"), evidence="Eva on the phone."
    )
    order.refresh_from_db()

    record_vendor_order(order, seen(Theirs.CANCELLED, raw_status="Annulled"))

    assert (order.status, order.attention) == ("cancelled", "")


def test_goods_that_are_shipped_although_cancelled_are_flagged() -> None:
    order = sent_order()
    record_cancellation(
        order_id=order.pk, actor=make_user("buyer"), evidence="Eva on the phone."
    )
    order.refresh_from_db()

    record_vendor_order(
        order, seen(Theirs.SHIPPED, their_line(quantity_shipped=Decimal(6)))
    )

    assert order.attention == (
        "Line 1 is cancelled, and the supplier has shipped 6 of it. Call the supplier."
    )


def test_shipped_short_is_shipped() -> None:
    order = sent_order()

    record_vendor_order(
        order,
        seen(
            Theirs.SHIPPED,
            their_line(quantity_shipped=Decimal(4), quantity_cancelled=Decimal(2)),
        ),
    )

    assert order.status == "shipped"
    assert order.lines.get().quantity_open == 4


def test_invoiced_is_a_flag_beside_the_state() -> None:
    order = sent_order()

    record_vendor_order(order, seen(is_invoiced=True))

    assert (order.status, order.is_invoiced) == ("confirmed", True)


def test_what_the_supplier_adds_is_shown_and_told_once() -> None:
    order = sent_order()
    freight = VendorCharge(text="FRAKT", amount=Decimal("95"))

    record_vendor_order(order, seen(charges=(freight,)))
    record_vendor_order(order, seen(charges=(freight,)))

    order.refresh_from_db()
    assert order.supplier_charges == [{"text": "FRAKT", "amount": "95.00"}]
    assert order.total == Decimal("249.00"), "what was approved stays what it was"
    assert [event.text for event in order.events.filter(kind="confirmed")] == [
        "The supplier says Incoming. It adds FRAKT 95.00."
    ]


def test_parcel_numbers_that_come_later_are_added() -> None:
    order = sent_order()
    record_vendor_order(order, seen(shipments=(VendorShipment(number="SH-1"),)))
    record_vendor_order(
        order, seen(shipments=(VendorShipment(number="SH-1", packages=("373",)),))
    )

    assert [str(package) for package in order.shipments.get().packages.all()] == ["373"]


quantities = st.integers(0, 6).map(Decimal)
news = st.builds(
    lambda fulfilment, shipped, cancelled, picking: seen(
        fulfilment,
        their_line(
            quantity_shipped=shipped,
            quantity_cancelled=cancelled,
            quantity_picking=picking,
        ),
    ),
    st.sampled_from([None, *Theirs]),
    quantities,
    quantities,
    quantities,
)


@given(many=st.lists(news, min_size=1, max_size=6))
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_no_sequence_of_answers_takes_an_order_back(many: list[VendorOrder]) -> None:
    from procurement.suppliers.models import Supplier

    order = sent_order(supplier=Supplier.objects.first() or make_supplier())
    ranks = []
    for each in many:
        record_vendor_order(order, each)
        order.refresh_from_db()
        ranks.append(RANK[Fulfilment(order.fulfilment)])

    assert ranks == sorted(ranks)

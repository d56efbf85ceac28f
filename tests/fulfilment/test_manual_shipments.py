"""Shipments, receipts and cancellations that people record."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.fulfilment.cancellations import record_cancellation
from procurement.fulfilment.models import Shipment
from procurement.fulfilment.operations import receive_goods
from procurement.fulfilment.recording import record_vendor_order
from procurement.fulfilment.shipments import record_shipment
from procurement.orders.models import PurchaseOrder
from procurement.orders.operations import cancel_order
from procurement.transmissions.models import State, Transmission
from tests.asserting import refusal
from tests.factories import line, make_approved_order, make_queued_order, make_user
from tests.fakes import FakeVendor
from tests.fulfilment.test_recording import seen, sent_order, their_line
from tests.sending import transmit
from vendors.contracts import Fulfilment as Theirs
from vendors.contracts import VendorShipment
from vendors.errors import Kind, OutcomeUnknown

pytestmark = pytest.mark.django_db


def ship(order: PurchaseOrder, **changes: Any) -> PurchaseOrder:
    record_shipment(
        order_id=order.pk,
        actor=make_user("lena"),
        **{"number": "DN-1", "evidence": "Despatch mail.", **changes},
    )
    order.refresh_from_db()
    return order


def cancel(order: PurchaseOrder, **changes: Any) -> PurchaseOrder:
    record_cancellation(
        order_id=order.pk,
        actor=make_user("lena"),
        **{"evidence": "Eva on the phone, 10:30.", **changes},
    )
    order.refresh_from_db()
    return order


def receive(order: PurchaseOrder, **changes: Any) -> PurchaseOrder:
    receive_goods(order_id=order.pk, actor=make_user("lena"), **changes)
    order.refresh_from_db()
    return order


def errors(operation: Any, order: PurchaseOrder, **changes: Any) -> dict[str, str]:
    with pytest.raises(InvalidInput) as refused:
        operation(order, **changes)
    return refused.value.errors


# --- shipments --------------------------------------------------------------------


def test_shipment_is_kept_like_the_suppliers_own_and_marked() -> None:
    order = ship(
        sent_order(),
        carrier="PostNord",
        parcels=["373400", "373401", "373400"],
        shipped_on=date(2026, 4, 8),
        document="MAIL-7",
    )

    assert order.status == "shipped"
    row = order.lines.get()
    assert (row.quantity_shipped, row.is_confirmed) == (Decimal(6), True)
    shipment = order.shipments.get()
    assert (shipment.number, shipment.forwarder) == ("DN-1", "PostNord")
    assert timezone.localtime(shipment.shipped_at).date() == date(2026, 4, 8)
    assert shipment.is_manual
    assert (shipment.evidence, shipment.document) == ("Despatch mail.", "MAIL-7")
    assert [str(parcel) for parcel in shipment.packages.all()] == ["373400", "373401"]
    assert [each.quantity for each in shipment.lines.all()] == [Decimal(6)]
    event = order.events.last()
    assert event.kind == "shipment_recorded"
    assert event.actor_name == "lena"
    assert event.data["is_manual"] is True
    assert event.data["evidence"] == "Despatch mail."
    assert event.text == (
        "Shipment DN-1 by hand, line 1: 6: Despatch mail. Document MAIL-7."
    )


def test_a_part_is_shipped_and_then_the_rest() -> None:
    order = ship(sent_order(), quantities={1: Decimal("2.5")})
    assert order.status == "partially_shipped"

    ship(order, number="DN-2")

    assert order.status == "shipped"
    assert order.lines.get().quantity_shipped == 6
    assert order.shipments.last().lines.get().quantity == Decimal("3.5")


def test_what_came_in_was_shipped() -> None:
    order = receive(sent_order(), quantities={1: Decimal(4)})

    ship(order)

    assert order.lines.get().quantity_shipped == 6
    assert order.shipments.get().lines.get().quantity == 2


def test_more_than_is_open_is_refused() -> None:
    order = ship(sent_order(), quantities={1: Decimal(4)})

    found = errors(ship, order, number="DN-2", quantities={1: Decimal(3)})

    assert found == {"quantities.1": "Line 1 has 2 left to ship, not 3."}
    assert order.shipments.count() == 1
    assert order.lines.get().quantity_shipped == 4


@pytest.mark.parametrize(
    ("changes", "name", "text"),
    [
        ({"evidence": ""}, "evidence", "Say where the shipment is told"),
        ({"number": "  "}, "number", "Give the number of the shipment"),
        ({"number": "9" * 81}, "number", "at most 80"),
        ({"carrier": "x" * 81}, "carrier", "at most 80"),
        ({"parcels": ["x" * 81]}, "parcels", "1 to 80 characters"),
        ({"parcels": [" "]}, "parcels", "1 to 80 characters"),
        ({"parcels": [str(n) for n in range(201)]}, "parcels", "at most 200"),
        ({"quantities": {1: Decimal(0)}}, "quantities", "Enter at least one quantity."),
        ({"quantities": {7: Decimal(1)}}, "quantities.7", "There is no line 7."),
    ],
)
def test_shipment_that_will_not_do_is_named(
    changes: dict[str, Any], name: str, text: str
) -> None:
    assert text in errors(ship, sent_order(), **changes)[name]
    assert not Shipment.objects.exists()


def test_nothing_is_shipped_tomorrow() -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)

    assert list(errors(ship, sent_order(), shipped_on=tomorrow)) == ["shipped_on"]


def test_same_shipment_twice_is_refused() -> None:
    order = ship(sent_order(), quantities={1: Decimal(1)})

    with pytest.raises(OperationNotAllowed) as refused:
        ship(order)

    assert refused.value.text == f"Shipment DN-1 of {order} is recorded already."
    assert refused.value.code == "already_recorded"
    assert order.lines.get().quantity_shipped == 1


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"transmission": "none"}, "was not sent: not sent."),
        ({"fulfilment": "cancelled"}, "is cancelled."),
        ({"fulfilment": "delivered"}, "is delivered."),
    ],
)
def test_shipment_out_of_place_says_why(changes: dict[str, str], text: str) -> None:
    order = sent_order()
    PurchaseOrder.objects.filter(pk=order.pk).update(**changes)

    with pytest.raises(OperationNotAllowed) as refused:
        ship(order)

    assert (refused.value.text, refused.value.code) == (
        f"{order} {text}",
        "not_shippable",
    )


def test_nothing_is_left_to_ship() -> None:
    order = ship(sent_order())

    with pytest.raises(OperationNotAllowed, match="is left to ship"):
        ship(order, number="DN-2")


def test_supplier_tells_the_same_shipment_later_and_more_of_it() -> None:
    order = ship(sent_order(), quantities={1: Decimal(4)})

    record_vendor_order(
        order,
        seen(
            Theirs.PARTIALLY_SHIPPED,
            their_line(quantity_shipped=Decimal(4)),
            shipments=(
                VendorShipment(
                    number="DN-1", packages=("373",), quantities={1: Decimal(4)}
                ),
            ),
        ),
    )
    assert order.lines.get().quantity_shipped == 4
    assert [str(p) for p in order.shipments.get().packages.all()] == ["373"]

    record_vendor_order(
        order, seen(Theirs.SHIPPED, their_line(quantity_shipped=Decimal(6)))
    )
    order.refresh_from_db()
    assert order.status == "shipped"


def test_stale_news_takes_no_shipment_back() -> None:
    order = ship(sent_order())

    record_vendor_order(order, seen(Theirs.CONFIRMED))

    order.refresh_from_db()
    assert order.status == "shipped"
    assert order.lines.get().quantity_shipped == 6


# --- counting in ------------------------------------------------------------------


def test_receipt_keeps_its_delivery_note_and_day() -> None:
    order = receive(
        sent_order(),
        quantities={1: Decimal(6)},
        document=" DN-1 ",
        received_on=date(2026, 4, 9),
        note="One box dented.",
    )

    receipt = order.receipts.get()
    assert (receipt.document, receipt.received_on) == ("DN-1", date(2026, 4, 9))
    event = order.events.last()
    assert event.text == "Received line 1: 6. DN-1 One box dented."
    assert event.data == {
        "is_manual": True,
        "evidence": "One box dented.",
        "document": "DN-1",
        "received_on": "2026-04-09",
        "quantities": {"1": "6"},
    }


def test_second_click_is_not_a_second_box() -> None:
    order = receive(sent_order(), quantities={1: Decimal(2)}, document="DN-1")

    with pytest.raises(OperationNotAllowed, match="counted in already") as refused:
        receive(order, quantities={1: Decimal(2)}, document="DN-1")

    assert refused.value.code == "already_recorded"
    assert order.lines.get().quantity_received == 2
    receive(order, quantities={1: Decimal(1)}, document="DN-1")
    receive(order, quantities={1: Decimal(2)}, document="DN-2")
    assert order.lines.get().quantity_received == 5


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"document": "9" * 81}, "document"),
        ({"note": "9" * 401}, "note"),
        ({"received_on": date(2999, 1, 1)}, "received_on"),
    ],
)
def test_receipt_that_will_not_do_is_named(changes: dict[str, Any], name: str) -> None:
    found = errors(receive, sent_order(), quantities={1: Decimal(1)}, **changes)

    assert list(found) == [name]


# --- cancellations ----------------------------------------------------------------


def test_whole_order_is_cancelled_by_phone() -> None:
    order = sent_order(lines=[line("A"), line("B")])
    PurchaseOrder.objects.filter(pk=order.pk).update(attention="No answer for days.")

    cancel(order, document="MAIL-9")

    assert (order.status, order.attention) == ("cancelled", "")
    assert {each.fulfilment for each in order.lines.all()} == {"cancelled"}
    assert {each.quantity_cancelled for each in order.lines.all()} == {Decimal(6)}
    event = order.events.last()
    assert (event.kind, event.actor_name) == ("cancelled", "lena")
    assert event.text == (
        "Cancelled at the supplier, by hand: Eva on the phone, 10:30. Document MAIL-9."
    )
    assert event.data["is_manual"] is True
    assert not Transmission.objects.filter(operation="cancel_order").exists()


def test_part_of_a_line_is_cancelled_and_then_the_rest() -> None:
    order = sent_order(lines=[line("A"), line("B")])

    cancel(order, quantities={1: Decimal(2)})
    assert order.status == "sent"
    assert order.lines.get(position=1).quantity_cancelled == 2
    assert order.events.last().kind == "cancellation_recorded"
    cancel(order, quantities={1: Decimal(4)})
    assert order.lines.get(position=1).fulfilment == "cancelled"
    cancel(order)

    assert order.status == "cancelled"


def test_rest_of_an_order_that_was_shipped_in_part_is_cancelled() -> None:
    order = ship(sent_order(), quantities={1: Decimal(4)})

    cancel(order)

    assert order.status == "shipped"
    assert order.lines.get().quantity_cancelled == 2


def test_what_was_shipped_is_not_cancelled() -> None:
    order = ship(sent_order(), quantities={1: Decimal(4)})

    found = errors(cancel, order, quantities={1: Decimal(3)})

    assert found == {"quantities.1": "Line 1 has 2 left to cancel, not 3."}
    assert order.lines.get().quantity_cancelled == 0


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"evidence": ""}, "evidence"),
        ({"quantities": {1: Decimal(0)}}, "quantities"),
        ({"quantities": {3: Decimal(1)}}, "quantities.3"),
    ],
)
def test_cancellation_that_will_not_do_is_named(
    changes: dict[str, Any], name: str
) -> None:
    order = sent_order()

    assert list(errors(cancel, order, **changes)) == [name]
    assert order.lines.get().quantity_cancelled == 0


def test_nothing_is_recorded_while_the_order_is_under_way(
    fake_vendor: FakeVendor,
) -> None:
    order, transmission = make_queued_order()
    assert "is under way. Wait for the answer." in refused_cancellation(order)

    fake_vendor.answers = [OutcomeUnknown("Cut.", kind=Kind.CUT)]
    transmit(transmission_id=transmission.pk)

    assert "has an unknown outcome. Settle that first." in refused_cancellation(order)


def test_nothing_is_recorded_while_the_cancellation_is_under_way(
    fake_vendor: FakeVendor,
) -> None:
    order, transmission = make_queued_order()
    transmit(transmission_id=transmission.pk)
    cancel_order(order_id=order.pk, actor=order.buyer)
    assert "“cancel the order”" in refused_cancellation(order)
    assert "is under way" in refused_cancellation(order)

    fake_vendor.cancel_answers = [OutcomeUnknown("Cut.", kind=Kind.CUT)]
    asked = Transmission.objects.get(operation="cancel_order")
    transmit(transmission_id=asked.pk)

    asked.refresh_from_db()
    assert asked.state == State.UNKNOWN
    assert "unknown outcome" in refused_cancellation(order)


def refused_cancellation(order: PurchaseOrder) -> str:
    refused = refusal(
        record_cancellation, order_id=order.pk, actor=order.buyer, evidence="Phone."
    )
    assert refused.code == "not_cancellable"
    return refused.text


@pytest.mark.parametrize("state", ["queued", "sending", "unknown"])
def test_order_that_may_be_at_the_supplier_is_settled_first(state: str) -> None:
    order = sent_order()
    PurchaseOrder.objects.filter(pk=order.pk).update(transmission=state)

    assert "may be at the supplier" in refused_cancellation(order)


def test_order_the_supplier_never_had_is_cancelled_here() -> None:
    order = make_approved_order()

    assert refused_cancellation(order) == (
        f"{order} is not at the supplier; “Cancel” is enough."
    )


@pytest.mark.parametrize(
    ("fulfilment", "text"),
    [
        ("cancelled", "is cancelled already."),
        (
            "shipped",
            "is too far for that: shipped. Ask the supplier for a return.",
        ),
    ],
)
def test_cancellation_out_of_place_says_why(fulfilment: str, text: str) -> None:
    order = sent_order()
    PurchaseOrder.objects.filter(pk=order.pk).update(fulfilment=fulfilment)

    assert refused_cancellation(order) == f"{order} {text}"


def test_supplier_that_ships_what_is_left_still_counts() -> None:
    order = cancel(sent_order(), quantities={1: Decimal(2)})

    record_vendor_order(
        order, seen(Theirs.SHIPPED, their_line(quantity_shipped=Decimal(4)))
    )

    order.refresh_from_db()
    assert order.fulfilment == "shipped"
    assert order.lines.get().quantity_cancelled == 2

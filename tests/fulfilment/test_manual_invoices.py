"""Invoices people record: each once, several to an order, compared with what is due."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from procurement.errors import InvalidInput
from procurement.fulfilment.cancellations import record_cancellation
from procurement.fulfilment.invoices import record_invoice
from procurement.fulfilment.models import SupplierInvoice
from procurement.fulfilment.recording import record_vendor_order
from procurement.orders.models import PurchaseOrder
from procurement.orders.queries import orders_carrying
from tests.asserting import refusal
from tests.factories import make_approved_order, make_supplier, make_user
from tests.fulfilment.test_recording import seen, sent_order

pytestmark = pytest.mark.django_db


def invoice(order: PurchaseOrder, amount: str = "249.00", **changes: Any) -> Any:
    record_invoice(
        order_id=order.pk,
        actor=make_user("lena"),
        **{
            "invoice_number": "F-1",
            "invoice_date": date(2026, 4, 10),
            "amount": Decimal(amount),
            "evidence": "Mail of 10 April.",
            **changes,
        },
    )
    order.refresh_from_db()
    return order


def errors(order: PurchaseOrder, amount: str = "249.00", **changes: Any) -> Any:
    with pytest.raises(InvalidInput) as refused:
        invoice(order, amount, **changes)
    return refused.value.errors


def test_invoice_over_the_whole_makes_the_order_invoiced() -> None:
    order = invoice(sent_order())

    assert (order.is_invoiced, order.attention, order.status) == (True, "", "sent")
    kept = order.invoices.get()
    assert (kept.number, kept.amount, kept.evidence, str(kept.recorded_by)) == (
        "F-1",
        Decimal("249.00"),
        "Mail of 10 April.",
        "lena",
    )
    event = order.events.last()
    assert event.text == "Invoice F-1 of 249.00 SEK by hand: Mail of 10 April."
    assert event.data == {
        "is_manual": True,
        "is_correction": False,
        "evidence": "Mail of 10 April.",
        "document": "",
        "invoice": "F-1",
        "invoice_date": "2026-04-10",
        "amount": "249.00",
        "is_final": False,
        "invoiced": "249.00",
    }


def test_order_is_invoiced_in_parts() -> None:
    order = invoice(sent_order(), "100")
    assert (order.is_invoiced, order.attention) == (False, "")

    invoice(order, "149", invoice_number="F-2")

    assert (order.is_invoiced, order.attention) == (True, "")


def test_more_than_was_ordered_asks_for_a_person() -> None:
    order = invoice(sent_order(), "260.00")

    assert order.is_invoiced
    assert order.attention == (
        "Invoiced 260.00 SEK: 11.00 more than the 249.00 of what is ordered and not "
        "cancelled."
    )


def test_charges_the_supplier_added_are_named_beside_the_difference() -> None:
    order = sent_order()
    PurchaseOrder.objects.filter(pk=order.pk).update(
        supplier_charges=[{"text": "FRAKT", "amount": "95.00"}]
    )

    invoice(order, "344.00")

    assert order.attention.endswith("The supplier had added FRAKT 95.00.")


def test_last_invoice_over_less_asks_for_a_person() -> None:
    order = invoice(sent_order(), "200.00", is_final=True)

    assert order.is_invoiced
    assert "49.00 less than the 249.00" in order.attention


def test_cancelled_goods_are_not_due() -> None:
    order = sent_order()
    record_cancellation(
        order_id=order.pk,
        actor=order.buyer,
        evidence="Phone.",
        quantities={1: Decimal(2)},
    )

    invoice(order, "166.00")

    assert (order.is_invoiced, order.attention) == (True, "")


@pytest.mark.parametrize(
    ("amount", "is_flagged", "is_invoiced"),
    [
        ("251.49", False, True),
        ("251.50", True, True),
        ("246.51", False, True),
        ("246.50", False, False),
    ],
)
def test_difference_within_the_tolerance_is_let_pass(
    settings: Any, amount: str, is_flagged: bool, is_invoiced: bool
) -> None:
    settings.INVOICE_TOLERANCE_PERCENT = Decimal(1)

    order = invoice(sent_order(), amount)

    assert (bool(order.attention), order.is_invoiced) == (is_flagged, is_invoiced)


def test_same_number_of_the_same_supplier_names_the_other_order() -> None:
    other = invoice(sent_order())
    order = make_approved_order(other.supplier)
    PurchaseOrder.objects.filter(pk=order.pk).update(transmission="sent")

    for number in ("F-1", " f-1 "):
        refused = refusal(
            record_invoice,
            order_id=order.pk,
            actor=order.buyer,
            invoice_number=number,
            invoice_date=date(2026, 4, 10),
            amount=Decimal(1),
            evidence="Mail.",
        )
        assert refused.text == (
            f"Invoice F-1 of Extend Nord is recorded already, for {other}."
        )
        assert refused.code == "already_recorded"
    assert SupplierInvoice.objects.count() == 1


def test_same_number_of_another_supplier_is_another_invoice() -> None:
    invoice(sent_order())

    invoice(sent_order(supplier=make_supplier("eet")))

    assert SupplierInvoice.objects.count() == 2


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "Give an amount above 0"),
        ("-5", "credit notes are not recorded here"),
        ("1.005", "SEK has 2 decimals, no more."),
        ("1000000000000", "Give an amount above 0"),
        ("NaN", "Give a decimal number."),
    ],
)
def test_amount_that_will_not_do(amount: str, text: str) -> None:
    assert text in errors(sent_order(), amount)["amount"]


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"evidence": " "}, "evidence"),
        ({"invoice_number": " "}, "invoice_number"),
        ({"invoice_number": "9" * 81}, "invoice_number"),
        ({"invoice_date": date(2999, 1, 1)}, "invoice_date"),
    ],
)
def test_invoice_that_will_not_do_is_named(changes: dict[str, Any], name: str) -> None:
    order = sent_order()

    assert list(errors(order, **changes)) == [name]
    assert not order.invoices.exists()


def test_order_that_was_not_sent_has_no_invoice() -> None:
    order = make_approved_order()

    refused = refusal(
        record_invoice,
        order_id=order.pk,
        actor=order.buyer,
        invoice_number="F-1",
        invoice_date=date(2026, 4, 10),
        amount=Decimal(1),
        evidence="Mail.",
    )

    assert (refused.text, refused.code) == (
        f"{order} was not sent: not sent.",
        "not_invoiceable",
    )


def test_supplier_that_says_not_invoiced_takes_nothing_back() -> None:
    order = invoice(sent_order())

    record_vendor_order(order, seen(is_invoiced=False))

    order.refresh_from_db()
    assert order.is_invoiced
    assert order.status == "confirmed"


def test_order_is_found_by_the_number_of_its_invoice() -> None:
    order = sent_order()
    invoice(order, invoice_number="F-20991")

    assert list(orders_carrying("F-20991")) == [{"pk": order.pk}]

"""Two people at the same order at the same moment, on real connections."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.fulfilment.imports import apply_import
from procurement.fulfilment.invoices import record_invoice
from procurement.fulfilment.models import SupplierInvoice
from procurement.fulfilment.operations import receive_goods
from procurement.fulfilment.shipments import record_shipment
from procurement.orders.models import PurchaseOrder
from tests.factories import make_approved_order
from tests.fulfilment.test_manual_imports import bring, clerk, row
from tests.fulfilment.test_recording import sent_order
from tests.orders.test_at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def codes(results: list[Any]) -> list[str]:
    return sorted(
        each.code for each in results if isinstance(each, OperationNotAllowed)
    )


def test_same_shipment_is_recorded_once() -> None:
    order = sent_order()

    results = at_once(
        4,
        lambda n: record_shipment(
            order_id=order.pk,
            actor=order.buyer,
            number="DN-1",
            evidence="Mail.",
            quantities={1: Decimal(1)},
        ),
    )

    assert codes(results) == ["already_recorded"] * 3
    assert order.lines.get().quantity_shipped == 1


def test_no_more_is_shipped_than_was_ordered() -> None:
    order = sent_order()

    def ship(number: int) -> Any:
        try:
            return record_shipment(
                order_id=order.pk,
                actor=order.buyer,
                number=f"DN-{number}",
                evidence="Mail.",
                quantities={1: Decimal(4)},
            )
        except InvalidInput as refused:
            return refused.errors

    results = at_once(4, ship)

    refused = [each for each in results if isinstance(each, dict)]
    assert refused == [{"quantities.1": "Line 1 has 2 left to ship, not 4."}] * 3
    assert order.lines.get().quantity_shipped == 4


def test_same_delivery_note_is_counted_in_once() -> None:
    order = sent_order()

    results = at_once(
        4,
        lambda n: receive_goods(
            order_id=order.pk,
            actor=order.buyer,
            quantities={1: Decimal(2)},
            document="DN-1",
        ),
    )

    assert codes(results) == ["already_recorded"] * 3
    assert order.lines.get().quantity_received == 2


def test_same_invoice_for_two_orders_is_recorded_once() -> None:
    first = sent_order()
    second = make_approved_order(first.supplier)
    PurchaseOrder.objects.filter(pk=second.pk).update(transmission="sent")

    results = at_once(
        4,
        lambda n: record_invoice(
            order_id=(first, second)[n % 2].pk,
            actor=first.buyer,
            invoice_number="F-1",
            invoice_date=date(2026, 4, 10),
            amount=Decimal(100),
            evidence="Mail.",
        ),
    )

    assert codes(results) == ["already_recorded"] * 3
    assert SupplierInvoice.objects.count() == 1


def test_same_file_is_recorded_once() -> None:
    order = sent_order()
    stored = bring(row("cancellation", order, position="1", quantity="1"))
    actor = clerk()

    results = at_once(
        4,
        lambda n: apply_import(import_id=stored.pk, sha256=stored.sha256, actor=actor),
    )

    assert codes(results) == ["already_recorded"] * 3
    assert order.lines.get().quantity_cancelled == 1

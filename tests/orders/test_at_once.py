"""Many people and workers at the same moment, on real connections."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from procurement.errors import OperationNotAllowed
from procurement.orders.models import PurchaseOrder
from procurement.orders.operations import cancel_order, send_order
from procurement.transmissions.models import Transmission
from tests.factories import (
    make_approved_order,
    make_order,
    make_queued_order,
    make_supplier,
    make_user,
)
from tests.fakes import FakeVendor
from tests.sending import transmit

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(count: int, work: Callable[[int], Any]) -> list[Any]:
    """Run the same work in many threads from the same moment; return the results."""
    gate = threading.Barrier(count)
    results: list[Any] = []

    def run(number: int) -> None:
        gate.wait()
        try:
            results.append(work(number))
        except OperationNotAllowed as refused:
            results.append(refused)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_twenty_send_calls_make_one_transmission(fake_vendor: FakeVendor) -> None:
    order = make_approved_order()

    results = at_once(20, lambda n: send_order(order_id=order.pk, actor=order.buyer))

    refusals = [each for each in results if isinstance(each, OperationNotAllowed)]
    assert len(refusals) == 19
    assert {each.code for each in refusals} == {"already_sent"}
    assert Transmission.objects.count() == 1


def test_twenty_workers_send_one_order_once(fake_vendor: FakeVendor) -> None:
    order, transmission = make_queued_order()

    at_once(20, lambda n: transmit(transmission_id=transmission.pk))

    assert len(fake_vendor.books) == 1
    order.refresh_from_db()
    assert order.status == "sent"
    assert transmission.attempts.count() == 1


def test_numbers_are_unique_whoever_asks() -> None:
    supplier, buyer = make_supplier(), make_user("buyer")

    at_once(10, lambda n: make_order(supplier, actor=buyer).number)

    numbers = set(PurchaseOrder.objects.values_list("number", flat=True))
    assert len(numbers) == 10


def test_external_reference_lands_once() -> None:
    supplier, buyer = make_supplier(), make_user("buyer")

    results = at_once(
        10,
        lambda n: make_order(
            supplier, actor=buyer, external_reference="WEB-1", source="api:shop"
        ),
    )

    assert PurchaseOrder.objects.count() == 1
    codes = [each.code for each in results if isinstance(each, OperationNotAllowed)]
    assert codes == ["external_reference_taken"] * 9


def test_cancelling_and_sending_at_once_end_in_one_truth(
    fake_vendor: FakeVendor,
) -> None:
    order, transmission = make_queued_order()

    def work(number: int) -> Any:
        if number % 2:
            return transmit(transmission_id=transmission.pk)
        return cancel_order(order_id=order.pk, actor=order.buyer)

    at_once(6, work)

    order.refresh_from_db()
    if order.fulfilment == "cancelled":
        assert fake_vendor.books == []
    else:
        assert len(fake_vendor.books) == 1

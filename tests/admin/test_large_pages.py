"""The main pages over a hundred thousand orders: nothing is counted or read whole."""

import statistics
import time

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from procurement.orders.models import PurchaseOrder
from tests.admin.conftest import Browser
from tests.admin.pages import ORDERS
from tests.approving.making import waiting
from tests.bulk import copy_order, make_open_orders
from tests.factories import make_supplier

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

OPEN, WAITING = 95_000, 5_000
MOST_SECONDS = 0.3
TIMES = 5
PAGES = {
    "first page": "/admin/",
    "orders": f"{ORDERS}?show=",
    "orders by supplier": f"{ORDERS}?show=&group=supplier",
    "late orders": f"{ORDERS}?show=late",
    "orders found": f"{ORDERS}?q=SO-9000",
    "a late page": f"{ORDERS}?show=&p=20",
    "order lines": "/admin/orders/orderline/",
    "order events": "/admin/orders/orderevent/",
    "approval queue": "/admin/approvals/",
    "troubles": "/admin/troubles/",
    "cockpit": "/admin/cockpit/",
    "calendar": "/admin/calendar/",
    "runs": "/admin/runs/run/",
    "transmissions": "/admin/transmissions/transmission/",
}


def test_pages_over_a_hundred_thousand_orders(browser: Browser) -> None:
    supplier = make_supplier()
    newest = make_open_orders(supplier, OPEN)
    asked = waiting(supplier)
    numbers = {"number": "'PO-2030-' || CAST(1000000 + i AS text)"}
    copy_order(asked, WAITING, numbers)
    assert PurchaseOrder.objects.count() > OPEN + WAITING
    client = browser("everybody", "Administrator", "Approver", "Buyer", "Operator")
    pages = {
        **PAGES,
        "order": f"{ORDERS}{newest.pk}/change/",
        "approval": f"/admin/approvals/{asked.pk}/",
        "supplier": f"/admin/suppliers/supplier/{supplier.pk}/change/",
    }

    slow, counting = {}, {}
    for name, address in pages.items():
        seconds = median_of(client, address)
        if seconds > MOST_SECONDS:
            slow[name] = round(seconds, 2)
        if counted := counts_of(client, address):
            counting[name] = counted

    assert (slow, counting) == ({}, {})


def median_of(client: Client, address: str) -> float:
    """Seconds of this process alone, so that a busy machine changes nothing."""
    taken = []
    for _ in range(TIMES):
        begun = time.process_time()
        assert client.get(address).status_code == 200, address
        taken.append(time.process_time() - begun)
    return statistics.median(taken)


def counts_of(client: Client, address: str) -> list[str]:
    with CaptureQueriesContext(connection) as queries:
        client.get(address)
    return [each["sql"] for each in queries if "COUNT(" in each["sql"].upper()]

"""The main pages over a hundred thousand orders: nothing is counted or read whole."""

import re
import statistics
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Mod
from django.test import Client
from django.test.utils import CaptureQueriesContext

from procurement import clock
from procurement.orders.models import PurchaseOrder
from tests.admin.conftest import Browser
from tests.admin.pages import ORDERS
from tests.approving.making import waiting
from tests.bulk import copy_order, make_open_orders
from tests.factories import make_supplier

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

OPEN, WAITING = 95_000, 5_000
MOST_SECONDS = 0.6
"""Twice what a slow machine needs; reading all orders would take ten times as much."""
TIMES = 5
PAGES = {
    "first page": "/admin/",
    "orders": f"{ORDERS}?show=",
    "orders by supplier": f"{ORDERS}?show=&group=supplier",
    "late orders": f"{ORDERS}?show=late",
    "orders found": f"{ORDERS}?q=PO-2031-10900",
    "orders of an item": f"{ORDERS}?q=SKU-4410",
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
    promise_days()
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

    assert slow == {}
    assert counting == {}


def promise_days() -> None:
    """A promised day for each order, over the four months around today."""
    for step in range(120):
        day = clock.today() + timedelta(days=step - 60)
        some = PurchaseOrder.objects.annotate(rest=Mod("pk", 120)).filter(rest=step)
        some.update(promised_date=day)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def median_of(client: Client, address: str) -> float:
    """Seconds of this process alone, so that a busy machine changes nothing."""
    taken = []
    for _ in range(TIMES):
        begun = time.process_time()
        assert client.get(address).status_code == 200, address
        taken.append(time.process_time() - begun)
    return statistics.median(taken)


def counts_of(client: Client, address: str) -> list[str]:
    """Queries with a count that has no limit of its own within them."""
    with CaptureQueriesContext(connection) as queries:
        client.get(address)
    said = (re.sub(r" LIMIT \d+$", "", each["sql"].upper()) for each in queries)
    return [sql for sql in said if sql.count("COUNT(") > sql.count("LIMIT")]

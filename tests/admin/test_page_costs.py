"""Every page costs as many queries for sixty rows as for ten."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from procurement import clock
from procurement.customers.models import Customer
from procurement.orders.models import OrderLine, PurchaseOrder
from procurement.orders.states import Sending
from procurement.runs.models import Run
from procurement.suppliers.models import Supplier
from procurement.transmissions.models import State, Transmission
from tests.admin.conftest import Browser
from tests.admin.pages import ORDERS, text_of
from tests.approving.making import make_item, sent, waiting
from tests.factories import (
    ADDRESS,
    make_approved_order,
    make_order,
    make_queued_order,
    make_supplier,
)

pytestmark = pytest.mark.django_db

FEW, MANY = 10, 60
EVERYTHING = ("Administrator", "Approver", "Buyer", "Operator")
LISTS = (
    *("customers/customer", "orders/orderevent", "orders/orderline", "runs/run"),
    *("suppliers/exchange", "suppliers/supplier", "suppliers/supplierevent"),
    *("suppliers/supplieritem", "transmissions/transmission", "auth/user"),
    *("alarms/alarm", "approvals/approvalrule", "catalogue/pricefile", "shops/shop"),
)
PAGES = {
    **{each: f"/admin/{each}/" for each in LISTS},
    "first page": "/admin/",
    "orders": f"{ORDERS}?show=",
    "orders by supplier": f"{ORDERS}?show=&group=supplier",
    "orders found": f"{ORDERS}?q=SKU-4410",
    "approval queue": "/admin/approvals/",
    "troubles": "/admin/troubles/",
    "cockpit": "/admin/cockpit/",
    "calendar": "/admin/calendar/",
    "week": "/admin/calendar/?view=week",
    "export": "/admin/documents/export/",
    "my settings": "/admin/my-settings/",
}


def test_pages_cost_the_same_for_few_rows_and_many(browser: Browser) -> None:
    client = browser("everybody", *EVERYTHING)
    supplier = make_supplier("extend")
    grow(supplier, FEW)
    pages = {**PAGES, **details(supplier)}
    for address in pages.values():
        assert client.get(address).status_code == 200, address
    before = costs(client, pages)
    grow(supplier, MANY - FEW)

    assert costs(client, pages) == before


def test_lists_show_what_was_made(browser: Browser) -> None:
    """So that the pages above are not the same because they are empty."""
    client = browser("everybody", *EVERYTHING)
    supplier = make_supplier("extend")
    grow(supplier, FEW)

    for name in ("orders", "orders/orderline", "approval queue", "troubles"):
        assert text_of(client.get(PAGES[name])).count("PO-") >= FEW, name
    for name in ("customers/customer", "suppliers/supplieritem", "calendar"):
        assert text_of(client.get(PAGES[name])).count("/change/") >= FEW, name


def costs(client: Client, pages: dict[str, str]) -> dict[str, int]:
    """How many queries each page takes."""
    taken = {}
    for name, address in pages.items():
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        taken[name] = len(queries)
    return taken


def details(supplier: Supplier) -> dict[str, str]:
    """Pages of one object each, made with the first rows."""
    first = {
        "order": PurchaseOrder.objects.filter(transmission=Sending.SENT),
        "draft": PurchaseOrder.objects.filter(approval="draft"),
    }
    pages = {
        name: f"{ORDERS}{found.earliest('pk').pk}/change/"
        for name, found in first.items()
    }
    unknown = Transmission.objects.earliest("pk")
    to_approve = PurchaseOrder.objects.filter(approval="pending").earliest("pk")
    return {
        **pages,
        "supplier": f"/admin/suppliers/supplier/{supplier.pk}/change/",
        "trouble": f"/admin/troubles/{unknown.pk}/",
        "approval": f"/admin/approvals/{to_approve.pk}/",
    }


def grow(supplier: Supplier, count: int) -> None:
    """So many of everything that pages have in rows."""
    numbers = range(Customer.objects.count(), Customer.objects.count() + count)
    for number in numbers:
        make_order(supplier)
        waiting(supplier)
        make_approved_order(supplier)
        promise(sent(supplier), number)
        lose_the_answer(supplier)
        make_item(supplier, "41.50", item_number=f"SKU-{number}")
        make_supplier("eet", slug=f"eet-{number}", name=f"EET {number}")
        Customer.objects.create(**{**ADDRESS, "name": f"Verkstad {number}"})
    now = timezone.now()
    asked_by = PurchaseOrder.objects.earliest("pk").buyer
    Run.objects.bulk_create(
        Run(
            kind="order_action",
            title=f"Run {each}",
            asked_by=asked_by,
            state="done",
            started_at=now,
            ended_at=now,
        )
        for each in numbers
    )


def promise(order: PurchaseOrder, number: int) -> None:
    day = clock.today() + timedelta(days=number % 7)
    PurchaseOrder.objects.filter(pk=order.pk).update(promised_date=day)
    OrderLine.objects.filter(order=order).update(promised_date=day)


def lose_the_answer(supplier: Supplier) -> None:
    order, asked = make_queued_order(supplier)
    Transmission.objects.filter(pk=asked.pk).update(
        state=State.UNKNOWN, next_look_up_at=None, attempt_count=1
    )
    PurchaseOrder.objects.filter(pk=order.pk).update(transmission=Sending.UNKNOWN)

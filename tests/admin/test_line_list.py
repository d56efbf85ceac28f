"""The list of order lines: what is chased, how it is found, what a row says."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from procurement.fulfilment.models import Shipment, ShipmentLine
from procurement.orders.line_views import LINE_VIEWS
from procurement.orders.models import (
    OrderLine,
    PurchaseOrder,
)
from procurement.reach.models import Reach
from procurement.shops.models import Shop
from procurement.suppliers.models import Supplier
from tests.admin.conftest import Browser
from tests.admin.pages import order_page, text_of
from tests.admin.test_order_list import numbers
from tests.factories import line, make_order, make_supplier, make_user

LINES = "/admin/orders/orderline/"
SENT = {"approval": "approved", "approved_hash": "x", "transmission": "sent"}


@pytest.fixture
def buyer(browser: Browser) -> Client:
    return browser("buyer", "Buyer")


@pytest.fixture
def supplier(db: None) -> Supplier:
    return make_supplier()


def sent_order(supplier: Supplier, *items: str, **changes: Any) -> PurchaseOrder:
    order = make_order(supplier, lines=[line(item) for item in items])
    PurchaseOrder.objects.filter(pk=order.pk).update(**{**SENT, **changes})
    return order


def move(order: PurchaseOrder, item: str, **changes: Any) -> None:
    OrderLine.objects.filter(order=order, item_number=item).update(**changes)


def items(client: Client, query: str = "") -> list[str]:
    rows = client.get(f"{LINES}{query}").context["rows"]
    return [row.line.item_number for row in rows]


def test_ready_views_hold_what_their_names_say(
    buyer: Client, supplier: Supplier
) -> None:
    today = timezone.localdate()
    yesterday, soon = today - timedelta(days=1), today + timedelta(days=7)
    make_order(supplier, lines=[line("DRAFT")])
    started = sent_order(supplier, "NEW", "LATE", "SOON", fulfilment="confirmed")
    move(started, "LATE", is_confirmed=True, promised_date=yesterday)
    move(started, "SOON", is_confirmed=True, promised_date=soon)
    move(started, "SOON", first_promised_date=today, quantity_cancelled=0)
    part = sent_order(supplier, "GONE", "REST", "THERE", fulfilment="partially_shipped")
    OrderLine.objects.filter(order=part).update(is_confirmed=True)
    move(part, "GONE", fulfilment="shipped", quantity_shipped=6)
    move(part, "REST", quantity_cancelled=1, fulfilment="confirmed")
    move(part, "THERE", fulfilment="delivered", promised_date=yesterday)
    over = sent_order(supplier, "OVER", fulfilment="delivered")
    move(over, "OVER", fulfilment="delivered", promised_date=yesterday)

    assert {name: items(buyer, f"?show={name}") for name in LINE_VIEWS} == {
        "open": ["GONE", "REST", "NEW", "LATE", "SOON"],
        "late": ["LATE"],
        "due_7": ["SOON"],
        "unconfirmed": ["NEW"],
        "deviations": ["REST", "SOON"],
        "backorder": ["REST"],
    }
    assert items(buyer) == [
        *("OVER", "GONE", "REST", "THERE", "NEW", "LATE", "SOON", "DRAFT")
    ]


def test_lines_late_the_longest_come_first(buyer: Client, supplier: Supplier) -> None:
    today = timezone.localdate()
    order = sent_order(supplier, "A", "B", "C")
    for item, days in (("A", 2), ("B", 9), ("C", 5)):
        move(order, item, promised_date=today - timedelta(days=days))

    assert items(buyer, "?show=late") == ["B", "C", "A"]


def test_row_says_how_far_the_line_has_come(buyer: Client, supplier: Supplier) -> None:
    order = sent_order(
        supplier,
        "PUMP",
        supplier_order_number="SO-7",
        requested_date=date(2031, 4, 9),
        fulfilment="partially_shipped",
    )
    move(
        order,
        "PUMP",
        is_confirmed=True,
        quantity=Decimal("10.5"),
        quantity_cancelled=1,
        quantity_shipped=6,
        quantity_received=4,
        promised_date=date(2031, 5, 20),
        first_promised_date=date(2031, 5, 2),
        supplier_status="Delvis levererad",
    )

    page = buyer.get(LINES)
    (row,) = page.context["rows"]

    assert (row.ordered, row.confirmed, row.shipped, row.received, row.still_open) == (
        *("10.5", "9.5", "6", "4", "5.5"),
    )
    assert (row.price, row.is_late, row.is_past_wish) == ("41.50", False, True)
    assert row.url == f"{order_page(order)}#line-1"
    shown = text_of(page)
    for text in ("SO-7", "2031-05-20", "2031-05-02", "2031-04-09", "Delvis levererad"):
        assert text in shown


def test_row_leads_to_the_line_in_its_order(buyer: Client, supplier: Supplier) -> None:
    order = sent_order(supplier, "A", "B")
    second = OrderLine.objects.get(order=order, item_number="B")

    assert 'id="line-2"' in text_of(buyer.get(order_page(order)))
    answer = buyer.get(f"{LINES}{second.pk}/change/")
    assert answer.headers["Location"] == f"{order_page(order)}#line-2"


def test_search_finds_by_item_order_and_parcel(
    buyer: Client, supplier: Supplier
) -> None:
    order = sent_order(supplier, "PUMP-1", "HOSE-1", supplier_order_number="SO-7")
    sent_order(supplier, "PUMP-2")
    shipment = Shipment.objects.create(order=order, number="SH-1")
    shipment.packages.create(number="PKT-1")
    hose = OrderLine.objects.get(item_number="HOSE-1")
    ShipmentLine.objects.create(shipment=shipment, order_line=hose, quantity=2)
    bare = sent_order(supplier, "BELT")
    Shipment.objects.create(order=bare, number="SH-2")

    found = {
        text: items(buyer, f"?q={text}")
        for text in (
            *("PUMP-1", "PUMP", order.number, "SO-7", "SH-1", "PKT-1", "SH-2", "%25"),
        )
    }

    assert found == {
        "PUMP-1": ["PUMP-1"],
        "PUMP": ["PUMP-2", "PUMP-1"],
        order.number: ["PUMP-1", "HOSE-1"],
        "SO-7": ["PUMP-1", "HOSE-1"],
        "SH-1": ["HOSE-1"],
        "PKT-1": ["HOSE-1"],
        "SH-2": ["BELT"],
        "%25": [],
    }


def test_filters_ask_the_order_of_the_line(buyer: Client, supplier: Supplier) -> None:
    other, shop = make_supplier("eet"), Shop.objects.create(slug="umea", name="Umea")
    ours = make_order(supplier, lines=[line("OURS")], shop=shop)
    theirs = make_order(other, lines=[line("THEIRS")], actor=make_user("colleague"))
    PurchaseOrder.objects.filter(pk=theirs.pk).update(**SENT, is_test=False)
    move(theirs, "THEIRS", promised_date=date(2031, 5, 2))
    both = ["THEIRS", "OURS"]

    expected = {
        f"?supplier={other.pk}": ["THEIRS"],
        "?vendor=extend": ["OURS"],
        f"?buyer={ours.buyer_id}": ["OURS"],
        f"?shop={shop.pk}": ["OURS"],
        "?headline=sent": ["THEIRS"],
        "?transmission=none": ["OURS"],
        "?fulfilment=none": both,
        "?is_test=0": ["THEIRS"],
        f"?created_at_from={timezone.localdate()}": both,
        "?promised_date_from=2031-05-02&promised_date_to=2031-05-02": ["THEIRS"],
        "?promised_date_from=2031-05-03": [],
    }
    assert {query: items(buyer, query) for query in expected} == expected


@pytest.mark.parametrize("query", ["", *(f"?show={name}" for name in LINE_VIEWS)])
def test_list_costs_the_same_whatever_there_is(
    buyer: Client, supplier: Supplier, query: str
) -> None:
    costs = []
    for count in (3, 30):
        numbers = [f"SKU-{index}" for index in range(count)]
        sent_order(supplier, *numbers, fulfilment="partially_shipped")
        OrderLine.objects.update(
            first_promised_date=date(2020, 1, 1),
            promised_date=timezone.localdate() - timedelta(days=query == "?show=late"),
        )
        with CaptureQueriesContext(connection) as queries:
            rows = buyer.get(f"{LINES}{query}").context["rows"]
        assert rows
        costs.append(len(queries))
        assert not [q["sql"] for q in queries if "COUNT(" in q["sql"].upper()]
        assert not [q["sql"] for q in queries if "credentials" in q["sql"]]

    assert costs[0] == costs[1] <= 14


def test_lines_are_for_those_who_may_see_them(browser: Browser) -> None:
    make_order()
    own_line = OrderLine.objects.get()

    assert browser("nobody").get(LINES).status_code == 403
    assert browser("nobody").get(f"{LINES}{own_line.pk}/change/").status_code == 403
    assert browser("buyer", "Buyer").get(f"{LINES}add/").status_code == 403
    assert len(browser("audit", "Auditor").get(LINES).context["rows"]) == 1


def test_lines_of_orders_that_may_not_be_seen_are_not_there(
    buyer: Client, supplier: Supplier
) -> None:
    hidden = make_order(supplier, lines=[line("HIDDEN")], actor=make_user("colleague"))
    seen = sent_order(supplier, "SEEN")
    Reach.objects.create(user=seen.buyer, orders="own")
    line_of_hidden = OrderLine.objects.get(order=hidden)

    assert items(buyer) == ["SEEN"]
    assert items(buyer, "?q=HIDDEN") == []
    assert items(buyer, f"?q={hidden.number}") == []
    answer = buyer.get(f"{LINES}{line_of_hidden.pk}/change/")
    assert answer.status_code == 404
    assert numbers(buyer) == [seen.number]
    assert numbers(buyer, f"?q={hidden.number}") == []
    assert numbers(buyer, "?q=PO-") == [seen.number]
    assert numbers(buyer, "?group=buyer&sum=all") == [seen.number]

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from procurement.adminbase import PAGE_SIZE
from procurement.fulfilment.models import Shipment
from procurement.orders.models import PurchaseOrder
from procurement.orders.operations import submit_order
from procurement.shops.models import Shop
from procurement.suppliers.models import Supplier
from tests.admin.conftest import Browser
from tests.admin.pages import ORDERS, order_page, text_of
from tests.factories import line, make_order, make_supplier, make_user


def make_orders(count: int, supplier: Supplier, **changes: object) -> None:
    """Rows as an import would write them; the list has to cope with any state."""
    first = PurchaseOrder.objects.count()
    PurchaseOrder.objects.bulk_create(
        PurchaseOrder(
            **{
                "number": f"PO-2030-{first + index:06d}",
                "supplier": supplier,
                "buyer": make_user("buyer"),
                "created_by": make_user("buyer"),
                "currency": "SEK",
                **changes,
            }
        )
        for index in range(count)
    )


def numbers(client: Client, query: str = "") -> list[str]:
    return [row.order.number for row in client.get(f"{ORDERS}{query}").context["rows"]]


@pytest.fixture
def buyer(browser: Browser) -> Client:
    return browser("buyer", "Buyer")


@pytest.mark.parametrize(
    "query", ["", "?show=late", "?show=to_approve", "?q=PO-2030", "?headline=draft"]
)
def test_list_costs_the_same_whatever_there_is(buyer: Client, query: str) -> None:
    supplier = make_supplier()
    costs = []
    for rows in (5, 45, 200):
        make_orders(rows, supplier)
        with CaptureQueriesContext(connection) as queries:
            buyer.get(f"{ORDERS}{query}")
        costs.append(len(queries))
        assert not [q["sql"] for q in queries if "COUNT(" in q["sql"].upper()]

    assert len(set(costs)) == 1
    assert costs[0] <= 20


def test_list_does_not_open_credentials(buyer: Client) -> None:
    make_orders(3, make_supplier())

    with CaptureQueriesContext(connection) as queries:
        buyer.get(ORDERS)

    assert not [q["sql"] for q in queries if "credentials" in q["sql"]]


def test_pages_lead_on_and_back(buyer: Client) -> None:
    make_orders(PAGE_SIZE + 5, make_supplier())

    first = buyer.get(ORDERS)
    assert len(first.context["rows"]) == PAGE_SIZE
    assert "?p=2" in text_of(first)
    second = buyer.get(f"{ORDERS}?p=2")
    assert len(second.context["rows"]) == 5
    assert "Next" not in text_of(second)
    assert buyer.get(f"{ORDERS}?p=9").status_code == 302
    assert buyer.get(f"{ORDERS}?p=two").status_code == 200


def test_exact_number_opens_the_order(buyer: Client) -> None:
    supplier = make_supplier()
    order = make_order(
        supplier, external_reference="WEB-9911", lines=[line("RARE-1"), line("SKU-1")]
    )
    make_order(supplier, lines=[line("SKU-1")])
    PurchaseOrder.objects.filter(pk=order.pk).update(supplier_order_number="SO-7")
    shipment = Shipment.objects.create(order=order, number="SH-1")
    for package in ("PKT-1", "PKT-2"):
        shipment.packages.create(number=package)

    for number in (
        order.number,
        order.number.lower(),
        "SO-7",
        "WEB-9911",
        "RARE-1",
        "SH-1",
        "PKT-2",
    ):
        answer = buyer.get(ORDERS, {"q": f" {number} "})
        assert answer.headers.get("Location") == order_page(order), number


def test_number_of_several_orders_lists_them(buyer: Client) -> None:
    supplier = make_supplier()
    found = [make_order(supplier, lines=[line("SKU-1")]) for _ in range(2)]
    make_order(supplier)

    assert numbers(buyer, "?q=SKU-1") == [order.number for order in found[::-1]]


def test_beginning_of_a_number_lists_what_begins_so(buyer: Client) -> None:
    make_orders(3, make_supplier())

    assert len(numbers(buyer, "?q=PO-2030-00000")) == 3
    assert "begins with “%_”" in text_of(buyer.get(ORDERS, {"q": "%_"}))


def test_search_reveals_nothing_without_the_permission(browser: Browser) -> None:
    order = make_order()

    assert browser("nobody").get(ORDERS, {"q": order.number}).status_code == 403


def test_views_and_filters_narrow_the_list(buyer: Client) -> None:
    supplier, other = make_supplier(), make_supplier("eet")
    shop = Shop.objects.create(slug="umea", name="Umea")
    mine = make_order(supplier, shop=shop)
    theirs = make_order(other, actor=make_user("colleague"))
    submit_order(order_id=theirs.pk, actor=theirs.buyer)
    late = make_order(supplier)
    PurchaseOrder.objects.filter(pk=late.pk).update(
        approval="approved",
        approved_hash="x",
        transmission="sent",
        fulfilment="confirmed",
        promised_date=timezone.localdate() - timedelta(days=1),
    )
    everything = [late.number, theirs.number, mine.number]
    expected = {
        "": everything,
        "?show=mine": [late.number, mine.number],
        "?show=to_approve": [],
        "?show=late": [late.number],
        "?headline=draft": [mine.number],
        "?approval=pending": [theirs.number],
        "?transmission=sent": [late.number],
        "?fulfilment=confirmed": [late.number],
        f"?supplier={other.pk}": [theirs.number],
        f"?shop={shop.pk}": [mine.number],
        f"?buyer={theirs.buyer_id}": [theirs.number],
        "?is_test=1": everything,
        "?is_test=0": [],
        f"?created_at_from={timezone.localdate()}": everything,
        "?created_at_to=2001-01-01": [],
        "?approval=&supplier=&q=": everything,
        "?approval=nonsense&supplier=x": everything,
    }

    for query, found in expected.items():
        assert numbers(buyer, query) == found, query


def test_to_approve_shows_an_approver_what_others_asked_for(browser: Browser) -> None:
    approver = browser("approver", "Approver", "Buyer")
    supplier = make_supplier()
    theirs = make_order(supplier)
    own = make_order(supplier, actor=make_user("approver"))
    for order in (theirs, own):
        submit_order(order_id=order.pk, actor=order.buyer)

    assert numbers(approver, "?show=to_approve") == [theirs.number]


def test_unreadable_day_falls_back_to_the_whole_list(buyer: Client) -> None:
    answer = buyer.get(f"{ORDERS}?created_at_from=yesterday")

    assert answer.status_code == 302


def test_late_is_said_in_words_too(buyer: Client) -> None:
    make_orders(
        1, make_supplier(), promised_date=timezone.localdate() - timedelta(days=1)
    )

    assert 'class="late"' in text_of(buyer.get(ORDERS))
    assert "> late<" in text_of(buyer.get(ORDERS))


def test_bulk_buttons_are_those_of_the_role(browser: Browser) -> None:
    make_orders(1, make_supplier())

    def offered(client: Client) -> set[str]:
        return {action.name for action in client.get(ORDERS).context["bulk_actions"]}

    assert offered(browser("buyer", "Buyer")) == {
        "submit",
        "send",
        "cancel",
        "refresh",
        "comment",
        "assign",
    }
    assert offered(browser("approver", "Approver")) == {
        "approve",
        "return",
        "refresh",
        "comment",
    }
    assert offered(browser("auditor", "Auditor")) == set()

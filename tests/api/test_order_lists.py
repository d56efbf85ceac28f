"""Lists of orders: pages, filters, search."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from procurement.customers.models import Customer
from procurement.orders.models import PurchaseOrder
from procurement.shops.models import Shop
from procurement.suppliers.models import Supplier
from tests.api.clients import ORDERS, V1
from tests.factories import line, make_approved_order, make_order, make_supplier

pytestmark = pytest.mark.django_db


def listed(api: APIClient, **parameters: Any) -> list[str]:
    answer = api.get(f"{ORDERS}?{urlencode(parameters, doseq=True)}")
    assert answer.status_code == 200, answer.content
    return [order["number"] for order in answer.json()["results"]]


def make_orders(supplier: Supplier, count: int) -> list[str]:
    """Numbers of new orders, the newest first."""
    return [make_order(supplier).number for _ in range(count)][::-1]


# --- pages ------------------------------------------------------------------------


def test_pages_follow_each_other_newest_first(
    api: APIClient, supplier: Supplier
) -> None:
    numbers = make_orders(supplier, 5)

    first = api.get(f"{ORDERS}?page_size=2").json()
    second = api.get(first["next"]).json()
    third = api.get(second["next"]).json()

    pages = [[order["number"] for order in page["results"]] for page in (first, second)]
    assert pages == [numbers[:2], numbers[2:4]]
    assert [order["number"] for order in third["results"]] == numbers[4:]
    assert first["previous"] is None
    assert third["next"] is None


def test_previous_leads_back_the_way_one_came(
    api: APIClient, supplier: Supplier
) -> None:
    numbers = make_orders(supplier, 5)
    first = api.get(f"{ORDERS}?page_size=2").json()
    second = api.get(first["next"]).json()
    third = api.get(second["next"]).json()

    back = api.get(third["previous"]).json()
    front = api.get(back["previous"]).json()

    assert [order["number"] for order in back["results"]] == numbers[2:4]
    assert [order["number"] for order in front["results"]] == numbers[:2]
    assert front["previous"] is None
    assert front["next"] is not None


def test_orders_entered_meanwhile_shift_no_page(
    api: APIClient, supplier: Supplier
) -> None:
    numbers = make_orders(supplier, 4)
    first = api.get(f"{ORDERS}?page_size=2").json()
    newer = make_orders(supplier, 3)

    second = api.get(first["next"]).json()
    before = api.get(second["previous"]).json()

    assert [order["number"] for order in second["results"]] == numbers[2:]
    assert [order["number"] for order in before["results"]] == numbers[:2]
    assert before["previous"] is not None
    assert listed(api, page_size=3) == newer


def test_filters_stay_in_the_links(api: APIClient, supplier: Supplier) -> None:
    make_orders(supplier, 3)
    page = api.get(f"{ORDERS}?page_size=1&supplier=extend-nord&status=draft").json()

    assert "supplier=extend-nord" in page["next"]
    assert "status=draft" in page["next"]
    assert "page_size=1" in page["next"]


def test_page_holds_200_at_most_and_50_by_itself(
    api: APIClient, supplier: Supplier
) -> None:
    make_orders(supplier, 51)

    assert len(listed(api)) == 50
    assert len(listed(api, page_size=100_000)) == 51


@pytest.mark.parametrize("size", ["0", "-1", "x", "1.5", "", "9" * 5000])
def test_page_size_that_is_none_is_refused(api: APIClient, size: str) -> None:
    answer = api.get(ORDERS, {"page_size": size})

    assert answer.status_code == 400
    assert answer.json()["errors"] == {"page_size": "Give a number from 1 to 200."}


@pytest.mark.parametrize(
    "cursor",
    ["x", "abc", "bm9wZQ", "é", "n" * 5000, "bi0x", "bjk5OTk5OTk5OTk5OTk5OTk5OTk5"],
)
def test_cursor_that_is_none_of_ours_is_refused(api: APIClient, cursor: str) -> None:
    answer = api.get(ORDERS, {"cursor": cursor})

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["cursor"]


def test_empty_list_is_a_page_too(api: APIClient) -> None:
    answer = api.get(ORDERS)

    assert answer.json() == {"next": None, "previous": None, "results": []}


def test_longer_page_costs_no_more_queries_and_counts_nothing(
    api: APIClient, supplier: Supplier
) -> None:
    make_orders(supplier, 12)
    with CaptureQueriesContext(connection) as short:
        assert len(listed(api, page_size=1)) == 1
    with CaptureQueriesContext(connection) as long:
        assert len(listed(api, page_size=12)) == 12

    # The key, its user's two kinds of permissions, the orders, their lines.
    assert len(long) <= len(short) <= 6
    assert not any("COUNT(" in query["sql"].upper() for query in long)


# --- filters ----------------------------------------------------------------------


def test_supplier_is_chosen_by_its_slug(api: APIClient, supplier: Supplier) -> None:
    here, there = make_order(supplier), make_order(make_supplier("eet"))

    assert listed(api, supplier="extend-nord") == [here.number]
    assert listed(api, supplier="eet-nord") == [there.number]


def test_shop_and_customer_are_filters(api: APIClient, supplier: Supplier) -> None:
    shop = Shop.objects.create(slug="nordverk", name="Nordverk")
    customer = Customer.objects.create(name="Verkstad Nord")
    make_order(supplier)
    for_shop = make_order(supplier, shop=shop)
    for_customer = make_order(supplier, customer=customer)

    assert listed(api, shop="nordverk") == [for_shop.number]
    assert listed(api, customer=customer.pk) == [for_customer.number]


def test_status_and_each_axis_are_filters(api: APIClient, supplier: Supplier) -> None:
    draft, approved = make_order(supplier), make_approved_order(supplier)

    assert listed(api, status="draft") == [draft.number]
    assert listed(api, status="approved") == [approved.number]
    assert listed(api, approval="approved") == [approved.number]
    assert listed(api, transmission="none") == [approved.number, draft.number]
    assert listed(api, fulfilment="shipped") == []


def test_several_values_of_one_filter_mean_any_of_them(
    api: APIClient, supplier: Supplier
) -> None:
    draft, approved = make_order(supplier), make_approved_order(supplier)

    found = listed(api, status=["draft", "approved"])

    assert found == [approved.number, draft.number]


def test_updated_since_includes_the_moment_itself(
    api: APIClient, supplier: Supplier
) -> None:
    old, new = make_order(supplier), make_order(supplier)
    moment = datetime(2031, 4, 9, 8, 0, tzinfo=UTC)
    PurchaseOrder.objects.filter(pk=old.pk).update(
        updated_at=moment - timedelta(seconds=1)
    )
    PurchaseOrder.objects.filter(pk=new.pk).update(updated_at=moment)

    assert listed(api, updated_since="2031-04-09T08:00:00Z") == [new.number]
    assert listed(api, updated_since="2031-04-09T10:00:00+02:00") == [new.number]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("supplier", "nobody"),
        ("shop", "nobody"),
        ("customer", "999999"),
        ("customer", "9" * 40),
        ("customer", "x"),
        ("status", "gone"),
        ("approval", "maybe"),
        ("updated_since", "yesterday"),
        ("search", "x" * 81),
        ("search", "a\x00b"),
        ("suplier", "extend-nord"),
        ("limit", "5"),
    ],
)
def test_filter_that_will_not_do_is_refused_and_not_passed_over(
    api: APIClient, supplier: Supplier, name: str, value: str
) -> None:
    make_order(supplier)

    answer = api.get(ORDERS, {name: value})

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [name]


# --- search -----------------------------------------------------------------------


def test_any_number_finds_its_orders(api: APIClient, supplier: Supplier) -> None:
    make_order(supplier)
    order = make_order(
        supplier, external_reference="WEB-9911", lines=[line("SKU-1"), line("SKU-2")]
    )
    PurchaseOrder.objects.filter(pk=order.pk).update(supplier_order_number="SO-70012")

    for number in (order.number, order.number.lower(), "WEB-9911", "SO-70012", "SKU-2"):
        assert listed(api, search=number) == [order.number], number


def test_item_number_finds_every_order_that_has_it_once(
    api: APIClient, supplier: Supplier
) -> None:
    numbers = [
        make_order(supplier, lines=[line("SKU-1"), line("SKU-1")]).number
        for _ in range(3)
    ]

    assert listed(api, search="SKU-1", page_size=2) == numbers[:0:-1]


def test_search_goes_with_filters_and_finds_nothing_for_a_part(
    api: APIClient, supplier: Supplier
) -> None:
    order = make_order(supplier)

    assert listed(api, search=order.number, status="draft") == [order.number]
    assert listed(api, search=order.number, status="sent") == []
    assert listed(api, search=order.number[:-1]) == []


# --- the addresses around an order ------------------------------------------------


@pytest.mark.parametrize("name", ["events", "attempts", "shipments"])
def test_parts_of_an_order_that_is_not_there_are_not_there(
    api: APIClient, name: str
) -> None:
    answer = api.get(f"{V1}/orders/PO-2031-000001/{name}/")

    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"

"""Lists go by an index: nothing is sorted that an index has in order, nothing scanned.

The plan is that of SQLite, which takes the first index that serves, whatever is in the
tables; PostgreSQL decides by what is in them, and `docs/performance.md` has what it
takes over a million orders.
"""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from procurement.customers.models import Customer
from procurement.shops.models import Shop
from procurement.suppliers.models import Supplier
from tests.api.clients import ALL, ORDERS, SUPPLIERS, V1, client_for, permit
from tests.factories import make_order, make_user

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="plans of SQLite"),
]
DEEP = "updated_at", "-updated_at", "-id", "id", "requested_date"


@pytest.fixture
def reader(supplier: Supplier) -> APIClient:
    shop = Shop.objects.create(slug="nordverk", name="Nordverk")
    customer = Customer.objects.create(pk=7, name="Verkstad Nord")
    for _ in range(3):
        make_order(
            supplier, shop=shop, customer=customer, requested_date=date(2031, 5, 1)
        )
    Customer.objects.create(pk=8, name="Verkstad Nord")
    views = (
        "shops.view_shop",
        "customers.view_customer",
        "suppliers.view_supplieritem",
    )
    return client_for(permit(make_user("erp"), *ALL, *views))


def plan(api: APIClient, url: str, table: str) -> str:
    with CaptureQueriesContext(connection) as queries:
        answer = api.get(url)
    assert answer.status_code == 200, answer.content
    (statement,) = [
        query["sql"]
        for query in queries
        if f'FROM "{table}"' in query["sql"] and "LIMIT" in query["sql"]
        if "ORDER BY" in query["sql"]
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {statement}")
        return "\n".join(str(row[3]) for row in cursor.fetchall())


def deep(api: APIClient, query: str) -> str:
    """The address of the second page, which begins at a cursor."""
    following: str = api.get(f"{ORDERS}?page_size=1&{query}").json()["next"]
    return following


@pytest.mark.parametrize("ordering", DEEP)
def test_no_page_of_orders_is_sorted_or_begins_at_the_beginning(
    reader: APIClient, ordering: str
) -> None:
    found = plan(reader, deep(reader, f"ordering={ordering}"), "orders_purchaseorder")

    assert "TEMP B-TREE" not in found
    # SEARCH begins inside the index; SCAN reads it from its end.
    assert "SEARCH orders_purchaseorder" in found


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("supplier=extend-nord", "orders_purc_supplie"),
        ("shop=nordverk", "orders_purc_shop_id"),
        ("customer=7", "orders_purchaseorder_customer_id"),
        ("buyer=buyer", "orders_purc_buyer_i"),
        ("status=draft", "orders_purc_headlin"),
        ("status=draft&ordering=updated_at", "orders_status_changed"),
        ("approval=draft", "orders_approval"),
        ("transmission=none", "orders_transmission"),
        ("fulfilment=none", "orders_fulfilment"),
        ("created_since=2031-04-09", "orders_created"),
        ("created_since=2031-04-09&created_before=2031-05-09", "orders_created"),
        ("created_before=2031-04-09&ordering=id", "orders_created"),
        ("updated_since=2031-04-09&ordering=updated_at", "orders_purc_updated"),
        ("updated_before=2031-04-09&ordering=-updated_at", "orders_purc_updated"),
        ("requested_since=2031-04-09&ordering=requested_date", "orders_by_wanted_day"),
        ("attention=true", "orders_to_look_at"),
    ],
)
def test_each_filter_of_orders_has_an_index_in_the_order_of_the_list(
    reader: APIClient, query: str, index: str
) -> None:
    found = plan(reader, f"{ORDERS}?{query}", "orders_purchaseorder")

    assert index in found
    assert "TEMP B-TREE" not in found


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("external_reference=WEB-9911", "reference"),
        ("supplier_order_number=SO-70012", "supplier_order_number"),
        ("search=SKU-4410", "line_item_number"),
    ],
)
def test_what_finds_few_orders_goes_by_an_index(
    reader: APIClient, query: str, index: str
) -> None:
    found = plan(reader, f"{ORDERS}?{query}", "orders_purchaseorder")

    assert index in found
    assert "SCAN orders_purchaseorder" not in found


@pytest.mark.parametrize(
    ("url", "table", "index"),
    [
        (f"{V1}/customers/?organization_number=5", "customers_customer", "organiz"),
        (f"{V1}/customers/?external_reference=5", "customers_customer", "externa"),
        (f"{V1}/customers/?ordering=updated_at", "customers_customer", "updated"),
        (f"{V1}/shops/?slug=nordverk", "shops_shop", "slug"),
        (f"{SUPPLIERS}extend-nord/items/?item_number=A", "suppliers_supplieritem", ""),
        (f"{SUPPLIERS}extend-nord/items/?mpn=A", "suppliers_supplieritem", ""),
        (f"{SUPPLIERS}extend-nord/items/", "suppliers_supplieritem", ""),
    ],
)
def test_other_lists_go_by_an_index_too(
    reader: APIClient, url: str, table: str, index: str
) -> None:
    found = plan(reader, url, table)

    assert index in found
    assert f"SEARCH {table}" in found or "USING INDEX" in found


def names_of(rows: list[dict[str, Any]]) -> list[str]:
    return [row["number"] for row in rows]


def test_order_of_entry_is_the_same_by_its_moment(reader: APIClient) -> None:
    """A span goes by the moment instead of the id; nobody sees a difference."""
    for ordering in ("-id", "id"):
        by_id = reader.get(f"{ORDERS}?ordering={ordering}").json()["results"]
        url: str | None = (
            f"{ORDERS}?ordering={ordering}&created_since=2001-01-01&page_size=1"
        )
        by_moment = []
        while url:
            page = reader.get(url).json()
            by_moment += page["results"]
            url = page["next"]
        assert names_of(by_moment) == names_of(by_id)

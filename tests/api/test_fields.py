"""`fields=`: what is left out is neither shown nor read."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from procurement.catalogue.models import ItemOffer
from procurement.customers.models import Customer
from procurement.orders.models import PurchaseOrder
from procurement.shops.models import Shop
from procurement.suppliers.models import Supplier, SupplierItem
from tests.api.clients import ALL, ORDERS, SUPPLIERS, V1, client_for, permit
from tests.factories import ADDRESS, line, make_order, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(db: None) -> APIClient:
    views = (
        "shops.view_shop",
        "customers.view_customer",
        "suppliers.view_supplieritem",
    )
    return client_for(permit(make_user("erp"), *ALL, *views))


@pytest.fixture
def order(supplier: Supplier) -> PurchaseOrder:
    return make_order(supplier, lines=[line("SKU-1"), line("SKU-2")])


def tables_read(api: APIClient, url: str) -> str:
    api.get(url)  # The first call notes that the key is in use.
    with CaptureQueriesContext(connection) as queries:
        answer = api.get(url)
    assert answer.status_code == 200, answer.content
    return " ".join(query["sql"] for query in queries)


def error(api: APIClient, url: str) -> str:
    answer = api.get(url)
    assert answer.status_code == 400, answer.content
    (name,) = answer.json()["errors"]
    assert name == "fields"
    text: str = answer.json()["errors"]["fields"]
    return text


def test_list_shows_what_was_asked_for_and_no_more(
    api: APIClient, order: PurchaseOrder
) -> None:
    url = f"{ORDERS}?fields=number,status,lines.item_number,total"

    assert api.get(url).json()["results"] == [
        {
            "number": order.number,
            "lines": [{"item_number": "SKU-1"}, {"item_number": "SKU-2"}],
            "total": "498.00",
            "status": "draft",
        }
    ]


def test_one_order_shows_what_was_asked_for(
    api: APIClient, order: PurchaseOrder
) -> None:
    answer = api.get(f"{ORDERS}{order.number}/?fields=delivery_address.city,supplier")

    assert answer.json() == {
        "supplier": "extend-nord",
        "delivery_address": {"city": ADDRESS["city"]},
    }
    assert answer["ETag"].startswith(f'"{order.version}-')


def test_each_member_alone_is_what_it_is_among_all(
    api: APIClient, order: PurchaseOrder
) -> None:
    whole = api.get(f"{ORDERS}{order.number}/").json()

    for name, value in whole.items():
        alone = api.get(f"{ORDERS}{order.number}/?fields={name}").json()
        assert alone == {name: value}
    (row,) = api.get(ORDERS).json()["results"]
    for name, value in row.items():
        assert api.get(f"{ORDERS}?fields={name}").json()["results"] == [{name: value}]
    (first, _) = whole["lines"]
    for name, value in first.items():
        alone = api.get(f"{ORDERS}{order.number}/?fields=lines.{name}").json()
        assert alone["lines"][0] == {name: value}


def test_lines_that_are_not_asked_for_are_not_read(
    api: APIClient, order: PurchaseOrder
) -> None:
    assert "orders_orderline" in tables_read(api, ORDERS)
    assert "orders_orderline" not in tables_read(api, f"{ORDERS}?fields=number,total")
    one = f"{ORDERS}{order.number}/"
    assert "approvals_approvalstep" in tables_read(api, one)
    read = tables_read(api, f"{one}?fields=number,total")
    assert "orders_orderline" not in read
    assert "approvals_approvalstep" not in read


def test_whole_member_beside_a_part_of_it_is_whole(
    api: APIClient, order: PurchaseOrder
) -> None:
    url = f"{ORDERS}{order.number}/?fields="

    assert (
        api.get(f"{url}lines,lines.quantity").json()
        == api.get(f"{url}lines.quantity,lines").json()
        == api.get(f"{url}lines").json()
    )


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ("number,price", "There is no price; there are number, external_reference, "),
        ("lines.price", "There is no lines.price; there are lines.position, "),
        ("number.text", "number has no members to choose from."),
        ("lines.quantity.unit", "lines.quantity has no members to choose from."),
        ("number,,status", "Give it once: names separated by commas, such as "),
        ("", "Give it once: names separated by commas, such as number,status."),
        ("x" * 2001, "Give it once: "),
        ("x" * 500, f"There is no {'x' * 80}; there are "),
    ],
)
def test_member_that_is_not_there_is_told_those_there_are(
    api: APIClient, order: PurchaseOrder, fields: str, text: str
) -> None:
    assert error(api, f"{ORDERS}?fields={fields}").startswith(text)
    assert error(api, f"{ORDERS}{order.number}/?fields={fields}").startswith(text)


def test_steps_of_approval_belong_to_one_order_and_not_to_the_list(
    api: APIClient, order: PurchaseOrder
) -> None:
    assert "approval_steps" in error(api, f"{ORDERS}?fields=approval_steps")
    answer = api.get(f"{ORDERS}{order.number}/?fields=approval_steps.state")
    assert answer.json() == {"approval_steps": []}


def everything(supplier: Supplier, order: PurchaseOrder) -> dict[str, str]:
    """Addresses of lists and of single rows; each with a member that is whole there."""
    shop = Shop.objects.create(slug="nordverk", name="Nordverk")
    customer = Customer.objects.create(name="Verkstad Nord")
    item = SupplierItem.objects.create(supplier=supplier, item_number="SKU-1")
    ItemOffer.objects.create(
        item=item, source="live", as_of=order.created_at, last_seen_at=order.created_at
    )
    items = f"{SUPPLIERS}{supplier.slug}/items/"
    return {
        f"{V1}/shops/": "slug",
        f"{V1}/shops/{shop.pk}/": "address.city",
        f"{V1}/shops/{shop.pk}/events/": "kind",
        f"{V1}/customers/": "name",
        f"{V1}/customers/{customer.pk}/": "address.city",
        f"{V1}/customers/{customer.pk}/events/": "kind",
        SUPPLIERS: "slug",
        f"{SUPPLIERS}{supplier.slug}/": "credentials_set",
        items: "offer.unit_price",
        f"{items}{item.pk}/offers/": "is_current",
        f"{ORDERS}{order.number}/events/": "kind",
        f"{ORDERS}{order.number}/attempts/": "exchanges.status",
        f"{ORDERS}{order.number}/shipments/": "lines.quantity",
        f"{ORDERS}{order.number}/invoices/": "amount",
        f"{ORDERS}{order.number}/checks/": "lines.remarks.code",
    }


def only(shown: Any, path: str) -> bool:
    """Whether plain JSON values have one member, along a path with dots."""
    name, _, rest = path.partition(".")
    if isinstance(shown, list):
        return all(only(each, path) for each in shown)
    if shown is None:
        return True
    return list(shown) == [name] and (not rest or only(shown[name], rest))


def test_every_list_and_every_row_takes_fields(
    reader: APIClient, supplier: Supplier, order: PurchaseOrder
) -> None:
    for url, path in everything(supplier, order).items():
        answer = reader.get(f"{url}?fields={path}")
        assert answer.status_code == 200, (url, answer.content)
        shown = answer.json()
        rows = shown.get("results", [shown])
        assert only(rows, path), url
        assert "there are" in error(reader, f"{url}?fields=nothing")


def test_neighbours_that_are_not_asked_for_are_not_read(
    reader: APIClient, supplier: Supplier, order: PurchaseOrder
) -> None:
    everything(supplier, order)
    neighbours = {
        f"{V1}/shops/": ("slug", "shops_shopregistration"),
        f"{V1}/customers/": ("name", "customers_customerlink"),
        f"{SUPPLIERS}{supplier.slug}/items/": ("gtin", "catalogue_itemoffer"),
    }
    for url, (name, table) in neighbours.items():
        assert table in tables_read(reader, url)
        assert table not in tables_read(reader, f"{url}?fields={name}")

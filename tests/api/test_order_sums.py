"""What orders come to: exact, by currency, and bounded."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from procurement.access.models import ApiKey
from procurement.orders import sums
from procurement.orders.models import PurchaseOrder
from procurement.shops.models import Shop
from procurement.suppliers.models import Supplier
from tests.api.clients import ORDERS, VIEWS, permit
from tests.factories import line, make_approved_order, make_order, make_user

pytestmark = pytest.mark.django_db
SUMS = f"{ORDERS}sums/"


def priced(supplier: Supplier, price: str, **fields: Any) -> PurchaseOrder:
    lines = [line("SKU-1", quantity=Decimal(1), unit_price=Decimal(price))]
    return make_order(supplier, lines=lines, **fields)


def test_currencies_and_tests_are_never_added_up(
    api: APIClient, supplier: Supplier
) -> None:
    for price in ("0.10", "0.20"):
        priced(supplier, price)
    priced(supplier, "9.99", currency="EUR")
    real = priced(supplier, "1000.00")
    PurchaseOrder.objects.filter(pk=real.pk).update(is_test=False)

    assert api.get(SUMS).json() == {
        "by_currency": [
            {
                "currency": "EUR",
                "test": True,
                "orders": 1,
                "total": "9.99",
                "by_status": [{"status": "draft", "orders": 1, "total": "9.99"}],
            },
            {
                "currency": "SEK",
                "test": False,
                "orders": 1,
                "total": "1000.00",
                "by_status": [{"status": "draft", "orders": 1, "total": "1000.00"}],
            },
            {
                "currency": "SEK",
                "test": True,
                "orders": 2,
                "total": "0.30",
                "by_status": [{"status": "draft", "orders": 2, "total": "0.30"}],
            },
        ]
    }


def test_sum_says_what_each_status_comes_to(api: APIClient, supplier: Supplier) -> None:
    draft, approved = make_order(supplier), make_approved_order(supplier)

    (found,) = api.get(SUMS).json()["by_currency"]

    assert found["orders"] == 2
    assert Decimal(found["total"]) == draft.total + approved.total
    assert [one["status"] for one in found["by_status"]] == ["approved", "draft"]


def test_sum_is_exact_where_binary_numbers_are_not(
    api: APIClient, supplier: Supplier
) -> None:
    """Binary numbers of that size have no third decimal left."""
    orders = [make_order(supplier, currency="KWD") for _ in range(3)]
    totals = ("999999999999.999", "999999999999.999", "1000000000.032")
    for order, total in zip(orders, totals, strict=True):
        PurchaseOrder.objects.filter(pk=order.pk).update(total=Decimal(total))

    (found,) = api.get(SUMS).json()["by_currency"]

    assert found["total"] == "2001000000000.030"


def test_key_bound_to_a_shop_adds_up_its_orders_alone(supplier: Supplier) -> None:
    shop = Shop.objects.create(slug="nordverk", name="Nordverk")
    priced(supplier, "7.00", shop=shop)
    priced(supplier, "1000.00")
    user = permit(make_user("buyer"), *VIEWS)
    _, text = ApiKey.make(name="shop", user=user, scopes=["orders:read"], shop=shop)
    bound = APIClient()
    bound.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")

    (found,) = bound.get(SUMS).json()["by_currency"]

    assert (found["orders"], found["total"]) == (1, "7.00")


def test_filters_of_the_list_choose_what_is_added_up(
    api: APIClient, supplier: Supplier
) -> None:
    shop = Shop.objects.create(slug="nordverk", name="Nordverk")
    priced(supplier, "7.00", shop=shop)
    old = priced(supplier, "5.00")
    PurchaseOrder.objects.filter(pk=old.pk).update(
        created_at=datetime(2031, 4, 9, tzinfo=UTC)
    )

    def total(**filters: str) -> list[str]:
        return [one["total"] for one in api.get(SUMS, filters).json()["by_currency"]]

    assert total(shop="nordverk") == ["7.00"]
    assert total(created_since="2031-04-09", created_before="2031-04-10") == ["5.00"]
    assert total(search=old.number) == ["5.00"]
    assert total(status="delivered") == []


@pytest.mark.parametrize("name", ["cursor", "page_size", "ordering", "fields", "sum"])
def test_sums_have_no_pages(api: APIClient, name: str) -> None:
    answer = api.get(SUMS, {name: "1"})

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [name]


def test_more_than_a_sum_takes_is_refused_with_what_to_do(
    api: APIClient, supplier: Supplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sums, "MOST", 2)
    for _ in range(2):
        make_order(supplier)
    assert api.get(SUMS).json()["by_currency"][0]["orders"] == 2
    make_order(supplier)

    answer = api.get(SUMS)

    assert answer.status_code == 400
    text = answer.json()["errors"]["created_since"]
    assert "orders are chosen" in text
    assert "`created_before`" in text
    assert api.get(SUMS, {"created_before": "2001-01-01"}).status_code == 200


def test_sum_is_one_statement_that_stops_at_its_bound(
    api: APIClient, supplier: Supplier
) -> None:
    make_order(supplier)
    with CaptureQueriesContext(connection) as queries:
        api.get(SUMS)

    of_orders = [q["sql"] for q in queries if "orders_purchaseorder" in q["sql"]]
    assert len(of_orders) == 1
    assert "LIMIT 100001" in of_orders[0]

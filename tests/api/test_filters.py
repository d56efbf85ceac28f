"""Filters of lists: what each chooses, and what a value that won't do is told."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from procurement.customers.models import Customer
from procurement.orders.models import PurchaseOrder
from procurement.orders.states import Status
from procurement.shops.models import Shop
from procurement.suppliers.models import Supplier, SupplierItem
from tests.api.clients import ALL, ORDERS, SUPPLIERS, V1, client_for, permit
from tests.factories import make_order, make_supplier, make_user

pytestmark = pytest.mark.django_db
SHOPS, CUSTOMERS = f"{V1}/shops/", f"{V1}/customers/"
ITEMS = f"{SUPPLIERS}extend-nord/items/"
MOMENT = datetime(2031, 4, 9, 8, 0, tzinfo=UTC)


@pytest.fixture
def reader(db: None) -> APIClient:
    views = (
        "shops.view_shop",
        "customers.view_customer",
        "suppliers.view_supplieritem",
    )
    return client_for(permit(make_user("erp"), *ALL, *views))


def numbers(api: APIClient, query: str) -> list[str]:
    answer = api.get(f"{ORDERS}?{query}")
    assert answer.status_code == 200, answer.content
    return [order["number"] for order in answer.json()["results"]]


def told(api: APIClient, url: str) -> dict[str, str]:
    answer = api.get(url)
    assert answer.status_code == 400, answer.content
    errors: dict[str, str] = answer.json()["errors"]
    return errors


def put(order: PurchaseOrder, **columns: Any) -> PurchaseOrder:
    PurchaseOrder.objects.filter(pk=order.pk).update(**columns)
    return order


# --- orders -----------------------------------------------------------------------


def test_orders_are_chosen_by_who_buys_them(api: APIClient, supplier: Supplier) -> None:
    make_order(supplier)
    hers = make_order(supplier, actor=make_user("kari"))

    assert numbers(api, "buyer=kari") == [hers.number]


def test_orders_are_chosen_by_what_others_call_them(
    api: APIClient, supplier: Supplier
) -> None:
    make_order(supplier)
    ours = put(
        make_order(supplier, external_reference="WEB-9911"),
        supplier_order_number="SO-70012",
    )

    assert numbers(api, "external_reference=WEB-9911") == [ours.number]
    assert numbers(api, "supplier_order_number=SO-70012") == [ours.number]
    assert numbers(api, "external_reference=WEB-99") == []


def test_orders_are_chosen_by_whether_somebody_has_to_look_and_whether_they_are_real(
    api: APIClient, supplier: Supplier
) -> None:
    calm = make_order(supplier)
    late = put(make_order(supplier), attention="It is late.", is_test=False)

    assert numbers(api, "attention=true") == [late.number]
    assert numbers(api, "attention=false") == [calm.number]
    assert numbers(api, "test=true") == [calm.number]
    assert numbers(api, "test=false") == [late.number]


def test_since_takes_the_moment_itself_and_before_does_not(
    api: APIClient, supplier: Supplier
) -> None:
    old, new = make_order(supplier), make_order(supplier)
    put(
        old,
        created_at=MOMENT - timedelta(seconds=1),
        updated_at=MOMENT - timedelta(seconds=1),
        requested_date=date(2031, 5, 1),
    )
    put(new, created_at=MOMENT, updated_at=MOMENT, requested_date=date(2031, 5, 2))

    for name in ("created", "updated"):
        assert numbers(api, f"{name}_since=2031-04-09T08:00:00Z") == [new.number]
        assert numbers(api, f"{name}_before=2031-04-09T08:00:00Z") == [old.number]
    assert numbers(api, "requested_since=2031-05-02") == [new.number]
    assert numbers(api, "requested_before=2031-05-02") == [old.number]


@pytest.mark.parametrize(
    "text",
    [
        "2031-04-09T08:00:00Z",
        "2031-04-09T10:00:00%2B02:00",
        # Whoever forgets to write the plus as %2B sends a space.
        "2031-04-09T10:00:00+02:00",
        "2031-04-09T08:00:00",
        "2031-04-09T08:00",
        "2031-04-09 08:00:00Z",
    ],
)
def test_moment_is_taken_however_iso_8601_writes_it(
    api: APIClient, supplier: Supplier, text: str
) -> None:
    put(make_order(supplier), updated_at=MOMENT - timedelta(seconds=1))
    new = put(make_order(supplier), updated_at=MOMENT)

    assert numbers(api, f"updated_since={text}") == [new.number]


def test_several_values_come_repeated_or_with_commas(
    api: APIClient, supplier: Supplier
) -> None:
    draft = make_order(supplier)
    sent = put(
        make_order(supplier),
        approval="approved",
        approved_hash="5" * 64,
        transmission="sent",
    )

    for query in (
        "status=draft,sent",
        "status=draft&status=sent",
        "status=sent,+draft",
    ):
        assert numbers(api, query) == [sent.number, draft.number], query


def test_filters_narrow_each_other(api: APIClient, supplier: Supplier) -> None:
    other = make_supplier("eet")
    ours = put(make_order(supplier), attention="It is late.")
    put(make_order(other), attention="It is late.")
    make_order(supplier)

    assert numbers(api, "supplier=extend-nord&attention=true") == [ours.number]


# --- what is told -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "text"),
    [
        (
            "status=gone",
            "There is no 'gone'; give one or more of draft, pending_approval, "
            "approved, sending, sent, confirmed, partially_shipped, shipped, "
            "delivered, cancelled, rejected, needs_attention.",
        ),
        (
            "approval=approved,maybe",
            "There is no 'maybe'; give one or more of draft, pending, returned, "
            "approved, rejected.",
        ),
        (
            "supplier=nobody",
            "There is none that you may see; suppliers/ shows those there are.",
        ),
        ("test=yes", "Give true or false."),
        ("attention=1", "Give true or false."),
        (
            "updated_since=yesterday",
            "Give a moment in ISO 8601, such as 2031-04-09T08:00:00Z.",
        ),
        (
            "created_before=0001-01-01T00:00:00%2B23:00",
            "Give a moment in ISO 8601, such as 2031-04-09T08:00:00Z.",
        ),
        ("requested_since=9.4.2031", "Give a day in ISO 8601, such as 2031-04-09."),
        ("supplier=", "Give a value, or leave the parameter out."),
        ("search=", "Give a value, or leave the parameter out."),
        ("status=sent&status=", "Give a value, or leave the parameter out."),
        ("supplier=extend-nord&supplier=eet-nord", "Give it once."),
        ("page_size=1&page_size=2", "Give it once."),
    ],
)
def test_value_that_will_not_do_is_told_what_would(
    api: APIClient, supplier: Supplier, query: str, text: str
) -> None:
    name = query.partition("=")[0]

    assert told(api, f"{ORDERS}?{query}") == {name: text}


def test_misspelt_filter_is_told_those_there_are(api: APIClient) -> None:
    text = told(api, f"{ORDERS}?suplier=extend-nord")["suplier"]

    assert text.startswith("There is no such parameter; there are supplier, shop, ")
    assert text.endswith(", cursor, page_size, ordering, fields.")


def test_every_fault_is_told_at_once(api: APIClient) -> None:
    errors = told(api, f"{ORDERS}?status=gone&updated_since=x&test=maybe")

    assert sorted(errors) == ["status", "test", "updated_since"]


def test_choices_are_those_of_the_description(api: APIClient) -> None:
    assert "status" not in told(
        api, f"{ORDERS}?test=x&status={','.join(Status.values)}"
    )


@pytest.mark.parametrize("part", ["events", "attempts", "shipments", "invoices"])
def test_parts_of_an_order_refuse_what_they_do_not_know(
    api: APIClient, supplier: Supplier, part: str
) -> None:
    order = make_order(supplier)

    errors = told(api, f"{ORDERS}{order.number}/{part}/?kind=created")

    assert errors == {
        "kind": "There is no such parameter; there are cursor, page_size, ordering, "
        "fields."
    }


# --- the other lists --------------------------------------------------------------


def slugs(api: APIClient, url: str) -> list[str]:
    answer = api.get(url)
    assert answer.status_code == 200, answer.content
    return [row["slug"] for row in answer.json()["results"]]


def test_suppliers_are_chosen_by_vendor_mode_and_pause(reader: APIClient) -> None:
    make_supplier()
    eet = make_supplier("eet")
    Supplier.objects.filter(pk=eet.pk).update(is_paused=True, mode="live")

    assert slugs(reader, f"{SUPPLIERS}?vendor=eet") == ["eet-nord"]
    assert slugs(reader, f"{SUPPLIERS}?vendor=eet,extend") == [
        "eet-nord",
        "extend-nord",
    ]
    assert slugs(reader, f"{SUPPLIERS}?mode=test") == ["extend-nord"]
    assert slugs(reader, f"{SUPPLIERS}?paused=true") == ["eet-nord"]
    assert slugs(reader, f"{SUPPLIERS}?paused=false") == ["extend-nord"]
    assert list(told(reader, f"{SUPPLIERS}?vendor=acme")) == ["vendor"]
    assert list(told(reader, f"{SUPPLIERS}?search=eet")) == ["search"]


@pytest.mark.parametrize(
    ("url", "model"), [(SHOPS, Shop), (CUSTOMERS, Customer), (SUPPLIERS, Supplier)]
)
def test_every_list_has_its_changes_oldest_first(
    reader: APIClient, url: str, model: Any
) -> None:
    if model is Supplier:
        rows = [make_supplier(), make_supplier("eet"), make_supplier("di")]
    else:
        names = ("a", "b", "c")
        more = [{"slug": name} if model is Shop else {} for name in names]
        rows = [
            model.objects.create(name=name, **fields)
            for name, fields in zip(names, more, strict=True)
        ]
    for at, row in zip((2, 0, 1), rows, strict=True):
        model.objects.filter(pk=row.pk).update(updated_at=MOMENT + timedelta(days=at))

    def listed(query: str) -> list[Any]:
        return [row["name"] for row in reader.get(f"{url}?{query}").json()["results"]]

    first, second, third = (row.name for row in rows)
    since = "updated_since=2031-04-10T08:00:00Z"
    assert listed("ordering=updated_at") == [second, third, first]
    assert listed(f"ordering=updated_at&{since}") == [third, first]
    assert listed("ordering=updated_at&updated_before=2031-04-10T08:00:00Z") == [second]


def test_items_are_chosen_by_whether_a_price_file_has_them(
    reader: APIClient, supplier: Supplier
) -> None:
    SupplierItem.objects.create(supplier=supplier, item_number="A", is_listed=True)
    SupplierItem.objects.create(supplier=supplier, item_number="B")

    def found(query: str) -> list[str]:
        results = reader.get(f"{ITEMS}?{query}").json()["results"]
        return [item["item_number"] for item in results]

    assert found("listed=true") == ["A"]
    assert found("listed=false") == ["B"]
    assert found("ordering=id") == ["A", "B"]

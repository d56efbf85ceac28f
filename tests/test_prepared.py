"""A query compiled once answers as the same query compiled anew."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from procurement.orders.models import OrderLine, PurchaseOrder
from procurement.prepared import PreparedObjects, PreparedRead
from tests.factories import line, make_order, make_supplier

ORDER_ID, LINE_ID, NUMBER = 1_999_999_973, 1_999_999_943, "PO-example"


def by_number(number: str) -> QuerySet[PurchaseOrder, Any]:
    return PurchaseOrder.objects.filter(number=number).values_list(
        "pk", "total", "created_at", "supplier_charges", "is_test", "supplier__slug"
    )


@pytest.mark.django_db
def test_every_type_comes_as_from_the_query_itself() -> None:
    order = make_order()
    PurchaseOrder.objects.filter(pk=order.pk).update(supplier_charges=[{"a": "1.50"}])
    read = PreparedRead(by_number, NUMBER)

    assert read(order.number) == list(by_number(order.number))
    assert read("PO-1999-000001") == []


@pytest.mark.django_db
def test_values_change_from_run_to_run_and_may_stand_in_several_places() -> None:
    supplier = make_supplier()
    first = make_order(supplier, lines=[line("A"), line("B")])
    second = make_order(supplier, lines=[line("C")])

    def items(order_id: int) -> QuerySet[OrderLine, Any]:
        lines = OrderLine.objects.order_by().values_list("item_number")
        own = lines.filter(order_id=order_id, item_number__in=["A", "C"])
        return own.union(lines.filter(order_id=order_id, item_number="B"))

    read = PreparedRead(items, ORDER_ID)

    assert set(read(first.pk)) == {("A",), ("B",)}
    assert read(second.pk) == [("C",)]


@pytest.mark.django_db
def test_it_is_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    built = []

    def users(pk: int) -> QuerySet[User, Any]:
        built.append(pk)
        return User.objects.filter(pk=pk).values_list("username")

    read = PreparedRead(users, ORDER_ID)
    read(1)
    read(2)

    assert built == [ORDER_ID]


@pytest.mark.django_db
def test_an_example_that_is_not_in_the_query_is_told() -> None:
    read = PreparedRead(
        lambda order, line: OrderLine.objects.filter(order=order).values_list("pk"),
        ORDER_ID,
        LINE_ID,
    )

    with pytest.raises(ValueError, match="not in the query"):
        read(1, 2)


@pytest.mark.django_db(transaction=True)
def test_another_thread_uses_its_own_connection() -> None:
    order = make_order()
    read = PreparedRead(by_number, NUMBER)
    here = read(order.number)

    def there() -> list[tuple[Any, ...]]:
        try:
            return read(order.number)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(there).result() == here


@pytest.mark.django_db
def test_objects_come_whole() -> None:
    order = make_order(lines=[line("A"), line("B")])
    read = PreparedObjects(
        OrderLine,
        lambda pk: OrderLine.objects.filter(order=pk).order_by("position"),
        ORDER_ID,
    )

    lines = read(order.pk)

    assert lines == list(order.lines.all())
    assert [each.quantity for each in lines] == [
        each.quantity for each in order.lines.all()
    ]
    with CaptureQueriesContext(connection) as queries:
        assert {each.item_number for each in lines} == {"A", "B"}
    assert not queries

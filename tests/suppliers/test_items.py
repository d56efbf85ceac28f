"""Many items are entered and changed in few statements, all of them or none."""

from decimal import Decimal
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from procurement.errors import InvalidInput
from procurement.suppliers.items import change_items, create_items
from procurement.suppliers.models import Supplier, SupplierEvent, SupplierItem
from tests.factories import make_supplier, make_user

pytestmark = pytest.mark.django_db


def item(supplier: Supplier, number: str, **more: Any) -> dict[str, Any]:
    return {"supplier": supplier, "item_number": number, **more}


def test_each_item_is_entered_with_its_event() -> None:
    supplier, buyer = make_supplier(), make_user("buyer")

    made = create_items(
        actor=buyer, data=[item(supplier, "A", unit="ST"), item(supplier, "B")]
    )

    assert [each.item_number for each in made] == ["A", "B"]
    assert SupplierItem.objects.get(item_number="A").unit == "ST"
    events = SupplierEvent.objects.filter(kind="item_created", actor=buyer)
    assert sorted(event.text for event in events) == ["A", "B"]


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"item_number": "KNOWN"}, "has that item already"),
        ({"item_number": "NEW", "pack_quantity": Decimal(0)}, "above 0"),
        ({"item_number": ""}, "blank"),
    ],
)
def test_one_that_wont_do_leaves_all_out(data: dict[str, Any], text: str) -> None:
    supplier = make_supplier()
    create_items(actor=None, data=[item(supplier, "KNOWN")])
    before = SupplierEvent.objects.count()

    with pytest.raises(InvalidInput, match=text):
        create_items(
            actor=None, data=[item(supplier, "A"), {"supplier": supplier, **data}]
        )

    assert [each.item_number for each in SupplierItem.objects.all()] == ["KNOWN"]
    assert SupplierEvent.objects.count() == before


def test_each_item_is_changed_with_what_it_was_before() -> None:
    supplier = make_supplier()
    one, two = create_items(
        actor=None, data=[item(supplier, "A", unit="ST"), item(supplier, "B")]
    )

    changed = change_items(
        actor=None, data={one.pk: {"unit": "m"}, two.pk: {"pack_quantity": Decimal(6)}}
    )

    assert changed[one.pk].unit == "m"
    assert SupplierItem.objects.get(pk=two.pk).pack_quantity == 6
    events = SupplierEvent.objects.filter(kind="item_changed").order_by("text")
    assert [event.data["changes"] for event in events] == [
        {"unit": ["ST", "m"]},
        {"pack_quantity": ["1", "6"]},
    ]


def test_change_that_wont_do_changes_none() -> None:
    supplier = make_supplier()
    one, two = create_items(actor=None, data=[item(supplier, "A"), item(supplier, "B")])

    for wrong in ({"item_number": "A"}, {"unit": "x" * 11}):
        with pytest.raises(InvalidInput):
            change_items(actor=None, data={one.pk: {"unit": "m"}, two.pk: wrong})
    with pytest.raises(InvalidInput, match="removed meanwhile"):
        change_items(actor=None, data={one.pk: {"unit": "m"}, 0: {"unit": "m"}})

    assert not SupplierItem.objects.filter(unit="m").exists()


def test_many_items_cost_no_more_statements_than_few(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    supplier = make_supplier()

    with django_assert_max_num_queries(12):
        made = create_items(
            actor=None, data=[item(supplier, f"SKU-{n}") for n in range(60)]
        )
    with django_assert_max_num_queries(12):
        change_items(actor=None, data={each.pk: {"unit": "ST"} for each in made})

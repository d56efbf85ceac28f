from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.money import plain, price_text, round_amount
from procurement.orders.models import OrderLine, PurchaseOrder
from procurement.orders.operations import change_order, create_order
from procurement.orders.queries import content_hash, order_request
from procurement.suppliers.models import Supplier
from tests.factories import (
    ADDRESS,
    line,
    make_approved_order,
    make_order,
    make_supplier,
    make_user,
)
from vendors.contracts import OrderRequest

pytestmark = pytest.mark.django_db


def faults(**data: Any) -> dict[str, str]:
    supplier = data.pop("supplier", None) or make_supplier()
    with pytest.raises(InvalidInput) as refused:
        create_order(
            actor=make_user("buyer"),
            data={"supplier": supplier, "lines": [line()], **data},
        )
    assert PurchaseOrder.objects.count() == 0
    return refused.value.errors


def test_order_is_a_draft_with_a_readable_number() -> None:
    order = make_order()

    assert order.number.startswith("PO-20")
    assert (order.status, order.total) == ("draft", Decimal("249.00"))
    assert order.lines.get().position == 1
    assert order.events.get().kind == "created"


def test_lines_are_rounded_as_the_currency_is_paid_and_then_added() -> None:
    lines = [
        line(quantity=Decimal(3), unit_price=Decimal("0.335")),
        line(quantity=Decimal(1), unit_price=Decimal("0.005")),
    ]

    assert make_order(lines=lines).total == Decimal("1.02")  # 1.005 -> 1.01, 0.01
    assert make_order(
        supplier=make_supplier(slug="japan"), currency="JPY", lines=lines
    ).total == Decimal("1")


def test_every_fault_is_named_at_once() -> None:
    errors = faults(
        currency="XXY",
        colour="red",
        delivery_address={**ADDRESS, "country_code": "Sweden"},
        lines=[line(quantity=Decimal(0))],
    )

    assert errors.keys() == {
        "currency",
        "colour",
        "delivery_address.country_code",
        "lines.0.quantity",
    }
    assert errors["currency"] == ("Give a currency by its three letters, such as SEK.")


@pytest.mark.parametrize(
    ("changes", "field", "text"),
    [
        ({"quantity": Decimal(0)}, "quantity", "Give a quantity above 0."),
        ({"quantity": Decimal("1.0001")}, "quantity", "3 decimal places"),
        ({"quantity": 1.5}, "quantity", "Give a decimal number as text"),
        ({"quantity": None}, "quantity", "Give a quantity above 0."),
        ({"quantity": "NaN"}, "quantity", "Give a decimal number as text"),
        ({"unit_price": Decimal(-1)}, "unit_price", "Give a price of 0 or more."),
        ({"unit_price": 41.5}, "unit_price", "Give a decimal number as text"),
        ({"unit_price": "abc"}, "unit_price", "Give a decimal number as text"),
        ({"vat_percent": Decimal(101)}, "vat_percent", "from 0 to 100"),
        ({"item_number": ""}, "item_number", "blank"),
        ({"colour": "red"}, "colour", "There is no such field"),
    ],
)
def test_line_that_wont_do(changes: dict[str, Any], field: str, text: str) -> None:
    errors = faults(currency="SEK", lines=[line(), line(**changes)])

    assert text in errors[f"lines.1.{field}"]


def test_order_takes_one_line_or_more_and_each_position_once() -> None:
    supplier = make_supplier()
    assert "lines" in faults(supplier=supplier, currency="SEK", lines=[])
    doubled = faults(
        supplier=supplier, currency="SEK", lines=[line(position=1), line(position=1)]
    )
    assert doubled == {"lines.1.position": "Position 1 is there twice."}


def test_total_too_large_is_refused() -> None:
    huge = line(quantity=Decimal(10**11), unit_price=Decimal(10**10))

    assert faults(currency="SEK", lines=[huge]) == {
        "lines": "The total is too large; check the prices."
    }


def test_external_reference_is_unique_per_source() -> None:
    supplier = make_supplier()
    make_order(supplier, external_reference="WEB-9911", source="api:shop")
    make_order(supplier, external_reference="WEB-9911", source="api:other")

    with pytest.raises(OperationNotAllowed) as refused:
        make_order(supplier, external_reference="WEB-9911", source="api:shop")

    assert refused.value.code == "external_reference_taken"


def test_order_for_a_supplier_in_test_mode_is_a_test_whatever_was_asked() -> None:
    assert make_order(is_test=False).is_test
    live = make_supplier(slug="live", mode="live")
    assert not make_order(live).is_test
    assert make_order(live, is_test=True).is_test


# --- what the database keeps by itself --------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"approval": "whatever"},
        {"transmission": "queued"},
        {"approval": "approved"},
        {"fulfilment": "lost"},
        {"total": Decimal(-1)},
    ],
)
def test_database_refuses_impossible_orders(changes: dict[str, Any]) -> None:
    order = make_order()

    with pytest.raises(IntegrityError), transaction.atomic():
        PurchaseOrder.objects.filter(pk=order.pk).update(**changes)


def test_database_refuses_impossible_lines() -> None:
    order = make_order()

    for changes in ({"quantity": 0}, {"unit_price": -1}, {"quantity_shipped": -1}):
        with pytest.raises(IntegrityError), transaction.atomic():
            OrderLine.objects.filter(order=order).update(**changes)


def test_float_is_refused_by_the_column() -> None:
    order = make_order()
    found = order.lines.get()
    found.unit_price = 41.5

    with pytest.raises(TypeError, match="not exact"):
        found.save()


@given(
    quantity=st.decimals(min_value="0.001", max_value="9999999", places=3),
    price=st.decimals(min_value=0, max_value="99999", places=4),
)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_amounts_come_back_from_the_database_exactly(
    quantity: Decimal, price: Decimal
) -> None:
    supplier = Supplier.objects.first() or make_supplier()
    order = make_order(supplier, lines=[line(quantity=quantity, unit_price=price)])

    order = PurchaseOrder.objects.get(pk=order.pk)
    found = order.lines.get()
    assert (found.quantity, found.unit_price) == (quantity, price)
    assert order.total == round_amount(quantity * price, "SEK")
    assert OrderRequest.from_json(order_request(order).to_json()) == order_request(
        order
    )


@pytest.mark.parametrize(
    ("number", "text"),
    [("6.000", "6"), ("0.500", "0.5"), ("100", "100"), ("1E+3", "1000")],
)
def test_plain_numbers(number: str, text: str) -> None:
    assert plain(Decimal(number)) == text


@pytest.mark.parametrize(
    ("price", "currency", "text"),
    [
        ("41.5000", "SEK", "41.50"),
        ("41.5055", "SEK", "41.5055"),
        ("100", "JPY", "100"),
        ("1.5", "KWD", "1.500"),
    ],
)
def test_price_texts(price: str, currency: str, text: str) -> None:
    assert price_text(Decimal(price), currency) == text


# --- changing ---------------------------------------------------------------------


def test_change_replaces_lines_and_counts_anew() -> None:
    order = make_order()

    change_order(
        order_id=order.pk,
        actor=order.buyer,
        data={"lines": [line(quantity=Decimal(2)), line("SKU-1")]},
    )

    order.refresh_from_db()
    assert order.total == Decimal("332.00")
    assert [each.item_number for each in order.lines.all()] == ["SKU-4410", "SKU-1"]
    changes = order.events.last().data["changes"]
    assert [each["quantity"] for each in changes["lines"][1]] == ["2", "6"]


def test_change_of_content_takes_the_approval_away() -> None:
    order = make_approved_order()

    change_order(order_id=order.pk, actor=order.buyer, data={"note": "Ring first."})

    order.refresh_from_db()
    assert (order.approval, order.approved_hash) == ("draft", "")
    assert order.events.last().kind == "approval_void"


def test_change_of_what_is_not_sent_leaves_the_approval() -> None:
    order = make_approved_order()

    change_order(
        order_id=order.pk, actor=order.buyer, data={"external_reference": "WEB-1"}
    )

    order.refresh_from_db()
    assert order.approval == "approved"


def test_same_lines_entered_again_leave_the_approval(
    django_capture_on_commit_callbacks: Any,
) -> None:
    order = make_approved_order()

    with django_capture_on_commit_callbacks(execute=True):
        change_order(order_id=order.pk, actor=order.buyer, data={"lines": [line()]})

    order.refresh_from_db()
    assert order.approval == "approved"


def test_change_of_an_outdated_version_is_refused() -> None:
    order = make_order()
    change_order(order_id=order.pk, actor=order.buyer, data={"note": "One"})

    with pytest.raises(OperationNotAllowed) as refused:
        change_order(
            order_id=order.pk, actor=order.buyer, data={"note": "Two"}, version=1
        )

    assert refused.value.code == "version_conflict"
    order.refresh_from_db()
    assert order.note == "One"


def test_bad_change_changes_nothing() -> None:
    order = make_order()

    with pytest.raises(InvalidInput):
        change_order(
            order_id=order.pk,
            actor=order.buyer,
            data={"note": "New", "lines": [line(quantity=Decimal(0))]},
        )

    order.refresh_from_db()
    assert (order.note, order.version) == ("", 1)


# --- the hash approval binds to ---------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"note": "Ring first."},
        {"currency": "EUR"},
        {"requested_date": "2099-01-01"},
        {"delivery_address": {**ADDRESS, "street_number": "5"}},
        {"lines": [line(quantity=Decimal(7))]},
        {"lines": [line(unit_price=Decimal("41.51"))]},
        {"lines": [line(vat_percent=Decimal(12))]},
        {"lines": [line(unit="FRP")]},
        {"lines": [line("SKU-4411")]},
        {"lines": [line(), line()]},
    ],
)
def test_hash_changes_with_anything_that_is_sent(changes: dict[str, Any]) -> None:
    order = make_order()
    before = content_hash(order)

    if "requested_date" in changes:
        PurchaseOrder.objects.update(**changes)
    else:
        change_order(order_id=order.pk, actor=order.buyer, data=changes)

    assert content_hash(PurchaseOrder.objects.get(pk=order.pk)) != before


def test_hash_does_not_depend_on_how_a_number_is_written() -> None:
    order = make_order()
    before = content_hash(order)

    change_order(
        order_id=order.pk,
        actor=order.buyer,
        data={"lines": [line(quantity=Decimal("6.000"), unit_price=Decimal("41.5"))]},
    )

    assert content_hash(PurchaseOrder.objects.get(pk=order.pk)) == before


def test_hash_depends_on_the_account_and_on_test_or_live() -> None:
    order = make_order()
    before = content_hash(order)

    order.is_test = False
    assert content_hash(order) != before
    order.is_test = True
    order.supplier = make_supplier(slug="another-account")
    assert content_hash(order) != before

"""A file of orders becomes the orders it says, all of them or none."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User

from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.imports import operations
from procurement.imports.findings import Findings
from procurement.imports.kinds import ORDERS
from procurement.imports.models import (
    FileImport,
    ImportedOrder,
    ImportState,
    OrderImport,
)
from procurement.orders.models import OrderEvent, PurchaseOrder
from procurement.orders.states import Status
from procurement.reach.models import Reach
from procurement.shops.models import Shop
from procurement.suppliers.models import Supplier
from tests.factories import make_order, make_supplier
from tests.imports.files import csv_of, xlsx_of

pytestmark = pytest.mark.django_db
GOOD = "W-1;nord;SKU-1;6;41.50"


def bring(actor: User, content: bytes, name: str = "orders.csv") -> FileImport:
    return operations.bring_import(kind=ORDERS, actor=actor, name=name, content=content)


def apply(stored: FileImport, actor: User) -> FileImport:
    return operations.ask_to_apply(
        kind=ORDERS, import_id=stored.pk, sha256=stored.sha256, actor=actor
    )


def found(stored: FileImport) -> Findings:
    return Findings.from_json(stored.findings)


def faults(stored: FileImport) -> list[tuple[int, str, str]]:
    return [(each.line, each.column, each.text) for each in found(stored).faults]


def test_nothing_is_written_before_it_is_confirmed(
    buyer: User, supplier: Supplier
) -> None:
    stored = bring(buyer, csv_of(GOOD, "W-1;;SKU-2;2;10", "W-2;Nord;SKU-1;1;3"))

    assert stored.state == ImportState.READY
    assert not PurchaseOrder.objects.exists()
    (told,) = found(stored).sums
    assert (told.supplier, told.currency, told.count, told.lines) == (
        "Nord",
        "SEK",
        2,
        3,
    )
    assert told.total == "272.00", "6 x 41.50 + 2 x 10 + 1 x 3"


def test_confirmed_file_becomes_drafts_with_all_it_says(
    buyer: User, supplier: Supplier
) -> None:
    shop = Shop.objects.create(slug="web", name="Web")
    header = (
        "order;supplier;shop;currency;requested_date;note;delivery_name;"
        "delivery_country_code;item_number;brand;description;quantity;unit;price;vat"
    )
    row = (
        "W-1;nord;web;eur;9.4.2031;Before noon;Verkstad;se;"
        "SKU-1;B;Filter;6;ST;41,5;25 %"
    )
    stored = apply(bring(buyer, csv_of(row, header=header)), buyer)

    assert stored.state == ImportState.DONE
    order = PurchaseOrder.objects.get()
    assert (order.status, order.buyer, order.shop) == (Status.DRAFT, buyer, shop)
    assert (order.external_reference, order.currency) == ("W-1", "EUR")
    assert (order.requested_date, order.note) == (date(2031, 4, 9), "Before noon")
    assert (order.delivery_name, order.delivery_country_code) == ("Verkstad", "SE")
    assert order.total == Decimal("249.00")
    line = order.lines.get()
    assert (line.item_number, line.brand, line.description) == ("SKU-1", "B", "Filter")
    assert (line.quantity, line.unit) == (6, "ST")
    assert (line.unit_price, line.vat_percent) == (Decimal("41.5"), 25)


def test_who_brought_what_is_written_down(buyer: User, supplier: Supplier) -> None:
    stored = apply(bring(buyer, csv_of(GOOD)), buyer)

    made = ImportedOrder.objects.get()
    assert (made.order_import_id, made.line) == (stored.pk, 2)
    event = OrderEvent.objects.get(kind="imported")
    assert (event.actor, event.text) == (buyer, "From orders.csv, row 2.")


def test_rows_of_one_order_need_not_stand_together(
    buyer: User, supplier: Supplier
) -> None:
    rows = (GOOD, "W-2;nord;SKU-1;1;3", "W-1;nord;SKU-2;2;10")

    apply(bring(buyer, csv_of(*rows)), buyer)

    order = PurchaseOrder.objects.get(external_reference="W-1")
    assert [line.item_number for line in order.lines.all()] == ["SKU-1", "SKU-2"]


@pytest.mark.parametrize(
    ("rows", "fault", "text"),
    [
        ([";nord;SKU-1;6;41.50"], (2, "order"), "Fill it in: your own reference"),
        (["W-1;;SKU-1;6;41.50"], (2, "supplier"), "in the order's first row"),
        (
            ["W-1;sued;SKU-1;6;41"],
            (2, "supplier"),
            "no supplier “sued”; there are n",
        ),
        (["W-1;nord;;6;41.50"], (2, "item_number"), "Fill it in"),
        (["W-1;nord;SKU-1;;41.50"], (2, "quantity"), "Fill it in"),
        (["W-1;nord;SKU-1;0;41.50"], (2, "quantity"), "above 0"),
        (["W-1;nord;SKU-1;1.234;41"], (2, "quantity"), "may mean 1234"),
        (["W-1;nord;SKU-1;6;forty"], (2, "price"), "such as 12,5 or 12.5"),
        (["W-1;nord;SKU-1;6;-1"], (2, "price"), "such as 12,5 or 12.5"),
        (["W-1;nord;SKU-1;6;1.00005"], (2, "price"), "4 decimals"),
        ([GOOD, "W-1;sued;SKU-2;1;1"], (3, "supplier"), "Row 2 says otherwise"),
        ([f"{GOOD};more"], (2, ""), "6 cells, and there are 5 columns"),
        ([f"{'W' * 81};nord;SKU-1;6;4"], (2, "order"), "at most 80 characters, not 81"),
        (["W-1;nord;SKU-1;999999999999;999999999"], (2, ""), "total is too large"),
    ],
)
def test_bad_cell_is_named_and_nothing_of_the_file_is_imported(
    buyer: User,
    supplier: Supplier,
    rows: list[str],
    fault: tuple[int, str],
    text: str,
) -> None:
    stored = bring(buyer, csv_of(*rows, "W-9;nord;SKU-1;1;1"))

    assert stored.state == ImportState.FAULTY
    ((line, column, said),) = faults(stored)
    assert (line, column) == fault
    assert text in said
    with pytest.raises(OperationNotAllowed, match="Put the file right"):
        apply(stored, buyer)
    assert not PurchaseOrder.objects.exists()


@pytest.mark.parametrize(
    ("column", "cell", "text"),
    [
        ("requested_date", "04/09/2031", "Write the day as"),
        ("requested_date", "2001-01-01", "not past"),
        ("currency", "QQQ", "three letters"),
        ("currency", "KRONA", "three letters"),
        ("delivery_country_code", "1X", "two letters"),
        ("vat", "0.25", "may mean 25 %. Write 25."),
        ("vat", "101", "from 0 to 100"),
        ("shop", "web", "no shop “web”"),
        ("customer", "Nobody", "no customer “Nobody”"),
        ("unit", "12345678901", "at most 10 characters"),
    ],
)
def test_bad_cell_of_a_column_that_is_not_needed(
    buyer: User, supplier: Supplier, column: str, cell: str, text: str
) -> None:
    content = csv_of(
        f"W-1;nord;SKU-1;6;41;{cell}",
        header=f"order;supplier;item_number;quantity;price;{column}",
    )

    ((line, named, said),) = faults(bring(buyer, content))

    assert (line, named) == (2, column)
    assert text in said


def test_every_bad_cell_is_named_at_once(buyer: User, supplier: Supplier) -> None:
    stored = bring(buyer, csv_of("W-1;sued;;0;forty", "W-2;west;SKU-1;1;1"))

    assert [each[:2] for each in faults(stored)] == [
        (2, "item_number"),
        (2, "quantity"),
        (2, "price"),
        (2, "supplier"),
        (3, "supplier"),
    ]


def test_two_suppliers_of_one_name_are_told_apart_by_the_short_name(
    buyer: User, supplier: Supplier
) -> None:
    make_supplier(slug="nord-2", name="Nord")

    ((_line, _column, text),) = faults(bring(buyer, csv_of("W-1;Nord ;S;6;4")))

    assert text == "It may be one of several: nord, nord-2. Write that instead."
    assert bring(buyer, csv_of("W-1;nord;S;6;4")).state == ImportState.READY


def test_reference_that_is_there_is_a_bad_cell(buyer: User, supplier: Supplier) -> None:
    order = make_order(supplier, external_reference="W-1")

    ((line, column, text),) = faults(bring(buyer, csv_of(GOOD)))

    assert (line, column) == (2, "order")
    assert f"There is order {order} with this reference already." in text


def test_reference_of_another_system_is_a_warning(
    buyer: User, supplier: Supplier
) -> None:
    order = make_order(supplier, external_reference="W-1", source="webshop")

    stored = bring(buyer, csv_of(GOOD))

    assert stored.state == ImportState.READY
    (warning,) = found(stored).warnings
    assert warning.text == f"webshop has entered order {order} with the same reference."


def test_same_item_twice_and_a_price_of_nothing_are_warnings(
    buyer: User, supplier: Supplier
) -> None:
    stored = bring(buyer, csv_of(GOOD, "W-1;nord;SKU-1;1;0"))

    assert [(w.line, w.column) for w in found(stored).warnings] == [
        (2, "item_number"),
        (3, "price"),
    ]


def test_same_file_is_imported_once_whoever_brings_it(
    buyer: User, supplier: Supplier, django_user_model: Any
) -> None:
    apply(bring(buyer, csv_of(GOOD)), buyer)

    with pytest.raises(OperationNotAllowed, match=r"file was imported on .* buyer"):
        bring(buyer, csv_of(GOOD), name="copy.csv")
    assert PurchaseOrder.objects.count() == 1


def test_confirming_twice_imports_once(buyer: User, supplier: Supplier) -> None:
    stored = bring(buyer, csv_of(GOOD))
    apply(stored, buyer)

    with pytest.raises(OperationNotAllowed, match="imported already"):
        apply(stored, buyer)
    assert PurchaseOrder.objects.count() == 1


def test_what_happened_since_the_look_counts(buyer: User, supplier: Supplier) -> None:
    stored = bring(buyer, csv_of(GOOD, "W-2;nord;SKU-1;1;1"))
    make_order(supplier, external_reference="W-2")

    stored = apply(stored, buyer)

    assert stored.state == ImportState.FAULTY
    assert [each[:2] for each in faults(stored)] == [(3, "order")]
    assert PurchaseOrder.objects.count() == 1, "the one that was there"


def test_bringing_a_file_again_looks_at_it_anew(
    buyer: User, supplier: Supplier
) -> None:
    content = csv_of("W-1;west;SKU-1;1;1")
    stored = bring(buyer, content)
    assert stored.state == ImportState.FAULTY
    make_supplier(slug="west")

    again = bring(buyer, content)

    assert (again.pk, again.state) == (stored.pk, ImportState.READY)


def test_failure_in_the_middle_leaves_nothing(
    buyer: User, supplier: Supplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = bring(buyer, csv_of(GOOD, "W-2;nord;SKU-1;1;1", "W-3;nord;SKU-1;1;1"))
    seen = []

    def break_off() -> None:
        seen.append(PurchaseOrder.objects.count())
        if seen[-1] == 2:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        operations.apply_import(
            kind=ORDERS,
            import_id=stored.pk,
            sha256=stored.sha256,
            actor=buyer,
            look=break_off,
        )

    assert seen[-1] == 2, "two were there when it broke off"
    assert not PurchaseOrder.objects.exists()
    assert OrderImport.objects.get().state == ImportState.READY
    assert apply(stored, buyer).state == ImportState.DONE
    assert PurchaseOrder.objects.count() == 3


def test_somebody_elses_file_is_not_imported(
    buyer: User, supplier: Supplier, browser: Any
) -> None:
    stored = bring(buyer, csv_of(GOOD))
    browser("other", "Buyer")
    other = User.objects.get(username="other")

    with pytest.raises(OperationNotAllowed, match="by the person who brought it"):
        apply(stored, other)
    assert not PurchaseOrder.objects.exists()


def test_other_content_than_was_looked_at_is_refused(
    buyer: User, supplier: Supplier
) -> None:
    stored = bring(buyer, csv_of(GOOD))

    with pytest.raises(OperationNotAllowed, match="not the file you looked at"):
        operations.ask_to_apply(
            kind=ORDERS, import_id=stored.pk, sha256="0" * 64, actor=buyer
        )


def test_shops_end_where_the_persons_reach_ends(
    buyer: User, supplier: Supplier
) -> None:
    mine = Shop.objects.create(slug="mine", name="Mine")
    Shop.objects.create(slug="theirs", name="Theirs")
    reach = Reach.objects.create(user=buyer, is_bound_to_shops=True)
    reach.shops.add(mine)
    buyer = User.objects.get(pk=buyer.pk)
    header = "order;supplier;shop;item_number;quantity;price"

    def brought(shop: str) -> list[tuple[int, str, str]]:
        content = csv_of(f"W-1;nord;{shop};SKU-1;1;1", header=header)
        return faults(bring(buyer, content))

    assert brought("mine") == []
    assert brought("theirs")[0][2] == "There is no shop “theirs”; there are mine."
    assert brought("")[0][:2] == (2, "shop")


@pytest.mark.parametrize("size", [0, operations.MAX_BYTES + 1])
def test_file_of_no_size_or_too_much_is_refused(buyer: User, size: int) -> None:
    with pytest.raises(InvalidInput, match="1 to 5,000,000 bytes"):
        bring(buyer, b"x" * size)
    assert not OrderImport.objects.exists()


def test_more_rows_than_are_taken_are_refused(
    buyer: User, supplier: Supplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "MAX_ROWS", 2)

    stored = bring(buyer, csv_of(*[f"W-{n};nord;S;1;1" for n in range(3)]))

    assert stored.state == ImportState.UNREADABLE
    assert "more than 2 rows" in stored.trouble


def test_encoding_that_was_guessed_is_said(buyer: User, supplier: Supplier) -> None:
    content = csv_of("W-1;nord;Dämpare;1;1").decode().encode("cp1252")

    stored = bring(buyer, content)

    (note,) = found(stored).notes
    assert "it was read as Windows-1252" in note
    assert apply(stored, buyer).state == ImportState.DONE
    assert PurchaseOrder.objects.get().lines.get().item_number == "Dämpare"


def test_cells_of_a_sheet_are_exact(buyer: User, supplier: Supplier) -> None:
    header = "order;supplier;item_number;quantity;price;requested_date"
    rows = [
        ("W-1", "nord", 4410, 3, 0.1, date(2031, 4, 9)),
        ("W-1", "", "SKU-2", 1.5, 1.1, None),
    ]

    apply(bring(buyer, xlsx_of(*rows, header=header), name="o.xlsx"), buyer)

    order = PurchaseOrder.objects.get()
    assert order.requested_date == date(2031, 4, 9)
    lines = [(x.item_number, x.quantity, x.unit_price) for x in order.lines.all()]
    assert lines == [
        ("4410", Decimal(3), Decimal("0.1")),
        ("SKU-2", Decimal("1.5"), Decimal("1.1")),
    ]

"""A file of items makes, changes and prices a supplier's items, all or none."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import User

from procurement.catalogue.models import ItemOffer, Source
from procurement.errors import OperationNotAllowed
from procurement.imports import operations
from procurement.imports.findings import Findings
from procurement.imports.kinds import ITEMS
from procurement.imports.models import FileImport, ImportedItem, ImportState
from procurement.suppliers.models import Supplier, SupplierEvent, SupplierItem
from tests.admin.conftest import member
from tests.imports.files import ITEMS as HEADER
from tests.imports.files import csv_of

pytestmark = pytest.mark.django_db
ALL = "supplier;item_number;brand;mpn;gtin;description;unit;pack;minimum;price;currency"


def bring(actor: User, *rows: str, header: str = HEADER) -> FileImport:
    content = csv_of(*rows, header=header)
    return operations.bring_import(
        kind=ITEMS, actor=actor, name="items.csv", content=content
    )


def apply(stored: FileImport, actor: User) -> FileImport:
    return operations.ask_to_apply(
        kind=ITEMS, import_id=stored.pk, sha256=stored.sha256, actor=actor
    )


def found(stored: FileImport) -> Findings:
    return Findings.from_json(stored.findings)


def faults(stored: FileImport) -> list[tuple[int, str, str]]:
    return [(each.line, each.column, each.text) for each in found(stored).faults]


def present(item: SupplierItem) -> ItemOffer:
    return item.offers.get(is_current=True, is_quarantined=False)


def test_item_is_made_with_all_the_row_says(buyer: User, supplier: Supplier) -> None:
    row = "nord;SKU-1;Norra;N-1;4006381333931;Filter;ST;6;12;41,50;eur"
    stored = bring(buyer, row, header=ALL)
    assert not SupplierItem.objects.exists()

    apply(stored, buyer)

    item = SupplierItem.objects.get()
    assert (item.supplier, item.item_number, item.brand) == (supplier, "SKU-1", "Norra")
    assert (item.mpn, item.gtin) == ("N-1", "4006381333931")
    assert (item.description, item.unit) == ("Filter", "ST")
    assert (item.pack_quantity, item.min_order_quantity) == (6, 12)
    offer = present(item)
    assert (offer.price, offer.currency) == (Decimal("41.50"), "EUR")
    assert offer.source == Source.IMPORT


def test_known_item_is_changed_where_the_file_says_otherwise(
    buyer: User, supplier: Supplier
) -> None:
    apply(bring(buyer, "nord;SKU-1;;N-1;;Filter;ST;1;1;40;", header=ALL), buyer)

    stored = bring(buyer, "nord;SKU-1;;;;Oil filter;;;;42;", header=ALL)

    (thing,) = found(stored).things
    assert (thing.how, thing.text) == ("changed", "description")
    apply(stored, buyer)
    item = SupplierItem.objects.get()
    assert (item.description, item.mpn, item.unit) == ("Oil filter", "N-1", "ST")
    assert present(item).price == 42
    assert item.offers.count() == 2


def test_price_alone_leaves_stock_that_was_told(
    buyer: User, supplier: Supplier
) -> None:
    apply(bring(buyer, "nord;SKU-1;;40"), buyer)
    ItemOffer.objects.update(quantity_available=17)

    apply(bring(buyer, "nord;SKU-1;;41"), buyer)

    offer = present(SupplierItem.objects.get())
    assert (offer.price, offer.quantity_available) == (41, 17)


def test_price_that_cant_be_right_is_held_back_and_said(
    buyer: User, supplier: Supplier
) -> None:
    apply(bring(buyer, "nord;SKU-1;;4000"), buyer)

    stored = apply(bring(buyer, "nord;SKU-1;;40"), buyer)

    assert stored.state == ImportState.DONE
    assert present(SupplierItem.objects.get()).price == 4000
    (warning,) = found(stored).warnings
    assert (warning.line, warning.column) == (2, "price")
    assert "Held back until somebody lets it count" in warning.text


def test_who_imported_what_is_written_down(buyer: User, supplier: Supplier) -> None:
    stored = apply(bring(buyer, "nord;SKU-1;;1", "nord;SKU-2;;2"), buyer)

    made = ImportedItem.objects.filter(item_import=stored.pk)
    assert [(row.line, row.how) for row in made] == [(2, "created"), (3, "created")]
    event = SupplierEvent.objects.get(kind="items_imported")
    assert (event.actor, event.text) == (buyer, "2 rows of items.csv.")


def test_same_file_again_changes_nothing_and_says_so(
    buyer: User, supplier: Supplier
) -> None:
    apply(bring(buyer, "nord;SKU-1;;1"), buyer)

    stored = bring(buyer, "nord;SKU-1;;1")

    (note,) = found(stored).notes
    assert "This very file was imported on" in note
    assert found(stored).things[0].how == "unchanged"
    apply(stored, buyer)
    assert SupplierItem.objects.count() == 1
    assert ItemOffer.objects.count() == 1


@pytest.mark.parametrize(
    ("column", "cell", "text"),
    [
        ("gtin", "4006381333932", "The last digit would have to be 1"),
        ("gtin", "400638133393", "The last digit would have to be"),
        ("gtin", "12345", "Write 8, 12, 13 or 14 digits"),
        ("gtin", "40063813339A1", "Write 8, 12, 13 or 14 digits"),
        ("pack", "0", "above 0"),
        ("minimum", "many", "such as 12,5 or 12.5"),
        ("price", "1,234", "may mean 1234"),
        ("currency", "QQQ", "three letters"),
        ("currency", "SEK", ""),
        ("brand", "x" * 81, "at most 80 characters"),
        ("item_number", "", "Fill it in"),
        ("supplier", "sued", "There is no supplier “sued”"),
    ],
)
def test_bad_cell_is_named_and_nothing_of_the_file_is_imported(
    buyer: User, supplier: Supplier, column: str, cell: str, text: str
) -> None:
    row = dict.fromkeys(ALL.split(";"), "") | {
        "supplier": "nord",
        "item_number": "SKU-1",
        "price": "" if column == "currency" and cell == "SEK" else "1",
    }
    stored = bring(
        buyer, ";".join((row | {column: cell}).values()), "nord;SKU-9", header=ALL
    )

    assert stored.state == ImportState.FAULTY
    ((line, named, said),) = faults(stored)
    assert (line, named) == (2, "price" if not text else column)
    assert text in said
    with pytest.raises(OperationNotAllowed):
        apply(stored, buyer)
    assert not SupplierItem.objects.exists()


def test_same_item_twice_is_a_bad_cell(buyer: User, supplier: Supplier) -> None:
    stored = bring(buyer, "nord;SKU-1;;1", "Nord;SKU-1;;2")

    assert faults(stored) == [(3, "item_number", "Row 2 is the same item already.")]


def test_number_that_brands_share_needs_the_brand(
    buyer: User, supplier: Supplier
) -> None:
    apply(bring(buyer, "nord;SKU-1;A;1", "nord;SKU-1;B;2"), buyer)

    ((line, column, text),) = faults(bring(buyer, "nord;SKU-1;;3"))

    assert (line, column) == (2, "brand")
    assert text == "There are several items of this number. Write the brand: A, B."


def test_items_take_their_own_permission(supplier: Supplier) -> None:
    for role, may in (("Buyer", True), ("Administrator", True), ("Auditor", False)):
        assert ITEMS.may(member(f"a-{role.lower()}", role)) is may

    with pytest.raises(OperationNotAllowed, match="may not import"):
        bring(member("an-auditor", "Auditor"), "nord;SKU-1;;1")

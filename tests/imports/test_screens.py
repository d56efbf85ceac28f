"""The screens of files with orders and items, for those who may use them."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from procurement.imports import operations
from procurement.imports.models import ItemImport, OrderImport
from procurement.orders.models import PurchaseOrder
from procurement.reach.models import Orders, Reach
from procurement.runs.working import work_off
from procurement.suppliers.models import Supplier, SupplierItem
from tests.admin.conftest import Browser, member
from tests.admin.pages import text_of
from tests.imports.files import ITEMS, csv_of, xlsx_of

pytestmark = pytest.mark.django_db
ORDERS_PAGE = "/admin/imports/orderimport/"
ITEMS_PAGE = "/admin/imports/itemimport/"
GOOD = "W-1;nord;SKU-1;6;41.50"
HOSTILE = "<script>alert(1)</script>"


def upload(
    client: Client, content: bytes, name: str = "orders.csv", to: str = ORDERS_PAGE
) -> Any:
    file = SimpleUploadedFile(name, content)
    return client.post(f"{to}add/", {"file": file}, follow=True)


def confirm(client: Client, stored: OrderImport | ItemImport, to: str) -> Any:
    address = f"{to}{stored.pk}/apply/"
    return client.post(address, {"sha256": stored.sha256}, follow=True)


def test_buyer_looks_confirms_and_finds_the_orders(
    browser: Browser, supplier: Supplier
) -> None:
    buyer = browser("buyer", "Buyer")

    looked = text_of(upload(buyer, csv_of(GOOD, "W-2;nord;SKU-2;1;1")))
    assert "Nothing is written yet." in looked
    assert "Enter 2 orders as drafts" in looked
    assert "249.00\xa0SEK" in looked
    assert not PurchaseOrder.objects.exists()

    stored = OrderImport.objects.get()
    done = text_of(confirm(buyer, stored, ORDERS_PAGE))

    assert "Imported." in done
    for order in PurchaseOrder.objects.all():
        assert f"/admin/orders/purchaseorder/{order.pk}/change/" in done
    table = b"".join(buyer.get(f"{ORDERS_PAGE}{stored.pk}/rows/").streaming_content)  # type: ignore[attr-defined]
    first = PurchaseOrder.objects.get(external_reference="W-1")
    assert f"2,W-1,{first.number}" in table.decode()


def test_bad_cells_are_on_the_page_and_nothing_can_be_confirmed(
    browser: Browser, supplier: Supplier
) -> None:
    buyer = browser("buyer", "Buyer")

    page = text_of(upload(buyer, csv_of("W-1;nord;SKU-1;1.234;41.50")))

    assert "1 cell won't do." in page.replace("&#x27;", "'")
    assert "1.234 may mean 1234 or 1 and a fraction." in page
    stored = OrderImport.objects.get()
    assert f"{ORDERS_PAGE}{stored.pk}/apply/" not in page
    refused = text_of(confirm(buyer, stored, ORDERS_PAGE))
    assert "Put the file right and bring it again." in refused
    assert not PurchaseOrder.objects.exists()


def test_items_go_the_same_way(browser: Browser, supplier: Supplier) -> None:
    administrator = browser("admina", "Administrator")
    content = csv_of("nord;SKU-1;;41.50", header=ITEMS)

    looked = text_of(upload(administrator, content, "items.csv", ITEMS_PAGE))
    assert "Import 1 item" in looked
    assert not SupplierItem.objects.exists()
    stored = ItemImport.objects.get()
    confirm(administrator, stored, ITEMS_PAGE)

    assert SupplierItem.objects.get().item_number == "SKU-1"
    answer = administrator.get(f"{ITEMS_PAGE}{stored.pk}/rows/")
    table = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert "2,nord,SKU-1,,created" in table


def test_getting_a_page_imports_nothing(browser: Browser, supplier: Supplier) -> None:
    buyer = browser("buyer", "Buyer")
    upload(buyer, csv_of(GOOD))
    stored = OrderImport.objects.get()

    answer = buyer.get(f"{ORDERS_PAGE}{stored.pk}/apply/", {"sha256": stored.sha256})

    assert answer.status_code == 405
    assert not PurchaseOrder.objects.exists()


@pytest.mark.parametrize(
    ("role", "may_orders", "may_items"),
    [
        ("Buyer", True, True),
        ("Administrator", False, True),
        ("Approver", False, False),
        ("Operator", False, False),
        ("Auditor", False, False),
    ],
)
def test_only_who_may_brings_files(
    browser: Browser, supplier: Supplier, role: str, may_orders: bool, may_items: bool
) -> None:
    upload(browser("buyer", "Buyer"), csv_of(GOOD))
    stored = OrderImport.objects.get()
    somebody = browser("somebody", role)

    for page, may in ((ORDERS_PAGE, may_orders), (ITEMS_PAGE, may_items)):
        right = 200 if may else 403
        assert somebody.get(page).status_code == 200, "all may look"
        assert somebody.get(f"{page}add/").status_code == right
        assert somebody.get(f"{page}template.csv").status_code == right
    if not may_orders:
        assert upload(somebody, csv_of(GOOD)).status_code == 403
        assert confirm(somebody, stored, ORDERS_PAGE).status_code == 403
    assert not PurchaseOrder.objects.exists()


def test_without_any_role_nothing_is_seen(browser: Browser, supplier: Supplier) -> None:
    upload(browser("buyer", "Buyer"), csv_of(GOOD))
    stored = OrderImport.objects.get()
    nobody = browser("nobody")

    for address in ("", f"{stored.pk}/change/", f"{stored.pk}/rows/"):
        assert nobody.get(f"{ORDERS_PAGE}{address}").status_code == 403


def test_files_of_others_are_beyond_a_limited_reach(
    browser: Browser, supplier: Supplier
) -> None:
    upload(browser("buyer", "Buyer"), csv_of(GOOD))
    stored = OrderImport.objects.get()
    Reach.objects.create(user=member("limited", "Buyer"), orders=Orders.OWN)
    limited = browser("limited", "Buyer")

    assert "orders.csv" not in text_of(limited.get(ORDERS_PAGE))
    assert limited.get(f"{ORDERS_PAGE}{stored.pk}/change/").status_code == 404
    assert limited.get(f"{ORDERS_PAGE}{stored.pk}/rows/").status_code == 404
    assert confirm(limited, stored, ORDERS_PAGE).status_code == 404
    assert "orders.csv" in text_of(browser("other", "Buyer").get(ORDERS_PAGE))


def test_what_cells_say_is_text_and_nothing_else(
    browser: Browser, supplier: Supplier
) -> None:
    buyer = browser("buyer", "Buyer")
    content = csv_of(f"{HOSTILE};{HOSTILE};{HOSTILE};{HOSTILE};1")

    page = text_of(upload(buyer, content, f"{HOSTILE[8:]}.csv"))

    assert "alert(1)" in page
    assert HOSTILE not in page


def test_formula_in_a_csv_file_is_text(browser: Browser, supplier: Supplier) -> None:
    buyer = browser("buyer", "Buyer")
    upload(buyer, csv_of("=1+1;nord;=SUM(A1);6;41.50"))
    confirm(buyer, OrderImport.objects.get(), ORDERS_PAGE)

    order = PurchaseOrder.objects.get()
    assert order.external_reference == "=1+1"
    assert order.lines.get().item_number == "=SUM(A1)"
    stored = OrderImport.objects.get()
    answer = buyer.get(f"{ORDERS_PAGE}{stored.pk}/rows/")
    table = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert ",'=1+1," in table, "no spreadsheet works it out"


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@pytest.mark.parametrize("page", [ORDERS_PAGE, ITEMS_PAGE])
def test_template_can_be_brought_as_it_is(
    browser: Browser, supplier: Supplier, page: str, ending: str
) -> None:
    Supplier.objects.filter(pk=supplier.pk).update(slug="kvik-nord")
    buyer = browser("buyer", "Buyer")
    template = buyer.get(f"{page}template.{ending}")
    assert f".{ending}" in template.headers["Content-Disposition"]

    looked = upload(buyer, template.content, f"template.{ending}", page)

    assert looked.context["findings"].faults == []
    assert looked.context["findings"].warnings == []
    assert looked.context["findings"].notes == []


def test_there_is_no_other_template(browser: Browser) -> None:
    page = browser("buyer", "Buyer").get(f"{ORDERS_PAGE}template.xlsm")

    assert page.status_code == 404


def test_large_file_is_read_and_imported_by_a_worker(
    browser: Browser, supplier: Supplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "SMALL_SHEET", 10)
    monkeypatch.setattr(operations, "SMALL_ROWS", 1)
    buyer = browser("buyer", "Buyer")
    rows = [("W-1", "nord", "SKU-1", 6, 41.5), ("W-2", "nord", "SKU-1", 1, 1)]

    page = text_of(upload(buyer, xlsx_of(*rows), "orders.xlsx"))
    stored = OrderImport.objects.get()
    assert stored.run is not None
    assert f'data-run="/admin/runs/run/{stored.run.pk}/progress/"' in page
    work_off(run_id=stored.run.pk)
    assert "Enter 2 orders as drafts" in text_of(
        buyer.get(f"{ORDERS_PAGE}{stored.pk}/change/")
    )

    page = text_of(confirm(buyer, stored, ORDERS_PAGE))
    assert "It is imported in the background" in page
    assert not PurchaseOrder.objects.exists()
    again = text_of(confirm(buyer, stored, ORDERS_PAGE))
    assert "It is being worked at already." in again.replace(
        "worked at", "being worked at", 0
    )
    stored.refresh_from_db()
    work_off(run_id=stored.run.pk)

    assert PurchaseOrder.objects.count() == 2
    page = text_of(buyer.get(f"{ORDERS_PAGE}{stored.pk}/change/"))
    assert "What was imported" in page


def test_list_costs_the_same_for_any_number_of_files(
    browser: Browser,
    supplier: Supplier,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    buyer = browser("buyer", "Buyer")
    for n in range(12):
        upload(buyer, csv_of(f"W-{n};nord;SKU-1;6;41.50"))

    with django_assert_max_num_queries(12) as queries:
        assert buyer.get(ORDERS_PAGE).status_code == 200
    assert not any("COUNT(" in query["sql"] for query in queries.captured_queries)
    assert not any('"content"' in query["sql"] for query in queries.captured_queries)


def test_page_costs_the_same_for_any_number_of_orders(
    browser: Browser,
    supplier: Supplier,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    buyer = browser("buyer", "Buyer")
    upload(buyer, csv_of(*[f"W-{n};nord;SKU-1;6;41.50" for n in range(30)]))
    stored = OrderImport.objects.get()
    confirm(buyer, stored, ORDERS_PAGE)

    with django_assert_max_num_queries(12) as queries:
        assert buyer.get(f"{ORDERS_PAGE}{stored.pk}/change/").status_code == 200
    assert not any('"content"' in query["sql"] for query in queries.captured_queries)

"""The screens of items, price files, and of the check on the order page."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from procurement.catalogue.checks import check_lines
from procurement.catalogue.files import working
from procurement.catalogue.models import ItemOffer, OrderCheck, PriceFile
from procurement.catalogue.recording import record_offers
from procurement.catalogue.told import Told
from procurement.orders.models import PurchaseOrder
from procurement.orders.operations import change_order
from procurement.suppliers.models import Supplier, SupplierItem
from tests.admin.conftest import Browser
from tests.admin.pages import action_page, order_page, said, text_of
from tests.catalogue.fakes import FakeRange, offer, price_lines
from tests.conftest import use_fake
from tests.factories import (
    line,
    make_order,
    make_queued_order,
    make_supplier,
    make_user,
)
from tests.sending import transmit
from vendors.errors import Kind, NotSent

pytestmark = pytest.mark.django_db
ITEMS = "/admin/suppliers/supplieritem/"
FILES = "/admin/catalogue/pricefile/"


@pytest.fixture
def shelves(monkeypatch: pytest.MonkeyPatch) -> FakeRange:
    fake = FakeRange()
    use_fake(monkeypatch, fake)
    return fake


@pytest.fixture
def supplier(shelves: FakeRange, db: None) -> Supplier:
    return make_supplier()


def tell(supplier: Supplier, *offers: Any) -> None:
    told = [Told.of(each) for each in offers]
    record_offers(supplier=supplier, told=told, source="live")  # type: ignore[arg-type]


def page_of(item: SupplierItem) -> str:
    return f"{ITEMS}{item.pk}/change/"


def numbers(client: Client, query: str = "") -> list[str]:
    rows = client.get(f"{ITEMS}{query}").context["cl"].result_list
    return [item.item_number for item in rows]


# --- items ------------------------------------------------------------------------


def test_items_are_listed_with_price_and_stock(
    browser: Browser, supplier: Supplier
) -> None:
    tell(supplier, offer("A", "41.50", description="Oil filter"))

    page = text_of(browser("buyer", "Buyer").get(ITEMS))

    assert "Oil filter" in page
    assert "41.50\N{NO-BREAK SPACE}SEK" in page


@pytest.mark.parametrize("query", ["?q=A", "?q=a-1", "?q=M-1", "?q=73123", "?q=oil f"])
def test_items_are_found_by_how_their_numbers_and_texts_begin(
    browser: Browser, supplier: Supplier, query: str
) -> None:
    tell(
        supplier,
        offer("A-1", description="Oil filter", mpn="M-1", gtin="7312345678901"),
        offer("B-1", description="Fuel filter", mpn="N-1", gtin="4012345678901"),
    )

    assert numbers(browser("buyer", "Buyer"), query) == ["A-1"]


def test_filters_of_items(browser: Browser, supplier: Supplier) -> None:
    other = make_supplier("eet")
    tell(supplier, offer("A", "1"), offer("B", "1"))
    tell(supplier, offer("A", "100"))
    tell(other, offer("C"))
    SupplierItem.objects.filter(item_number="B").update(missing_since="2031-04-02T12Z")
    buyer = browser("buyer", "Buyer")

    assert numbers(buyer, f"?supplier={other.pk}") == ["C"]
    assert numbers(buyer, "?show=held") == ["A"]
    assert numbers(buyer, "?show=missing") == ["B"]
    assert numbers(buyer, "?show=sold") == ["A", "C"]


@pytest.mark.parametrize("query", ["", "?q=thing", "?show=held"])
def test_item_list_costs_the_same_whatever_there_is(
    browser: Browser, supplier: Supplier, query: str
) -> None:
    buyer = browser("buyer", "Buyer")
    costs = []
    for count in (3, 49, 150):
        offers = [offer(f"{count}-{n}", description=f"Thing {n}") for n in range(count)]
        tell(supplier, *offers)
        tell(supplier, *(offer(each.item_number, "4150") for each in offers))
        with CaptureQueriesContext(connection) as queries:
            buyer.get(f"{ITEMS}{query}")
        costs.append(len(queries))
        assert not [q["sql"] for q in queries if "COUNT(" in q["sql"].upper()]

    # A search that has found enough asks no further, so it may cost less.
    assert max(costs) == costs[0]


def test_item_page_shows_history_orders_and_what_was_paid(
    browser: Browser, shelves: FakeRange, supplier: Supplier
) -> None:
    order, asked = make_queued_order(supplier)
    transmit(transmission_id=asked.pk)
    draft = make_order(supplier)
    for price in ("40", "43.25"):
        tell(supplier, offer("SKU-4410", price))
    item = supplier.items.get()

    answer = browser("buyer", "Buyer").get(page_of(item))

    page = text_of(answer)
    assert "43.25\N{NO-BREAK SPACE}SEK" in page
    assert "40.00\N{NO-BREAK SPACE}SEK" in page
    assert "<polyline" in page
    assert answer.context["paid"].order == order
    assert answer.context["paid_price"] == "41.50 SEK"
    assert [line.order for line, *_ in answer.context["order_lines"]] == [draft, order]


def test_one_price_draws_no_line(browser: Browser, supplier: Supplier) -> None:
    tell(supplier, offer("A"))

    page = text_of(browser("buyer", "Buyer").get(page_of(supplier.items.get())))

    assert "<polyline" not in page


def test_item_is_asked_for_by_a_button_alone(
    browser: Browser, shelves: FakeRange, supplier: Supplier
) -> None:
    item = SupplierItem.objects.create(supplier=supplier, item_number="A")
    shelves.offers["A"] = offer("A")
    buyer, address = browser("buyer", "Buyer"), f"{ITEMS}{item.pk}/ask/"

    buyer.get(page_of(item))
    buyer.get(address)
    assert shelves.asked == []
    answer = buyer.post(address, follow=True)

    assert "has answered" in said(answer)
    assert ItemOffer.objects.get().price == Decimal("41.50")
    assert browser("auditor", "Auditor").post(address).status_code == 403


def test_item_that_can_not_be_asked_for_says_why(
    browser: Browser, shelves: FakeRange, supplier: Supplier
) -> None:
    item = SupplierItem.objects.create(supplier=supplier, item_number="A")
    shelves.offers["A"] = NotSent("No connection.", kind=Kind.CONNECTION)

    answer = browser("buyer", "Buyer").post(f"{ITEMS}{item.pk}/ask/", follow=True)

    assert "No connection." in said(answer)


def test_held_price_is_released_by_those_who_may(
    browser: Browser, supplier: Supplier
) -> None:
    tell(supplier, offer("A", "1"))
    tell(supplier, offer("A", "100"))
    item = supplier.items.get()
    held = ItemOffer.objects.get(is_quarantined=True)
    address = f"{ITEMS}{item.pk}/release/{held.pk}/"
    buyer, operator = browser("buyer", "Buyer"), browser("operator", "Operator")

    assert address not in text_of(buyer.get(page_of(item)))
    assert buyer.post(address, {"evidence": "Yes."}).status_code == 403
    assert address in text_of(operator.get(page_of(item)))
    operator.post(address, {"evidence": ""})
    assert ItemOffer.objects.get(pk=held.pk).is_quarantined
    operator.post(address, {"evidence": "Sold by the pallet now."})

    assert not ItemOffer.objects.get(pk=held.pk).is_quarantined


def filled_in(client: Client, address: str, **changes: str) -> dict[str, Any]:
    form = client.get(address).context["adminform"].form
    shown = {name: form[name].value() for name in form.fields}
    return {name: "" if v is None else v for name, v in shown.items()} | changes


def test_items_are_written_through_operations(
    browser: Browser, supplier: Supplier
) -> None:
    administrator = browser("admina", "Administrator")
    entered = filled_in(
        administrator,
        f"{ITEMS}add/",
        supplier=str(supplier.pk),
        item_number=" A ",
        pack_quantity="6",
    )
    assert administrator.post(f"{ITEMS}add/", entered).status_code == 302
    item = SupplierItem.objects.get()
    changed = filled_in(administrator, page_of(item), description="Oil filter")

    assert administrator.post(page_of(item), changed).status_code == 302

    item.refresh_from_db()
    assert (item.item_number, item.description, item.pack_quantity) == (
        "A",
        "Oil filter",
        6,
    )
    events = list(supplier.events.filter(kind__startswith="item").order_by("pk"))
    assert [event.kind for event in events] == ["item_created", "item_changed"]
    assert events[1].data == {"changes": {"description": ["", "Oil filter"]}}
    assert events[1].actor is not None


def test_faults_of_an_item_stand_at_their_fields(
    browser: Browser, supplier: Supplier
) -> None:
    administrator = browser("admina", "Administrator")
    SupplierItem.objects.create(supplier=supplier, item_number="A")
    entered = filled_in(
        administrator, f"{ITEMS}add/", supplier=str(supplier.pk), item_number="A"
    )

    twice = administrator.post(f"{ITEMS}add/", entered)
    nothing = administrator.post(
        f"{ITEMS}add/", {**entered, "item_number": "B", "pack_quantity": "0"}
    )

    assert twice.context["adminform"].form.errors == {
        "item_number": ["This supplier has that item already."]
    }
    assert "pack_quantity" in nothing.context["adminform"].form.errors
    assert SupplierItem.objects.count() == 1


def test_only_an_item_nothing_was_told_of_is_deleted(
    browser: Browser, supplier: Supplier
) -> None:
    administrator = browser("admina", "Administrator")
    tell(supplier, offer("A"))
    mistake = SupplierItem.objects.create(supplier=supplier, item_number="B")

    for item in SupplierItem.objects.all():
        administrator.post(f"{ITEMS}{item.pk}/delete/", {"post": "yes"})

    assert [item.item_number for item in SupplierItem.objects.all()] == ["A"]
    event = supplier.events.get(kind="item_removed")
    assert event.text == str(mistake)


def test_buyer_reads_items_and_does_not_write_them(
    browser: Browser, supplier: Supplier
) -> None:
    item = SupplierItem.objects.create(supplier=supplier, item_number="A")
    buyer = browser("buyer", "Buyer")

    assert buyer.get(page_of(item)).status_code == 200
    assert buyer.post(page_of(item), {"item_number": "B"}).status_code == 403
    assert buyer.get(f"{ITEMS}add/").status_code == 403


# --- price files ------------------------------------------------------------------


def bring(client: Client, supplier: Supplier, prices: dict[str, str]) -> Any:
    content = SimpleUploadedFile("prices.csv", price_lines(prices))
    return client.post(f"{FILES}add/", {"supplier": supplier.pk, "file": content})


def file_page(file: PriceFile) -> str:
    return f"{FILES}{file.pk}/change/"


def test_file_is_brought_and_its_page_follows_it(
    browser: Browser, supplier: Supplier
) -> None:
    buyer = browser("buyer", "Buyer")

    answer = bring(buyer, supplier, {"A": "1", "B": "2"})

    file = PriceFile.objects.get()
    assert answer.headers["Location"] == file_page(file)
    assert 'http-equiv="refresh"' in text_of(buyer.get(file_page(file)))
    assert not ItemOffer.objects.exists(), "the page only waits"
    working.work_off(file_id=file.pk)
    page = text_of(buyer.get(file_page(file)))
    assert 'http-equiv="refresh"' not in page
    assert "Taken over" in page


def test_progress_is_shown_in_per_cent(browser: Browser, supplier: Supplier) -> None:
    buyer = browser("buyer", "Buyer")
    bring(buyer, supplier, {"A": "1"})
    PriceFile.objects.update(state="loading", read_bytes=25, total_bytes=100)

    file = PriceFile.objects.get()

    assert 'aria-valuenow="25"' in text_of(buyer.get(file_page(file)))
    assert "Being read: 25 %" in text_of(buyer.get(FILES))


def test_file_that_is_too_large_is_refused_with_the_limit(
    browser: Browser, supplier: Supplier, settings: Any
) -> None:
    settings.PRICE_FILE_MAX_BYTES = 10

    answer = bring(browser("buyer", "Buyer"), supplier, {"A": "1", "B": "2"})

    (text,) = answer.context["form"].errors["file"]
    assert text.startswith("Give a file of 1 to 10 bytes, not 15.")


def test_only_suppliers_with_price_files_are_offered(
    browser: Browser, supplier: Supplier
) -> None:
    make_supplier("kvik", credentials={})
    eet = make_supplier("eet")

    form = browser("buyer", "Buyer").get(f"{FILES}add/").context["form"]

    assert set(form.fields["supplier"].queryset) == {supplier, eet}


def test_faults_are_shown_and_downloaded(browser: Browser, supplier: Supplier) -> None:
    buyer = browser("buyer", "Buyer")
    bring(buyer, supplier, {"A": "1", "B": "?"})
    file = PriceFile.objects.get()
    working.work_off(file_id=file.pk)
    file.faults.create(line=9, text="=cmd()")

    page = text_of(buyer.get(file_page(file)))
    download = buyer.get(f"{FILES}{file.pk}/faults/")

    assert "&#x27;?&#x27; is no price." in page
    body = b"".join(download.streaming_content).decode("utf-8-sig")
    assert body == "line,fault\r\n3,'?' is no price.\r\n9,'=cmd()\r\n"


def test_file_held_back_is_decided_by_those_who_may(
    browser: Browser, supplier: Supplier
) -> None:
    buyer, operator = browser("buyer", "Buyer"), browser("operator", "Operator")
    prices = {f"A{number}": "50" for number in range(4)}
    for each in (prices, {**prices, "A0": "1.20"}):
        bring(buyer, supplier, each)
        working.work_off(file_id=PriceFile.objects.first().pk)  # type: ignore[union-attr]
    file = PriceFile.objects.get(state="quarantined")
    address = f"{FILES}{file.pk}/decide/release/"

    assert "nothing of it counts" in text_of(buyer.get(file_page(file)))
    assert buyer.post(address, {"evidence": "Yes."}).status_code == 403
    assert "Say how it was found" in said(operator.post(address, follow=True))
    operator.post(address, {"evidence": "A sale."})
    file.refresh_from_db()
    assert (file.state, file.evidence) == ("applying", "A sale.")


def test_reader_brings_no_file(browser: Browser, supplier: Supplier) -> None:
    auditor = browser("auditor", "Auditor")

    assert auditor.get(FILES).status_code == 200
    assert bring(auditor, supplier, {"A": "1"}).status_code == 403
    assert browser("nobody").get(FILES).status_code == 403


# --- the order page ---------------------------------------------------------------


def checked_order(shelves: FakeRange, supplier: Supplier) -> PurchaseOrder:
    shelves.offers["SKU-4410"] = offer(price="44.00", quantity_available=Decimal(5))
    order = make_order(supplier)
    check_lines(order_id=order.pk, actor=make_user("buyer"))
    return order


def test_button_checks_and_the_page_shows_it(
    browser: Browser, shelves: FakeRange, supplier: Supplier
) -> None:
    shelves.offers["SKU-4410"] = offer(price="44.00", quantity_available=Decimal(5))
    order = make_order(supplier)
    buyer = browser("buyer", "Buyer")

    assert "Prices and stock at the supplier" not in text_of(
        buyer.get(order_page(order))
    )
    page = text_of(buyer.post(action_page(order, "check_lines"), follow=True))

    assert OrderCheck.objects.get().order == order
    assert "Prices and stock at the supplier" in page
    assert "44.00" in page
    assert "6.02 %" in page
    assert "Only 5 of 6 are available." in page


def test_check_that_is_stale_says_so_and_offers_nothing(
    browser: Browser, shelves: FakeRange, supplier: Supplier
) -> None:
    order = checked_order(shelves, supplier)
    buyer = browser("buyer", "Buyer")
    assert "Take these prices" in text_of(buyer.get(order_page(order)))

    change_order(order_id=order.pk, actor=order.buyer, data={"note": "Soon."})

    page = text_of(buyer.get(order_page(order)))
    assert "The order was changed since. Check it again." in page
    assert "Take these prices" not in page


def test_taking_prices_shows_first_what_it_would_do(
    browser: Browser, shelves: FakeRange, supplier: Supplier
) -> None:
    order = checked_order(shelves, supplier)
    buyer = browser("buyer", "Buyer")

    page = text_of(buyer.get(action_page(order, "take_prices")))
    assert "Line 1, SKU-4410: 41.50 → 44.00." in page
    assert "The total goes from 249.00 to 264.00 SEK." in page
    assert order.lines.get().unit_price == Decimal("41.50")
    buyer.post(action_page(order, "take_prices"), {"version": order.version})

    assert order.lines.get().unit_price == Decimal(44)


def test_approver_checks_and_does_not_take(
    browser: Browser, shelves: FakeRange, supplier: Supplier
) -> None:
    order = checked_order(shelves, supplier)
    approver = browser("approver", "Approver")

    assert "Take these prices" not in text_of(approver.get(order_page(order)))
    assert approver.post(action_page(order, "check_lines")).status_code == 302
    assert approver.post(action_page(order, "take_prices")).status_code == 403


def test_check_costs_the_order_page_the_same_whatever_its_lines(
    browser: Browser, shelves: FakeRange, supplier: Supplier
) -> None:
    buyer = browser("buyer", "Buyer")
    costs = []
    for count in (1, 30):
        lines = [
            {
                "item_number": f"N-{number}",
                "quantity": Decimal(1),
                "unit_price": Decimal(1),
            }
            for number in range(count)
        ]
        order = make_order(supplier, lines=lines)
        check_lines(order_id=order.pk, actor=order.buyer)
        with CaptureQueriesContext(connection) as queries:
            buyer.get(order_page(order))
        costs.append(len(queries))

    assert costs[0] == costs[1]


def test_no_page_runs_what_a_supplier_wrote(
    superuser: Client, shelves: FakeRange, supplier: Supplier
) -> None:
    hostile = "<script>alert(1)</script>{{ 7*7 }}"
    told = offer(
        hostile,
        description=hostile,
        mpn=hostile,
        warning=hostile,
        stock_by_kind={hostile: Decimal(1)},
    )
    shelves.offers[hostile] = told
    order = make_order(supplier, lines=[line(hostile)])
    check_lines(order_id=order.pk, actor=order.buyer)
    bring(superuser, supplier, {hostile: "?"})
    file = PriceFile.objects.get()
    working.work_off(file_id=file.pk)
    PriceFile.objects.update(name=hostile, text=hostile, reasons=[hostile])
    pages = (
        ITEMS,
        page_of(supplier.items.get()),
        order_page(order),
        action_page(order, "take_prices"),
        FILES,
        file_page(file),
    )

    for address in pages:
        page = text_of(superuser.get(address))
        assert "&lt;script&gt;alert" in page, address
        assert "<script>alert" not in page, address
        assert "49" not in page.split("alert(1)")[1][:40], address

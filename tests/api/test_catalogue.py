"""Items, their offers, and the check of an order's lines over REST."""

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from procurement.catalogue.models import OrderCheck
from procurement.catalogue.recording import record_offers
from procurement.catalogue.told import Told
from procurement.orders.models import PurchaseOrder
from procurement.suppliers.models import Supplier
from tests.api.clients import ORDERS, SUPPLIERS, client_for, full_client, permit
from tests.catalogue.fakes import FakeRange, offer
from tests.conftest import use_fake
from tests.factories import make_order, make_supplier, make_user
from vendors.errors import Kind, NotSent

pytestmark = pytest.mark.django_db
ITEMS = f"{SUPPLIERS}extend-nord/items/"


@pytest.fixture
def shelves(monkeypatch: pytest.MonkeyPatch) -> FakeRange:
    fake = FakeRange()
    use_fake(monkeypatch, fake)
    return fake


@pytest.fixture
def supplier(shelves: FakeRange, db: None) -> Supplier:
    return make_supplier()


@pytest.fixture
def reader(db: None) -> APIClient:
    user = permit(
        make_user("erp"), "suppliers.view_supplier", "suppliers.view_supplieritem"
    )
    return client_for(user, ["suppliers:read"], system="erp")


def tell(supplier: Supplier, *offers: Any) -> None:
    told = [Told.of(each) for each in offers]
    record_offers(supplier=supplier, told=told, source="live")  # type: ignore[arg-type]


def test_items_come_with_their_present_offer(
    reader: APIClient, supplier: Supplier
) -> None:
    tell(supplier, offer("A", "41.50", mpn="M-1", gtin="7312345678901"))
    tell(supplier, offer("A", "4150"))

    (item,) = reader.get(ITEMS).json()["results"]

    assert item["item_number"] == "A"
    assert (item["mpn"], item["pack_quantity"]) == ("M-1", "1")
    assert (item["is_listed"], item["missing_since"]) == (False, None)
    present = item["offer"]
    assert (present["unit_price"], present["currency"]) == ("41.50", "SEK")
    assert (present["quantity_available"], present["source"]) == ("12", "live")
    assert (present["is_quarantined"], present["is_current"]) == (False, True)


def test_history_of_an_item_is_newest_first_with_what_was_held_back(
    reader: APIClient, supplier: Supplier
) -> None:
    for price in ("41.50", "43", "4300"):
        tell(supplier, offer("A", price))
    item = supplier.items.get()

    results = reader.get(f"{ITEMS}{item.pk}/offers/").json()["results"]

    assert [
        (each["unit_price"], each["is_current"], each["is_quarantined"])
        for each in results
    ] == [("4300.00", True, True), ("43.00", True, False), ("41.50", False, False)]


def test_item_of_another_supplier_is_not_found(
    reader: APIClient, supplier: Supplier
) -> None:
    other = make_supplier("eet")
    tell(other, offer("A"))

    answer = reader.get(f"{ITEMS}{other.items.get().pk}/offers/")

    assert answer.status_code == 404
    assert reader.get(f"{ITEMS}{10**30}/offers/").status_code == 404


@pytest.mark.parametrize(
    "query", ["item_number=A", "mpn=M-A", "gtin=7312345678901", "mpn=M-A&listed=false"]
)
def test_items_are_found_by_their_numbers(
    reader: APIClient, supplier: Supplier, query: str
) -> None:
    tell(supplier, offer("A", mpn="M-A", gtin="7312345678901"), offer("B", mpn="M-B"))

    found = reader.get(f"{ITEMS}?{query}").json()["results"]

    assert [item["item_number"] for item in found] == ["A"]


def test_unknown_filter_and_supplier(reader: APIClient, supplier: Supplier) -> None:
    assert reader.get(f"{ITEMS}?color=red").status_code == 400
    assert reader.get(f"{SUPPLIERS}nobody/items/").status_code == 404


def test_list_costs_the_same_whatever_there_is(
    reader: APIClient, supplier: Supplier
) -> None:
    reader.get(ITEMS)  # The first call notes that the key is in use.
    costs = []
    for count in (1, 40):
        tell(supplier, *(offer(f"{count}-{number}") for number in range(count)))
        with CaptureQueriesContext(connection) as queries:
            reader.get(ITEMS)
        costs.append(len(queries))
        assert not [q["sql"] for q in queries if "COUNT(" in q["sql"].upper()]

    assert costs[0] == costs[1]


def test_items_need_their_permission(supplier: Supplier) -> None:
    user = permit(make_user("clerk"), "suppliers.view_supplier")

    answer = client_for(user, ["suppliers:read"]).get(ITEMS)

    assert answer.status_code == 403
    assert answer.json()["permission"] == "suppliers.view_supplieritem"


def test_availability_keeps_what_it_is_told_and_warns(
    api: APIClient, shelves: FakeRange, supplier: Supplier
) -> None:
    url = f"{SUPPLIERS}extend-nord/availability/?item=A"
    shelves.offers["A"] = offer("A", "41.50")
    assert api.get(url).json()["results"][0]["warning"] == ""
    shelves.offers["A"] = offer("A", "4150")

    (told,) = api.get(url).json()["results"]

    assert told["unit_price"] == "4150.00"
    assert "factor of 100" in told["warning"]
    present = supplier.items.get().offers.get(is_current=True, is_quarantined=False)
    assert present.price == Decimal("41.50")


# --- the lines of an order --------------------------------------------------------


def do(api: APIClient, order: PurchaseOrder, name: str, **body: Any) -> Any:
    return api.post(f"{ORDERS}{order.number}/{name}/", body, format="json")


def test_check_answers_with_every_line(
    api: APIClient, shelves: FakeRange, supplier: Supplier
) -> None:
    shelves.offers["SKU-4410"] = offer(price="44.00", quantity_available=Decimal(5))
    order = make_order(supplier)

    answer = do(api, order, "check_lines")

    assert answer.status_code == 200, answer.content
    shown = answer.json()
    assert (shown["order"], shown["checked_by"]) == (order.number, "buyer")
    assert (shown["total_ordered"], shown["total_now"], shown["difference"]) == (
        "249.00",
        "264.00",
        "15.00",
    )
    assert (shown["currency"], shown["is_stale"]) == ("SEK", False)
    (row,) = shown["lines"]
    assert row.pop("as_of")
    assert row == {
        "position": 1,
        "item_number": "SKU-4410",
        "brand": "",
        "quantity": "6",
        "unit": "ST",
        "ordered_price": "41.50",
        "price": "44.00",
        "difference": "2.50",
        "percent": "6.02",
        "can_take": True,
        "is_known": True,
        "quantity_available": "5",
        "stock_by_kind": {},
        "lead_time_days": None,
        "next_receiving_on": None,
        "remarks": [{"code": "too_few", "text": "Only 5 of 6 are available."}],
    }


def test_prices_are_taken_and_the_order_is_answered(
    api: APIClient, shelves: FakeRange, supplier: Supplier
) -> None:
    shelves.offers["SKU-4410"] = offer(price="44.00")
    order = make_order(supplier)
    do(api, order, "check_lines")

    answer = do(api, order, "take_prices", version=1)

    assert answer.status_code == 200, answer.content
    assert answer.json()["lines"][0]["unit_price"] == "44.00"
    assert answer.json()["total"] == "264.00"
    again = do(api, order, "take_prices")
    assert (again.status_code, again.json()["code"]) == (409, "prices_not_taken")


def test_version_by_header_guards_taking_prices(
    api: APIClient, shelves: FakeRange, supplier: Supplier
) -> None:
    shelves.offers["SKU-4410"] = offer(price="44.00")
    order = make_order(supplier)
    do(api, order, "check_lines")
    url = f"{ORDERS}{order.number}/take_prices/"

    answer = api.post(url, {}, format="json", HTTP_IF_MATCH='"9"')

    assert (answer.status_code, answer.json()["code"]) == (412, "version_conflict")


def test_checks_of_an_order_are_read_again_in_constant_queries(
    api: APIClient, shelves: FakeRange, supplier: Supplier
) -> None:
    order = make_order(supplier)
    costs = []
    for times in (1, 9):
        for _ in range(times):
            do(api, order, "check_lines")
        with CaptureQueriesContext(connection) as queries:
            shown = api.get(f"{ORDERS}{order.number}/checks/").json()["results"]
        costs.append(len(queries))

    assert len(shown) == 10
    assert costs[0] == costs[1]
    assert [each["is_stale"] for each in shown] == [False] * 10


@pytest.mark.parametrize(
    ("role", "may_check", "may_take"),
    [
        ("Buyer", True, True),
        ("Approver", True, False),
        ("Operator", True, False),
        ("Auditor", False, False),
    ],
)
def test_who_may_check_and_who_may_take(
    shelves: FakeRange, supplier: Supplier, role: str, may_check: bool, may_take: bool
) -> None:
    shelves.offers["SKU-4410"] = offer(price="44.00")
    order = make_order(supplier)
    do(full_client("erp", system="erp"), order, "check_lines")
    user = make_user(role.lower())
    user.groups.add(Group.objects.get(name=role))
    api = client_for(user)

    assert (do(api, order, "check_lines").status_code == 200) is may_check
    assert (do(api, order, "take_prices").status_code == 200) is may_take


def test_supplier_that_does_not_answer_is_a_problem(
    api: APIClient, shelves: FakeRange, supplier: Supplier
) -> None:
    shelves.offers["SKU-4410"] = NotSent("No connection.", kind=Kind.CONNECTION)

    answer = do(api, make_order(supplier), "check_lines")

    assert answer.json()["code"] == "supplier_unavailable"
    assert not OrderCheck.objects.exists()

"""Entering, reading and changing orders."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from procurement.customers.models import Customer
from procurement.orders.models import OrderLine, PurchaseOrder
from procurement.orders.representation import shown_order
from procurement.orders.serializers import OrderSerializer
from procurement.shops.models import Shop
from procurement.suppliers.models import Supplier
from tests.api.clients import ORDERS, order_body
from tests.factories import make_approved_order, make_order, make_user
from tests.fakes import FakeVendor

pytestmark = pytest.mark.django_db

EXAMPLE = {
    "number": "PO-2031-000042",
    "external_reference": "WEB-9911",
    "supplier": "extend-nord",
    "shop": None,
    "customer": None,
    "currency": "SEK",
    "requested_date": "2031-04-09",
    "note": "",
    "test": True,
    "delivery_address": {
        "name": "Verkstad Nord",
        "street": "Provgatan",
        "street_number": "4",
        "entrance": "",
        "zip_code": "90320",
        "city": "Umea",
        "country_code": "SE",
    },
    "lines": [
        {
            "position": 1,
            "item_number": "SKU-4410",
            "brand": "",
            "description": "Filter",
            "quantity": "6",
            "unit": "ST",
            "unit_price": "41.50",
            "vat_percent": "25",
        }
    ],
    "total": "249.00",
    "status": "sent",
    "approval": "approved",
    "transmission": "sent",
    "fulfilment": "none",
    "attention": "",
    "supplier_order_number": "SO-70012",
    "version": 7,
}
WRITABLE = (
    "external_reference",
    "supplier",
    "shop",
    "customer",
    "currency",
    "requested_date",
    "note",
    "test",
    "delivery_address",
    "lines",
)


def errors_of(answer: Any) -> dict[str, str]:
    assert answer.status_code == 400, answer.content
    assert answer.json()["code"] == "invalid"
    found: dict[str, str] = answer.json()["errors"]
    return found


def without_more(shown: dict[str, Any]) -> dict[str, Any]:
    """The answer with the members of the contract alone, in the order they came."""
    lines = [
        {name: line[name] for name in list(line)[: len(EXAMPLE["lines"][0])]}  # type: ignore[index]
        for line in shown["lines"]
    ]
    return {
        name: lines if name == "lines" else shown[name]
        for name in list(shown)[: len(EXAMPLE)]
    }


# --- the contract -----------------------------------------------------------------


def test_order_reads_word_for_word_as_in_the_contract(
    api: APIClient, supplier: Supplier
) -> None:
    body = {name: EXAMPLE[name] for name in WRITABLE}
    created = api.post(ORDERS, body, format="json")
    assert created.status_code == 201, created.content
    PurchaseOrder.objects.update(
        number="PO-2031-000042",
        approval="approved",
        approved_hash="x" * 64,
        transmission="sent",
        supplier_order_number="SO-70012",
        version=7,
    )

    answer = api.get(f"{ORDERS}PO-2031-000042/")

    shown = without_more(answer.json())
    assert shown == EXAMPLE
    assert list(shown) == list(EXAMPLE)
    assert list(shown["lines"][0]) == list(EXAMPLE["lines"][0])  # type: ignore[index]
    assert answer.headers["ETag"] == '"7"'


def test_declared_fields_are_what_is_shown(supplier: Supplier) -> None:
    order = make_order(supplier)

    shown = shown_order(order.pk)

    declared = OrderSerializer()
    assert list(shown) == list(declared.fields)
    lines: Any = declared.fields["lines"]
    assert list(shown["lines"][0]) == list(lines.child.fields)
    address: Any = declared.fields["delivery_address"]
    assert list(shown["delivery_address"]) == list(address.fields)


def test_what_a_key_enters_carries_its_system_and_user(
    api: APIClient, supplier: Supplier
) -> None:
    shown = api.post(ORDERS, order_body(), format="json").json()

    assert shown["source"] == "api:webshop"
    assert shown["buyer"] == "buyer"
    assert shown["status"] == "draft"
    assert shown["version"] == 1
    order = PurchaseOrder.objects.get(number=shown["number"])
    assert order.created_by.username == "buyer"
    assert [event.kind for event in order.events.all()] == ["created"]


def test_shop_customer_and_buyer_are_named_as_they_are_shown(
    api: APIClient, supplier: Supplier
) -> None:
    Shop.objects.create(slug="nordverk", name="Nordverk")
    customer = Customer.objects.create(name="Verkstad Nord")
    make_user("anna")

    shown = api.post(
        ORDERS,
        order_body(shop="nordverk", customer=customer.pk, buyer="anna"),
        format="json",
    ).json()

    assert shown["shop"] == "nordverk"
    assert shown["customer"] == customer.pk
    assert shown["buyer"] == "anna"


def test_moments_are_in_utc_with_a_z(
    api: APIClient, supplier: Supplier, settings: Any
) -> None:
    settings.TIME_ZONE = "Europe/Stockholm"

    shown = api.post(ORDERS, order_body(), format="json").json()
    event = api.get(f"{ORDERS}{shown['number']}/events/").json()["results"][0]

    assert shown["created_at"].endswith("Z")
    assert event["at"].endswith("Z")
    assert shown["sent_at"] is None


def test_one_who_asks_for_an_order_that_is_not_there_gets_404(api: APIClient) -> None:
    answer = api.get(f"{ORDERS}PO-2031-000001/")

    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


# --- exact numbers ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("41.10", "41.1000"),
        ("0.1", "0.1000"),
        ("41.1000000", "41.1000"),
        ("4.11e1", "41.1000"),
        ("12345678901.2345", "12345678901.2345"),
        ("41", "41.0000"),
        ('"41.10"', "41.1000"),
    ],
)
def test_price_is_stored_as_it_was_written(
    api: APIClient, supplier: Supplier, written: str, stored: str
) -> None:
    body = (
        '{"supplier": "extend-nord", "currency": "SEK", "lines": '
        '[{"item_number": "A", "quantity": 1, "unit_price": %s}]}'
    )

    answer = api.post(ORDERS, body % written, content_type="application/json")

    assert answer.status_code == 201, answer.content
    assert OrderLine.objects.get().unit_price == Decimal(stored)


def test_price_shows_the_decimals_of_its_currency_and_more_if_it_has_more(
    api: APIClient, supplier: Supplier
) -> None:
    lines = [
        {"item_number": "A", "quantity": "0.500", "unit_price": "41.1"},
        {"item_number": "B", "quantity": "1", "unit_price": "0.1234"},
        {"item_number": "C", "quantity": "100", "unit_price": 3},
    ]

    shown = api.post(ORDERS, order_body(lines=lines), format="json").json()

    prices = [(line["quantity"], line["unit_price"]) for line in shown["lines"]]
    assert prices == [("0.5", "41.10"), ("1", "0.1234"), ("100", "3.00")]
    assert [line["position"] for line in shown["lines"]] == [1, 2, 3]
    # 20.55 + 0.12 + 300.00
    assert shown["total"] == "320.67"


@pytest.mark.parametrize(
    "price", [True, "1e400", "NaN", "Infinity", "1_000", "", None, [], "12,50", "-0x1"]
)
def test_price_that_is_no_decimal_is_refused_by_its_path(
    api: APIClient, supplier: Supplier, price: Any
) -> None:
    lines = [{"item_number": "A", "quantity": "1", "unit_price": price}]

    answer = api.post(ORDERS, order_body(lines=lines), format="json")

    assert list(errors_of(answer)) == ["lines.0.unit_price"]
    assert not PurchaseOrder.objects.exists()


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        (
            "quantity",
            "0.0001",
            "Give at most 12 digits before and 3 after the point.",
        ),
        ("quantity", "0", "Give a quantity above 0."),
        ("quantity", "1234567890123", "Give at most 12 digits before and 3 after the"),
        ("unit_price", "-1", "Give a price of 0 or more."),
        ("vat_percent", "101", "Give a percentage from 0 to 100."),
        ("position", 0, "Ensure this value is greater than or equal to 1."),
        ("item_number", "", "This field may not be blank."),
        ("item_number", {"a": 1}, "Give a text, in quotes."),
    ],
)
def test_line_that_will_not_do_says_what_would(
    api: APIClient, supplier: Supplier, name: str, value: Any, text: str
) -> None:
    good = {"item_number": "A", "quantity": "1", "unit_price": "1"}

    answer = api.post(
        ORDERS, order_body(lines=[good, {**good, name: value}]), format="json"
    )

    found = errors_of(answer)
    assert list(found) == [f"lines.1.{name}"]
    assert found[f"lines.1.{name}"].startswith(text)


# --- what is refused --------------------------------------------------------------


def test_unknown_names_are_refused_together_with_other_faults(
    api: APIClient, supplier: Supplier
) -> None:
    body = order_body(
        colour="red",
        delivery_address={"name": "A", "planet": "Mars"},
        lines=[{"item_number": "A", "unit_price": "1", "price": "1"}],
    )

    found = errors_of(api.post(ORDERS, body, format="json"))

    assert set(found) == {
        "colour",
        "delivery_address.planet",
        "lines.0.price",
        "lines.0.quantity",
    }
    assert found["colour"].startswith("There is no such field; there are external_ref")
    assert found["lines.0.quantity"] == "This field is required."


@pytest.mark.parametrize("name", ["number", "status", "approval", "version", "total"])
def test_state_cannot_be_written(api: APIClient, supplier: Supplier, name: str) -> None:
    answer = api.post(ORDERS, order_body(**{name: "approved"}), format="json")

    assert list(errors_of(answer)) == [name]


@pytest.mark.parametrize(
    ("change", "path", "text"),
    [
        ({"supplier": "nobody"}, "supplier", "There is no such one: nobody."),
        ({"supplier": ["x"]}, "supplier", ""),
        ({"supplier": None}, "supplier", "This field may not be null."),
        ({"shop": "nobody"}, "shop", "There is no such one: nobody."),
        ({"customer": 9999}, "customer", 'Invalid pk "9999" - object does not exist.'),
        ({"customer": 10**30}, "customer", "Invalid pk"),
        ({"lines": []}, "lines", "This list may not be empty."),
        ({"lines": {"a": 1}}, "lines", "Expected a list of items"),
        ({"lines": [7]}, "lines.0", "Invalid data. Expected a dictionary"),
        ({"currency": "XXQ"}, "currency", "Give a currency by its three letters"),
        ({"requested_date": "2001-01-01"}, "requested_date", "Give a day that is not"),
        ({"requested_date": "soon"}, "requested_date", "Date has wrong format."),
        ({"note": "x" * 401}, "note", "Ensure this field has no more than 400"),
        (
            {"delivery_address": {"country_code": "Sweden"}},
            "delivery_address.country_code",
            "Give the country by its two capital letters",
        ),
    ],
)
def test_value_that_will_not_do_is_named(
    api: APIClient, supplier: Supplier, change: dict[str, Any], path: str, text: str
) -> None:
    found = errors_of(api.post(ORDERS, order_body(**change), format="json"))

    assert list(found) == [path]
    assert found[path].startswith(text)


def test_body_that_is_no_object_is_refused_as_a_whole(api: APIClient) -> None:
    found = errors_of(api.post(ORDERS, [1, 2], format="json"))

    assert found == {"body": "Invalid data. Expected a dictionary, but got list."}


# --- changing ---------------------------------------------------------------------


def test_patch_changes_what_is_given_and_nothing_else(
    api: APIClient, supplier: Supplier
) -> None:
    order = make_order(supplier, note="Ring twice.", external_reference="A-1")

    answer = api.patch(
        f"{ORDERS}{order.number}/", {"note": "Ring once."}, format="json"
    )

    shown = answer.json()
    assert answer.status_code == 200
    assert shown["note"] == "Ring once."
    assert shown["external_reference"] == "A-1"
    assert shown["lines"][0]["quantity"] == "6"
    assert shown["version"] == 2
    assert answer.headers["ETag"] == '"2"'


def test_patch_of_lines_replaces_all_of_them(
    api: APIClient, supplier: Supplier
) -> None:
    order = make_order(supplier)
    lines = [{"item_number": "B", "quantity": 2, "unit_price": "1.005"}]

    shown = api.patch(
        f"{ORDERS}{order.number}/", {"lines": lines}, format="json"
    ).json()

    assert [line["item_number"] for line in shown["lines"]] == ["B"]
    assert shown["total"] == "2.01"


def test_patch_of_an_approved_order_takes_the_approval_away(
    api: APIClient, supplier: Supplier
) -> None:
    order = make_approved_order(supplier)

    shown = api.patch(
        f"{ORDERS}{order.number}/", {"note": "Changed."}, format="json"
    ).json()

    assert shown["approval"] == "draft"
    assert shown["status"] == "draft"


@pytest.mark.parametrize("given", ['"1"', "1", 'W/"1"', "*"])
def test_patch_with_the_present_version_goes_through(
    api: APIClient, supplier: Supplier, given: str
) -> None:
    order = make_order(supplier)

    answer = api.patch(
        f"{ORDERS}{order.number}/", {"note": "x"}, format="json", HTTP_IF_MATCH=given
    )

    assert answer.status_code == 200


def test_patch_with_an_old_version_changes_nothing(
    api: APIClient, supplier: Supplier
) -> None:
    order = make_order(supplier)
    url = f"{ORDERS}{order.number}/"
    api.patch(url, {"note": "first"}, format="json", HTTP_IF_MATCH='"1"')

    answer = api.patch(url, {"note": "second"}, format="json", HTTP_IF_MATCH='"1"')

    assert answer.status_code == 412
    assert answer.json()["code"] == "version_conflict"
    assert api.get(url).json()["note"] == "first"


@pytest.mark.parametrize("given", ["seven", '"1", "2"', '"-1"', '"1'])
def test_version_that_is_none_is_refused(
    api: APIClient, supplier: Supplier, given: str
) -> None:
    order = make_order(supplier)

    answer = api.patch(
        f"{ORDERS}{order.number}/", {"note": "x"}, format="json", HTTP_IF_MATCH=given
    )

    assert errors_of(answer) == {"If-Match": 'Give one version, such as "7".'}


def test_order_on_its_way_cannot_be_patched(
    api: APIClient, supplier: Supplier, fake_vendor: FakeVendor
) -> None:
    order = make_approved_order(supplier)
    sent = api.post(f"{ORDERS}{order.number}/send/")
    assert sent.status_code == 202, sent.content

    answer = api.patch(f"{ORDERS}{order.number}/", {"note": "x"}, format="json")

    assert answer.status_code == 409
    assert answer.json()["code"] == "not_changeable"


def test_many_lines_cost_no_more_queries_than_one(
    api: APIClient, supplier: Supplier
) -> None:
    line = {"item_number": "A", "quantity": "1", "unit_price": "1"}

    with CaptureQueriesContext(connection) as seen:
        answer = api.post(ORDERS, order_body(lines=[line] * 500), format="json")

    assert answer.status_code == 201
    assert len(answer.json()["lines"]) == 500
    # SQLite takes so many values at a time, so the insert itself comes in parts.
    inserts = [q for q in seen if q["sql"].startswith('INSERT INTO "orders_orderline"')]
    assert len(inserts) <= 10
    assert len(seen) - len(inserts) <= 20

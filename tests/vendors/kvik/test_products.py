"""Prices and availability of a Kvik shop."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tests.vendors.kvik.payloads import PRODUCTS_URL, payload
from vendors.contracts import ItemKey
from vendors.errors import Kind, NotSent, Refused, VendorError
from vendors.kvik import products
from vendors.kvik.availability import Level, read_availability

NOW = datetime(2031, 4, 2, 8, 15, tzinfo=UTC)
FILTER = ItemKey("TX-4410")


def product(**members):
    found = {
        "code": "TX-4410",
        "brand": "Norvik",
        "availability": {"inStock": True, "quantity": 14},
        "price": {"withoutVat": "129.00", "currency": "CZK"},
        **members,
    }
    return {name: value for name, value in found.items() if value is not None}


def fetch_one(client, key=FILTER):
    [offer] = products.fetch_offers(client, [key])
    return offer


# --- the wire -----------------------------------------------------------------


def test_an_offer_is_read_by_code(shop, client):
    shop.get(PRODUCTS_URL, body=payload("product.json"))

    offer = fetch_one(client)

    assert shop.calls[1].request.url == f"{PRODUCTS_URL}?code=TX-4410"
    assert offer.item_number == "TX-4410"
    assert offer.brand == "Norvik"
    assert offer.description == "Filter mat 40 cm"
    assert str(offer.unit_price) == "129.00"
    assert offer.currency == "CZK"
    assert offer.quantity_available == 14
    assert offer.lead_time_days == 2
    assert offer.unit == "pcs"
    assert offer.warning == ""
    assert offer.is_known


def test_brand_and_code_are_sent_percent_encoded(shop, client):
    shop.get(PRODUCTS_URL, json={"items": []})

    fetch_one(client, ItemKey("A/1 é&?#", "Søn & Co"))

    assert shop.calls[1].request.url == (
        f"{PRODUCTS_URL}?code=A%2F1+%C3%A9%26%3F%23&brand=S%C3%B8n+%26+Co"
    )


def test_offers_come_in_the_order_asked_for_and_each_is_asked_for_once(shop, client):
    shop.get(PRODUCTS_URL, json=[product(), product(code="B"), product(code="A")])
    keys = [ItemKey("B"), ItemKey("A"), ItemKey("B")]

    offers = products.fetch_offers(client, keys)

    assert [offer.item_number for offer in offers] == ["B", "A", "B"]
    asked = [call.request.url for call in shop.calls if "code=" in call.request.url]
    assert asked == [f"{PRODUCTS_URL}?code=B", f"{PRODUCTS_URL}?code=A"]


# --- which product is meant ---------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        {"json": {"items": []}},
        {"json": []},
        {"status": 404, "json": {"error": "not_found"}},
        {"status": 404},
        {"json": [product(code="TX-44100"), product(code="XTX-4410")]},
    ],
)
def test_nothing_found_means_unknown_and_not_none_in_stock(shop, client, answer):
    shop.get(PRODUCTS_URL, **answer)

    offer = fetch_one(client)

    assert not offer.is_known
    assert offer.quantity_available is None


def test_of_several_products_none_is_taken(shop, client):
    shop.get(PRODUCTS_URL, json=[product(brand="Sudvik"), product(brand="Norvik")])

    offer = fetch_one(client)

    assert offer.is_known
    assert offer.unit_price is None
    assert offer.quantity_available is None
    assert offer.warning == (
        "2 products carry this code: say which brand is meant, Norvik, Sudvik"
    )


def test_a_brand_tells_which_is_meant(shop, client):
    shop.get(
        PRODUCTS_URL,
        json=[
            product(brand="Sudvik", price={"withoutVat": 1, "currency": "CZK"}),
            product(brand="NORVIK"),
        ],
    )

    offer = fetch_one(client, ItemKey("TX-4410", "norvik "))

    assert (offer.brand, offer.unit_price) == ("NORVIK", Decimal(129))


def test_a_brand_is_enough_for_the_shop_even_if_it_does_not_show_it(shop, client):
    shop.get(PRODUCTS_URL, json=[product(brand=None)])

    offer = fetch_one(client, ItemKey("TX-4410", "Norvik"))

    assert (offer.brand, offer.unit_price) == ("Norvik", Decimal(129))


def test_another_brand_is_another_product(shop, client):
    shop.get(PRODUCTS_URL, json=[product(brand="Sudvik")])

    assert not fetch_one(client, ItemKey("TX-4410", "Norvik")).is_known


def test_twins_that_no_brand_tells_apart_are_not_guessed_at(shop, client):
    shop.get(PRODUCTS_URL, json=[product(unit="pcs"), product(unit="box")])

    offer = fetch_one(client)

    assert offer.unit_price is None
    assert offer.warning == (
        "2 products carry this code, and no brand tells them apart; ask the shop"
    )


def test_the_same_product_twice_is_one(shop, client):
    shop.get(PRODUCTS_URL, json=[product(), product()])

    assert fetch_one(client).unit_price == 129


def test_a_code_in_another_letter_case_counts_if_there_is_no_exact_one(shop, client):
    shop.get(PRODUCTS_URL, json=[product(code="tx-4410", brand="X"), product()])
    assert fetch_one(client).brand == "Norvik"

    shop.replace("GET", PRODUCTS_URL, json=[product(code="tx-4410")])
    offer = fetch_one(client)
    assert (offer.item_number, offer.unit_price) == ("TX-4410", 129)


def test_products_without_a_code_are_not_called_unknown(shop, client):
    shop.get(PRODUCTS_URL, json=[{"sku": "TX-4410"}])

    with pytest.raises(NotSent) as caught:
        fetch_one(client)

    assert caught.value.kind is Kind.UNREADABLE
    assert "product.code" in caught.value.text


def test_the_names_of_a_shop_may_differ(shop, open_client):
    client = open_client(
        mapping={
            "path.products": "/api/customer/goods",
            "query.code": "sku",
            "list.products": "result.rows",
            "product.code": "sku",
            "product.price_without_vat": "net",
            "product.currency": "money",
        }
    )
    row = {"sku": "TX-4410", "net": "5", "money": "eur", "availability": 0}
    shop.get("https://shop.test/api/customer/goods", json={"result": {"rows": [row]}})

    offer = fetch_one(client)

    assert shop.calls[1].request.url.endswith("/goods?sku=TX-4410")
    assert (offer.unit_price, offer.currency) == (5, "EUR")
    assert offer.quantity_available == 0


# --- figures ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("members", "price", "warning"),
    [
        ({"price": {"withoutVat": 12.345, "currency": "CZK"}}, "12.345", ""),
        ({"price": {"withoutVat": "0.10", "currency": "CZK"}}, "0.10", ""),
        ({"price": None, "priceWithoutVat": 7, "currency": "CZK"}, "7", ""),
        (
            {"price": {"withoutVat": 7}},
            "7",
            "the shop does not say the currency",
        ),
        (
            {"price": {"withoutVat": 0, "currency": "CZK"}},
            "0",
            "the price is nothing",
        ),
        (
            {"price": {"withVat": 156.09, "currency": "CZK"}},
            None,
            "the shop gives a price with VAT only: 156.09",
        ),
        ({"price": 156.09}, None, "the price can't be read, or VAT may be in it"),
        (
            {"price": {"withoutVat": "on request"}},
            None,
            "the price can't be read, or VAT may be in it",
        ),
        (
            {"price": {"withoutVat": -1}},
            None,
            "the price can't be read, or VAT may be in it",
        ),
        ({"price": None}, None, "no price"),
    ],
)
def test_a_price_is_without_vat_by_its_name_or_not_at_all(
    shop, client, members, price, warning
):
    shop.get(PRODUCTS_URL, json=[product(**members)])

    offer = fetch_one(client)

    assert (None if offer.unit_price is None else str(offer.unit_price)) == price
    assert offer.warning == warning


def test_the_least_quantity_is_told(shop, client):
    shop.get(PRODUCTS_URL, json=[product(minimumQuantity="5")])

    assert fetch_one(client).warning == "sold from 5 on"


@pytest.mark.parametrize(
    ("members", "level", "quantity", "remark"),
    [
        ({"availability": 14}, Level.IN_STOCK, 14, ""),
        ({"availability": "14"}, Level.IN_STOCK, 14, ""),
        ({"availability": 0}, Level.NONE, 0, ""),
        (
            {"availability": True},
            Level.IN_STOCK,
            None,
            "in stock; the shop does not say how many",
        ),
        ({"availability": False}, Level.NONE, 0, ""),
        (
            {"availability": "In  Stock"},
            Level.IN_STOCK,
            None,
            "availability: “In Stock” (in stock)",
        ),
        (
            {"availability": {"text": "Poslední kusy"}},
            Level.LIMITED,
            None,
            "availability: “Poslední kusy” (limited)",
        ),
        (
            {"availability": {"status": "on order", "inStock": False}},
            Level.ON_ORDER,
            None,
            "availability: “on order” (on order)",
        ),
        (
            {"availability": "Vyprodáno"},
            Level.NONE,
            0,
            "availability: “Vyprodáno” (none in stock)",
        ),
        (
            {"availability": "within 3 days"},
            Level.UNKNOWN,
            None,
            "availability: “within 3 days” (not in our words)",
        ),
        (
            {"availability": {"text": "3 days", "quantity": 2}},
            Level.IN_STOCK,
            2,
            "availability: “3 days” (in stock)",
        ),
        ({"availability": {"text": "Skladem", "quantity": 2}}, Level.IN_STOCK, 2, ""),
        (
            {"availability": {"inStock": "false", "quantity": 2}},
            Level.IN_STOCK,
            2,
            "a stock of 2, and yet none in stock",
        ),
        (
            {"availability": {"inStock": True, "quantity": 0}},
            Level.NONE,
            0,
            "a stock of 0, and yet in stock",
        ),
        (
            {"availability": {"inStock": True, "text": "sold out"}},
            Level.UNKNOWN,
            None,
            "in stock, and not in stock",
        ),
        (
            {"availability": -3},
            Level.UNKNOWN,
            None,
            "a stock of -3 can't be right",
        ),
        ({"availability": None}, Level.UNKNOWN, None, ""),
        ({"availability": []}, Level.UNKNOWN, None, ""),
    ],
)
def test_availability_is_read_as_number_flag_or_text(
    client, members, level, quantity, remark
):
    found = read_availability(product(**members), client.mapping)

    assert (found.level, found.quantity, found.remark) == (level, quantity, remark)


def test_words_of_availability_are_the_suppliers_own(open_client):
    client = open_client(mapping={"availability.in_stock": "auf Lager, sofort"})

    found = read_availability(product(availability="AUF LAGER"), client.mapping)

    assert found.level is Level.IN_STOCK


# --- trouble ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "error_type", "kind"),
    [
        ({"status": 400, "json": {"error": "invalid_data"}}, Refused, Kind.DATA),
        ({"status": 404, "body": "<h1>No page</h1>"}, NotSent, Kind.CONFIGURATION),
        ({"status": 429}, NotSent, Kind.THROTTLED),
        ({"status": 500}, NotSent, Kind.SERVER),
        ({"body": "<h1>Back soon</h1>"}, NotSent, Kind.UNREADABLE),
        ({"json": {"total": 3}}, NotSent, Kind.UNREADABLE),
        ({"json": "no"}, NotSent, Kind.UNREADABLE),
    ],
)
def test_what_can_not_be_asked_is_no_unknown_product(
    shop, client, answer, error_type, kind
):
    shop.get(PRODUCTS_URL, **answer)

    with pytest.raises(VendorError) as caught:
        fetch_one(client)

    assert (type(caught.value), caught.value.kind) == (error_type, kind)


def test_hostile_text_of_a_shop_stays_text_and_short(shop, client):
    brand = "<script>alert(1)</script>" + "x" * 5000
    shop.get(PRODUCTS_URL, json=[product(brand=brand), product(brand="B\n\n  C")])

    warning = fetch_one(client).warning

    assert len(warning) < 200
    assert "B C" in warning

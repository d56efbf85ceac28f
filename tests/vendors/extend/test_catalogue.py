from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from vendors.contracts import ChangedProduct, ChangedProductPage, Product
from vendors.errors import Kind, NotSent, Refused
from vendors.extend import catalogue

PAYLOADS = Path(__file__).parent / "payloads"
URL = "https://extend.test/RESTAPI/v1_0/NORDLAGER/Products"
SINCE = datetime(2031, 4, 2, 8, 15, tzinfo=UTC)


def payload(name: str) -> bytes:
    return (PAYLOADS / name).read_bytes()


# --- what changed -------------------------------------------------------------


def test_a_product_of_several_warehouses_is_listed_once(responses_on, client):
    responses_on.get(URL, body=payload("products.json"))

    page = catalogue.list_changed_products(client, SINCE, 0)

    assert page == ChangedProductPage(
        products=(
            # The later of its two rows.
            ChangedProduct(
                item_number="SKU-4410",
                changed_at=datetime(2031, 4, 2, 10, 30, tzinfo=UTC),
            ),
            # Without a zone: Swedish time, and before what was seen.
            ChangedProduct(
                item_number="0099", changed_at=datetime(2031, 4, 2, 9, 0, tzinfo=UTC)
            ),
            ChangedProduct(item_number="OLD-1", changed_at=SINCE),
        ),
        next_page=None,
    )
    assert responses_on.calls[0].request.url == (
        f"{URL}?modifiedDateFrom=2031-04-02T06%3A00%3A00Z&pageCount=100&pageOffset=0"
    )


def test_rows_count_for_the_end_of_the_list_and_not_products(responses_on, client):
    listed = [{"productNumber": "A", "warehouse": f"W{n}"} for n in range(100)]
    responses_on.get(URL, json=listed)

    page = catalogue.list_changed_products(client, SINCE, 0)

    assert [product.item_number for product in page.products] == ["A"]
    assert page.next_page == 1


def test_a_later_page_that_is_gone_is_the_end(responses_on, client):
    responses_on.get(URL, status=400, json={"Message": "There is no row at position 0"})

    page = catalogue.list_changed_products(client, SINCE, 4)

    assert page == ChangedProductPage(products=(), next_page=None)


@pytest.mark.parametrize(
    ("answer", "error_type", "kind"),
    [
        ({"status": 400, "json": {"Message": "no"}}, Refused, Kind.DATA),
        ({"status": 401}, NotSent, Kind.CREDENTIALS),
        ({"status": 403}, NotSent, Kind.CREDENTIALS),
        ({"status": 429}, NotSent, Kind.THROTTLED),
        ({"status": 500}, NotSent, Kind.SERVER),
        ({"body": "<html>"}, NotSent, Kind.UNREADABLE),
        ({"body": '{"Message": "hm"}'}, NotSent, Kind.UNREADABLE),
        ({"body": requests.ReadTimeout()}, NotSent, Kind.TIMEOUT),
    ],
)
def test_a_list_that_can_not_be_read_says_why(
    responses_on, client, answer, error_type, kind
):
    responses_on.get(URL, **answer)

    with pytest.raises(error_type) as caught:
        catalogue.list_changed_products(client, SINCE, 0)

    assert caught.value.kind is kind


# --- one product --------------------------------------------------------------


def test_a_product_is_read_by_its_number(responses_on, client):
    responses_on.get(f"{URL}/SKU-4410", body=payload("product.json"))

    assert catalogue.read_product(client, "SKU-4410") == Product(
        item_number="SKU-4410",
        description="Filter",
        mpn="4410",
        gtin="7310000000017",
        unit="ST",
        changed_at=datetime(2031, 4, 2, 10, 30, tzinfo=UTC),
    )


def test_what_the_seller_pays_and_buys_by_is_not_read(responses_on, client):
    responses_on.get(f"{URL}/SKU-4410", body=payload("product.json"))

    product = catalogue.read_product(client, "SKU-4410")

    assert (product.pack_quantity, product.min_order_quantity) == (None, None)
    assert "cost" not in {name.value.lower() for name in catalogue_names()}


def catalogue_names():
    from vendors.extend.mapping import MAPPING

    return [name for key, name in MAPPING.items() if key.startswith("product")]


@pytest.mark.parametrize(
    ("members", "is_sold"),
    [
        ({}, True),
        ({"enabled": True, "annulled": False}, True),
        ({"enabled": None, "annulled": None}, True),
        ({"enabled": False}, False),
        ({"annulled": True}, False),
        ({"enabled": True, "annulled": True}, False),
    ],
)
def test_a_product_taken_out_is_not_sold(responses_on, client, members, is_sold):
    product = {"productNumber": "A", "productData": {"new": 1, **members}}
    responses_on.get(f"{URL}/A", json=product)

    assert catalogue.read_product(client, "A").is_sold is is_sold


@pytest.mark.parametrize(
    "answer",
    [
        {"ProductNumber": "a", "ProductData": {"Description": "Filter"}, "New": []},
        [{"productNumber": "A", "productData": {"description": "Filter"}}],
        {
            "productNumber": "A",
            "productData": {"productName": "", "description": "Filter"},
        },
    ],
)
def test_a_product_is_read_with_tolerance(responses_on, client, answer):
    responses_on.get(f"{URL}/A", json=answer)

    product = catalogue.read_product(client, "A")

    assert (product.description, product.changed_at) == ("Filter", None)


@pytest.mark.parametrize(
    ("answer", "error_type", "kind"),
    [
        ({"status": 404}, Refused, Kind.NOT_FOUND),
        ({"status": 500}, NotSent, Kind.SERVER),
        ({"json": []}, NotSent, Kind.UNREADABLE),
        ({"json": {"productNumber": "A"}}, NotSent, Kind.UNREADABLE),
        ({"json": {"productData": {}}}, NotSent, Kind.UNREADABLE),
        # Another product than the one asked for.
        ({"json": {"productNumber": "B", "productData": {}}}, NotSent, Kind.UNREADABLE),
    ],
)
def test_a_product_that_can_not_be_read_says_why(
    responses_on, client, answer, error_type, kind
):
    responses_on.get(f"{URL}/A", **answer)

    with pytest.raises(error_type) as caught:
        catalogue.read_product(client, "A")

    assert caught.value.kind is kind


def test_no_number_leads_to_the_list_of_all_products(responses_on, client):
    with pytest.raises(Refused):
        catalogue.read_product(client, "")

    assert len(responses_on.calls) == 0

"""What a Kvik shop has to be forgiven, each by its name."""

import gzip
import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import requests

from tests.vendors.kvik.payloads import (
    ORDERS_URL,
    PRODUCTS_URL,
    TOKEN_URL,
    items,
    order,
    payload,
)
from tests.vendors.servers import reply, serving
from vendors.contracts import Fulfilment, ItemKey, LookUp
from vendors.errors import Kind, NotSent, OutcomeUnknown, Refused, VendorError
from vendors.kvik import listing, look_up, orders, products

SINCE = datetime(2031, 4, 1, tzinfo=UTC)
TOKEN = b'{"access_token": "eyJ0.first.token", "expires_in": 3600}'


def list_all(client):
    return listing.list_changed_orders(client, SINCE, 0).orders


def fetch_one(client):
    [offer] = products.fetch_offers(client, [ItemKey("TX-4410")])
    return offer


@pytest.mark.parametrize("kind", [None, "Strange", 7, {"a": []}])
def test_unknown_members_anywhere_and_any_type(shop, client, kind):
    product = json.loads(payload("product.json"))
    row = order(extra={"deep": [1, None]}, items=[{"code": "A", "quantity": 1}])
    for found in (product, product["items"][0], product["items"][0]["price"], row):
        found["_type"] = kind
        found["new"] = {"x": [{}]}
    row["items"][0]["_type"] = kind
    shop.get(PRODUCTS_URL, json=product)
    shop.get(ORDERS_URL, json={"_type": kind, "items": [row], "meta": {"a": 1}})

    assert fetch_one(client).unit_price == 129
    assert list_all(client)[0].order.fulfilment is Fulfilment.CONFIRMED


MEMBERS = {
    "error": "invalid_data",
    "error_description": "No such code",
    "message": "No such code",
    "status": 200,
    "hint": "Look it up",
}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (json.dumps(MEMBERS), "No such code; invalid_data; Look it up"),
        *((json.dumps({k: v}), "" if k == "status" else v) for k, v in MEMBERS.items()),
        (
            '{"message": "Invalid data", "violations": {"items[0].code": ["Unknown"]}}',
            "Invalid data; violations: Unknown",
        ),
        ("", ""),
        ("null", ""),
        ("[]", ""),
        ("<html><title>Bad</title></html>", "Bad"),
        ("plain words", "plain words"),
        ('{"error": {"code": 5}}', "5"),
        ('{"error": ["a", 1]}', "a, 1"),
    ],
)
def test_error_bodies_of_any_kind_where_the_status_of_http_wins(
    shop, client, make_order, body, words
):
    shop.post(ORDERS_URL, status=422, body=body)

    with pytest.raises(Refused) as caught:
        orders.place_order(client, make_order())

    assert caught.value.status == 422
    if words:
        assert words in caught.value.vendor_text


BODY = json.dumps([order("1", note="Umeå")], ensure_ascii=False).encode()
GZIP = "Content-Encoding: gzip"


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (BODY, ()),
        (gzip.compress(BODY, mtime=0), (GZIP,)),
        (gzip.compress(BODY, mtime=0), ()),
        (BODY, (GZIP,)),
        (BODY, ("Content-Type: application/json; charset=utf-8",)),
        (BODY, ("Content-Type: text/html",)),
        (b"\xef\xbb\xbf" + BODY, ()),
        (gzip.compress(b"\xef\xbb\xbf" + BODY, mtime=0), (GZIP,)),
    ],
    ids=[
        "plain",
        "packed",
        "packed and not marked",
        "marked and not packed",
        "charset",
        "wrong type",
        "byte-order mark",
        "packed with byte-order mark",
    ],
)
def test_answers_packed_or_plain_with_any_type_and_a_byte_order_mark(
    open_client, body, headers
):
    token = reply(gzip.compress(TOKEN, mtime=0))
    with serving(token, reply(body, "200 OK", *headers), reply(b"[]")) as server:
        client = open_client(
            account={"base_url": server.url, "allow_insecure_loopback": True}
        )
        [found] = list_all(client)

    assert found.number == "1"


@pytest.mark.parametrize("status", [200, 201, 202])
def test_200_for_201_and_404_for_an_empty_list(shop, client, make_order, status):
    shop.post(ORDERS_URL, status=status, body=payload("order.json"))
    shop.get(ORDERS_URL, status=404, json={"error": "not_found", "status": 200})
    shop.get(PRODUCTS_URL, status=404)

    assert orders.place_order(client, make_order()).number == "2410093"
    assert list_all(client) == ()
    assert not fetch_one(client).is_known


def test_numbers_as_text_many_decimals_null_and_missing_members(shop, client):
    rows = [
        {
            "code": "A",
            "quantity": "6.000",
            "price": {"withoutVat": "41.505", "currency": None},
        },
        {"code": "B", "quantity": 0.125, "price": {"withoutVat": 0.333333}},
        {"code": "C", "quantity": 1, "price": None},
    ]
    shop.get(
        ORDERS_URL,
        json=[
            {"number": 7, "items": rows, "total": None, "createdAt": None},
            {"number": "8"},
            {"number": "9", "items": None, "note": None, "processingStatus": None},
        ],
    )

    first, *others = (each.order for each in list_all(client))

    assert first.number == "7"
    assert [(line.quantity, line.unit_price) for line in first.lines] == [
        (Decimal(6), Decimal("41.505")),
        (Decimal("0.125"), Decimal("0.333333")),
        (Decimal(1), None),
    ]
    assert [each.lines for each in others] == [(), ()]


def test_words_for_states_that_are_new_foreign_or_renamed_overnight(shop, client):
    shop.get(ORDERS_URL, json=[order("1", processingStatus="Shipped")])
    [yesterday] = list_all(client)
    shop.upsert("GET", ORDERS_URL, json=[order("1", processingStatus="Expedováno ✓")])

    [today] = list_all(client)

    assert yesterday.order.fulfilment is Fulfilment.SHIPPED
    assert today.order.fulfilment is None
    assert today.order.unknown_words == ("processing_status.expedováno ✓",)
    assert today.fingerprint != yesterday.fingerprint


def test_a_token_that_ends_early_or_lives_for_another_time(responses_on, client):
    for value in ("one", "two"):
        token = {"access_token": f"token-{value}", "expires_in": "86400"}
        responses_on.post(TOKEN_URL, json=token)
    responses_on.get(ORDERS_URL, json=[])
    list_all(client)
    responses_on.replace("GET", ORDERS_URL, status=401, json={"error": "invalid_token"})
    responses_on.get(ORDERS_URL, json=[order("1")])

    assert [each.number for each in list_all(client)] == ["1"]
    asked = [call.request.url for call in responses_on.calls]
    assert asked.count(TOKEN_URL) == 2


def test_lists_in_any_order_with_orders_of_other_people(shop, client, make_order):
    foreign = order("5", note="Present for my mother")
    shop.get(ORDERS_URL, json=items(order("9", note=None), foreign, order("3")))
    sought = LookUp(
        reference="PO-2031-000043",
        sent_at=SINCE,
        order=make_order(reference="PO-2031-000043"),
        before={"numbers": ["5", "9"]},
    )

    seen = {each.number: each.reference for each in list_all(client)}

    assert seen == {"9": "", "5": "", "3": "PO-2031-000042"}
    # They hold the very same items, and are still none of ours.
    assert look_up.find_orders(client, sought) == ()
    assert look_up.find_orders(client, replace(sought, before=None)) == ()


@pytest.mark.parametrize(
    ("answer", "asked", "acted"),
    [
        (
            {"status": 301, "headers": {"Location": "https://www.shop.test/"}},
            (NotSent, Kind.CONFIGURATION),
            (OutcomeUnknown, Kind.UNREADABLE),
        ),
        (
            {"status": 308, "headers": {"Location": "https://new.test/"}},
            (NotSent, Kind.CONFIGURATION),
            (OutcomeUnknown, Kind.UNREADABLE),
        ),
        (
            {"body": requests.exceptions.SSLError("certificate has expired")},
            (NotSent, Kind.CONNECTION),
            (NotSent, Kind.CONNECTION),
        ),
        (
            {"status": 503, "body": "<h1>Maintenance</h1>"},
            (NotSent, Kind.SERVER),
            (OutcomeUnknown, Kind.SERVER),
        ),
        (
            {"status": 200, "body": "<h1>Maintenance</h1>"},
            (NotSent, Kind.UNREADABLE),
            (OutcomeUnknown, Kind.UNREADABLE),
        ),
    ],
    ids=["moved to www", "moved away", "certificate", "maintenance", "and as 200"],
)
def test_a_shop_that_moved_lost_its_certificate_or_is_being_mended(
    shop, client, make_order, answer, asked, acted
):
    shop.get(ORDERS_URL, **answer)
    shop.post(ORDERS_URL, **answer)

    with pytest.raises(VendorError) as read:
        list_all(client)
    with pytest.raises(VendorError) as written:
        orders.place_order(client, make_order())

    assert (type(read.value), read.value.kind) == asked
    assert (type(written.value), written.value.kind) == acted
    assert {call.request.url for call in shop.calls} <= {TOKEN_URL, ORDERS_URL}

"""What first contact with a real shop finds out."""

import pytest

from tests.vendors.kvik.payloads import (
    ORDERS_URL,
    PRODUCTS_URL,
    TOKEN_URL,
    items,
    order,
    payload,
)
from vendors.contracts import Samples, Verdict
from vendors.errors import Kind, NotSent
from vendors.kvik.checklist import CHECKLIST
from vendors.kvik.mapping import MAPPING
from vendors.kvik.settings import OPTIONS


def run(name, client, **samples):
    [check] = [check for check in CHECKLIST if check.name == name]
    return check.run(client, Samples(**samples))


def told(findings, verdict):
    return [found.text for found in findings if found.verdict is verdict]


def test_nothing_is_written_by_any_check(shop, client):
    shop.get(PRODUCTS_URL, body=payload("product.json"))
    shop.get(ORDERS_URL, json=items(order()))
    shop.get(f"{ORDERS_URL}/2410093", json=order())
    samples = Samples(items=("TX-4410", "Norvik/TX-4410"), order_number="2410093")

    findings = [found for check in CHECKLIST for found in check.run(client, samples)]

    assert {found.verdict for found in findings} == {Verdict.AS_ASSUMED, Verdict.ASK}
    posts = {call.request.url for call in shop.calls if call.request.method != "GET"}
    assert posts == {TOKEN_URL}
    assert not any(check.writes for check in CHECKLIST)
    assert not client.has_written


def test_a_token_like_the_documented_one_is_as_assumed(shop, client):
    findings = run("token", client)

    assert told(findings, Verdict.AS_ASSUMED) == [
        "The token lives for 3600 seconds.",
        "The token's type is Bearer; it is sent as Bearer.",
    ]


def test_another_token_differs(responses_on, client):
    responses_on.post(TOKEN_URL, json={"access_token": "abcd", "expires_in": 600})

    findings = run("token", client)

    assert told(findings, Verdict.DIFFERS) == ["The token lives for 600 seconds."]
    assert told(findings, Verdict.UNCLEAR)


def test_a_shop_that_gives_no_token_ends_the_check(responses_on, client):
    responses_on.post(TOKEN_URL, status=401, json={"error": "invalid_client"})

    with pytest.raises(NotSent) as caught:
        run("token", client)

    assert caught.value.kind is Kind.CREDENTIALS


def test_the_names_to_change_are_told(shop, client):
    row = {"code": "TX-4410", "maker": "Norvik", "stock": 4, "price": {"net": 5}}
    shop.get(PRODUCTS_URL, json=[row])

    findings = run("products_by_code", client, items=("TX-4410", "Norvik/TX-4410"))

    differing = {found.mapping_keys for found in findings}
    assert ("product.price_without_vat",) in differing
    assert ("product.brand",) in differing
    assert "it has: code, maker, stock, price." in findings[0].text
    assert len([call for call in shop.calls if "brand=" in call.request.url]) == 0


def test_a_product_is_tried_by_brand_and_code(shop, client):
    shop.get(PRODUCTS_URL, body=payload("product.json"))

    findings = run("products_by_brand", client, items=("TX-4410", "Norvik/TX-4410"))

    assert shop.calls[-1].request.url == f"{PRODUCTS_URL}?code=TX-4410&brand=Norvik"
    assert [found.verdict for found in findings] == [Verdict.AS_ASSUMED]


@pytest.mark.parametrize("answer", [{"json": []}, {"status": 404}])
def test_a_sample_that_is_not_found_differs(shop, client, answer):
    shop.get(PRODUCTS_URL, **answer)

    [found] = run("products_by_code", client, items=("TX-4410",))

    assert found.verdict is Verdict.DIFFERS
    assert "path.products" in found.mapping_keys


def test_without_a_sample_nothing_is_claimed(responses_on, client):
    for name in ("products_by_code", "products_by_brand", "reference", "single_order"):
        assert [found.verdict for found in run(name, client)] == [Verdict.UNCLEAR]
    assert len(responses_on.calls) == 0


@pytest.mark.parametrize(
    ("pages", "style"),
    [
        ([items(order("1"))], "none"),
        ([items(order("1")), items(order("2")), items()], "page or offset"),
        (
            [{"items": [order("1")], "next": "?p=2"}, {"items": [order("2")]}],
            "link",
        ),
    ],
)
def test_the_paging_of_the_list_is_told(shop, client, pages, style):
    for page in pages:
        shop.get(ORDERS_URL, json=page)

    first = run("order_list", client)[0]

    assert f"its paging looks like: {style}." in first.text
    assert first.options == ("paging",)


def test_members_that_no_order_shows_are_told(shop, client):
    shop.get(ORDERS_URL, json=items({"number": "1", "state": "New", "items": []}))

    findings = run("order_list", client)

    keys = [k for found in findings for k in found.mapping_keys]
    assert keys == [
        "order.created",
        "order.processing",
        "order.payment",
        "order.lines",
        "line.price",
    ]
    assert "the first has: number, state, items." in findings[1].text


def test_an_empty_list_is_unclear(shop, client):
    shop.get(ORDERS_URL, json=[])

    assert [f.verdict for f in run("order_list", client)] == [
        Verdict.AS_ASSUMED,
        Verdict.UNCLEAR,
    ]


def test_words_that_are_not_in_the_table_are_told_with_their_key(shop, client):
    rows = [
        order("1", processingStatus="Vyřízeno", paymentStatus="Zaplaceno"),
        order("2", processingStatus="Shipped"),
        order("3", processingStatus="Vyřízeno"),
    ]
    shop.get(ORDERS_URL, json=items(*rows))

    unknown, known, paid = run("words", client)

    assert unknown.verdict is Verdict.DIFFERS
    assert unknown.mapping_keys == ("processing_status.vyřízeno",)
    assert "“Shipped”" in known.text
    assert "“Zaplaceno”, “Unpaid”" in paid.text


@pytest.mark.parametrize(
    ("members", "verdict"),
    [
        ({}, Verdict.AS_ASSUMED),
        ({"customerOrderNumber": "PO-1", "note": None}, Verdict.AS_ASSUMED),
        ({"note": None}, Verdict.DIFFERS),
    ],
)
def test_whether_our_number_comes_back_is_seen(shop, client, members, verdict):
    shop.get(ORDERS_URL, json=items(order("1", **members)))

    [found] = run("reference", client, order_number="1")

    assert found.verdict is verdict


def test_an_order_that_is_not_listed_differs(shop, client):
    shop.get(ORDERS_URL, json=items(order("1")))

    [found] = run("reference", client, order_number="2")

    assert found.verdict is Verdict.DIFFERS


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        ({"json": order("1")}, Verdict.AS_ASSUMED),
        ({"json": order("2")}, Verdict.UNCLEAR),
        ({"status": 404}, Verdict.UNCLEAR),
    ],
)
def test_whether_one_order_can_be_read_is_tried(shop, client, answer, verdict):
    shop.get(f"{ORDERS_URL}/1", **answer)

    [found] = run("single_order", client, order_number="1")

    assert (found.verdict, found.options) == (verdict, ("reads_single_orders",))


def test_findings_name_only_what_can_be_changed(shop, client):
    options = {option.name for option in OPTIONS}
    for found in run("questions", client):
        assert found.verdict is Verdict.ASK
        assert set(found.mapping_keys) <= set(MAPPING)
        assert set(found.options) <= options

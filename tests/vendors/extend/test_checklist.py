import contextlib
from datetime import UTC, datetime

import pytest
from responses.matchers import query_param_matcher

from vendors import extend as extend_module
from vendors.addresses import checked_base
from vendors.contracts import Account, Samples, Verdict
from vendors.errors import NotSent, VendorError
from vendors.extend import checklist, checks_goods, checks_orders
from vendors.extend.mapping import MAPPING
from vendors.extend.settings import OPTIONS

BASE = "https://extend.test/RESTAPI/v1_0/NORDLAGER"
ITEMS = Samples(items=("SKU-4410",))
NONE = Samples()


# --- the list itself ----------------------------------------------------------


def test_nothing_on_the_list_writes(responses_on, client):
    for check in extend_module.VENDOR.checklist:
        assert not check.writes
        # Nothing answers, so whatever calls ends with its first call.
        with contextlib.suppress(VendorError):
            check.run(client, Samples(items=("A",), order_number="1"))

    assert [call.request.method for call in responses_on.calls] == ["GET"] * 8
    assert not client.has_written


def test_the_list_has_the_steps_of_its_description_in_order():
    assert [check.name for check in extend_module.VENDOR.checklist] == [
        "units",
        "prices",
        "availability",
        "products",
        "paging",
        "customer",
        "limits",
        "words",
        "questions",
    ]


def test_what_only_a_person_can_find_out_is_asked(client):
    findings = checklist.ask_the_vendor(client, NONE)

    assert {finding.verdict for finding in findings} == {Verdict.ASK}
    options = {field.name for field in OPTIONS}
    for finding in findings:
        assert set(finding.mapping_keys) <= set(MAPPING)
        assert set(finding.options) <= options


def test_known_addresses_may_be_called():
    for known in extend_module.VENDOR.known_addresses:
        account = Account(supplier="x", base_url=known.base_url)
        assert checked_base(account, known.base_url)


# --- units, customer, limits --------------------------------------------------


@pytest.mark.parametrize(
    ("unit", "verdict", "text"),
    [
        ("ST", Verdict.AS_ASSUMED, "ST, FRP. ST is one of them."),
        ("STK", Verdict.DIFFERS, "STK is not one of them."),
        ("", Verdict.UNCLEAR, "None is set"),
    ],
)
def test_the_unit_set_is_compared_with_those_there(
    responses_on, open_client, unit, verdict, text
):
    responses_on.get(f"{BASE}/ProductUnits", json=[{"name": "ST"}, {"name": "FRP"}])

    [finding] = checklist.check_units(open_client(unit=unit), NONE)

    assert finding.verdict is verdict
    assert text in finding.text
    assert finding.options == ("unit",)


@pytest.mark.parametrize(
    ("samples", "number"),
    [(NONE, "K-20417"), (Samples(customer_number="K-7"), "K-7")],
)
def test_our_customer_is_named_for_a_person_to_compare(
    responses_on, client, samples, number
):
    told = {"customerNumber": number, "name": "Verkstad Nord", "deliveryCity": "Umeå"}
    responses_on.get(f"{BASE}/Customers/{number}", json=told)

    [finding] = checklist.check_customer(client, samples)

    assert finding.verdict is Verdict.ASK
    assert finding.text == f"Customer {number} is Verkstad Nord, Umeå. Is that us?"


def test_a_customer_number_nobody_knows_is_wrong(responses_on, client):
    responses_on.get(f"{BASE}/Customers/K-20417", status=404)

    [finding] = checklist.check_customer(client, NONE)

    assert finding.verdict is Verdict.DIFFERS
    assert finding.options == ("customer_number",)


ALL_HEADERS = {
    "x-ratelimit-limit": "300",
    "x-ratelimit-remaining": "298",
    "x-ratelimit-reset": "1932883200",
}


@pytest.mark.parametrize(
    ("headers", "verdict", "text"),
    [
        (
            ALL_HEADERS,
            Verdict.AS_ASSUMED,
            "298 of 300 calls are left until 08:00:00 UTC.",
        ),
        (
            {"x-ratelimit-limit": "300"},
            Verdict.UNCLEAR,
            "? of 300 calls are left until an unknown time.",
        ),
        ({}, Verdict.UNCLEAR, "no limit headers"),
    ],
)
def test_limit_headers_are_told(responses_on, client, headers, verdict, text):
    assert datetime.fromtimestamp(1932883200, UTC).hour == 8
    responses_on.get(f"{BASE}/ProductUnits", json=[], headers=headers)

    [finding] = checklist.check_limits(client, NONE)

    assert finding.verdict is verdict
    assert text in finding.text


# --- goods --------------------------------------------------------------------


def price(**members) -> dict:
    told = {"productNumber": "SKU-4410", "salesUnit": "ST", "fromQuantity": 1}
    row = {**told, "price": 41.5, "currency": "SEK", **members}
    return {"productPriceItemList": [row]}


def test_a_price_is_told_for_a_person_to_compare(responses_on, client):
    responses_on.get(f"{BASE}/ProductPrices", json=price())

    [finding] = checks_goods.check_prices(client, ITEMS)

    assert finding.verdict is Verdict.ASK
    assert finding.text == (
        "SKU-4410 costs 41.5 SEK a ST. "
        "Compare with what the supplier told, without VAT."
    )


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (price(salesUnit="FRP"), Verdict.DIFFERS),
        (price(price=None), Verdict.UNCLEAR),
        ({"productPriceItemList": []}, Verdict.UNCLEAR),
    ],
)
def test_a_price_that_does_not_fit_is_told(responses_on, client, answer, verdict):
    responses_on.get(f"{BASE}/ProductPrices", json=answer)

    [finding] = checks_goods.check_prices(client, ITEMS)

    assert finding.verdict is verdict


@pytest.mark.parametrize(
    ("warehouses", "verdict", "text"),
    [
        ("", Verdict.AS_ASSUMED, "We take group A."),
        ("WH-SYD", Verdict.AS_ASSUMED, "We take group A."),
        ("WH-SYD, WH-OST", Verdict.DIFFERS, "Not seen: WH-OST."),
    ],
)
def test_balances_are_told_by_warehouse_and_group(
    responses_on, open_client, warehouses, verdict, text
):
    row = {
        "productNumber": "SKU-4410",
        "warehouse": "WH-SYD",
        "availableBalanceNow": 12,
        "availableBalanceNowB": 8,
    }
    responses_on.get(f"{BASE}/ProductAvailability", json=[row])
    client = open_client(warehouses=warehouses, warehouse="")

    [finding] = checks_goods.check_availability(client, ITEMS)

    assert finding.verdict is verdict
    assert finding.text == (
        f"SKU-4410, free for group A / B / C: WH-SYD 12 / 8 / ?. {text}"
    )


def test_an_item_in_no_warehouse_is_unclear(responses_on, client):
    responses_on.get(f"{BASE}/ProductAvailability", json=[])

    [finding] = checks_goods.check_availability(client, ITEMS)

    assert finding.verdict is Verdict.UNCLEAR


def test_what_is_not_found_of_a_product_is_named_by_its_key(responses_on, client):
    data = {"productName": "Filter", "productUnit": "ST", "productGTINumber": "7310"}
    product = {"productNumber": "SKU-4410", "productData": data}
    responses_on.get(f"{BASE}/Products/SKU-4410", json=product)

    [finding] = checks_goods.check_products(client, ITEMS)

    assert finding.verdict is Verdict.UNCLEAR
    assert finding.mapping_keys == ("product.mpn", "product.changed")
    assert "“Filter”, sold by the ST" in finding.text


def test_a_product_that_is_all_there_is_as_assumed(responses_on, client):
    data = {
        "productName": "Filter",
        "productUnit": "ST",
        "productGTINumber": "7310",
        "manufacturerProductNumber": "4410",
        "productDates": {"changedDate": "2031-04-02T12:30:00"},
    }
    product = {"productNumber": "SKU-4410", "productData": data}
    responses_on.get(f"{BASE}/Products/SKU-4410", json=product)

    [finding] = checks_goods.check_products(client, ITEMS)

    assert finding.verdict is Verdict.AS_ASSUMED


def test_a_product_nobody_knows_is_unclear(responses_on, client):
    responses_on.get(f"{BASE}/Products/SKU-4410", status=404)

    [finding] = checks_goods.check_products(client, ITEMS)

    assert finding.verdict is Verdict.UNCLEAR


@pytest.mark.parametrize(
    "run",
    [
        checks_goods.check_prices,
        checks_goods.check_availability,
        checks_goods.check_products,
    ],
)
def test_without_items_nothing_is_made_up(responses_on, client, run):
    [finding] = run(client, NONE)

    assert finding.verdict is Verdict.UNCLEAR
    assert len(responses_on.calls) == 0


# --- orders -------------------------------------------------------------------

A, B, C, D = ({"orderNumber": letter} for letter in "ABCD")


@pytest.mark.parametrize(
    ("first", "by_index", "by_number", "verdict", "word"),
    [
        ([A, B], [C, D], [A, B], Verdict.AS_ASSUMED, "paging.orders is index"),
        ([A, B], [C], [A, B], Verdict.AS_ASSUMED, "paging.orders is index"),
        ([A, B], [B, C], [A, B], Verdict.DIFFERS, "paging.orders is record"),
        ([A, B], [A, B], [C, D], Verdict.DIFFERS, "paging.orders is number"),
        ([A, B], [A, B], [A, B], Verdict.UNCLEAR, "in every style"),
        ([A, B], [], [], Verdict.UNCLEAR, "too few"),
        ([A], [], [], Verdict.UNCLEAR, "too few"),
        ([], [], [], Verdict.UNCLEAR, "too few"),
        ([A, B, C], [], [], Verdict.DIFFERS, "Two orders were asked for, and 3 came"),
    ],
)
def test_the_list_of_orders_is_tried_in_every_style(
    responses_on, client, time_machine, first, by_index, by_number, verdict, word
):
    time_machine.move_to(datetime(2031, 5, 2, 8, 0, tzinfo=UTC), tick=False)
    since = {"modifiedDateFrom": "2031-04-02T08:00:00Z", "pageCount": "2"}
    for paging, rows in (
        ({"pageOffset": "0"}, first),
        ({"pageOffset": "1"}, by_index),
        ({"pageNumber": "2"}, by_number),
    ):
        responses_on.get(
            f"{BASE}/CustomerOrders",
            json=rows,
            match=[query_param_matcher({**since, **paging})],
        )

    [finding] = checks_orders.check_paging(client, NONE)

    assert finding.verdict is verdict
    assert word in finding.text


def test_status_words_nobody_explained_are_named_by_their_keys(responses_on, client):
    listed = [{"orderStatus": word} for word in ("Incoming", "Odd", "odd", None)]
    responses_on.get(f"{BASE}/CustomerOrders", json=listed)
    order = {
        "orderHeader": {"orderNumber": "SO-1", "orderStatus": "Incoming"},
        "orderRows": [{"position": 10, "orderRowStatus": "Sleeping"}],
    }
    responses_on.get(f"{BASE}/CustomerOrders/SO-1", json=order)

    [finding] = checks_orders.check_words(client, Samples(order_number="SO-1"))

    assert finding.verdict is Verdict.DIFFERS
    assert finding.mapping_keys == (
        "order_status.Odd",
        "order_status.odd",
        "row_status.Sleeping",
    )


@pytest.mark.parametrize(
    ("rows", "verdict"),
    [([{"orderStatus": "Incoming"}], Verdict.AS_ASSUMED), ([], Verdict.UNCLEAR)],
)
def test_no_new_words_are_as_assumed_if_there_were_orders(
    responses_on, client, rows, verdict
):
    responses_on.get(f"{BASE}/CustomerOrders", json=rows)

    [finding] = checks_orders.check_words(client, NONE)

    assert finding.verdict is verdict


def test_a_list_that_can_not_be_read_is_no_finding(responses_on, client):
    responses_on.get(f"{BASE}/CustomerOrders", json={"Message": "x"})

    with pytest.raises(NotSent):
        checks_orders.check_words(client, NONE)

"""Placing an order at a Kvik shop."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
import requests

from tests.vendors.kvik.payloads import ORDERS_URL, order, payload
from vendors.contracts import Address, Fulfilment
from vendors.errors import Kind, NotSent, OutcomeUnknown, Refused, VendorError
from vendors.kvik import orders

# Prices are not in it: the shop prices an order itself.
SMALLEST = (
    b'{"customerOrderNumber": "PO-2031-000042", "note": "PO-2031-000042", '
    b'"items": [{"code": "SKU-4410", "quantity": 6}]}'
)


def place(client, request):
    return orders.place_order(client, request)


def failing(client, request) -> VendorError:
    with pytest.raises(VendorError) as caught:
        place(client, request)
    return caught.value


def sent_to(shop):
    return [c.request for c in shop.calls if c.request.url == ORDERS_URL]


# --- the wire -----------------------------------------------------------------


def test_the_smallest_order(shop, client, make_order):
    shop.post(ORDERS_URL, body=payload("order.json"), status=201)

    accepted = place(client, make_order())

    [request] = sent_to(shop)
    assert request.body == SMALLEST
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Accept-Encoding"] == "gzip"
    assert accepted.number == "2410093"
    assert accepted.note == ""
    assert accepted.order.fulfilment is Fulfilment.CONFIRMED
    assert accepted.order.lines[0].position == 1
    assert accepted.order.lines[0].unit_price == Decimal("41.50")
    assert accepted.order.payment_status == "Unpaid"


def test_everything_that_is_wished_for_is_sent(shop, open_client, make_order, address):
    shop.post(ORDERS_URL, json={"number": "1"})
    client = open_client(shipping_method="ppl", payment_method="invoice")
    request = make_order(
        {"position": 1, "brand": "Norvik", "quantity": Decimal("6.000")},
        {"position": 2, "item_number": "0099", "quantity": Decimal("2.50")},
        {"position": 3, "item_number": "C/3", "quantity": Decimal("1200")},
        delivery_address=address,
        requested_date=date(2031, 4, 9),
        note="Ring the „bell“.",
    )

    place(client, request)

    assert (
        sent_to(shop)[0].body
        == (
            '{"customerOrderNumber": "PO-2031-000042", '
            '"note": "PO-2031-000042\\nRing the „bell“.\\n'
            'Requested delivery: 2031-04-09", '
            '"items": [{"code": "SKU-4410", "brand": "Norvik", "quantity": 6}, '
            '{"code": "0099", "quantity": 2.5}, {"code": "C/3", "quantity": 1200}], '
            '"deliveryAddress": {"name": "Verkstad Nord", "street": "Provgatan 4 B", '
            '"city": "Umeå", "zip": "90320", "country": "SE"}, '
            '"shippingMethod": "ppl", "paymentMethod": "invoice"}'
        ).encode()
    )


def test_prices_are_sent_exactly_where_the_merchant_takes_them(
    shop, open_client, make_order
):
    shop.post(ORDERS_URL, json={"number": "1"})

    place(open_client(send_prices=True), make_order({"unit_price": Decimal("0.100")}))

    assert b'{"code": "SKU-4410", "quantity": 6, "price": 0.100}' in (
        sent_to(shop)[0].body
    )


def test_names_can_be_changed_and_left_out(shop, open_client, make_order):
    shop.post(ORDERS_URL, json={"number": "1"})
    client = open_client(
        mapping={"order.reference": "-", "order.note": "comment", "line.code": "sku"}
    )

    place(client, make_order())

    assert sent_to(shop)[0].body == (
        b'{"comment": "PO-2031-000042", "items": [{"sku": "SKU-4410", "quantity": 6}]}'
    )


def test_a_name_of_several_is_sent_as_the_first(shop, open_client, make_order):
    shop.post(ORDERS_URL, json={"number": "1"})

    place(open_client(mapping={"order.note": "remark note"}), make_order())

    assert json.loads(sent_to(shop)[0].body)["remark"] == "PO-2031-000042"


# --- the answer ---------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        {"number": "2410093"},
        {"number": 2410093},
        {"Number": "2410093", "_type": "Something"},
        {"orderNumber": "2410093"},
        {"order": {"number": "2410093"}},
        {"data": [{"number": "2410093"}]},
        [{"number": "2410093"}],
        "2410093",
        2410093,
    ],
)
def test_a_number_is_found_with_tolerance(shop, client, make_order, answer):
    shop.post(ORDERS_URL, json=answer)

    assert place(client, make_order()).number == "2410093"


@pytest.mark.parametrize(
    "answer",
    [
        {"json": {}},
        {"json": []},
        {"body": "null"},
        {"json": {"result": "ok"}},
        {"json": "OK"},
        {"json": {"number": None, "items": []}},
        {"status": 204},
    ],
)
def test_taken_without_a_number_is_taken(shop, client, make_order, answer):
    shop.post(ORDERS_URL, **answer)

    accepted = place(client, make_order())

    assert accepted.number is None
    assert accepted.note == orders.NO_NUMBER
    assert accepted.order is None


def test_an_order_just_taken_need_not_have_a_status(shop, client, make_order):
    shop.post(ORDERS_URL, json=order(processingStatus=None, note=None))

    placed = place(client, make_order()).order

    assert placed.fulfilment is Fulfilment.NONE
    assert placed.attention == ""
    assert placed.reference == "PO-2031-000042"


@pytest.mark.parametrize(
    ("members", "note", "attention"),
    [
        (
            {"items": [{"code": "SKU-4410", "quantity": 5, "price": {}}]},
            "Line 1: the shop has 5 instead of 6.",
            "",
        ),
        (
            {
                "items": [
                    {
                        "code": "sku-4410",
                        "quantity": "6.0",
                        "price": {"withoutVat": "43.00"},
                    }
                ]
            },
            "Line 1: the shop's price is 43.00 instead of 41.50.",
            "",
        ),
        (
            {"items": [{"code": "OTHER", "quantity": 6}]},
            "The shop has added 6 of OTHER. Line 1 is not in the shop's order.",
            "The shop has added 6 of OTHER.",
        ),
        (
            {
                "items": [
                    {"code": "FEE", "quantity": 1},
                    {"code": "SKU-4410", "quantity": 6},
                ]
            },
            "The shop has added 1 of FEE.",
            "The shop has added 1 of FEE.",
        ),
        (
            {
                "items": [
                    {"code": "SKU-4410", "quantity": 4},
                    {"code": "SKU-4410", "quantity": 2},
                ]
            },
            "Line 1 can be 2 lines of the shop's order.",
            "",
        ),
        (
            {"total": {"withoutVat": 249, "currency": "EUR"}},
            "The shop reckons in EUR, not in SEK.",
            "The shop reckons in EUR, not in SEK.",
        ),
    ],
)
def test_what_the_shop_made_of_it_is_compared(
    shop, client, make_order, members, note, attention
):
    shop.post(ORDERS_URL, json=order(**members))

    accepted = place(client, make_order())

    assert accepted.note == note
    assert accepted.order.attention == attention


def test_lines_are_matched_by_brand_and_code_in_any_order(shop, client, make_order):
    request = make_order(
        {"position": 1, "item_number": "A", "brand": "Norvik"},
        {"position": 2, "item_number": "A", "brand": "Sudvik"},
        {"position": 3, "item_number": "B"},
    )
    rows = [
        {"code": "B", "brand": "Any", "quantity": 6},
        {"code": "A", "brand": "SUDVIK", "quantity": 6},
        {"code": "A", "brand": {"name": "Norvik"}, "quantity": 6},
    ]
    shop.post(ORDERS_URL, json=order(items=rows, total=None))

    accepted = place(client, request)

    assert [line.position for line in accepted.order.lines] == [3, 2, 1]
    assert accepted.note == ""


def test_an_answer_without_lines_says_nothing_of_them(shop, client, make_order):
    shop.post(ORDERS_URL, json={"number": "1", "total": {"currency": "EUR"}})

    accepted = place(client, make_order())

    assert accepted.order is None
    assert accepted.note == "The shop reckons in EUR, not in SEK."


def test_what_the_total_holds_beside_the_lines_is_a_charge(shop, client, make_order):
    total = {"withoutVat": "298.00", "currency": "SEK"}
    shop.post(ORDERS_URL, json=order(total=total))

    [charge] = place(client, make_order()).order.charges

    assert charge.amount == Decimal("49.00")


@pytest.mark.parametrize(
    ("answer", "error_type", "kind"),
    [
        ({"status": 400, "json": {"error": "invalid_data"}}, Refused, Kind.DATA),
        ({"status": 422}, Refused, Kind.DATA),
        ({"status": 404, "json": {"error": "unknown"}}, Refused, Kind.NOT_FOUND),
        ({"status": 409}, OutcomeUnknown, Kind.SERVER),
        ({"status": 429}, NotSent, Kind.THROTTLED),
        ({"status": 500}, OutcomeUnknown, Kind.SERVER),
        ({"status": 503}, OutcomeUnknown, Kind.SERVER),
        ({"status": 200, "body": "<h1>Hm</h1>"}, OutcomeUnknown, Kind.UNREADABLE),
        ({"status": 201, "body": '{"numb'}, OutcomeUnknown, Kind.UNREADABLE),
        ({"json": {"error": "out_of_stock"}}, OutcomeUnknown, Kind.UNREADABLE),
        ({"body": requests.ReadTimeout()}, OutcomeUnknown, Kind.TIMEOUT),
        ({"body": requests.ConnectTimeout()}, NotSent, Kind.CONNECTION),
    ],
)
def test_each_trouble_ends_in_its_error_after_one_call(
    shop, client, make_order, answer, error_type, kind
):
    shop.post(ORDERS_URL, **answer)

    error = failing(client, make_order())

    assert (type(error), error.kind) == (error_type, kind)
    assert len(sent_to(shop)) == 1


# --- what is never sent -------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"reference": ""}, "found again in the shop by its number"),
        ({"reference": "PO 42"}, "found again"),
        ({"reference": "ORDER"}, "found again"),
        ({"reference": "P" * 50 + "1"}, "found again"),
        ({"lines": ()}, "no lines"),
        ({"is_test": False}, "test mode"),
        ({"delivery_address": Address(name="Nord")}, "a street and a city"),
    ],
)
def test_an_order_that_will_not_do_is_not_sent(
    responses_on, client, make_order, changes, words
):
    error = failing(client, make_order(**changes))

    assert (type(error), error.kind) == (Refused, Kind.GUARD)
    assert words in error.text
    assert len(responses_on.calls) == 0


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ({"quantity": Decimal(0)}, "above nothing"),
        ({"quantity": Decimal("-1")}, "above nothing"),
        ({"quantity": Decimal("NaN")}, "above nothing"),
        ({"item_number": " "}, "no item number"),
    ],
)
def test_a_line_that_will_not_do_is_not_sent(client, make_order, line, words):
    assert words in failing(client, make_order(line)).text


def test_the_same_item_on_two_lines_is_not_sent(client, make_order):
    request = make_order(
        {"position": 1, "brand": "Norvik"},
        {"position": 2, "item_number": "sku-4410 ", "brand": "NORVIK"},
        {"position": 3, "brand": "Sudvik"},
    )

    assert "Lines 1, 2 order the same item." in failing(client, request).text


def test_a_part_of_a_piece_may_be_ordered(kvik_account, make_order):
    request = make_order({"quantity": Decimal("0.25")})

    assert orders.objections(kvik_account, request) == ()


def test_a_test_order_is_never_sent_to_a_live_shop(kvik_account, make_order):
    live = replace(kvik_account, is_test=False)

    assert "no test flag" in orders.objections(live, make_order())[0]
    assert orders.objections(live, make_order(is_test=False)) == ()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"read_only": True}, orders.READ_ONLY),
        ({"paging": "sideways"}, "Paging of the list of orders"),
        ({"clock_tolerance": "long"}, "Tolerance for the shop's clock"),
    ],
)
def test_options_may_stand_against_an_order(kvik_account, make_order, options, words):
    account = replace(kvik_account, options={**kvik_account.options, **options})

    [objection] = orders.objections(account, make_order())

    assert words in objection


def test_hostile_text_goes_out_as_json_text(shop, client, make_order):
    shop.post(ORDERS_URL, json={"number": "1"})
    nasty = '"}],"items":[{"code":"X\n\u2028\x00<!--'

    place(client, make_order({"item_number": nasty}, note=nasty))

    body = json.loads(sent_to(shop)[0].body)
    assert body["items"] == [{"code": nasty, "quantity": 6}]
    assert body["note"] == f"PO-2031-000042\n{nasty}"

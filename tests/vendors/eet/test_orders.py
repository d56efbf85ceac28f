import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import requests

from tests.vendors.servers import hang_up, reply, serving
from vendors import eet as eet_module
from vendors.contracts import Capability
from vendors.eet import orders
from vendors.errors import Kind, NotSent, OutcomeUnknown, Refused, VendorError

PAYLOADS = Path(__file__).parent / "payloads"
URL = "https://eet.test/order"


def failing(client, order) -> VendorError:
    with pytest.raises(VendorError) as caught:
        orders.place_order(client, order)
    return caught.value


# --- the wire -----------------------------------------------------------------


def test_flag_of_a_test_order_is_in_address_and_body(eet, client, order):
    eet.post(URL, body=(PAYLOADS / "order_accepted.json").read_bytes())

    accepted = orders.place_order(client, order)

    request = eet.calls[1].request
    assert request.url == "https://eet.test/order?isTest=true"
    assert request.body == (
        b'{"CustomerOrderNo": "PO-2031-00042", "IsTest": true, '
        b'"Items": [{"ItemId": "KAB20417", "Quantity": 3}]}'
    )
    assert request.headers["Authorization"] == "Bearer token-1"
    assert accepted.number == "4500123"
    assert accepted.note == ""


def test_a_real_order_says_so_in_the_address_alone(eet, open_client, order):
    eet.post(URL, json={})

    orders.place_order(open_client(is_test=False), replace(order, is_test=False))

    request = eet.calls[1].request
    assert request.url == "https://eet.test/order?isTest=false"
    assert "IsTest" not in json.loads(request.body)


def test_address_note_and_wished_day_are_sent(eet, client, order, address):
    eet.post(URL, json={})
    wishes = {"note": "Ring the bell.", "requested_date": date(2031, 4, 9)}

    orders.place_order(client, replace(order, delivery_address=address, **wishes))

    body = json.loads(eet.calls[1].request.body)
    assert body["DeliveryAddress"] == {
        "Name": "Verkstad Nord",
        "Street": "Provgatan 4 B",
        "ZipCode": "90320",
        "City": "Umeå",
        "CountryCode": "SE",
    }
    assert body["Comment"] == "Ring the bell.\nRequested delivery: 2031-04-09"


def test_names_are_overridden_for_one_supplier(eet, open_client, order):
    mapping = {"order.reference": "YourReference", "line.quantity": "Qty"}
    eet.post(URL, json={})

    orders.place_order(open_client(mapping=mapping), order)

    assert json.loads(eet.calls[1].request.body) == {
        "YourReference": "PO-2031-00042",
        "IsTest": True,
        "Items": [{"ItemId": "KAB20417", "Qty": 3}],
    }


# --- the answer ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "number"),
    [
        ({"OrderNumber": "4500123"}, "4500123"),
        ({"orderno": 4500123}, "4500123"),
        ({"SALESID": "SO-1"}, "SO-1"),
        ({"Order": {"SalesOrderNumber": "SO-2"}}, "SO-2"),
        ({"Orders": [{"OrderId": 5}]}, "5"),
        ([{"OrderNumber": "4500123"}], "4500123"),
        ("4500123", "4500123"),
        (4500123, "4500123"),
        (["SO-9"], "SO-9"),
        ([{"OrderNumber": "1"}, {"OrderNumber": "2"}], None),
        ({}, None),
        ([], None),
        (None, None),
        (True, None),
        (0, None),
        ("Thank you for order 5", None),
        ({"OrderNumber": None}, None),
        ({"OrderNumber": "", "OrderId": 0}, None),
        ({"A": {"B": {"OrderNumber": "too deep"}}}, None),
        ({"Success": True, "Errors": []}, None),
    ],
)
def test_a_success_is_accepted_with_or_without_a_number(
    eet, client, order, answer, number
):
    eet.post(URL, body=json.dumps(answer), content_type="text/plain")

    accepted = orders.place_order(client, order)

    assert accepted.number == number
    assert accepted.raw == answer


def test_an_empty_success_is_accepted_without_a_number(eet, client, order):
    eet.post(URL, body="", headers={"Content-Length": "0"})

    assert orders.place_order(client, order).number is None


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        ({"Errors": ["No stock"]}, "No stock"),
        ({"Items": [{"ItemId": "A", "ErrorMessage": "Blocked"}]}, "Blocked"),
        ([{"Error": {"Text": "Blocked", "Code": 7}}], "Blocked, 7"),
        ({"Success": False}, "success: false"),
    ],
)
def test_a_success_with_a_complaint_and_no_number_is_unknown(
    eet, client, order, answer, complaint
):
    eet.post(URL, json=answer)

    error = failing(client, order)

    assert (type(error), error.kind) == (OutcomeUnknown, Kind.UNREADABLE)
    assert error.vendor_text == complaint


def test_a_complaint_beside_a_number_is_noted(eet, client, order):
    eet.post(URL, json={"OrderNumber": "4500123", "Errors": ["Line 2 is late"]})

    accepted = orders.place_order(client, order)

    assert (accepted.number, accepted.note) == ("4500123", "Line 2 is late")


def test_a_refusal_carries_the_vendors_words(eet, client, order):
    eet.post(URL, status=400, body=(PAYLOADS / "problem.json").read_bytes())

    error = failing(client, order)

    assert (type(error), error.kind, error.status) == (Refused, Kind.DATA, 400)
    assert error.vendor_text == (
        "One or more validation errors occurred.; "
        "Items[0].ItemId: The item is not for sale."
    )
    assert error.text == "EET Denmark: the vendor refused what was sent (HTTP 400)."


@pytest.mark.parametrize(
    ("answer", "error_type", "kind"),
    [
        ({"status": 403}, Refused, Kind.CREDENTIALS),
        ({"status": 404}, Refused, Kind.NOT_FOUND),
        ({"status": 413}, Refused, Kind.DATA),
        ({"status": 415}, Refused, Kind.DATA),
        ({"status": 422}, Refused, Kind.DATA),
        ({"status": 408}, OutcomeUnknown, Kind.TIMEOUT),
        ({"status": 409}, OutcomeUnknown, Kind.SERVER),
        ({"status": 429}, NotSent, Kind.THROTTLED),
        ({"status": 500}, OutcomeUnknown, Kind.SERVER),
        ({"status": 503, "body": "<html>"}, OutcomeUnknown, Kind.SERVER),
        ({"status": 302}, OutcomeUnknown, Kind.UNREADABLE),
        ({"body": "<html>Welcome</html>"}, OutcomeUnknown, Kind.UNREADABLE),
        ({"body": '{"OrderNumber": "45'}, OutcomeUnknown, Kind.UNREADABLE),
        ({"body": requests.ReadTimeout()}, OutcomeUnknown, Kind.TIMEOUT),
        ({"body": requests.ConnectionError()}, OutcomeUnknown, Kind.CUT),
        ({"body": requests.ConnectTimeout()}, NotSent, Kind.CONNECTION),
    ],
)
def test_each_trouble_is_one_of_the_three_errors(
    eet, client, order, answer, error_type, kind
):
    eet.post(URL, **answer)

    error = failing(client, order)

    assert (type(error), error.kind) == (error_type, kind)
    assert client.has_written
    assert len(eet.calls) == 2


def test_a_token_refused_for_an_order_is_renewed_once(eet, client, order):
    eet.post(URL, status=401)
    eet.post(URL, json={"OrderNumber": "4500123"})

    assert orders.place_order(client, order).number == "4500123"
    assert [call.request.path_url for call in eet.calls] == [
        "/login",
        "/order?isTest=true",
        "/login",
        "/order?isTest=true",
    ]


def test_a_token_refused_twice_for_an_order_is_not_sent(eet, client, order):
    eet.post(URL, status=401)

    error = failing(client, order)

    assert (type(error), error.kind) == (NotSent, Kind.CREDENTIALS)
    assert len(eet.calls) == 4


def test_a_failed_login_means_that_no_order_was_sent(responses_on, client, order):
    responses_on.post("https://eet.test/login", body=requests.ReadTimeout())

    error = failing(client, order)

    assert (type(error), error.kind) == (NotSent, Kind.TIMEOUT)
    assert not client.has_written


@pytest.mark.parametrize("is_placed_before_the_cut", [True, False])
def test_a_connection_cut_after_the_order_left_is_unknown(
    open_client, order, is_placed_before_the_cut
):
    def cut(connection):
        if is_placed_before_the_cut:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n{")
        hang_up(connection)

    with serving(reply(b'{"Token": "token-1"}'), cut) as server:
        client = open_client(base_url=server.url, allow_insecure_loopback=True)
        error = failing(client, order)

    assert (type(error), error.kind) == (OutcomeUnknown, Kind.CUT)
    assert len(server.requests) == 2
    assert server.requests[1].endswith(
        b'\r\n\r\n{"CustomerOrderNo": "PO-2031-00042", "IsTest": true, '
        b'"Items": [{"ItemId": "KAB20417", "Quantity": 3}]}'
    )


# --- objections ---------------------------------------------------------------


def test_a_good_order_meets_no_objection(eet_account, order):
    assert orders.objections(eet_account, order) == ()


def test_no_order_leaves_before_the_test_flag_was_read_off(
    responses_on, open_client, order
):
    client = open_client(options={})

    error = failing(client, order)

    assert (type(error), error.kind) == (Refused, Kind.GUARD)
    assert "Swagger page" in error.text
    assert len(responses_on.calls) == 0
    assert not client.has_written


def test_on_this_machine_nothing_need_be_confirmed(eet_account, order):
    account = replace(eet_account, base_url="http://127.0.0.1:8000/eet", options={})

    assert orders.objections(account, order) == ()


@pytest.mark.parametrize(
    ("members", "word"),
    [
        ({"is_test": False}, "test mode"),
        ({"reference": ""}, "20 letters"),
        ({"reference": "PO-2031-000042-TOO-LONG"}, "20 letters"),
        ({"reference": "PO 2031"}, "20 letters"),
        ({"currency": "SEK"}, "DKK"),
        ({"lines": ()}, "no lines"),
    ],
)
def test_what_stands_against_an_order_is_said(eet_account, order, members, word):
    [objection] = orders.objections(eet_account, replace(order, **members))

    assert word in objection


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ({"item_number": " "}, "no item number"),
        ({"quantity": Decimal("1.5")}, "whole pieces"),
        ({"quantity": Decimal(0)}, "whole pieces"),
        ({"quantity": Decimal(-1)}, "whole pieces"),
    ],
)
def test_what_stands_against_a_line_is_said(eet_account, make_order, order, line, word):
    bad = make_order(line, reference=order.reference, currency="DKK")

    [objection] = orders.objections(eet_account, bad)

    assert word in objection


def test_a_test_order_may_go_to_a_live_account(eet_account, order):
    assert orders.objections(replace(eet_account, is_test=False), order) == ()


def test_an_impossible_option_is_an_objection(eet_account, order):
    account = replace(eet_account, options={"order_contract_confirmed": "perhaps"})

    [objection] = orders.objections(account, order)

    assert "Order call confirmed" in objection


# --- what EET does not offer --------------------------------------------------


@pytest.mark.parametrize(
    "capability",
    sorted(
        set(Capability)
        - {"check_connection", "fetch_offers", "place_order", "read_price_file"}
    ),
)
def test_what_the_api_lacks_is_said_with_a_reason(capability):
    assert eet_module.VENDOR.why_not(capability).endswith(".")

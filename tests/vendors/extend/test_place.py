import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import requests

from tests.vendors.servers import hang_up, serving
from vendors import extend as extend_module
from vendors.contracts import Capability, Fulfilment
from vendors.errors import Kind, NotSent, OutcomeUnknown, Refused, VendorError
from vendors.extend import orders

PAYLOADS = Path(__file__).parent / "payloads"
URL = "https://extend.test/RESTAPI/v1_0/NORDLAGER/CustomerOrders"

SMALLEST = (
    b'{"orderHeader": {"orderType": "Normal", '
    b'"orderNumberExternal": "PO-2031-000042", "customerNumber": "K-20417", '
    b'"external": {"externalId": "PO-2031-000042"}}, '
    b'"orderRows": [{"position": 10, "product": {"productNumber": "SKU-4410"}, '
    b'"salesData": {"quantity": 6, "unit": "ST", "unitPrice": 41.50, '
    b'"currency": "SEK", "vatPercent": 25}, '
    b'"externalRow": {"externalRowId": "1", "externalPosition": 1}, '
    b'"warehouse": "WH-SYD"}]}'
)


def failing(client, order) -> VendorError:
    with pytest.raises(VendorError) as caught:
        orders.place_order(client, order)
    return caught.value


# --- the wire -----------------------------------------------------------------


def test_an_order_goes_out_at_the_approved_price(responses_on, client, make_order):
    responses_on.post(URL, body=(PAYLOADS / "order_incoming.json").read_bytes())

    accepted = orders.place_order(client, make_order())

    request = responses_on.calls[0].request
    assert request.body == SMALLEST
    assert request.headers["ExtendBasicAuthorization"] == "Basic YXBpLXVzZXI6c2VjcmV0"
    assert accepted.number == "SO-70012"
    assert accepted.order.fulfilment is Fulfilment.CONFIRMED
    assert accepted.order.lines[0].unit_price == Decimal("41.50")


def test_everything_that_is_wished_for_is_sent(
    responses_on, open_client, make_order, address
):
    responses_on.post(URL, body=(PAYLOADS / "order_incoming.json").read_bytes())
    client = open_client(
        order_type="Express", partial_delivery="no", warehouse="", unit="STK"
    )
    order = make_order(
        {"position": 1},
        {
            "position": 2,
            "item_number": "0099",
            "quantity": Decimal("2.5"),
            "unit_price": Decimal("0.1"),
            "unit": "",
            "vat_percent": None,
        },
        delivery_address=address,
        requested_date=date(2031, 1, 9),
        note="Ring the bell.",
    )

    orders.place_order(client, order)

    body = json.loads(responses_on.calls[0].request.body, parse_float=str)
    assert body["orderHeader"] == {
        "orderType": "Express",
        "orderNumberExternal": "PO-2031-000042",
        "customerNumber": "K-20417",
        "askedDeliveryDate": "2031-01-09T00:00:00+01:00",
        "partialDelivery": False,
        "deliveryAddress": {
            "name1": "Verkstad Nord",
            "address1": "Provgatan 4",
            "address2": "B",
            "postalCode": "90320",
            "city": "Umeå",
            "countryCode": "SE",
        },
        "notations": {"notes": "Ring the bell."},
        "external": {"externalId": "PO-2031-000042"},
    }
    assert body["orderRows"][1] == {
        "position": 20,
        "product": {"productNumber": "0099"},
        "salesData": {
            "quantity": "2.5",
            "unit": "STK",
            "unitPrice": "0.1",
            "currency": "SEK",
        },
        "externalRow": {"externalRowId": "2", "externalPosition": 2},
    }


@pytest.mark.parametrize(("option", "sent"), [("yes", True), ("no", False)])
def test_delivery_in_parts_is_said_if_it_is_set(
    responses_on, open_client, make_order, option, sent
):
    responses_on.post(URL, body=(PAYLOADS / "order_incoming.json").read_bytes())

    orders.place_order(open_client(partial_delivery=option), make_order())

    body = json.loads(responses_on.calls[0].request.body)
    assert body["orderHeader"]["partialDelivery"] is sent


# --- the answer ---------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        {"orderHeader": {"orderNumber": "00070012"}, "orderRows": None},
        {"OrderHeader": {"OrderNumber": "00070012", "New": {"x": 1}}},
        [{"orderHeader": {"orderNumber": "00070012", "orderStatus": "Processing"}}],
    ],
)
def test_an_answer_is_read_with_tolerance(responses_on, client, make_order, answer):
    responses_on.post(URL, json=answer)

    assert orders.place_order(client, make_order()).number == "00070012"


@pytest.mark.parametrize(
    ("answer", "error_type", "kind"),
    [
        ({"status": 400, "json": {"Message": "No product"}}, Refused, Kind.DATA),
        (
            {
                "status": 400,
                "json": {
                    "Message": "Transaction (Process ID 61) was deadlocked. Rerun "
                    "the transaction."
                },
            },
            OutcomeUnknown,
            Kind.SERVER,
        ),
        (
            {"status": 400, "json": {"Message": "Execution Timeout Expired."}},
            OutcomeUnknown,
            Kind.SERVER,
        ),
        ({"status": 401}, NotSent, Kind.CREDENTIALS),
        ({"status": 403}, NotSent, Kind.CREDENTIALS),
        ({"status": 404}, Refused, Kind.NOT_FOUND),
        ({"status": 409}, OutcomeUnknown, Kind.SERVER),
        ({"status": 429}, NotSent, Kind.THROTTLED),
        ({"status": 500}, OutcomeUnknown, Kind.SERVER),
        ({"body": "<html></html>"}, OutcomeUnknown, Kind.UNREADABLE),
        ({"body": ""}, OutcomeUnknown, Kind.UNREADABLE),
        ({"body": "{}"}, OutcomeUnknown, Kind.UNREADABLE),
        ({"body": '{"orderHeader": {}}'}, OutcomeUnknown, Kind.UNREADABLE),
        ({"body": requests.ReadTimeout()}, OutcomeUnknown, Kind.TIMEOUT),
        ({"body": requests.ConnectTimeout()}, NotSent, Kind.CONNECTION),
    ],
)
def test_each_trouble_is_one_of_the_three_errors(
    responses_on, client, make_order, answer, error_type, kind
):
    responses_on.post(URL, **answer)

    error = failing(client, make_order())

    assert (type(error), error.kind) == (error_type, kind)
    assert len(responses_on.calls) == 1


def test_the_wait_after_too_many_calls_follows_the_reset_header(
    responses_on, client, make_order, time_machine
):
    time_machine.move_to(1932883200, tick=False)
    responses_on.post(
        URL,
        status=429,
        headers={"x-ratelimit-limit": "300", "x-ratelimit-reset": "1932883220"},
    )

    error = failing(client, make_order())

    assert error.retry_after == 21
    assert client.limits.limit == 300


def test_a_connection_cut_after_the_order_left_is_unknown(open_client, make_order):
    with serving(hang_up) as server:
        error = failing(open_client(base_url=server.url), make_order())

    assert (type(error), error.kind) == (OutcomeUnknown, Kind.CUT)
    assert server.requests[0].startswith(
        b"POST /v1_0/NORDLAGER/CustomerOrders HTTP/1.1"
    )
    assert server.requests[0].endswith(SMALLEST)


# --- objections ---------------------------------------------------------------


def test_a_good_order_meets_no_objection(extend_account, make_order, address):
    order = make_order(delivery_address=address)

    assert orders.objections(extend_account, order) == ()


def test_what_stands_against_an_order_stops_it_before_any_call(
    responses_on, open_client, make_order
):
    client = open_client(read_only=True)

    error = failing(client, make_order())

    assert (type(error), error.kind) == (Refused, Kind.GUARD)
    assert error.text == orders.READ_ONLY
    assert not client.has_written


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"client": ""}, "Client"),
        ({"customer_number": None}, "Customer number"),
        ({"unit": ""}, "no unit"),
        ({"order_type": "Odd"}, "Order type"),
        ({"read_only": True}, "read only"),
    ],
)
def test_what_stands_against_a_supplier_is_said(
    extend_account, make_order, options, word
):
    account = replace(extend_account, options={**extend_account.options, **options})

    [objection] = orders.objections(account, make_order({"unit": ""}))

    assert word in objection


@pytest.mark.parametrize(
    ("members", "word"),
    [
        ({"is_test": False}, "test mode"),
        ({"reference": "po-1"}, "capital letters"),
        ({"reference": "X" * 51}, "capital letters"),
        ({"lines": ()}, "no lines"),
    ],
)
def test_what_stands_against_an_order_is_said(
    extend_account, make_order, members, word
):
    [objection] = orders.objections(extend_account, make_order(**members))

    assert word in objection


def test_a_test_order_on_a_live_account_would_be_a_purchase(extend_account, make_order):
    live = replace(extend_account, is_test=False)

    [objection] = orders.objections(live, make_order())

    assert "no test flag" in objection
    assert orders.objections(live, make_order(is_test=False)) == ()


@pytest.mark.parametrize(
    ("lines", "word"),
    [
        ([{"item_number": ""}], "no item number"),
        ([{"quantity": Decimal(0)}], "above nothing"),
        ([{"position": 0}], "positions"),
        ([{"position": 1}, {"position": 1}], "positions"),
    ],
)
def test_what_stands_against_lines_is_said(extend_account, make_order, lines, word):
    [objection] = orders.objections(extend_account, make_order(*lines))

    assert word in objection


@pytest.mark.parametrize(
    ("members", "word"),
    [
        ({"name": ""}, "a name"),
        ({"city": ""}, "a city"),
        ({"street": "", "street_number": ""}, "a street"),
        ({"country_code": "SWE"}, "two letters"),
    ],
)
def test_what_stands_against_an_address_is_said(
    extend_account, make_order, address, members, word
):
    order = make_order(delivery_address=replace(address, **members))

    [objection] = orders.objections(extend_account, order)

    assert word in objection


NOT_OFFERED = {"read_price_file", "create_shop", "update_shop", "customer_login"}


@pytest.mark.parametrize("capability", Capability)
def test_what_is_not_offered_is_said_with_a_reason(capability):
    reason = extend_module.VENDOR.why_not(capability)

    assert reason.endswith(".") is (capability in NOT_OFFERED)

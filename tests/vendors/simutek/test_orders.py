import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
import requests

from tests.vendors.servers import hang_up, reply, serving
from tests.vendors.simutek.conftest import API
from vendors import simutek
from vendors.contracts import Address, Capability, NotOffered
from vendors.errors import Kind, NotSent, OutcomeUnknown, Refused, VendorError
from vendors.simutek import orders

URL = f"{API}/salesorders"
SMALLEST = (
    b'{"customerNumber": "K200731", "orderTitle": "PO-2031-0457", '
    b'"purchaseOrderNumber": "PO-2031-0457", "languageCode": "en", '
    b'"currencyCode": "SEK", "salesOrderlines": [{"articleNumber": "BRO-A5-16", '
    b'"description": "Brochure A5, 16 pages", "quantity": 500, "salesUnit": "st", '
    b'"unitPrice": 3.25, "vatPercent": 25, "shipOrderline": true}]}'
)
CONTACTS = {
    "billing_first_name": "Ines",
    "billing_last_name": "Holm",
    "billing_email": "ines.holm@acme.example",
    "billing_phone": "+46 8 000 00 00",
    "billing_e_invoice_code": "KST-4711-B",
    "delivery_contact_name": "Per Lind",
    "delivery_contact_phone": "+46 70 000 00 00",
    "delivery_contact_email": "per.lind@acme.example",
}
HEAD = (
    '{"customerNumber": "K200731", "billingContact": {"firstName": "Ines", '
    '"lastName": "Holm", "email": "ines.holm@acme.example", '
    '"phone": "+46 8 000 00 00", "eInvoiceCode": "KST-4711-B"}, '
)
MIDDLE = (
    '"orderTitle": "PO-2031-0457 brochures", '
    '"promisedDeliveryDate": "2031-05-12T00:00:00Z", '
    '"purchaseOrderNumber": "PO-2031-0457", "languageCode": "sv", '
    '"currencyCode": "SEK", "noteFromCustomer": "Deliver to gate 3", '
    '"salesOrderlines": ['
)
LINE_1 = (
    '"articleNumber": "BRO-A5-16", "description": "Brochure A5, 16 pages", '
    '"quantity": 500, "salesUnit": "st", "unitPrice": 3.25, "vatPercent": 25, '
    '"shipOrderline": true'
)
LINE_2 = (
    '"articleNumber": "VIS-KORT", "quantity": 2.5, "unitPrice": 100, '
    '"shipOrderline": true'
)
SHIP_TO = (
    '{"recipientName": "Verkstad Nord", "address": {"address1": "Provgatan 4", '
    '"address2": "B", "city": "Umeå", "zipCode": "90320", "countryCode": "SE"}, '
    '"contactName": "Per Lind", "contactMobilePhone": "+46 70 000 00 00", '
    '"contactEmail": "per.lind@acme.example"}'
)


def failing(client, order) -> VendorError:
    with pytest.raises(VendorError) as caught:
        orders.place_order(client, order)
    return caught.value


@pytest.fixture
def whole_order(order, address):
    """An order with everything that can be wished for."""
    second = replace(
        order.lines[0],
        position=2,
        item_number="VIS-KORT",
        description="",
        quantity=Decimal("2.500"),
        unit="",
        unit_price=Decimal("100.0000"),
        vat_percent=None,
    )
    return replace(
        order,
        lines=(order.lines[0], second),
        delivery_address=address,
        requested_date=date(2031, 5, 12),
        note="Deliver to gate 3",
    )


# --- the wire -----------------------------------------------------------------


def test_the_smallest_order_has_only_what_we_mean(gks, client, order):
    gks.post(URL, json={"orderNumber": 48213})

    accepted = orders.place_order(client, order)

    request = gks.calls[1].request
    assert (request.method, request.url) == ("POST", URL)
    assert request.body == SMALLEST
    assert request.headers["Authorization"] == "Bearer eyJ-token-1"
    assert request.headers["Content-Type"] == "application/json"
    assert accepted.number == "48213"
    assert accepted.raw == {"orderNumber": 48213}


def test_an_order_with_the_address_at_each_line(gks, open_client, whole_order):
    gks.post(URL, json={"orderNumber": 48213})
    client = open_client(language_code="sv", order_title_suffix="brochures", **CONTACTS)

    orders.place_order(client, whole_order)

    assert (
        gks.calls[1].request.body
        == (
            HEAD
            + MIDDLE
            + "{"
            + LINE_1
            + ', "allotments": [{"qtyToShip": 500, "shipTo": '
            + SHIP_TO
            + "}]}, {"
            + LINE_2
            + ', "allotments": [{"qtyToShip": 2.5, "shipTo": '
            + SHIP_TO
            + "}]}]}"
        ).encode()
    )


def test_an_order_with_the_address_once(gks, open_client, whole_order):
    gks.post(URL, json={"orderNumber": 48213})
    client = open_client(
        language_code="sv",
        order_title_suffix="brochures",
        delivery_in="order",
        **CONTACTS,
    )

    orders.place_order(client, whole_order)

    assert (
        gks.calls[1].request.body
        == (
            f'{HEAD}"shipTo": {SHIP_TO}, {MIDDLE}{{{LINE_1}}}, {{{LINE_2}}}]}}'
        ).encode()
    )


def test_without_contacts_a_delivery_has_name_and_address_alone(
    gks, open_client, order, address
):
    gks.post(URL, json={"orderNumber": 48213})
    bare = replace(address, entrance="", zip_code="", country_code="se")

    orders.place_order(
        open_client(delivery_in="order"), replace(order, delivery_address=bare)
    )

    body = json.loads(gks.calls[1].request.body)
    assert "billingContact" not in body
    assert body["shipTo"] == {
        "recipientName": "Verkstad Nord",
        "address": {"address1": "Provgatan 4", "city": "Umeå", "countryCode": "SE"},
    }


@pytest.mark.parametrize("language", ["sv", "no", "en"])
def test_the_language_is_one_of_three(gks, open_client, order, language):
    gks.post(URL, json={"orderNumber": 1})

    orders.place_order(open_client(language_code=language), order)

    assert json.loads(gks.calls[1].request.body)["languageCode"] == language


def test_hostile_text_stays_text(gks, client, order):
    gks.post(URL, json={"orderNumber": 1})
    text = 'Å"}], "unitPrice": 0, \\ \n\x00 </script> \u2028 😀 \'; DROP'
    line = replace(order.lines[0], description=text, item_number='A"1')

    orders.place_order(client, replace(order, lines=(line,), note=text))

    body = json.loads(gks.calls[1].request.body)
    assert body["noteFromCustomer"] == text
    assert len(body["salesOrderlines"]) == 1
    assert body["salesOrderlines"][0]["description"] == text
    assert body["salesOrderlines"][0]["articleNumber"] == 'A"1'
    assert body["salesOrderlines"][0]["unitPrice"] == 3.25


@pytest.mark.parametrize(
    ("price", "written"),
    [
        ("0", b'"unitPrice": 0,'),
        ("0.10", b'"unitPrice": 0.1,'),
        ("41.5000", b'"unitPrice": 41.5,'),
        ("1E+2", b'"unitPrice": 100,'),
        ("12345678901234.56", b'"unitPrice": 12345678901234.56,'),
    ],
)
def test_a_price_keeps_its_value_to_the_last_digit(gks, client, order, price, written):
    gks.post(URL, json={"orderNumber": 1})
    line = replace(order.lines[0], unit_price=Decimal(price))

    orders.place_order(client, replace(order, lines=(line,)))

    assert written in gks.calls[1].request.body


# --- the answer ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "error_type", "kind"),
    [
        ({"status": 400, "body": "No"}, Refused, Kind.DATA),
        ({"status": 403}, NotSent, Kind.CREDENTIALS),
        ({"status": 404}, Refused, Kind.NOT_FOUND),
        ({"status": 408}, OutcomeUnknown, Kind.TIMEOUT),
        ({"status": 409}, OutcomeUnknown, Kind.SERVER),
        ({"status": 429}, NotSent, Kind.THROTTLED),
        ({"status": 500}, OutcomeUnknown, Kind.SERVER),
        ({"status": 503}, OutcomeUnknown, Kind.SERVER),
        ({"status": 204}, OutcomeUnknown, Kind.UNREADABLE),
        (
            {"status": 302, "headers": {"Location": "/"}},
            OutcomeUnknown,
            Kind.UNREADABLE,
        ),
        ({"body": requests.ReadTimeout()}, OutcomeUnknown, Kind.TIMEOUT),
        ({"body": requests.ConnectTimeout()}, NotSent, Kind.CONNECTION),
    ],
)
def test_each_trouble_is_one_of_the_three_errors(
    gks, client, order, answer, error_type, kind
):
    gks.post(URL, **answer)

    error = failing(client, order)

    assert (type(error), error.kind) == (error_type, kind)
    assert len(gks.calls) == 2


def test_404_is_about_the_customer_number_and_says_so(gks, client, order):
    gks.post(URL, status=404, json={"title": "Not Found", "status": 404})

    error = failing(client, order)

    assert error.text == (
        "Tryck & Form: there is no customer 'K200731', so nothing was ordered. The "
        "option “Customer number” is wrong, and not the address (HTTP 404)."
    )
    assert error.vendor_text == "Not Found"


def test_a_refusal_tells_what_is_wrong_with_which_field(gks, client, order):
    problem = {
        "type": "https://tools.ietf.org/html/rfc9110#section-15.5.1",
        "title": "One or more validation errors occurred.",
        "status": 400,
        "errors": {"salesOrderlines[0].quantity": ["Must be above 0."]},
        "traceId": "00-1",
    }
    gks.post(URL, status=400, json=problem, content_type="application/problem+json")

    error = failing(client, order)

    assert error.vendor_text == (
        "One or more validation errors occurred.; "
        "salesOrderlines[0].quantity: Must be above 0."
    )


def test_a_connection_cut_after_the_order_left_is_unknown(open_client, order):
    token = reply(b'{"access_token": "eyJ-token-1", "expires_in": 3600}')
    with serving(token, hang_up) as server:
        local = {
            "base_url": server.url,
            "auth_url": server.url,
            "allow_insecure_loopback": True,
        }
        error = failing(open_client(local), order)

    assert (type(error), error.kind) == (OutcomeUnknown, Kind.CUT)
    assert server.requests[1].startswith(b"POST /api/v1/salesorders HTTP/1.1")
    assert server.requests[1].endswith(SMALLEST)


# --- objections ---------------------------------------------------------------


def test_a_good_order_meets_no_objection(account, whole_order):
    assert orders.objections(account, whole_order) == ()


def test_what_stands_against_an_order_stops_it_before_any_call(
    responses_on, open_client, order
):
    client = open_client(test_orders_agreed=False)

    error = failing(client, order)

    assert (type(error), error.kind) == (Refused, Kind.GUARD)
    assert error.text.startswith("GKS has no test mode: a test order is a real one.")
    assert len(responses_on.calls) == 0
    assert not client.has_written


@pytest.mark.parametrize("base_url", ["http://127.0.0.1:8004", "http://localhost/x"])
def test_tests_on_this_machine_need_no_agreement(account, order, base_url):
    local = replace(
        account,
        base_url=base_url,
        allow_insecure_loopback=True,
        options={"customer_number": "K200731"},
    )

    assert orders.objections(local, order) == ()


def test_a_live_supplier_needs_no_agreement_on_tests(account, order):
    live = replace(account, is_test=False, options={"customer_number": "K200731"})

    assert orders.objections(live, replace(order, is_test=False)) == ()


def test_a_test_order_on_a_live_account_would_be_a_purchase(account, order):
    [objection] = orders.objections(replace(account, is_test=False), order)

    assert "no test flag" in objection


def test_a_real_order_does_not_go_to_a_supplier_in_test_mode(account, order):
    [objection] = orders.objections(account, replace(order, is_test=False))

    assert "test mode" in objection


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"customer_number": ""}, "Customer number"),
        ({"language_code": "da"}, "Language of documents"),
        ({"delivery_in": "both"}, "Place of the delivery address"),
        ({"test_orders_agreed": "perhaps"}, "Test orders agreed"),
        ({"billing_phone": "08-000 00 00"}, "Buyer's phone"),
        ({"billing_phone": "0046 8 000"}, "Buyer's phone"),
        ({"billing_mobile_phone": "+4"}, "Buyer's mobile phone"),
        ({"delivery_contact_phone": "070 1"}, "Mobile phone at the delivery place"),
    ],
)
def test_what_stands_against_a_supplier_is_said(account, order, options, word):
    changed = replace(account, options={**account.options, **options})

    [objection] = orders.objections(changed, order)

    assert word in objection


@pytest.mark.parametrize(
    ("members", "word"),
    [
        ({"reference": " "}, "no number of ours"),
        ({"currency": ""}, "currency"),
        ({"currency": "sek"}, "currency"),
        ({"lines": ()}, "no lines"),
        ({"delivery_address": Address(name="Nord")}, "a street"),
    ],
)
def test_what_stands_against_an_order_is_said(account, order, members, word):
    found = orders.objections(account, replace(order, **members))

    assert word in found[0]


@pytest.mark.parametrize(
    ("members", "word"),
    [
        ({"item_number": " "}, "no item number"),
        ({"quantity": Decimal(0)}, "above nothing"),
        ({"quantity": Decimal(-1)}, "above nothing"),
        ({"unit_price": Decimal("-0.01")}, "below nothing"),
        ({"unit_price": Decimal("3.255")}, "3.255 has more than two decimals"),
        ({"unit_price": Decimal("0.001")}, "more than two decimals"),
        ({"description": "x" * 257}, "257 characters"),
    ],
)
def test_what_stands_against_a_line_is_said(account, order, members, word):
    line = replace(order.lines[0], **members)

    [objection] = orders.objections(account, replace(order, lines=(line,)))

    assert objection.startswith("Line 1: ")
    assert word in objection


def test_the_longest_description_and_the_finest_price_are_taken(account, order):
    line = replace(order.lines[0], description="å" * 256, unit_price=Decimal("3.2500"))

    assert orders.objections(account, replace(order, lines=(line,))) == ()


def test_two_lines_need_two_positions(account, order):
    twice = (order.lines[0], order.lines[0])

    [objection] = orders.objections(account, replace(order, lines=twice))

    assert "positions" in objection


@pytest.mark.parametrize("country", ["", "SWE", "46"])
def test_the_country_of_an_address_has_two_letters(account, order, address, country):
    odd = replace(address, country_code=country)

    [objection] = orders.objections(account, replace(order, delivery_address=odd))

    assert "two letters" in objection


# --- what there is ------------------------------------------------------------

OFFERED = {"check_connection", "customers", "place_order"}


@pytest.mark.parametrize("capability", Capability)
def test_what_is_not_offered_is_said_with_a_reason(capability):
    reason = simutek.VENDOR.why_not(capability)

    assert reason.endswith(".") is (capability not in OFFERED)


def test_who_looks_for_a_lost_order_is_told_what_to_quote():
    reason = simutek.VENDOR.why_not(Capability.FIND_ORDERS)

    assert "purchase order number" in reason
    assert "title" in reason
    assert "production" in reason


def test_customers_can_be_read_found_and_created_but_not_followed():
    found = simutek.VENDOR.customers

    assert isinstance(found.list_changed, NotOffered)
    assert not any(
        isinstance(offered, NotOffered)
        for offered in (found.read, found.find, found.create)
    )


def test_the_login_is_at_simutek_and_the_rest_at_the_supplier():
    [known] = simutek.VENDOR.known_addresses

    assert (known.auth_url, known.base_url) == ("https://id.simutek.se", "")
    assert "with the credentials" in known.note

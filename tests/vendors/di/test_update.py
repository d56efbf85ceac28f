import json
from dataclasses import replace

import pytest
import requests

from tests.vendors.di.conftest import LOGIN, SHOP, SHOPS
from tests.vendors.servers import hang_up, reply, serving
from vendors.di.shops import ALREADY_SO, update_shop
from vendors.errors import Kind, NotSent, Refused, VendorError

SHOP_JSON = (
    b'"organizationNumber": "918 273 645", "email": "lager@example.invalid", '
    b'"legalName": "Fjellbutikken AS", "vatLiable": true, '
    b'"webShopPlatform": "Egen", "contactPersonPhone": "90000001", '
    b'"address": {"street": "Storgata", "streetNumber": 12, "entrance": "B", '
    b'"zipCode": "0181", "city": "Oslo", "countryCode": "NO"}, '
    b'"externalCustomerIds": [{"freightProductId": 5, "customerNumber": 4100023}]}'
)
OBJECT = b'{"shop": {"id": 4711, ' + SHOP_JSON + b"}"
JSON_PATCH = (
    b'[{"op": "replace", "path": "/organizationNumber", "value": "918 273 645"}, '
    b'{"op": "replace", "path": "/email", "value": "lager@example.invalid"}, '
    b'{"op": "replace", "path": "/legalName", "value": "Fjellbutikken AS"}, '
    b'{"op": "replace", "path": "/vatLiable", "value": true}, '
    b'{"op": "replace", "path": "/webShopPlatform", "value": "Egen"}, '
    b'{"op": "replace", "path": "/contactPersonPhone", "value": "90000001"}, '
    b'{"op": "replace", "path": "/externalCustomerIds", "value": '
    b'[{"freightProductId": 5, "customerNumber": 4100023}]}, '
    b'{"op": "replace", "path": "/address/street", "value": "Storgata"}, '
    b'{"op": "replace", "path": "/address/streetNumber", "value": 12}, '
    b'{"op": "replace", "path": "/address/entrance", "value": "B"}, '
    b'{"op": "replace", "path": "/address/zipCode", "value": "0181"}, '
    b'{"op": "replace", "path": "/address/city", "value": "Oslo"}, '
    b'{"op": "replace", "path": "/address/countryCode", "value": "NO"}]'
)


def failing(client, shop) -> VendorError:
    with pytest.raises(VendorError) as caught:
        update_shop(client, shop)
    return caught.value


# --- the readings -------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "url", "body"),
    [
        ({}, SHOP, OBJECT),
        ({"update_path": "without_id"}, SHOPS, OBJECT),
        ({"update_body": "json_patch"}, SHOP, JSON_PATCH),
    ],
)
def test_an_update_sends_the_whole_shop_in_the_reading_set(
    di, open_client, known_shop, options, url, body
):
    di.patch(url, json={})

    accepted = update_shop(open_client(options), known_shop)

    request = di.calls[1].request
    assert (request.method, request.url) == ("PATCH", url)
    assert request.body == body
    assert request.headers["Content-Type"] == "application/json"
    assert (accepted.number, accepted.note) == ("4711", "")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("object", b'"vatLiable": false'),
        ("json_patch", b'"path": "/vatLiable", "value": false'),
    ],
)
def test_whether_it_pays_vat_is_sent_also_when_nobody_said(
    di, open_client, known_shop, body, told
):
    di.patch(SHOP, json={})

    update_shop(open_client({"update_body": body}), replace(known_shop, details={}))

    assert told in di.calls[1].request.body


def test_the_setup_goes_along_if_test_takes_it(di, open_client, known_shop):
    di.patch(SHOP, json={})

    update_shop(open_client({"update_sends_setup": True}), known_shop)

    assert di.calls[1].request.body == (
        b'{"ownerPartyKey": "nordlys-pakker", "addressCollector": true, '
        b'"transportSolutionIds": [4, 17], ' + OBJECT[1:]
    )


def test_an_update_needs_no_setup_of_its_own(di, open_client, known_shop):
    di.patch(SHOP, json={})
    setup = {"owner_party_key": "", "transport_solution_ids": ""}

    assert update_shop(open_client(setup), known_shop).number == "4711"


def test_empty_members_are_sent_if_test_shows_that_they_clear(
    di, open_client, known_shop
):
    di.patch(SHOP, json={})
    bare = replace(known_shop, phone="", details={})

    update_shop(open_client({"update_sends_empty": True}), bare)

    shop = json.loads(di.calls[1].request.body)["shop"]
    assert shop["contactPersonPhone"] == shop["ceo"] == shop["delivererEDI"] == ""
    assert shop["externalCustomerIds"] == []


def test_the_paths_of_a_patch_are_overridden_for_one_supplier(
    di, open_client, known_shop
):
    di.patch("https://shop.test/edit/4711", json={})
    mapping = {
        "path.update_with_id": "/edit/{shop_id}",
        "patch.path": "/shop/{member}",
    }

    update_shop(open_client({"update_body": "json_patch"}, mapping=mapping), known_shop)

    sent = json.loads(di.calls[1].request.body)
    assert sent[0]["path"] == "/shop/organizationNumber"
    assert sent[-1]["path"] == "/shop/address/countryCode"


# --- when it may be done ------------------------------------------------------


def test_no_shop_is_updated_live_before_the_call_was_confirmed(
    responses_on, open_client, known_shop
):
    error = failing(open_client(is_test=False), known_shop)

    assert (type(error), error.kind) == (Refused, Kind.GUARD)
    assert "tried on TEST" in error.text
    assert "tick “Update call confirmed”" in error.text
    assert len(responses_on.calls) == 0


def test_a_confirmed_update_goes_out_live(di, open_client, known_shop):
    di.patch(SHOP, json={})

    client = open_client({"update_confirmed": True}, is_test=False)

    assert update_shop(client, known_shop).number == "4711"


def test_a_shop_without_an_id_can_not_be_updated(responses_on, client, shop):
    error = failing(client, shop)

    assert (type(error), error.kind) == (Refused, Kind.GUARD)
    assert "no id at DI" in error.text
    assert len(responses_on.calls) == 0


# --- the answer ---------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 204},
        {"status": 200, "headers": {"Content-Length": "0"}},
        {"status": 201, "json": {"id": 4711}},
        {"status": 200, "body": "null"},
        {"status": 200, "json": {"shop": {"address": None}}},
    ],
)
def test_any_success_is_taken_with_or_without_a_body(di, client, known_shop, answer):
    di.patch(SHOP, **answer)

    accepted = update_shop(client, known_shop)

    assert (accepted.number, accepted.note) == ("4711", "")


@pytest.mark.parametrize("body", ["OK", "<html>Updated</html>", ""])
def test_a_success_nobody_can_read_is_taken_with_a_note(di, client, known_shop, body):
    di.patch(SHOP, body=body)

    accepted = update_shop(client, known_shop)

    assert accepted.number == "4711"
    assert accepted.note == (
        "DI's answer could not be read; its status says that it has worked."
    )


def test_nothing_to_change_is_no_failure(di, client, known_shop):
    di.patch(SHOP, status=400, json={"errorKey": "no.changes.in.patch"})

    accepted = update_shop(client, known_shop)

    assert (accepted.number, accepted.note) == ("4711", ALREADY_SO)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, {"errorKey": "No.Changes.In.Patch"}),
        (400, {"errorKey": "no.changes.in.patch "}),
        (400, {"errorKey": "x; no.changes.in.patch"}),
        (400, {"errorKey": "", "errorMap": {"x": "no.changes.in.patch"}}),
        (400, "no.changes.in.patch"),
        (422, {"errorKey": "no.changes.in.patch"}),
    ],
)
def test_only_the_exact_key_says_that_nothing_had_changed(
    di, client, known_shop, status, body
):
    di.patch(SHOP, status=status, json=body)

    error = failing(client, known_shop)

    assert (type(error), error.kind) == (Refused, Kind.DATA)


@pytest.mark.parametrize(
    ("answer", "error_type", "kind"),
    [
        ({"status": 400}, Refused, Kind.DATA),
        ({"status": 403}, Refused, Kind.NOT_ALLOWED),
        ({"status": 404}, Refused, Kind.NOT_FOUND),
        ({"status": 405}, Refused, Kind.CONFIGURATION),
        ({"status": 409}, Refused, Kind.DATA),
        ({"status": 422}, Refused, Kind.DATA),
        ({"status": 408}, NotSent, Kind.TIMEOUT),
        ({"status": 429}, NotSent, Kind.THROTTLED),
        ({"status": 500}, NotSent, Kind.SERVER),
        ({"status": 503}, NotSent, Kind.SERVER),
        ({"status": 302}, NotSent, Kind.CONFIGURATION),
        ({"body": requests.ReadTimeout()}, NotSent, Kind.TIMEOUT),
        ({"body": requests.ConnectionError()}, NotSent, Kind.CUT),
        ({"body": requests.ConnectTimeout()}, NotSent, Kind.CONNECTION),
    ],
)
@pytest.mark.parametrize("body", ["object", "json_patch"])
def test_an_update_is_refused_or_may_be_repeated(
    di, open_client, known_shop, body, answer, error_type, kind
):
    di.patch(SHOP, **answer)

    error = failing(open_client({"update_body": body}), known_shop)

    assert (type(error), error.kind) == (error_type, kind)
    assert len(di.calls) == 2


def test_an_update_that_may_be_repeated_says_why_and_when(di, client, known_shop):
    di.patch(SHOP, status=503, headers={"Retry-After": "30"})

    error = failing(client, known_shop)

    assert error.text.endswith(
        "The whole shop is sent each time, so it may be sent again."
    )
    assert error.retry_after == 30


def test_a_cut_within_a_good_answer_is_repeated(open_client, known_shop):
    def cut(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n{")
        hang_up(connection)

    with serving(reply(b'{"token": "token-1"}'), cut) as server:
        client = open_client(
            base_url=server.url, auth_url=server.url, allow_insecure_loopback=True
        )
        error = failing(client, known_shop)

    assert (type(error), error.kind) == (NotSent, Kind.CUT)
    assert server.requests[1].startswith(b"PATCH /ws/json/shop/v-1/4711 HTTP/1.1\r\n")


@pytest.mark.parametrize("status", [404, 405])
@pytest.mark.parametrize(
    "body", ["", "<html>Not here</html>", "{}", '{"errorKey": ""}', '{"errorKey":null}']
)
def test_no_reason_hints_at_a_wrong_path(di, client, known_shop, status, body):
    di.patch(SHOP, status=status, body=body)

    error = failing(client, known_shop)

    assert "the path is more likely wrong than the shop" in error.text
    assert "path.update_with_id" in error.text


@pytest.mark.parametrize(
    ("status", "words"),
    [(404, "Check the id of the shop"), (405, "The path setting of the supplier")],
)
def test_a_reason_hints_at_what_it_says(di, client, known_shop, status, words):
    di.patch(SHOP, status=status, json={"errorKey": "cannot.find.shop"})

    error = failing(client, known_shop)

    assert words in error.text
    assert "more likely" not in error.text
    assert error.vendor_text == "cannot.find.shop"


def test_a_refused_token_is_renewed_once_and_a_second_refusal_final(
    di, client, known_shop
):
    di.patch(SHOP, status=401)

    error = failing(client, known_shop)

    assert (type(error), error.kind) == (NotSent, Kind.CREDENTIALS)
    assert [call.request.url for call in di.calls] == [LOGIN, SHOP, LOGIN, SHOP]

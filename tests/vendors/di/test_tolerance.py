"""What DI's pages, or their silence, ask a client to forgive."""

from dataclasses import replace

import pytest
import requests

from tests.vendors.di.conftest import LOGIN, SHOP, SHOPS
from vendors.di import auth
from vendors.di.shops import create_shop, update_shop
from vendors.errors import Kind, NotSent, Refused, VendorError


def failing(client, shop) -> VendorError:
    with pytest.raises(VendorError) as caught:
        create_shop(client, shop)
    return caught.value


def test_new_members_in_answers_are_ignored(di, client, shop):
    body = {"id": 4711, "version": 3, "shop": {"flags": [1, {"id": 9}]}, "new": None}
    di.post(SHOPS, json=body)

    accepted = create_shop(client, shop)

    assert (accepted.number, accepted.note) == ("4711", "")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('{"errorKey": "brand.new.key", "errorMap": {}}', "brand.new.key"),
        ('{"errorKey": "", "errorMap": {"a": "b"}}', "a: b"),
        ('{"errorMap": {"a": ["b", 5]}}', "a: b, 5"),
        ('{"errorKey": null, "errorMap": {"a": "b"}}', "a: b"),
    ],
)
def test_an_error_key_may_be_unknown_empty_missing_or_null(
    di, client, shop, body, words
):
    di.post(SHOPS, status=400, body=body)

    error = failing(client, shop)

    assert (type(error), error.kind) == (Refused, Kind.DATA)
    assert error.vendor_text == words


@pytest.mark.parametrize(
    ("error_map", "words"),
    [
        ("", "k"),
        (', "errorMap": null', "k"),
        (', "errorMap": {}', "k"),
        (', "errorMap": {"a": {"b": {"c": "d"}}}', "k; a.b.c: d"),
        (', "errorMap": {"a": {"b": {"c": {"e": "d"}}}}', "k; a.b.c: d"),
        (', "errorMap": ["a", {"b": "c"}]', "k; a, c"),
        (', "errorMap": "a"', "k; a"),
        (', "errorMap": {"a": null}', "k; a:"),
    ],
)
def test_an_error_map_may_be_missing_null_empty_nested_or_a_list(
    di, client, shop, error_map, words
):
    di.post(SHOPS, status=400, body=f'{{"errorKey": "k"{error_map}}}')

    assert failing(client, shop).vendor_text == words


def test_an_error_map_may_be_nested_beyond_all_reason(di, client, shop):
    body = '{"errorKey": "k", "errorMap": ' + '{"a": ' * 90 + '"b"' + "}" * 91
    di.post(SHOPS, status=400, body=body)

    assert failing(client, shop).vendor_text == "k; a.a.a: b"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("Something is wrong", "Something is wrong"),
        ("<html><body><h1>Bad</h1> request</body></html>", "Bad request"),
        ("", ""),
        ("{", "{"),
        (b"\xe5penbart feil", "åpenbart feil"),
    ],
)
def test_an_error_body_need_not_be_json(di, client, shop, body, words):
    di.post(SHOPS, status=400, body=body)

    error = failing(client, shop)

    assert (type(error), error.vendor_text) == (Refused, words)


def test_the_status_of_http_wins_over_the_one_in_the_body(di, client, shop):
    di.post(SHOPS, status=403, json={"statusCode": 500, "errorKey": "x"})

    error = failing(client, shop)

    assert (type(error), error.kind, error.status) == (Refused, Kind.NOT_ALLOWED, 403)


def test_a_success_whose_body_speaks_of_an_error_is_a_success(di, client, shop):
    body = {"statusCode": 400, "errorKey": "odd.key", "errorMap": {}}
    di.post(SHOPS, status=200, json=body)

    accepted = create_shop(client, shop)

    assert accepted.number is None
    assert accepted.note.startswith("Created, id unknown.")
    assert accepted.note.endswith("holds the error key odd.key.")


@pytest.mark.parametrize(
    "address",
    [
        {"zipCode": 181, "streetNumber": "12"},
        {"zipCode": "181", "streetNumber": 12},
        {"zipCode": "0181", "streetNumber": 12, "country": "Norge"},
        {"zipCode": None, "streetNumber": None, "city": None},
        {},
        None,
    ],
)
def test_numbers_may_come_as_text_and_codes_without_their_zero(
    di, client, known_shop, address
):
    di.patch(SHOP, json={"shop": {"id": "4711", "address": address}})

    accepted = update_shop(client, known_shop)

    assert (accepted.number, accepted.note) == ("4711", "")


def test_a_swedish_code_without_its_zero_is_the_same_code(di, client, known_shop):
    address = replace(known_shop.address, zip_code="01234", country_code="SE")
    di.patch(SHOP, json={"address": {"zipCode": 1234}})

    assert update_shop(client, replace(known_shop, address=address)).note == ""


def test_null_and_missing_mean_the_same(di, client, shop):
    body = {"id": None, "errorKey": None, "shop": {"id": 4711, "address": None}}
    di.post(SHOPS, json=body)

    accepted = create_shop(client, shop)

    assert (accepted.number, accepted.note) == ("4711", "")


@pytest.mark.parametrize("status", [200, 201, 204])
def test_success_may_be_200_201_or_204_without_a_body(di, client, known_shop, status):
    di.patch(SHOP, status=status, headers={"Content-Length": "0"})

    assert update_shop(client, known_shop).number == "4711"


def test_an_address_spelt_differently_is_told_and_no_failure(di, client, known_shop):
    di.patch(SHOP, json={"address": {"street": "STORGATEN", "city": "Oslo"}})

    accepted = update_shop(client, known_shop)

    assert accepted.number == "4711"
    assert accepted.note == "DI keeps the address in another form: street “STORGATEN”."


def test_hosts_are_settings_and_may_change(responses_on, open_client, shop):
    responses_on.post(
        "https://ny-login.di.test/x/ws/json/auth/v-3/login/720", json={"token": "t"}
    )
    responses_on.post("https://ny.di.test/ws/json/shop/v-1", json={"id": 1})
    client = open_client(
        base_url="https://ny.di.test", auth_url="https://ny-login.di.test/x/"
    )

    assert create_shop(client, shop).number == "1"


def test_a_host_that_is_gone_is_said_before_anything_is_sent(
    responses_on, client, shop
):
    responses_on.post(LOGIN, body=requests.exceptions.SSLError("bad certificate"))

    error = failing(client, shop)

    assert (type(error), error.kind) == (NotSent, Kind.CONNECTION)


def test_a_token_may_be_refused_before_its_time(di, client, known_shop):
    auth.obtain_token(client)
    di.patch(SHOP, status=401, body="")
    di.patch(SHOP, status=204)

    assert update_shop(client, known_shop).number == "4711"
    assert len(di.calls) == 4


def test_neither_password_nor_token_is_in_what_was_recorded(
    responses_on, client, shop, exchanges, caplog
):
    responses_on.post(LOGIN, json={"token": "token-0815"})
    responses_on.post(
        SHOPS, status=400, json={"errorKey": "pässord/4711+x", "x": "token-0815"}
    )

    error = failing(client, shop)

    said = f"{exchanges!r} {caplog.text} {error.text} {error.vendor_text}"
    assert "0815" not in said
    assert "4711" not in said
    assert error.vendor_text == "***"

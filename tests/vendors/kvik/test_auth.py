"""Tokens of a Kvik shop, and what its refusals mean."""

import gzip
import json
import threading
from datetime import UTC, datetime, timedelta

import pytest
import requests
import time_machine

from tests.vendors.kvik.payloads import ORDERS_URL, TOKEN_URL
from tests.vendors.servers import hang_up, reply, serving
from vendors.errors import Kind, NotSent, OutcomeUnknown, Refused, VendorError
from vendors.kvik import auth

NOW = datetime(2031, 4, 2, 8, 15, tzinfo=UTC)
TOKEN = {
    "_type": "AccessToken",
    "token_type": "Bearer",
    "expires_in": 3600,
    "access_token": "eyJ0.first.token",
}

# The three bodies are the vendor's own, to the letter.
INVALID_CLIENT = {
    "error": "invalid_client",
    "error_description": "Client authentication failed",
    "message": "Client authentication failed",
    "status": 401,
}
ACCESS_DENIED = {
    "error": "access_denied",
    "error_description": "The resource owner or authorization server denied the "
    "request.",
    "status": 400,
}
EXPIRED = {"error": "invalid_token", "error_description": "The access token expired"}


def failing(call, *args, **kwargs) -> VendorError:
    with pytest.raises(VendorError) as caught:
        call(*args, **kwargs)
    return caught.value


def ask(client):
    return client.ask("GET", "/api/customer/orders", purpose="test")


def act(client):
    return client.act("POST", "/api/customer/orders", purpose="test", json={"a": 1})


# --- the token call -----------------------------------------------------------


def test_the_token_is_asked_for_with_a_form_of_one_line(shop, client):
    auth.check_connection(client)

    request = shop.calls[0].request
    assert request.url == "https://shop.test/api/customer/oauth/access-token"
    assert request.body == (
        b"grant_type=client_credentials"
        b"&client_id=7d0a5b1c-40f2-4c1b-9a5e-2f6b7c8d9e10"
        b"&client_secret=c3e1+%26%3D%2B%2F%C3%A4"
        b"&scope=all"
    )
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert request.headers["Accept-Encoding"] == "gzip"
    assert "Authorization" not in request.headers


def test_every_call_asks_for_gzip_and_for_nothing_else(open_client):
    token = reply(json.dumps(TOKEN).encode())
    with serving(token, reply(b"[]"), reply(b"{}")) as server:
        client = open_client(
            account={"base_url": server.url, "allow_insecure_loopback": True}
        )
        ask(client)
        act(client)

    assert len(server.requests) == 3
    for request in server.requests:
        lines = request.split(b"\r\n\r\n")[0].split(b"\r\n")
        sent = [line for line in lines if line.lower().startswith(b"accept-encoding")]
        assert sent == [b"Accept-Encoding: gzip"]


def test_the_token_goes_out_as_bearer(shop, client):
    shop.get(ORDERS_URL, json=[])

    ask(client)

    sent = shop.calls[1].request.headers["Authorization"]
    assert sent == "Bearer eyJ0.first.token"


def test_plain_http_is_refused_before_anything_is_sent(responses_on, open_client):
    client = open_client(account={"base_url": "http://shop.test"})

    error = failing(auth.check_connection, client)

    assert (type(error), error.kind) == (NotSent, Kind.CONFIGURATION)
    assert len(responses_on.calls) == 0


@pytest.mark.parametrize(
    ("lifetime", "seconds"),
    [
        ({"expires_in": 3600}, 3540),
        ({"expires_in": "7200"}, 7140),
        ({"expires_in": 90}, 45),
        ({"expires_in": 10**15}, 86340),
        ({"expires_in": None}, 240),
        ({"expires_in": 0}, 240),
        ({"expires_in": "soon"}, 240),
    ],
)
def test_a_token_is_used_until_a_minute_before_its_end(lifetime, seconds):
    until = auth.usable_until(NOW, {**TOKEN, **lifetime}, "expires_in")

    assert until == NOW + timedelta(seconds=seconds)


def test_a_token_is_kept_and_renewed_before_it_ends(shop, client):
    shop.get(ORDERS_URL, json=[])
    with time_machine.travel(NOW, tick=False) as clock:
        ask(client)
        clock.shift(timedelta(seconds=3539))
        ask(client)
        assert [call.request.url for call in shop.calls].count(TOKEN_URL) == 1

        clock.shift(timedelta(seconds=1))
        ask(client)

    assert [call.request.url for call in shop.calls].count(TOKEN_URL) == 2


def test_one_token_serves_all_threads(shop, client):
    shop.get(ORDERS_URL, json=[])
    threads = [threading.Thread(target=ask, args=(client,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [call.request.url for call in shop.calls].count(TOKEN_URL) == 1


def test_another_shop_or_another_id_means_another_token(shop, client, open_client):
    other = open_client(
        account={"credentials": {"client_id": "x", "client_secret": "y"}}
    )
    other.tokens = client.tokens

    auth.obtain_token(client)
    auth.obtain_token(other)

    assert len(shop.calls) == 2


def test_neither_token_nor_secret_nor_form_is_recorded(shop, client, exchanges):
    shop.get(ORDERS_URL, json=[{"number": "1", "note": "eyJ0.first.token"}])

    ask(client)

    kept = "".join(map(str, exchanges))
    for secret in ("eyJ0.first.token", "c3e1", "7d0a5b1c"):
        assert secret not in kept
    assert "grant_type=client_credentials" in exchanges[0].request_body


def test_a_check_asks_for_a_new_token(shop, client):
    with time_machine.travel(NOW, tick=False) as clock:
        auth.obtain_token(client)
        clock.shift(timedelta(seconds=60))
        text = auth.check_connection(client)

    # The same token again would be a sign that the shop was never asked.
    assert len(shop.calls) == 2
    assert text == "Logged in; the token is used until 2031-04-02 09:15 UTC."


# --- failures of the token call -----------------------------------------------


def test_a_wrong_secret_is_told_at_once_and_never_tried_again(responses_on, client):
    responses_on.post(TOKEN_URL, status=401, json=INVALID_CLIENT)

    error = failing(act, client)

    assert (type(error), error.kind) == (NotSent, Kind.CREDENTIALS)
    assert "client id and secret" in error.text
    assert error.vendor_text == "Client authentication failed; invalid_client"
    assert len(responses_on.calls) == 1


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ({"status": 400, "json": {"error": "invalid_request"}}, Kind.CREDENTIALS),
        ({"status": 400, "json": {"error": "invalid_scope"}}, Kind.CREDENTIALS),
        ({"status": 400}, Kind.CREDENTIALS),
        ({"status": 401}, Kind.CREDENTIALS),
        ({"status": 403}, Kind.CREDENTIALS),
        ({"status": 404}, Kind.CONFIGURATION),
        ({"status": 404, "body": "<html>No such page</html>"}, Kind.CONFIGURATION),
        ({"status": 301, "headers": {"Location": "/x"}}, Kind.CONFIGURATION),
        ({"status": 429}, Kind.THROTTLED),
        ({"status": 503, "body": "<h1>Maintenance</h1>"}, Kind.SERVER),
        ({"status": 200, "body": "<h1>Maintenance</h1>"}, Kind.UNREADABLE),
        ({"status": 200, "json": {"_type": "AccessToken"}}, Kind.CREDENTIALS),
        ({"status": 200, "json": {"access_token": "two words"}}, Kind.CREDENTIALS),
        ({"body": requests.ConnectTimeout()}, Kind.CONNECTION),
    ],
)
def test_each_trouble_of_the_token_call_has_its_kind(
    responses_on, client, answer, kind
):
    responses_on.post(TOKEN_URL, **answer)

    error = failing(act, client)

    assert (type(error), error.kind) == (NotSent, kind)
    assert len(responses_on.calls) == 1


# --- failures of other calls --------------------------------------------------

UNUSABLE = [
    {"status": 401, "json": EXPIRED},
    {"status": 400, "json": ACCESS_DENIED},
    {"status": 400, "json": {"error": "access_denied"}},
    {"status": 401, "json": {**ACCESS_DENIED, "status": 500}},
    {"status": 401},
    {"status": 401, "body": "<h1>Unauthorized</h1>"},
]


@pytest.mark.parametrize("refusal", UNUSABLE)
def test_a_refused_token_is_renewed_and_the_call_made_once_more(
    responses_on, client, refusal
):
    responses_on.post(TOKEN_URL, json={**TOKEN, "access_token": "old-token"})
    responses_on.post(TOKEN_URL, json={**TOKEN, "access_token": "new-token"})
    responses_on.post(ORDERS_URL, **refusal)
    responses_on.post(ORDERS_URL, json={"number": "2410093"})

    assert act(client) == {"number": "2410093"}

    posts = [c.request for c in responses_on.calls if c.request.url == ORDERS_URL]
    assert [post.headers["Authorization"] for post in posts] == [
        "Bearer old-token",
        "Bearer new-token",
    ]
    assert posts[0].body == posts[1].body == b'{"a": 1}'


@pytest.mark.parametrize("refusal", UNUSABLE)
def test_a_token_refused_twice_is_a_trouble_of_the_account(shop, client, refusal):
    shop.post(ORDERS_URL, **refusal)

    error = failing(act, client)

    assert (type(error), error.kind) == (NotSent, Kind.CREDENTIALS)
    assert "merchant may have withdrawn access" in error.text
    assert [call.request.url for call in shop.calls].count(ORDERS_URL) == 2


@pytest.mark.parametrize(
    ("answer", "error_type", "kind"),
    [
        # One status, three meanings.
        (
            {"status": 400, "json": {"error": "invalid_data", "hint": "No item"}},
            Refused,
            Kind.DATA,
        ),
        (
            {"status": 400, "body": "Missing Accept-Encoding: gzip"},
            NotSent,
            Kind.CONFIGURATION,
        ),
        ({"status": 400}, Refused, Kind.DATA),
        ({"status": 400, "body": "<h1>Bad Request</h1>"}, Refused, Kind.DATA),
        ({"status": 400, "json": {"message": "Unknown code"}}, Refused, Kind.DATA),
        ({"status": 400, "json": ["access_denied"]}, Refused, Kind.DATA),
        ({"status": 422, "json": {"errors": {"code": ["?"]}}}, Refused, Kind.DATA),
        ({"status": 401, "json": INVALID_CLIENT}, NotSent, Kind.CREDENTIALS),
        ({"status": 403, "body": "<h1>Forbidden</h1>"}, NotSent, Kind.CREDENTIALS),
        ({"status": 404, "json": {"error": "not_found"}}, Refused, Kind.NOT_FOUND),
        ({"status": 404}, Refused, Kind.NOT_FOUND),
        ({"status": 408}, OutcomeUnknown, Kind.TIMEOUT),
        ({"status": 409}, OutcomeUnknown, Kind.SERVER),
        ({"status": 429}, NotSent, Kind.THROTTLED),
        ({"status": 500, "json": ACCESS_DENIED}, OutcomeUnknown, Kind.SERVER),
        ({"status": 503}, OutcomeUnknown, Kind.SERVER),
        ({"status": 302}, OutcomeUnknown, Kind.UNREADABLE),
        (
            {"status": 200, "body": "<h1>Back soon</h1>"},
            OutcomeUnknown,
            Kind.UNREADABLE,
        ),
        ({"body": requests.ConnectTimeout()}, NotSent, Kind.CONNECTION),
    ],
)
def test_a_refusal_of_a_write_is_told_by_its_error(
    shop, client, answer, error_type, kind
):
    shop.post(ORDERS_URL, **answer)

    error = failing(act, client)

    assert (type(error), error.kind) == (error_type, kind)
    assert [call.request.url for call in shop.calls].count(ORDERS_URL) == 1


@pytest.mark.parametrize(
    ("answer", "error_type", "kind"),
    [
        ({"status": 404, "body": "<h1>No page</h1>"}, NotSent, Kind.CONFIGURATION),
        ({"status": 404, "json": {"error": "not_found"}}, Refused, Kind.NOT_FOUND),
        ({"status": 409}, NotSent, Kind.SERVER),
        ({"status": 500}, NotSent, Kind.SERVER),
        ({"status": 503, "headers": {"Retry-After": "7"}}, NotSent, Kind.SERVER),
    ],
)
def test_a_call_that_reads_is_never_unknown(shop, client, answer, error_type, kind):
    shop.get(ORDERS_URL, **answer)

    error = failing(ask, client)

    assert (type(error), error.kind) == (error_type, kind)


@pytest.mark.parametrize("step", [hang_up, reply(gzip.compress(b"{}", mtime=0)[:-9])])
def test_an_answer_that_is_cut_leaves_a_write_unknown(open_client, step):
    with serving(reply(json.dumps(TOKEN).encode()), step) as server:
        client = open_client(
            account={"base_url": server.url, "allow_insecure_loopback": True}
        )
        error = failing(act, client)

    assert type(error) is OutcomeUnknown


def test_words_of_the_shop_are_kept(shop, client):
    shop.post(
        ORDERS_URL,
        status=400,
        json={
            "error": "invalid_data",
            "error_description": "The request is invalid",
            "message": "The request is invalid",
            "status": 400,
            "hint": "Check the items parameter",
        },
    )

    error = failing(act, client)

    assert error.vendor_text == (
        "The request is invalid; invalid_data; Check the items parameter"
    )


def test_a_zone_that_does_not_exist_is_a_trouble_of_configuration(open_client):
    error = failing(auth.zone, open_client(time_zone="Europe/Nowhere"))

    assert (type(error), error.kind) == (NotSent, Kind.CONFIGURATION)

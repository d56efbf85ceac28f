from datetime import UTC, datetime, timedelta

import pytest
import requests

from tests.vendors.simutek.conftest import API, LOGIN, OWN, TOKEN
from vendors.errors import Kind, NotSent, Refused
from vendors.simutek import auth, orders

NOW = datetime(2031, 4, 2, 8, 0, tzinfo=UTC)
CUSTOMER = f"{API}/customers/K200731"
ORDERS = f"{API}/salesorders"


@pytest.fixture
def frozen(time_machine):
    time_machine.move_to(NOW, tick=False)
    return time_machine


def refusal_of(client) -> NotSent:
    with pytest.raises(NotSent) as caught:
        auth.obtain_token(client)
    return caught.value


# --- the wire -----------------------------------------------------------------


def test_the_login_is_a_form_without_a_scope(gks, client):
    gks.get(CUSTOMER, json=OWN)

    auth.check_connection(client)

    request = gks.calls[0].request
    assert (request.method, request.url) == ("POST", LOGIN)
    assert request.body == (
        b"grant_type=client_credentials&client_id=acme-purchasing"
        b"&client_secret=p%C3%A4ssword%2F4711%2Bx"
    )
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert request.headers["Accept"] == "application/json"
    assert "Authorization" not in request.headers


def test_every_call_carries_token_and_content_type_a_get_too(gks, client):
    gks.get(CUSTOMER, json=OWN)

    auth.check_connection(client)

    request = gks.calls[1].request
    assert (request.method, request.url) == ("GET", CUSTOMER)
    assert request.headers["Authorization"] == "Bearer eyJ-token-1"
    assert request.headers["Content-Type"] == "application/json"
    assert request.body is None


def test_the_login_leaves_no_secret_behind(gks, client, exchanges):
    gks.get(CUSTOMER, json=OWN)

    auth.check_connection(client)

    login, read = exchanges
    assert login.request_body == (
        "grant_type=client_credentials&client_id=***&client_secret=***"
    )
    assert '"access_token": "***"' in login.response_body
    assert read.request_headers["Authorization"] == "***"
    assert "4711" not in str(exchanges)
    assert "eyJ-token-1" not in str(exchanges)


# --- the check of the connection ----------------------------------------------


def test_the_check_says_whose_number_ours_is(gks, client):
    gks.get(CUSTOMER, json=OWN)

    assert auth.check_connection(client) == (
        "Logged in; our customer number K200731 is Acme Purchasing AB."
    )


def test_the_check_does_not_trust_an_old_token(responses_on, client):
    responses_on.post(LOGIN, json=TOKEN)
    responses_on.post(LOGIN, status=401, json={"error": "invalid_client"})
    responses_on.get(CUSTOMER, json=OWN)
    auth.check_connection(client)

    with pytest.raises(NotSent) as caught:
        auth.check_connection(client)

    assert caught.value.kind is Kind.CREDENTIALS


@pytest.mark.parametrize(
    ("answer", "error_type", "kind"),
    [
        ({"status": 400}, Refused, Kind.DATA),
        ({"status": 403}, NotSent, Kind.CREDENTIALS),
        ({"status": 404}, Refused, Kind.NOT_FOUND),
        ({"status": 429}, NotSent, Kind.THROTTLED),
        ({"status": 500}, NotSent, Kind.SERVER),
        ({"body": "<html>Login</html>"}, NotSent, Kind.UNREADABLE),
        ({"body": "[]"}, NotSent, Kind.UNREADABLE),
        ({"json": {**OWN, "number": "K2007310"}}, NotSent, Kind.UNREADABLE),
        ({"json": {**OWN, "number": None}}, NotSent, Kind.UNREADABLE),
        ({"body": requests.ConnectTimeout()}, NotSent, Kind.CONNECTION),
    ],
)
def test_each_trouble_of_the_check_has_its_kind(gks, client, answer, error_type, kind):
    gks.get(CUSTOMER, **answer)

    with pytest.raises(error_type) as caught:
        auth.check_connection(client)

    assert caught.value.kind is kind
    assert len(gks.calls) == 2


def test_an_unknown_customer_number_is_named_by_the_check(gks, client):
    gks.get(CUSTOMER, status=404)

    with pytest.raises(Refused) as caught:
        auth.check_connection(client)

    assert caught.value.text == (
        "Tryck & Form: there is no customer 'K200731' (HTTP 404). If the number is "
        "right, the address leads elsewhere."
    )


def test_without_a_customer_number_nothing_is_called(responses_on, open_client):
    with pytest.raises(NotSent) as caught:
        auth.check_connection(open_client(customer_number=""))

    assert caught.value.kind is Kind.CONFIGURATION
    assert "Customer number" in caught.value.text
    assert len(responses_on.calls) == 0


# --- how long a token is used -------------------------------------------------


@pytest.mark.parametrize(
    ("expires_in", "seconds"),
    [
        (3600, 3540),
        ("3600", 3540),
        (61, 1),
        (60, 0),
        (None, 300),
        (0, 300),
        (-5, 300),
        ("soon", 300),
        (10**17, 24 * 3600 - 60),
    ],
)
def test_a_token_is_used_until_a_minute_before_its_end(
    responses_on, client, frozen, expires_in, seconds
):
    responses_on.post(LOGIN, json={**TOKEN, "expires_in": expires_in})

    token = auth.obtain_token(client)

    assert token.expires_at - NOW == timedelta(seconds=seconds)


def test_one_login_serves_many_calls(gks, client):
    gks.get(CUSTOMER, json=OWN)
    auth.check_connection(client)

    client.ask("GET", client.path("path.customer", number="K200731"), purpose="test")

    assert [call.request.url for call in gks.calls].count(LOGIN) == 1


# --- refused logins -----------------------------------------------------------


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 500, 503])
def test_a_wrong_secret_is_told_by_the_word_whatever_the_status(
    responses_on, client, status
):
    responses_on.post(LOGIN, status=status, json={"error": "invalid_client"})

    error = refusal_of(client)

    assert error.kind is Kind.CREDENTIALS
    assert error.text == (
        "Tryck & Form: the login was refused; client id or secret is wrong."
    )
    assert len(responses_on.calls) == 1


@pytest.mark.parametrize("status", [400, 401, 500])
@pytest.mark.parametrize(
    "word",
    ["unsupported_grant_type", "invalid_scope", "unauthorized_client"],
)
def test_a_badly_registered_client_is_a_trouble_of_configuration(
    responses_on, client, status, word
):
    body = {"error": word, "error_description": "Talk to us."}
    responses_on.post(LOGIN, status=status, json=body)

    error = refusal_of(client)

    assert error.kind is Kind.CONFIGURATION
    assert word in error.text
    assert error.vendor_text == f"Talk to us.; {word}"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ({"status": 400, "body": ""}, Kind.CREDENTIALS),
        ({"status": 401, "body": ""}, Kind.CREDENTIALS),
        ({"status": 404, "body": "<html>Not Found</html>"}, Kind.CONFIGURATION),
        ({"status": 302, "headers": {"Location": "/x"}}, Kind.CONFIGURATION),
        ({"status": 429}, Kind.THROTTLED),
        ({"status": 500, "json": {"error": "server_error"}}, Kind.SERVER),
        ({"body": "<html>Welcome</html>"}, Kind.UNREADABLE),
        ({"json": {}}, Kind.CREDENTIALS),
        ({"json": {"access_token": "two words"}}, Kind.CREDENTIALS),
        ({"json": []}, Kind.CREDENTIALS),
        ({"body": requests.ConnectTimeout()}, Kind.CONNECTION),
    ],
)
def test_every_other_refused_login_has_its_kind(responses_on, client, answer, kind):
    responses_on.post(LOGIN, **answer)

    assert refusal_of(client).kind is kind
    assert len(responses_on.calls) == 1


def test_missing_credentials_are_named(open_client):
    error = refusal_of(open_client({"credentials": {"client_id": "acme"}}))

    assert error.kind is Kind.CONFIGURATION
    assert "client_secret" in error.text


# --- tokens refused early -----------------------------------------------------


def test_after_401_an_order_is_sent_once_more_with_a_new_token(
    responses_on, client, order
):
    responses_on.post(LOGIN, json=TOKEN)
    responses_on.post(LOGIN, json={**TOKEN, "access_token": "eyJ-token-2"})
    refused = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
    responses_on.post(ORDERS, status=401, headers=refused)
    responses_on.post(ORDERS, json={"orderNumber": 48213})

    assert orders.place_order(client, order).number == "48213"

    first, second = (c.request for c in responses_on.calls if c.request.url == ORDERS)
    assert first.headers["Authorization"] == "Bearer eyJ-token-1"
    assert second.headers["Authorization"] == "Bearer eyJ-token-2"
    assert first.body == second.body


def test_a_second_401_is_final(gks, client, order):
    gks.post(ORDERS, status=401)

    with pytest.raises(NotSent) as caught:
        orders.place_order(client, order)

    assert caught.value.kind is Kind.CREDENTIALS
    assert [c.request.url for c in gks.calls] == [LOGIN, ORDERS, LOGIN, ORDERS]


def test_a_missing_right_is_never_tried_again(gks, client, order):
    gks.post(ORDERS, status=403)

    with pytest.raises(NotSent) as caught:
        orders.place_order(client, order)

    assert caught.value.kind is Kind.CREDENTIALS
    assert len(gks.calls) == 2

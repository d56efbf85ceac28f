import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
import requests

from tests.vendors.di.conftest import LOGIN, SHOPS
from vendors.di import auth
from vendors.errors import Kind, NotSent

NOW = datetime(2031, 4, 2, 8, 0, tzinfo=UTC)


@pytest.fixture
def frozen(time_machine):
    time_machine.move_to(NOW, tick=False)
    return time_machine


def jwt(**claims) -> str:
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJIUzI1NiJ9.{body}.c2lnbmF0dXJl"


def failing(client) -> NotSent:
    with pytest.raises(NotSent) as caught:
        auth.check_connection(client)
    return caught.value


def test_the_login_sends_user_and_password_and_the_minutes_in_the_path_alone(
    responses_on, client
):
    responses_on.post(LOGIN, json={"token": "token-1"})

    auth.check_connection(client)

    [call] = responses_on.calls
    assert call.request.method == "POST"
    assert call.request.url == "https://login.test/ws/json/auth/v-3/login/720"
    assert call.request.body == (
        '{"username": "wsnordlys", "password": "pässord/4711+x"}'.encode()
    )
    assert call.request.headers["Content-Type"] == "application/json"
    assert "Authorization" not in call.request.headers


def test_the_older_login_has_no_minutes_and_half_an_hour(
    responses_on, open_client, frozen
):
    url = "https://login.test/ws/json/auth/v-2/login"
    responses_on.post(url, json={"token": "token-1"})

    token = auth.obtain_token(open_client({"login_version": "v-2"}))

    assert token.expires_at == NOW + timedelta(minutes=27)


def test_the_check_says_where_and_for_how_long(di, client):
    assert auth.check_connection(client) == (
        "Logged in at login.test; the token lives 720 minutes and is renewed after "
        "nine tenths of them. Shops go to shop.test."
    )


def test_the_check_names_the_environment_of_hosts_it_knows(responses_on, open_client):
    responses_on.post(
        "https://staging-ws.di.no/ws/json/auth/v-3/login/5", json={"token": "token-1"}
    )
    client = open_client(
        {"token_minutes": 5},
        base_url="https://stg-api-flow.aws.di.no",
        auth_url="https://staging-ws.di.no",
    )

    assert auth.check_connection(client) == (
        "Logged in at staging-ws.di.no (TEST); the token lives 5 minutes and is "
        "renewed after nine tenths of them. Shops go to stg-api-flow.aws.di.no (TEST)."
    )


@pytest.mark.parametrize("minutes", [1, 1440])
def test_a_token_may_live_from_a_minute_to_a_day(
    responses_on, open_client, frozen, minutes
):
    url = f"https://login.test/ws/json/auth/v-3/login/{minutes}"
    responses_on.post(url, json={"token": "token-1"})

    token = auth.obtain_token(open_client({"token_minutes": minutes}))

    assert token.expires_at - NOW == timedelta(minutes=minutes) * 9 / 10


@pytest.mark.parametrize("minutes", [0, -1, 1441])
def test_no_token_lives_longer_or_shorter(responses_on, open_client, minutes):
    error = failing(open_client({"token_minutes": minutes}))

    assert error.kind is Kind.CONFIGURATION
    assert f"1 to 1440 minutes, not {minutes}" in error.text
    assert len(responses_on.calls) == 0


# --- the end of a token -------------------------------------------------------


@pytest.mark.parametrize(
    ("token", "minutes"),
    [
        ("token-1", 648),
        (jwt(exp=int((NOW + timedelta(minutes=100)).timestamp())), 90),
        (jwt(exp=int((NOW + timedelta(minutes=720)).timestamp())), 648),
        (jwt(exp=int((NOW + timedelta(days=30)).timestamp())), 648),
        (jwt(exp=str(int((NOW + timedelta(minutes=100)).timestamp()))), 90),
        (jwt(exp=int((NOW - timedelta(minutes=1)).timestamp())), 648),
        (jwt(exp="soon"), 648),
        (jwt(exp=10**17), 648),
        (jwt(sub="wsnordlys"), 648),
        ("a.!!.c".replace("!", "_"), 648),
        ("a.b.c.d", 648),
    ],
)
def test_a_claim_of_the_token_may_shorten_its_life_and_never_lengthen_it(
    responses_on, client, frozen, token, minutes
):
    responses_on.post(LOGIN, json={"token": token})

    assert auth.obtain_token(client).expires_at == NOW + timedelta(minutes=minutes)


def test_one_login_serves_until_nine_tenths_of_the_life(di, client, frozen):
    auth.obtain_token(client)
    frozen.move_to(NOW + timedelta(minutes=647), tick=False)
    auth.obtain_token(client)
    assert len(di.calls) == 1

    frozen.move_to(NOW + timedelta(minutes=648), tick=False)
    auth.obtain_token(client)

    assert len(di.calls) == 2


# --- the token in the answer --------------------------------------------------


@pytest.mark.parametrize(
    "body", ['{"token": "a.b-c_d"}', '{"Token": " a.b-c_d "}', '"a.b-c_d"', "a.b-c_d\n"]
)
def test_the_token_is_in_its_member_or_the_whole_text(responses_on, client, body):
    responses_on.post(LOGIN, body=body)

    assert auth.obtain_token(client).value == "a.b-c_d"


def test_the_token_goes_out_without_quotation_marks(di, client):
    di.get(SHOPS, json={})

    client.ask("GET", "/ws/json/shop/v-1", purpose="x")

    assert di.calls[1].request.headers["Authorization"] == "Bearer token-1"


@pytest.mark.parametrize(
    "body",
    [
        "{}",
        '{"token": ""}',
        '{"token": null}',
        '{"token": 5}',
        '{"token": "two words"}',
        '{"token": "\\"quoted\\""}',
        '{"token": "line\\nbreak"}',
        "[]",
        "",
        "<html>Sign in</html>",
        "Welcome back!",
    ],
)
def test_a_login_without_a_token_has_failed(responses_on, client, body):
    responses_on.post(LOGIN, body=body)

    assert failing(client).kind is Kind.UNREADABLE


@pytest.mark.parametrize("body", ['{"token": "s3cret.tok3n"}', "s3cret.tok3n"])
def test_a_login_leaves_no_secret_behind(responses_on, client, exchanges, body):
    responses_on.post(LOGIN, body=body)
    responses_on.get(SHOPS, json={"seen": "s3cret.tok3n"})

    client.ask("GET", "/ws/json/shop/v-1", purpose="x")

    said = repr(exchanges)
    assert "s3cret" not in said
    assert "4711" not in said
    assert len(exchanges) == 2


# --- logins that fail ---------------------------------------------------------


@pytest.mark.parametrize("status", [400, 401, 403])
@pytest.mark.parametrize(
    "body", ["Wrong", '{"statusCode": 401, "errorKey": "Wrong", "errorMap": {}}']
)
def test_bad_credentials_are_tried_once(responses_on, client, status, body):
    responses_on.post(LOGIN, status=status, body=body)

    error = failing(client)

    assert (error.kind, error.status) == (Kind.CREDENTIALS, status)
    assert error.vendor_text == "Wrong"
    assert len(responses_on.calls) == 1


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ({"status": 404}, Kind.CONFIGURATION),
        ({"status": 429}, Kind.THROTTLED),
        ({"status": 500}, Kind.SERVER),
        ({"body": requests.ConnectTimeout()}, Kind.CONNECTION),
        ({"body": requests.ReadTimeout()}, Kind.TIMEOUT),
    ],
)
def test_other_trouble_of_the_login_is_named(responses_on, client, answer, kind):
    responses_on.post(LOGIN, **answer)

    assert failing(client).kind is kind


def test_a_check_does_not_trust_an_old_token(responses_on, client, frozen):
    responses_on.post(LOGIN, json={"token": "token-1"})
    responses_on.post(LOGIN, status=401)
    auth.check_connection(client)
    frozen.shift(60)

    assert failing(client).kind is Kind.CREDENTIALS


# --- environments -------------------------------------------------------------


@pytest.mark.parametrize(
    ("base_url", "auth_url", "words"),
    [
        (
            "https://api-flow.di.no",
            "https://staging-ws.di.no",
            "is DI's PRODUCTION and the login address is its TEST",
        ),
        (
            "https://stg-api-flow.aws.di.no",
            "https://WS.di.no/",
            "is DI's TEST and the login address is its PRODUCTION",
        ),
        ("https://ws.di.no", "https://staging-ws.di.no", "must never go to the other"),
        ("https://api-flow.di.no", "", "enter https://ws.di.no as the login address"),
        (
            "https://stg-api-flow.aws.di.no",
            "",
            "enter https://staging-ws.di.no as the login address",
        ),
    ],
)
def test_test_and_production_never_cross(
    responses_on, open_client, base_url, auth_url, words
):
    error = failing(open_client(base_url=base_url, auth_url=auth_url))

    assert error.kind is Kind.CONFIGURATION
    assert words in error.text
    assert len(responses_on.calls) == 0


def test_the_older_hosts_have_login_and_shops_at_one_address(responses_on, open_client):
    responses_on.post(
        "https://staging-ws.di.no/ws/json/auth/v-3/login/720", json={"token": "t"}
    )

    text = auth.check_connection(
        open_client(base_url="https://staging-ws.di.no", auth_url="")
    )

    assert text.startswith("Logged in at staging-ws.di.no (TEST)")

import json
from datetime import UTC, datetime, timedelta

import pytest

from vendors.contracts import Account
from vendors.eet import auth
from vendors.errors import Kind, NotSent

NOW = datetime(2031, 4, 2, 8, 0, tzinfo=UTC)


@pytest.fixture
def frozen(time_machine):
    time_machine.move_to(NOW, tick=False)
    return time_machine


def test_the_login_sends_user_name_and_password_and_no_token(responses_on, client):
    responses_on.post("https://eet.test/login", json={"Token": "token-1"})

    text = auth.check_connection(client)

    request = responses_on.calls[0].request
    assert json.loads(request.body) == {
        "UserName": "acme-api",
        "Password": "pässword/4711+x",
    }
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Accept"] == "application/json"
    assert "Authorization" not in request.headers
    assert text.startswith("Logged in; the token is good until ")
    assert len(responses_on.calls) == 1


def test_the_login_leaves_no_secret_behind(eet, client, exchanges):
    auth.check_connection(client)

    [exchange] = exchanges
    assert exchange.request_body == '{"UserName": "***", "Password": "***"}'
    assert exchange.response_body == '{"Token": "***"}'


@pytest.mark.parametrize(
    ("expiration", "hours"),
    [
        (None, 23),
        ("2031-04-03T08:00:00Z", 23),
        ("2031-04-02T20:00:00", 11.5),
        ("2031-04-02T20:00:00.1234567Z", 11.5),
        ("2031-04-02T07:59:00Z", 23),
        ("2031-04-03T10:00:00Z", 23),
        ("in a while", 23),
        (1932883230, 23),
    ],
)
def test_a_token_is_renewed_shortly_before_its_plausible_end(
    responses_on, client, frozen, expiration, hours
):
    answer = {"Token": "token-1", "Expiration": expiration}
    responses_on.post("https://eet.test/login", json=answer)

    token = auth.obtain_token(client)

    assert abs(token.expires_at - NOW - timedelta(hours=hours)) < timedelta(seconds=1)


@pytest.mark.parametrize(
    "answer",
    [
        {"token": "token-1"},
        {"TOKEN": "Bearer token-1"},
        {"access_token": "token-1", "Token": None},
        {"Token": "token-1", "More": {"x": []}},
    ],
)
def test_the_token_is_read_with_tolerance(responses_on, client, answer):
    responses_on.post("https://eet.test/login", json=answer)

    assert auth.obtain_token(client).value == "token-1"


@pytest.mark.parametrize(
    "answer", [{}, {"Token": ""}, {"Token": "two words"}, {"Token": "å"}, [], "no"]
)
def test_a_login_without_a_token_has_failed(responses_on, client, answer):
    responses_on.post("https://eet.test/login", json=answer)

    with pytest.raises(NotSent) as caught:
        auth.check_connection(client)

    assert caught.value.kind is Kind.CREDENTIALS


@pytest.mark.parametrize("status", [400, 401, 403])
def test_bad_credentials_are_tried_once(responses_on, client, status):
    responses_on.post("https://eet.test/login", status=status, body="Wrong password")

    with pytest.raises(NotSent) as caught:
        auth.check_connection(client)

    assert caught.value.kind is Kind.CREDENTIALS
    assert caught.value.vendor_text == "Wrong password"
    assert len(responses_on.calls) == 1


def test_a_check_does_not_trust_an_old_token(responses_on, client, frozen):
    responses_on.post("https://eet.test/login", json={"Token": "token-1"})
    responses_on.post("https://eet.test/login", status=401)
    auth.check_connection(client)
    frozen.shift(60)

    with pytest.raises(NotSent) as caught:
        auth.check_connection(client)

    assert caught.value.kind is Kind.CREDENTIALS


def test_missing_credentials_are_named(open_client):
    with pytest.raises(NotSent) as caught:
        auth.check_connection(open_client(credentials={"username": "acme-api"}))

    assert caught.value.kind is Kind.CONFIGURATION
    assert "password" in caught.value.text


def test_another_login_host_is_used_if_there_is_one(responses_on, open_client):
    responses_on.post("https://login.test/login", json={"Token": "token-1"})

    auth.check_connection(open_client(auth_url="https://login.test"))


def test_the_account_shows_no_credentials(eet_account: Account):
    assert "4711" not in repr(eet_account)

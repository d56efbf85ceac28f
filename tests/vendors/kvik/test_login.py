"""The authorization-code flow of a Kvik shop."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import time_machine

from tests.vendors.kvik.payloads import TOKEN_URL
from vendors.errors import Kind, NotSent, Refused
from vendors.kvik.login import CUSTOMER_LOGIN, challenge

NOW = datetime(2031, 4, 2, 8, 15, tzinfo=UTC)
BACK = "https://office.test/login/back?a=1&b=ä"
# The example of RFC 7636, appendix B.
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
TOKENS = {
    "_type": "AccessToken",
    "token_type": "Bearer",
    "expires_in": 3600,
    "access_token": "eyJ0.customer.token",
    "refresh_token": "def50200refresh",
    "scope": "email",
}


@pytest.fixture
def login_client(open_client, kvik_account):
    return open_client(
        account={
            "credentials": {
                **kvik_account.credentials,
                "login_client_id": "app-4711",
                "login_client_secret": "app secret",
            }
        }
    )


def test_the_browser_is_sent_with_state_and_challenge(login_client):
    address = CUSTOMER_LOGIN.address(login_client, BACK, "st/1", VERIFIER)

    assert address == (
        "https://shop.test/api/customer/oauth/authorize?response_type=code"
        "&client_id=app-4711"
        "&redirect_uri=https%3A%2F%2Foffice.test%2Flogin%2Fback%3Fa%3D1%26b%3D%C3%A4"
        "&state=st%2F1&scope=email"
        f"&code_challenge={CHALLENGE}&code_challenge_method=S256"
    )


def test_the_first_credentials_serve_where_there_are_no_others(client):
    address = CUSTOMER_LOGIN.address(client, BACK, "s", VERIFIER)

    query = parse_qs(urlsplit(address).query)
    assert query["client_id"] == ["7d0a5b1c-40f2-4c1b-9a5e-2f6b7c8d9e10"]
    assert "client_secret" not in query


def test_address_scope_and_proof_may_differ(open_client):
    client = open_client(
        login_pkce=False,
        mapping={"path.authorize": "/login/authorize", "login.scope": "-"},
        account={"auth_url": "https://login.shop.test"},
    )

    address = CUSTOMER_LOGIN.address(client, BACK, "s", "")

    assert address.startswith("https://login.shop.test/login/authorize?")
    assert set(parse_qs(urlsplit(address).query)) == {
        "response_type",
        "client_id",
        "redirect_uri",
        "state",
    }


@pytest.mark.parametrize("verifier", ["", "short", "a" * 129, "ä" * 50, "a b" * 20])
def test_a_poor_verifier_is_refused(verifier):
    with pytest.raises(Refused):
        challenge(verifier)


def test_a_login_needs_a_state(login_client):
    with pytest.raises(Refused):
        CUSTOMER_LOGIN.address(login_client, BACK, "", VERIFIER)


def test_no_browser_is_sent_to_plain_http(open_client):
    client = open_client(account={"base_url": "http://shop.test"})

    with pytest.raises(NotSent) as caught:
        CUSTOMER_LOGIN.address(client, BACK, "s", VERIFIER)

    assert caught.value.kind is Kind.CONFIGURATION


def test_a_code_is_changed_for_tokens(responses_on, login_client):
    responses_on.post(TOKEN_URL, json=TOKENS)

    with time_machine.travel(NOW, tick=False):
        tokens = CUSTOMER_LOGIN.exchange(login_client, "c/0de", BACK, VERIFIER)

    request = responses_on.calls[0].request
    assert request.url == TOKEN_URL
    assert request.body == (
        b"grant_type=authorization_code&code=c%2F0de"
        b"&redirect_uri=https%3A%2F%2Foffice.test%2Flogin%2Fback%3Fa%3D1%26b%3D%C3%A4"
        b"&code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        b"&client_id=app-4711&client_secret=app+secret"
    )
    assert request.headers["Accept-Encoding"] == "gzip"
    assert tokens.access_token == "eyJ0.customer.token"
    assert tokens.refresh_token == "def50200refresh"
    assert tokens.expires_at == NOW + timedelta(seconds=3540)
    assert tokens.scope == "email"


def test_tokens_are_renewed_and_the_old_one_is_spent(responses_on, login_client):
    responses_on.post(TOKEN_URL, json={**TOKENS, "refresh_token": "def-next"})

    tokens = CUSTOMER_LOGIN.renew(login_client, "def50200refresh")

    assert responses_on.calls[0].request.body == (
        b"grant_type=refresh_token&refresh_token=def50200refresh"
        b"&client_id=app-4711&client_secret=app+secret"
    )
    assert tokens.refresh_token == "def-next"


def test_where_no_new_one_comes_the_old_one_stays(responses_on, login_client):
    responses_on.post(TOKEN_URL, json={**TOKENS, "refresh_token": None})

    tokens = CUSTOMER_LOGIN.renew(login_client, "def50200refresh")

    assert tokens.refresh_token == "def50200refresh"


def test_nothing_secret_of_a_login_is_recorded(responses_on, login_client, exchanges):
    # An echo under a harmless name, which masking by name does not see.
    echo = {"echo": "def50200refresh eyJ0.customer.token c/0de " + VERIFIER}
    responses_on.post(TOKEN_URL, json={**TOKENS, **echo})

    CUSTOMER_LOGIN.exchange(login_client, "c/0de", BACK, VERIFIER)
    CUSTOMER_LOGIN.renew(login_client, "def-older")

    kept = "".join(map(str, exchanges))
    secrets = ("def50200", "eyJ0.customer", "c/0de", "c%2F0de", VERIFIER, "def-older")
    for secret in (*secrets, "app secret", "app+secret"):
        assert secret not in kept
    assert "grant_type=authorization_code" in kept


@pytest.mark.parametrize("call", ["exchange", "renew"])
def test_a_spent_code_or_token_sends_the_customer_back_to_log_in(
    responses_on, login_client, call
):
    responses_on.post(
        TOKEN_URL,
        status=400,
        json={"error": "invalid_grant", "error_description": "Code was revoked"},
    )
    words = {"exchange": ("c0de", BACK, VERIFIER), "renew": ("def50200refresh",)}[call]

    with pytest.raises(NotSent) as caught:
        getattr(CUSTOMER_LOGIN, call)(login_client, *words)

    assert caught.value.kind is Kind.CREDENTIALS
    assert "log in once more" in caught.value.text
    assert caught.value.vendor_text == "Code was revoked; invalid_grant"
    assert len(responses_on.calls) == 1


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ({"status": 401, "json": {"error": "invalid_client"}}, Kind.CREDENTIALS),
        ({"status": 400, "json": {"error": "access_denied"}}, Kind.CREDENTIALS),
        ({"status": 500}, Kind.SERVER),
        ({"body": "<h1>Hm</h1>"}, Kind.UNREADABLE),
        ({"json": {"refresh_token": "def50200refresh"}}, Kind.CREDENTIALS),
        ({"body": requests.ReadTimeout()}, Kind.TIMEOUT),
    ],
)
def test_each_trouble_of_a_login_has_its_kind(
    responses_on, login_client, exchanges, answer, kind
):
    responses_on.post(TOKEN_URL, **answer)

    with pytest.raises(NotSent) as caught:
        CUSTOMER_LOGIN.exchange(login_client, "c0de", BACK, VERIFIER)

    assert caught.value.kind is kind
    assert "def50200" not in str(exchanges)

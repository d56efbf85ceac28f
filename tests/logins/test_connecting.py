"""From the button to the shop and back, with every way it can go wrong."""

import base64
import hashlib
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from procurement.customers.models import Customer
from procurement.logins.models import (
    CustomerLoginToken,
    LoginAttempt,
    LoginEvent,
    Outcome,
    State,
)
from procurement.suppliers.models import Exchange, Supplier, SupplierHealth
from procurement.suppliers.operations import change_supplier
from tests.factories import make_supplier
from tests.logins.conftest import (
    BACK,
    RETURN,
    Travel,
    browser_of,
    decide,
    page,
    person,
    query_of,
    tokens_asked_for,
)
from vendors.sandbox import Sandbox

pytestmark = pytest.mark.django_db


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def outcome_page(client: Client, address: str) -> str:
    """Follow a return to the page about it."""
    answer = client.get(address, follow=True)
    assert answer.status_code == 200
    assert "state=" not in answer.request["QUERY_STRING"]
    return text_of(answer)


def only_attempt() -> LoginAttempt:
    return LoginAttempt.objects.get()


# --- the way there ----------------------------------------------------------------


def test_browser_is_sent_to_the_shop_with_what_the_standard_demands(
    desk: Client, start: Travel, shop: Supplier
) -> None:
    address = start(desk)

    assert address.startswith(f"{shop.base_url}/api/customer/oauth/authorize?")
    query = query_of(address)
    assert set(query) == {
        "response_type",
        "client_id",
        "redirect_uri",
        "scope",
        "state",
        "code_challenge",
        "code_challenge_method",
    }
    assert query["redirect_uri"] == BACK
    assert query["code_challenge_method"] == "S256"


def test_challenge_is_of_the_verifier_kept_and_the_state_is_kept_as_a_hash(
    desk: Client, start: Travel
) -> None:
    query = query_of(start(desk))

    attempt = only_attempt()
    digest = hashlib.sha256(attempt.code_verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    assert query["code_challenge"] == challenge
    assert len(attempt.code_verifier) == 86
    assert attempt.state_hash == hashlib.sha256(query["state"].encode()).hexdigest()


def test_every_start_has_a_state_of_256_bits_of_its_own(
    desk: Client, start: Travel
) -> None:
    states = {query_of(start(desk))["state"] for _ in range(5)}

    assert len(states) == 5
    assert {len(base64.urlsafe_b64decode(each + "=")) for each in states} == {32}


def test_start_is_neither_cached_nor_told_to_the_shop_as_a_referrer(
    desk: Client, customer: Customer, shop: Supplier
) -> None:
    answer = desk.post(page("connect", customer, shop))

    assert answer["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer["Cache-Control"]


def test_looking_at_the_start_begins_nothing(
    desk: Client, customer: Customer, shop: Supplier
) -> None:
    answer = desk.get(page("connect", customer, shop))

    assert answer.status_code == 302
    assert answer["Location"] == page("pair", customer, shop)
    assert not LoginAttempt.objects.exists()


def test_start_needs_the_permission(customer: Customer, shop: Supplier) -> None:
    looker = browser_of(person("looker", may_connect=False))

    assert looker.post(page("connect", customer, shop)).status_code == 403
    assert not LoginAttempt.objects.exists()
    shown = text_of(looker.get(page("pair", customer, shop)))
    assert "Connect shop login" not in shown


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("", "PUBLIC_URL is not set"),
        ("http://office.example.com", "must begin with https://"),
        ("office.example.com", "PUBLIC_URL won&#x27;t do"),
        ("https://office.example.com/base", "PUBLIC_URL won&#x27;t do"),
        ("https://user:pass@office.example.com", "PUBLIC_URL won&#x27;t do"),
        ("https://office.example.com?a=b", "PUBLIC_URL won&#x27;t do"),
        ("https://office.example.com:port", "PUBLIC_URL won&#x27;t do"),
    ],
)
def test_without_a_usable_public_url_the_page_says_so_and_nothing_begins(
    desk: Client,
    customer: Customer,
    shop: Supplier,
    settings: Any,
    value: str,
    told: str,
) -> None:
    settings.PUBLIC_URL = value

    answer = desk.post(page("connect", customer, shop), follow=True)

    assert told in text_of(answer)
    assert "Connect shop login</button>" not in text_of(answer)
    assert not LoginAttempt.objects.exists()


def test_plain_http_is_refused_where_the_machine_itself_is_not_allowed(
    desk: Client, customer: Customer, shop: Supplier, settings: Any
) -> None:
    settings.ALLOW_INSECURE_LOOPBACK = False

    answer = desk.post(page("connect", customer, shop), follow=True)

    assert "must begin with https://" in text_of(answer)


def test_start_from_another_address_says_where_to_start(
    desk: Client, customer: Customer, shop: Supplier
) -> None:
    address = page("connect", customer, shop)

    answer = desk.post(
        address, follow=True, headers={"Origin": "http://localhost:8000"}
    )

    assert "sends people back to http://127.0.0.1:8000" in text_of(answer)
    assert not LoginAttempt.objects.exists()


def test_vendor_without_such_a_login_says_why(
    desk: Client, customer: Customer, shop: Supplier
) -> None:
    other = make_supplier("eet")

    answer = desk.post(page("connect", customer, other), follow=True)

    assert "EET&#x27;s API has no customer login." in text_of(answer)
    assert "Connect shop login</button>" not in text_of(answer)
    assert not LoginAttempt.objects.exists()


def test_supplier_that_is_not_set_up_is_said_at_once(
    desk: Client, customer: Customer, shop: Supplier
) -> None:
    Supplier.objects.filter(pk=shop.pk).update(base_url="http://shop.example.com")

    answer = desk.post(page("connect", customer, shop), follow=True)

    assert "must begin with https://" in text_of(answer)
    assert not LoginAttempt.objects.exists()


# --- the way back -----------------------------------------------------------------


def test_agreeing_connects_the_customer(
    desk: Client, start: Travel, customer: Customer, shop: Supplier
) -> None:
    answer = desk.get(decide(start(desk)))

    assert answer.status_code == 303
    assert answer["Location"] == page("pair", customer, shop)
    token = CustomerLoginToken.objects.get()
    assert (token.customer, token.supplier) == (customer, shop)
    assert token.state == State.CONNECTED
    assert token.connected_by.username == "buyer"
    assert token.access_token.count(".") == 2
    assert token.refresh_token
    # The sandbox's tokens live an hour; they are used to a minute before.
    left = token.expires_at - timezone.now()
    assert 58 * 60 < left.total_seconds() <= 59 * 60
    assert only_attempt().outcome == Outcome.CONNECTED
    kinds = LoginEvent.objects.order_by("pk").values_list("kind", "actor_name")
    assert list(kinds) == [("started", "buyer"), ("connected", "buyer")]


def test_the_page_tells_who_connected_and_links_to_what_was_said(
    desk: Client,
    connected: CustomerLoginToken,
    customer: Customer,
    shop: Supplier,
) -> None:
    shown = text_of(desk.get(page("pair", customer, shop)))

    assert "Verkstad Nord is connected at Kvik Nord." in shown
    assert '<span class="badge badge-green" title="">Connected</span>' in shown
    talk = Exchange.objects.get().conversation
    assert f"/talk/{talk}/" in shown
    assert "Connect again</button>" in shown
    assert "Disconnect</button>" in shown


def test_return_is_neither_cached_nor_told_to_anybody_as_a_referrer(
    desk: Client, start: Travel
) -> None:
    answer = desk.get(decide(start(desk)))

    assert answer["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer["Cache-Control"]


def test_loading_the_return_again_says_so_and_asks_the_shop_nothing(
    desk: Client, start: Travel, sandbox: Sandbox
) -> None:
    back = decide(start(desk))
    desk.get(back, follow=True)
    before = CustomerLoginToken.objects.get().obtained_at

    shown = outcome_page(desk, back)

    assert "already connected by this login" in shown
    assert tokens_asked_for(sandbox) == 1
    assert CustomerLoginToken.objects.get().obtained_at == before
    assert LoginEvent.objects.filter(kind="connected").count() == 1


def test_return_takes_no_posts(desk: Client, start: Travel) -> None:
    back = decide(start(desk))

    assert desk.post(back).status_code == 405
    assert desk.head(back).status_code == 405
    assert only_attempt().is_open


def test_wrong_verifier_fails_at_the_shop(
    desk: Client, start: Travel, sandbox: Sandbox
) -> None:
    back = decide(start(desk))
    attempt = only_attempt()
    attempt.code_verifier = "x" * 86
    attempt.save(update_fields=["code_verifier"])

    shown = outcome_page(desk, back)

    assert "The shop refused the code" in shown
    assert tokens_asked_for(sandbox) == 1
    assert not CustomerLoginToken.objects.exists()


# --- each way it can go wrong -----------------------------------------------------


def expect_nothing_connected(shown: str) -> None:
    assert "Nothing was connected." in shown
    assert "Try again</button>" in shown
    assert 'method="post"' in shown
    assert not CustomerLoginToken.objects.exists()
    attempt = only_attempt()
    assert attempt.ended_at is not None
    assert attempt.code_verifier == ""
    assert LoginEvent.objects.filter(kind="not_connected").count() == 1


def test_declined(desk: Client, start: Travel, sandbox: Sandbox) -> None:
    shown = outcome_page(desk, decide(start(desk), "decline"))

    assert "Declined at the shop" in shown
    assert "The resource owner or authorization server denied the request." in shown
    expect_nothing_connected(shown)
    assert only_attempt().outcome == Outcome.DECLINED
    assert tokens_asked_for(sandbox) == 0


def test_another_error_is_shown_with_the_shops_words_made_harmless(
    desk: Client, start: Travel
) -> None:
    state = query_of(start(desk))["state"]
    hostile = "<script>alert(1)</script>\x00\n" + "x" * 1000 + state
    asked = {"state": state, "error": "server_error", "error_description": hostile}

    shown = outcome_page(desk, f"{RETURN}?{urlencode(asked)}")

    assert "it has trouble of its own" in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert "<script>alert" not in shown
    assert "x" * 201 not in shown
    expect_nothing_connected(shown)
    assert only_attempt().outcome == Outcome.SHOP_ERROR


def test_the_shops_words_are_kept_without_state_and_code(
    desk: Client, start: Travel
) -> None:
    state = query_of(start(desk))["state"]
    asked = {
        "state": state,
        "code": "a-code-it-should-not-echo",
        "error": "invalid_scope",
        "error_description": f"{state} a-code-it-should-not-echo end",
    }

    shown = outcome_page(desk, f"{RETURN}?{urlencode(asked)}")

    assert "“*** *** end”" in shown
    expect_nothing_connected(shown)


def test_unknown_error_word_is_no_reason_to_go_on(
    desk: Client, start: Travel, sandbox: Sandbox
) -> None:
    back = decide(start(desk)) + "&error=teapot"

    shown = outcome_page(desk, back)

    assert "the error is none we know" in shown
    assert "“teapot”" in shown
    expect_nothing_connected(shown)
    assert tokens_asked_for(sandbox) == 0


@pytest.mark.parametrize("code", [None, "", "abc", "a\nb-code", "ä-code", "x" * 5000])
def test_code_that_is_missing_or_none(
    desk: Client, start: Travel, sandbox: Sandbox, code: str | None
) -> None:
    asked = {"state": query_of(start(desk))["state"]}
    if code is not None:
        asked["code"] = code

    shown = outcome_page(desk, f"{RETURN}?{urlencode(asked)}")

    assert "without a usable code" in shown
    expect_nothing_connected(shown)
    assert tokens_asked_for(sandbox) == 0


def test_code_that_comes_twice_is_not_guessed_at(
    desk: Client, start: Travel, sandbox: Sandbox
) -> None:
    shown = outcome_page(desk, decide(start(desk)) + "&code=another-code")

    assert "without a usable code" in shown
    expect_nothing_connected(shown)
    assert tokens_asked_for(sandbox) == 0


def test_code_the_shop_refuses_does_not_hold_the_orders_there(
    desk: Client, start: Travel, shop: Supplier
) -> None:
    asked = {"state": query_of(start(desk))["state"], "code": "never-given-out"}

    shown = outcome_page(desk, f"{RETURN}?{urlencode(asked)}")

    assert "The shop refused the code" in shown
    assert "a code works once, and for a short time" in shown
    expect_nothing_connected(shown)
    health = SupplierHealth.objects.get(supplier=shop)
    assert (health.blocked_until, health.failures_in_a_row) == (None, 0)


def test_wrong_client_secret_is_a_matter_for_an_administrator(
    desk: Client, start: Travel, shop: Supplier
) -> None:
    change_supplier(
        supplier_id=shop.pk, actor=None, data={"credentials": {"client_secret": "no"}}
    )

    shown = outcome_page(desk, decide(start(desk)))

    assert "does not accept the client id and secret" in shown
    assert "before an administrator has looked" in shown
    expect_nothing_connected(shown)
    assert only_attempt().outcome == Outcome.NOT_SET_UP


def test_shop_that_is_not_reached(
    desk: Client, start: Travel, sandbox: Sandbox
) -> None:
    back = decide(start(desk))
    sandbox.close()

    shown = outcome_page(desk, back)

    assert "The shop was not reached" in shown
    assert "Try again in some minutes." in shown
    expect_nothing_connected(shown)


@pytest.mark.parametrize(
    "fault", ["rubbish_json", "html", "lost_answer", "error_after"]
)
def test_answer_that_is_lost_or_rubbish(
    desk: Client, start: Travel, sandbox: Sandbox, fault: str
) -> None:
    back = decide(start(desk))
    sandbox.add_fault("kvik", endpoint="login", fault=fault)

    shown = outcome_page(desk, back)

    assert "No usable answer" in shown
    expect_nothing_connected(shown)
    assert only_attempt().outcome == Outcome.LOST
    assert tokens_asked_for(sandbox) == 1


def test_coming_back_after_ten_minutes(
    desk: Client, start: Travel, sandbox: Sandbox
) -> None:
    back = decide(start(desk))
    LoginAttempt.objects.update(expires_at=timezone.now())

    shown = outcome_page(desk, back)

    assert "Took too long" in shown
    expect_nothing_connected(shown)
    assert tokens_asked_for(sandbox) == 0


def test_code_is_not_sent_to_an_address_that_was_changed_meanwhile(
    desk: Client, start: Travel, shop: Supplier, sandbox: Sandbox
) -> None:
    back = decide(start(desk))
    Supplier.objects.filter(pk=shop.pk).update(base_url=f"{shop.base_url}/other")

    shown = outcome_page(desk, back)

    assert "Settings changed meanwhile" in shown
    expect_nothing_connected(shown)
    assert tokens_asked_for(sandbox) == 0


def test_failure_leaves_what_was_connected_before(
    desk: Client, start: Travel, connected: CustomerLoginToken
) -> None:
    before = CustomerLoginToken.objects.values().get()

    shown = outcome_page(desk, decide(start(desk), "decline"))

    assert "What was connected before is as it was." in shown
    assert CustomerLoginToken.objects.values().get() == before


def test_trying_again_after_a_failure_connects(
    desk: Client, start: Travel, customer: Customer, shop: Supplier
) -> None:
    outcome_page(desk, decide(start(desk), "decline"))

    outcome_page(desk, decide(start(desk)))

    assert CustomerLoginToken.objects.get().state == State.CONNECTED


# --- whose answer it is -----------------------------------------------------------


def expect_untouched(sandbox: Sandbox) -> None:
    assert only_attempt().is_open
    assert only_attempt().claimed_at is None
    assert not CustomerLoginToken.objects.exists()
    assert tokens_asked_for(sandbox) == 0


def test_nobody_logged_in_changes_nothing_and_is_not_sent_on(
    desk: Client, start: Travel, sandbox: Sandbox
) -> None:
    back = decide(start(desk))

    answer = Client().get(back)

    assert answer.status_code == 403
    assert "You are not logged in" in text_of(answer)
    assert query_of(back)["state"] not in text_of(answer)
    assert query_of(back)["code"] not in text_of(answer)
    assert answer["Referrer-Policy"] == "no-referrer"
    expect_untouched(sandbox)
    assert "Connected" in outcome_page(desk, back)


def test_another_user_with_the_same_rights(
    desk: Client, start: Travel, sandbox: Sandbox
) -> None:
    back = decide(start(desk))
    other = browser_of(person("colleague"))

    answers = [other.get(back) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [400, 400]
    assert "started by somebody else" in text_of(answers[0])
    expect_untouched(sandbox)
    seen = LoginEvent.objects.get(kind="foreign_return")
    assert seen.actor_name == "colleague"


def test_the_same_user_in_another_session(
    desk: Client, start: Travel, sandbox: Sandbox
) -> None:
    back = decide(start(desk))
    elsewhere = browser_of(person("buyer"))

    answer = elsewhere.get(back)

    assert answer.status_code == 400
    assert "before you logged in to the back-office anew" in text_of(answer)
    expect_untouched(sandbox)


def test_page_that_stays_at_the_return_has_no_form_and_no_secret(
    desk: Client, start: Travel
) -> None:
    back = decide(start(desk))
    answer = browser_of(person("colleague")).get(back)

    main = text_of(answer).partition('id="main"')[2] or text_of(answer)
    assert query_of(back)["state"] not in main
    assert query_of(back)["code"] not in main
    assert answer["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("state", [None, "", "guessed", "x" * 5000, "\x00"])
def test_unknown_state(
    desk: Client, start: Travel, sandbox: Sandbox, state: str | None
) -> None:
    asked = query_of(decide(start(desk)))
    del asked["state"]
    if state is not None:
        asked["state"] = state

    answer = desk.get(f"{RETURN}?{urlencode(asked)}")

    assert answer.status_code == 400
    assert "belongs to no login that was started here" in text_of(answer)
    expect_untouched(sandbox)


def test_state_that_comes_twice(desk: Client, start: Travel, sandbox: Sandbox) -> None:
    answer = desk.get(decide(start(desk)) + "&state=another")

    assert answer.status_code == 400
    expect_untouched(sandbox)


def test_state_of_a_failed_try_can_not_be_used_again(
    desk: Client, start: Travel, sandbox: Sandbox
) -> None:
    address = start(desk)
    outcome_page(desk, decide(address, "decline"))

    shown = outcome_page(desk, decide(address))

    assert "Declined at the shop" in shown
    assert tokens_asked_for(sandbox) == 0
    assert not CustomerLoginToken.objects.exists()


def test_right_that_was_taken_away_meanwhile(
    desk: Client, start: Travel, sandbox: Sandbox
) -> None:
    back = decide(start(desk))
    person("buyer").user_permissions.clear()

    assert desk.get(back).status_code == 403
    expect_untouched(sandbox)


def test_what_is_kept_of_a_state_can_not_be_used_for_one(
    desk: Client, start: Travel, sandbox: Sandbox
) -> None:
    start(desk)
    kept = only_attempt().state_hash

    answer = desk.get(f"{RETURN}?{urlencode({'state': kept, 'code': 'a-code'})}")

    assert answer.status_code == 400
    expect_untouched(sandbox)


def test_tokens_are_encrypted_at_rest(connected: CustomerLoginToken) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select * from logins_customerlogintoken")
        row = " ".join(str(value) for value in cursor.fetchone())

    assert connected.access_token not in row
    assert connected.refresh_token not in row
    assert row.count("gAAAAA") == 2


def test_verifier_is_encrypted_at_rest_and_forgotten_at_the_end(
    desk: Client, start: Travel
) -> None:
    back = decide(start(desk))
    verifier = only_attempt().code_verifier
    with connection.cursor() as cursor:
        cursor.execute("select code_verifier from logins_loginattempt")
        stored = cursor.fetchone()[0]

    desk.get(back)

    assert verifier not in stored
    assert only_attempt().code_verifier == ""


def test_redirect_address_in_the_exchange_is_the_one_of_the_start(
    desk: Client, start: Travel, sandbox: Sandbox, settings: Any
) -> None:
    back = decide(start(desk))
    settings.PUBLIC_URL = "https://moved.example.com"

    assert "Connected" in outcome_page(desk, back)
    (call,) = [each for each in sandbox.calls("kvik") if each.endpoint == "login"]
    form = query_of("?" + call.body)
    assert form["redirect_uri"] == BACK
    assert form["code_verifier"]
    assert urlsplit(form["redirect_uri"]).query == ""

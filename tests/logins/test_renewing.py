"""Renewing: in time, once, and never twice with a token that may be spent."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from procurement.customers.models import Customer
from procurement.logins import renewing, returning
from procurement.logins.models import (
    CustomerLoginToken,
    LoginAttempt,
    LoginEvent,
    Outcome,
    State,
)
from procurement.logins.operations import ask_renewal, disconnect, start_login
from procurement.logins.renewing import renew, sweep
from procurement.retention.tasks import purge_renewals
from procurement.suppliers import budgets
from procurement.suppliers.models import CallBudget, Supplier, SupplierHealth
from procurement.suppliers.operations import change_supplier
from tests.asserting import refusal
from tests.logins.conftest import Travel, decide, page, person, tokens_asked_for
from vendors.sandbox import Sandbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def hinted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The logins a worker was woken for."""
    woken: list[int] = []
    monkeypatch.setattr(renewing, "hint", lambda task, pk: woken.append(pk))
    return woken


def due(token: CustomerLoginToken) -> CustomerLoginToken:
    """Let a login be due for renewal."""
    CustomerLoginToken.objects.filter(pk=token.pk).update(
        renew_at=timezone.now() - timedelta(seconds=1)
    )
    return again(token)


def again(token: CustomerLoginToken) -> CustomerLoginToken:
    return CustomerLoginToken.objects.get(pk=token.pk)


def kinds() -> list[str]:
    return list(LoginEvent.objects.order_by("pk").values_list("kind", flat=True))[2:]


def test_login_is_due_five_minutes_before_it_ends(
    connected: CustomerLoginToken, hinted: list[int]
) -> None:
    assert connected.renew_at == connected.expires_at - timedelta(minutes=5)

    sweep()

    assert hinted == []
    assert not renew(token_id=connected.pk)


def test_login_that_is_due_is_hinted_once_by_two_sweeps(
    connected: CustomerLoginToken, hinted: list[int]
) -> None:
    due(connected)

    sweep()
    sweep()

    assert hinted == [connected.pk]


def test_renewal_puts_new_tokens_in_the_place_of_both(
    connected: CustomerLoginToken, sandbox: Sandbox
) -> None:
    before = connected.access_token, connected.refresh_token
    sandbox.advance(3000)
    due(connected)

    assert renew(token_id=connected.pk)

    token = again(connected)
    assert token.state == State.CONNECTED
    assert token.access_token != before[0]
    assert token.refresh_token not in ("", before[1])
    assert token.renewed_at is not None
    assert token.renew_at is not None
    assert token.renew_at > timezone.now()
    assert kinds() == ["renewed"]


def test_each_renewal_uses_the_token_of_the_one_before(
    connected: CustomerLoginToken,
) -> None:
    for _ in range(3):
        assert renew(token_id=due(connected).pk)

    assert kinds() == ["renewed"] * 3


def test_second_worker_finds_nothing_to_do(
    connected: CustomerLoginToken, sandbox: Sandbox
) -> None:
    due(connected)

    assert renew(token_id=connected.pk)
    assert not renew(token_id=connected.pk)

    assert tokens_asked_for(sandbox) == 2


@pytest.mark.parametrize(
    "fault", ["lost_answer", "half_answer", "error_after", "rubbish_json", "html"]
)
def test_lost_answer_is_left_to_a_person_and_not_asked_for_again(
    connected: CustomerLoginToken,
    sandbox: Sandbox,
    hinted: list[int],
    fault: str,
) -> None:
    sandbox.add_fault("kvik", endpoint="login", fault=fault, times=1)
    due(connected)

    assert not renew(token_id=connected.pk)
    for _ in range(3):
        sweep()
        renew(token_id=connected.pk)

    token = again(connected)
    assert token.state == State.LOST
    assert "may be spent" in token.last_error
    assert hinted == []
    assert tokens_asked_for(sandbox) == 2
    assert kinds() == ["renewal_lost"]


def test_page_says_that_it_needs_connecting_again(
    connected: CustomerLoginToken,
    sandbox: Sandbox,
    desk: Client,
    customer: Customer,
    shop: Supplier,
) -> None:
    sandbox.add_fault("kvik", endpoint="login", fault="lost_answer", times=1)
    renew(token_id=due(connected).pk)

    shown = desk.get(page("pair", customer, shop)).content.decode()

    assert "Needs connecting again</span>" in shown
    assert "the token for it may be spent" in shown
    assert "Try the renewal once more</button>" in shown
    assert "Connect again</button>" in shown


def test_person_may_try_a_lost_renewal_once_more(
    connected: CustomerLoginToken, sandbox: Sandbox, desk: Client, buyer: Any
) -> None:
    """The shop had renewed it, so the token is spent, and the shop says so."""
    sandbox.add_fault("kvik", endpoint="login", fault="lost_answer", times=1)
    renew(token_id=due(connected).pk)

    ask_renewal(token_id=connected.pk, actor=buyer)
    assert not renew(token_id=connected.pk)

    token = again(connected)
    assert token.state == State.ENDED
    assert (token.access_token, token.refresh_token) == ("", "")
    assert "The shop has ended this login" in token.last_error
    assert kinds() == ["renewal_lost", "renewal_asked", "ended"]


def test_lost_renewal_that_had_not_reached_the_shop_works_the_second_time(
    connected: CustomerLoginToken, sandbox: Sandbox, buyer: Any
) -> None:
    sandbox.add_fault("kvik", endpoint="login", fault="cut_before", times=1)
    renew(token_id=due(connected).pk)
    assert again(connected).state == State.LOST

    ask_renewal(token_id=connected.pk, actor=buyer)

    assert renew(token_id=connected.pk)
    assert again(connected).state == State.CONNECTED


def test_connecting_again_heals_a_lost_renewal(
    connected: CustomerLoginToken, sandbox: Sandbox, desk: Client, start: Travel
) -> None:
    sandbox.add_fault("kvik", endpoint="login", fault="lost_answer", times=1)
    renew(token_id=due(connected).pk)

    desk.get(decide(start(desk)))

    token = again(connected)
    assert (token.state, token.last_error) == (State.CONNECTED, "")
    assert renew(token_id=due(token).pk)


def test_shop_that_ended_the_login_is_not_asked_again(
    connected: CustomerLoginToken, sandbox: Sandbox, shop: Supplier
) -> None:
    sandbox.advance(31 * 24 * 3600)
    due(connected)

    assert not renew(token_id=connected.pk)
    assert not renew(token_id=connected.pk)
    sweep()

    token = again(connected)
    assert token.state == State.ENDED
    assert (token.access_token, token.refresh_token) == ("", "")
    assert tokens_asked_for(sandbox) == 2
    ended = LoginEvent.objects.get(kind="ended")
    assert "grant or refresh token is not valid" in ended.data["shop_said"]
    assert ended.conversation is not None
    assert SupplierHealth.objects.get(supplier=shop).blocked_until is None


def test_shop_that_is_not_reached_is_tried_later_with_the_same_token(
    connected: CustomerLoginToken, shop: Supplier
) -> None:
    right = shop.base_url
    nowhere = "http://127.0.0.1:9/kvik"
    Supplier.objects.filter(pk=shop.pk).update(base_url=nowhere)
    CustomerLoginToken.objects.update(address=nowhere)
    due(connected)

    assert not renew(token_id=connected.pk)

    token = again(connected)
    assert token.state == State.CONNECTED
    assert token.refresh_token == connected.refresh_token
    assert token.failures == 1
    assert token.renew_at is not None
    assert 50 < (token.renew_at - timezone.now()).total_seconds() <= 60
    Supplier.objects.filter(pk=shop.pk).update(base_url=right)
    CustomerLoginToken.objects.update(address=right)
    assert renew(token_id=due(token).pk)
    assert (again(token).failures, again(token).last_error) == (0, "")


def test_busy_shop_is_tried_later(
    connected: CustomerLoginToken, sandbox: Sandbox
) -> None:
    sandbox.add_fault("kvik", endpoint="login", fault="throttled", times=1)

    assert not renew(token_id=due(connected).pk)
    assert again(connected).state == State.CONNECTED
    SupplierHealth.objects.update(throttled_until=None)
    budgets.forget()
    CallBudget.objects.all().delete()
    assert renew(token_id=due(connected).pk)


def test_wrong_secret_of_ours_costs_no_login_and_is_tried_an_hour_later(
    connected: CustomerLoginToken, shop: Supplier
) -> None:
    change_supplier(
        supplier_id=shop.pk, actor=None, data={"credentials": {"client_secret": "no"}}
    )

    assert not renew(token_id=due(connected).pk)

    token = again(connected)
    assert token.state == State.CONNECTED
    assert token.refresh_token == connected.refresh_token
    assert token.renew_at is not None
    assert (token.renew_at - timezone.now()).total_seconds() > 3500
    assert "client id and secret" in token.last_error
    assert SupplierHealth.objects.get(supplier=shop).blocked_until is None


def test_paused_supplier_is_left_alone(
    connected: CustomerLoginToken,
    shop: Supplier,
    sandbox: Sandbox,
    hinted: list[int],
) -> None:
    Supplier.objects.filter(pk=shop.pk).update(is_paused=True)
    due(connected)

    sweep()

    assert hinted == []
    assert not renew(token_id=connected.pk)
    assert tokens_asked_for(sandbox) == 1


def test_token_of_one_shop_is_never_sent_to_another(
    connected: CustomerLoginToken, shop: Supplier, sandbox: Sandbox
) -> None:
    Supplier.objects.filter(pk=shop.pk).update(base_url=f"{shop.base_url}/other")

    assert not renew(token_id=due(connected).pk)

    token = again(connected)
    assert (token.state, token.refresh_token) == (State.ENDED, "")
    assert "address was changed" in token.last_error
    assert tokens_asked_for(sandbox) == 1


def test_renewal_that_was_cut_off_counts_as_lost(
    connected: CustomerLoginToken,
    sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A worker that dies after the call leaves the claim behind."""

    def die(*args: Any) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(renewing, "_keep", die)
        with pytest.raises(KeyboardInterrupt):
            renew(token_id=due(connected).pk)
    assert again(connected).state == State.RENEWING
    sweep()
    assert again(connected).state == State.RENEWING

    CustomerLoginToken.objects.update(claimed_at=timezone.now() - timedelta(minutes=11))
    sweep()

    assert again(connected).state == State.LOST
    assert not renew(token_id=connected.pk)
    assert tokens_asked_for(sandbox) == 2


def during_the_call(
    monkeypatch: pytest.MonkeyPatch, token: CustomerLoginToken, act: Any
) -> None:
    """Let something happen while the shop is being asked for new tokens."""
    keep = renewing._keep

    def late(*args: Any) -> bool:
        act()
        return keep(*args)

    with monkeypatch.context() as patch:
        patch.setattr(renewing, "_keep", late)
        renew(token_id=due(token).pk)


def test_login_that_is_disconnected_meanwhile_stays_so(
    connected: CustomerLoginToken, monkeypatch: pytest.MonkeyPatch, buyer: Any
) -> None:
    during_the_call(
        monkeypatch,
        connected,
        lambda: disconnect(token_id=connected.pk, actor=buyer),
    )

    token = again(connected)
    assert (token.state, token.access_token) == (State.DISCONNECTED, "")
    assert kinds() == ["disconnected", "came_too_late"]


def test_login_that_is_connected_anew_meanwhile_keeps_its_new_tokens(
    connected: CustomerLoginToken,
    monkeypatch: pytest.MonkeyPatch,
    desk: Client,
    start: Travel,
) -> None:
    newer: list[str] = []

    def connect() -> None:
        desk.get(decide(start(desk)))
        newer.append(again(connected).refresh_token)

    during_the_call(monkeypatch, connected, connect)

    assert again(connected).refresh_token == newer[0]
    assert renew(token_id=due(connected).pk)


def test_answer_that_comes_after_it_was_given_up_is_still_kept(
    connected: CustomerLoginToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    def give_up() -> None:
        CustomerLoginToken.objects.update(
            claimed_at=timezone.now() - timedelta(minutes=11)
        )
        sweep()
        assert again(connected).state == State.LOST

    during_the_call(monkeypatch, connected, give_up)

    assert again(connected).state == State.CONNECTED
    assert renew(token_id=due(connected).pk)


def test_login_without_a_token_for_renewal_ends_by_itself(
    connected: CustomerLoginToken,
) -> None:
    CustomerLoginToken.objects.update(
        refresh_token="", renew_at=None, expires_at=timezone.now()
    )

    sweep()

    token = again(connected)
    assert (token.state, token.access_token) == (State.ENDED, "")
    assert "given nothing to renew it with" in token.last_error


def test_key_that_is_lost_stops_the_renewal_and_no_page(
    connected: CustomerLoginToken,
    sandbox: Sandbox,
    desk: Client,
    customer: Customer,
    shop: Supplier,
    settings: Any,
) -> None:
    due(connected)
    right = settings.CREDENTIAL_KEYS
    settings.CREDENTIAL_KEYS = ["another key " + "x" * 40]

    assert not renew(token_id=connected.pk)
    shown = desk.get(page("pair", customer, shop))

    assert shown.status_code == 200
    assert "CREDENTIAL_KEYS" in shown.content.decode()
    assert tokens_asked_for(sandbox) == 1
    settings.CREDENTIAL_KEYS = right
    assert renew(token_id=due(connected).pk)


def test_history_shows_what_happened_and_counts_the_good_renewals(
    connected: CustomerLoginToken,
    sandbox: Sandbox,
    desk: Client,
    customer: Customer,
    shop: Supplier,
) -> None:
    for _ in range(3):
        renew(token_id=due(connected).pk)
    sandbox.add_fault("kvik", endpoint="login", fault="throttled", times=1)
    renew(token_id=due(connected).pk)

    shown = desk.get(page("pair", customer, shop)).content.decode()

    assert "3 of them are on record" in shown
    assert '<td class="strong">Renewed</td>' not in shown
    assert '<td class="strong">Not renewed</td>' in shown
    assert '<td class="strong">Connected</td>' in shown


def test_only_good_renewals_are_purged_after_their_time(
    connected: CustomerLoginToken, settings: Any
) -> None:
    renew(token_id=due(connected).pk)
    LoginEvent.objects.update(at=timezone.now() - timedelta(days=401))
    renew(token_id=due(connected).pk)

    purge_renewals()

    kept = LoginEvent.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kept) == ["started", "connected", "renewed"]


# --- people -----------------------------------------------------------------------


def test_disconnecting_forgets_the_tokens_and_keeps_the_history(
    connected: CustomerLoginToken, desk: Client, customer: Customer, shop: Supplier
) -> None:
    answer = desk.post(page("disconnect", customer, shop), follow=True)

    assert "Disconnected: the tokens were forgotten." in answer.content.decode()
    token = again(connected)
    assert token.state == State.DISCONNECTED
    assert (token.access_token, token.refresh_token) == ("", "")
    assert token.revoked_at is not None
    event = LoginEvent.objects.get(kind="disconnected")
    assert event.actor_name == "buyer"
    assert not renew(token_id=token.pk)


def test_what_is_disconnected_is_not_disconnected_again(
    connected: CustomerLoginToken, buyer: Any
) -> None:
    disconnect(token_id=connected.pk, actor=buyer)

    refused = refusal(disconnect, token_id=connected.pk, actor=buyer)

    assert "is disconnected" in refused.text
    assert kinds() == ["disconnected"]


@pytest.mark.parametrize("name", ["renew", "disconnect"])
def test_actions_need_a_post_and_the_permission(
    connected: CustomerLoginToken,
    desk: Client,
    customer: Customer,
    shop: Supplier,
    name: str,
) -> None:
    desk.get(page(name, customer, shop))
    looker = Client()
    looker.force_login(person("looker", may_connect=False))

    assert looker.post(page(name, customer, shop)).status_code == 403
    assert again(connected).state == State.CONNECTED
    assert kinds() == []


def test_person_may_have_a_login_renewed_now(
    connected: CustomerLoginToken, desk: Client, customer: Customer, shop: Supplier
) -> None:
    desk.post(page("renew", customer, shop))

    assert renew(token_id=connected.pk)
    assert kinds() == ["renewal_asked", "renewed"]


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (State.RENEWING, "is being renewed at this moment"),
        (State.DISCONNECTED, "is not connected"),
    ],
)
def test_renewal_is_refused_where_there_is_nothing_to_renew(
    connected: CustomerLoginToken, buyer: Any, state: State, told: str
) -> None:
    CustomerLoginToken.objects.update(state=state, expires_at=None, renew_at=None)

    refused = refusal(ask_renewal, token_id=connected.pk, actor=buyer)

    assert told in refused.text
    assert kinds() == []


# --- tries nobody finished --------------------------------------------------------


def test_try_that_nobody_came_back_from_ends(desk: Client, start: Travel) -> None:
    start(desk)
    sweep()
    assert LoginAttempt.objects.get().is_open

    LoginAttempt.objects.update(expires_at=timezone.now())
    sweep()

    attempt = LoginAttempt.objects.get()
    assert (attempt.outcome, attempt.code_verifier) == (Outcome.EXPIRED, "")
    assert LoginEvent.objects.get(kind="not_connected").actor_name == "system"


def test_try_that_was_cut_off_ends_and_may_not_be_taken_up_again(
    desk: Client, start: Travel, sandbox: Sandbox
) -> None:
    back = decide(start(desk))
    LoginAttempt.objects.update(claimed_at=timezone.now())
    waiting = desk.get(back, follow=True).content.decode()
    assert "The shop is being asked at this moment." in waiting

    LoginAttempt.objects.update(claimed_at=timezone.now() - timedelta(minutes=11))
    sweep()

    assert LoginAttempt.objects.get().outcome == Outcome.LOST
    assert "work on it was cut off" in desk.get(back, follow=True).content.decode()
    assert tokens_asked_for(sandbox) == 0


def test_code_whose_answer_comes_after_the_try_was_given_up_connects_nobody(
    desk: Client, start: Travel, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = returning._connect

    def late(*args: Any) -> None:
        LoginAttempt.objects.update(claimed_at=timezone.now() - timedelta(minutes=11))
        sweep()
        connect(*args)

    monkeypatch.setattr(returning, "_connect", late)

    shown = desk.get(decide(start(desk)), follow=True).content.decode()

    assert "Nothing was connected." in shown
    assert not CustomerLoginToken.objects.exists()
    kinds_seen = list(LoginEvent.objects.values_list("kind", flat=True))
    assert kinds_seen == ["came_too_late", "not_connected", "started"]


def test_login_the_shop_gave_nothing_to_renew_with_has_to_be_connected_again(
    connected: CustomerLoginToken, buyer: Any
) -> None:
    connected.refresh_token = ""
    connected.save(update_fields=["refresh_token"])

    refused = refusal(ask_renewal, token_id=connected.pk, actor=buyer)

    assert "gave nothing to renew" in refused.text
    assert again(connected).state == State.CONNECTED


def test_renewal_without_the_key_of_the_secret_is_refused_with_the_reason(
    connected: CustomerLoginToken, buyer: Any, settings: Any
) -> None:
    settings.CREDENTIAL_KEYS = ["another-key-than-it-was-stored-with-" + "k" * 20]

    refused = refusal(ask_renewal, token_id=connected.pk, actor=buyer)

    assert "CREDENTIAL_KEYS" in refused.text
    assert kinds() == []


def test_login_is_started_in_a_session_only(
    customer: Customer, shop: Supplier, buyer: Any
) -> None:
    refused = refusal(
        start_login,
        customer_id=customer.pk,
        supplier_id=shop.pk,
        actor=buyer,
        session_key="",
    )

    assert refused.text == "Log in to the back-office first."
    assert not LoginAttempt.objects.exists()

"""The login by password: who gets in, who does not, and what is said."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.account.urls import urlpatterns as of_accounts
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_login_failed
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import NoReverseMatch, reverse

from procurement.accounts import operations, throttling
from procurement.accounts.models import FailedLogins
from procurement.errors import InvalidInput, OperationNotAllowed
from tests.accounts.conftest import LOGIN, Person, is_in, log_in, text_of

WRONG = "User name or password is wrong."
LOCKED = "Too many logins have failed."


def test_right_password_leads_where_the_person_wanted_to_go(person: Person) -> None:
    person("anna", "Buyer")

    client, answer = log_in("anna", next="/admin/orders/purchaseorder/")

    assert (answer.status_code, answer["Location"]) == (
        302,
        "/admin/orders/purchaseorder/",
    )
    assert is_in(client)


def test_nobody_is_sent_to_another_site(person: Person) -> None:
    person("anna")

    _, answer = log_in("anna", next="https://elsewhere.example/")

    assert answer["Location"] == "/admin/"


@pytest.mark.parametrize(
    ("attributes", "username", "password"),
    [
        ({}, "anna", "another-password"),
        ({}, "nobody", "a-password-for-tests"),
        ({"is_active": False}, "anna", "a-password-for-tests"),
        ({"is_staff": False}, "anna", "a-password-for-tests"),
    ],
    ids=["wrong password", "nobody", "switched off", "no staff"],
)
def test_all_that_fails_is_told_in_the_same_words(
    person: Person, attributes: dict[str, Any], username: str, password: str
) -> None:
    person("anna", **attributes)
    failed: list[str] = []

    def note(sender: object, credentials: Any, **kwargs: Any) -> None:
        failed.append(credentials["username"])

    user_login_failed.connect(note)
    client, answer = log_in(username, password)
    user_login_failed.disconnect(note)

    assert answer.status_code == 200
    assert WRONG in text_of(answer)
    assert not is_in(client)
    assert failed == [username]


def test_nobody_signs_up(person: Person) -> None:
    names = [each.name for each in of_accounts if each.name and "signup" in each.name]
    assert "account_signup" in names
    for name in (*names, "socialaccount_signup", "account_reset_password"):
        with pytest.raises(NoReverseMatch):
            reverse(name)
    client = Client()
    fields = {"username": "eve", "password1": "a-long-password", "email": "e@e.test"}
    for path in ("signup/", "signup/passkey/", "social/signup/", "3rdparty/signup/"):
        for before in ("/account/", "/accounts/", "/admin/login/", "/"):
            assert client.get(before + path).status_code in (302, 404)
            assert client.post(before + path, fields).status_code in (302, 404, 405)
    assert not User.objects.filter(username="eve").exists()


# --- lock-outs --------------------------------------------------------------------


@pytest.fixture
def three(settings: Any) -> None:
    settings.LOGIN_FAILURES_PER_ACCOUNT = 3
    settings.LOGIN_FAILURES_PER_ADDRESS = 5
    settings.LOGIN_LOCK_MINUTES = 15


@pytest.mark.parametrize("username", ["anna", "nobody"])
def test_account_is_locked_after_failures_and_so_is_one_that_is_not_there(
    person: Person, three: None, username: str
) -> None:
    person("anna")
    for _ in range(3):
        assert WRONG in text_of(log_in(username, "wrong")[1])

    # From another address, and with the right password.
    client, answer = log_in(username.upper(), address="192.0.2.99")
    assert LOCKED in text_of(answer)
    assert "Try again in 15 minutes" in text_of(answer)
    client, answer = log_in(username, address="192.0.2.99")
    assert LOCKED in text_of(answer)
    assert not is_in(client)


def test_lock_ends_by_itself_and_trying_does_not_lengthen_it(
    person: Person, three: None
) -> None:
    person("anna")
    with time_machine.travel("2031-04-09 10:00:00+00:00", tick=False) as clock:
        for _ in range(3):
            log_in("anna", "wrong")
        clock.shift(timedelta(minutes=14))
        assert "Try again in 1 minute," in text_of(log_in("anna")[1])
        clock.shift(timedelta(minutes=1, seconds=1))
        client, _ = log_in("anna")
        assert is_in(client)


def test_address_is_locked_whatever_names_are_tried_from_it(
    person: Person, three: None
) -> None:
    person("anna")
    for number in range(5):
        log_in(f"guess-{number}", "wrong", address="2001:db8:1:2::5")

    neighbour = log_in("anna", address="2001:db8:1:2:ffff::1")[1]
    other = log_in("anna", address="2001:db8:1:3::1")[0]

    assert LOCKED in text_of(neighbour)
    assert is_in(other)


def test_right_password_does_not_wash_away_an_attackers_tries(
    person: Person, three: None
) -> None:
    """Somebody with an account of their own logs in between guesses."""
    person("eve"), person("anna")
    for number in range(5):
        log_in(f"guess-{number}", "wrong", address="192.0.2.66")
        log_in("eve", address="192.0.2.66")

    assert LOCKED in text_of(log_in("anna", address="192.0.2.66")[1])


def test_login_forgets_the_failures_of_its_account(person: Person, three: None) -> None:
    person("anna")
    for _ in range(4):
        log_in("anna", "wrong", address="192.0.2.1")
        log_in("anna", address="192.0.2.2")

    assert is_in(log_in("anna", address="192.0.2.2")[0])


def test_typed_names_are_not_kept(person: Person) -> None:
    log_in("a-password-in-the-wrong-field", "x")

    kept = FailedLogins.objects.values_list("subject", flat=True)
    assert {each.partition(":")[0] for each in kept} == {"account", "address"}
    assert not any("wrong-field" in each for each in kept)


def test_administrator_lets_somebody_in_again(person: Person, three: None) -> None:
    anna, admin = person("anna"), person("admin", "Administrator")
    for _ in range(3):
        log_in("anna", "wrong")
    helper, _ = log_in("admin", address="192.0.2.20")
    page = f"/admin/accounts/person/{anna.pk}/"
    assert "locked until" in text_of(helper.get(page))

    without = helper.post(f"{page}unlock/", {"unlock-reason": " "})
    assert without.status_code == 422
    assert "Say why" in text_of(without)
    assert throttling.locked_until(anna)

    answer = helper.post(f"{page}unlock/", {"unlock-reason": "called and proved it"})
    assert answer.status_code == 302
    assert is_in(log_in("anna", address="192.0.2.21")[0])
    event = anna.account_events.get()
    assert (event.kind, event.actor, event.reason) == (
        "unlocked",
        admin,
        "called and proved it",
    )


def test_others_let_nobody_in(person: Person, three: None) -> None:
    anna, buyer = person("anna"), person("buyer", "Buyer")
    root = person("root", is_superuser=True)
    admin = person("admin", "Administrator")
    log_in("anna", "wrong"), log_in("root", "wrong")

    for who, whom, code in ((buyer, anna, "no_permission"), (admin, root, "superuser")):
        with pytest.raises(OperationNotAllowed) as refused:
            operations.unlock_account(user_id=whom.pk, actor=who, reason="please")
        assert refused.value.code == code
    assert FailedLogins.objects.filter(failures__gt=0).count() == 3
    with pytest.raises(InvalidInput):
        operations.unlock_account(user_id=anna.pk, actor=admin, reason=" ")


def test_command_lets_somebody_in_again(person: Person, three: None) -> None:
    person("anna")
    for _ in range(3):
        log_in("anna", "wrong")

    call_command("unlock_account", "anna", reason="on the phone")

    assert is_in(log_in("anna", address="192.0.2.21")[0])
    for name, says in (("anna", "No failed logins"), ("nobody", "no user nobody")):
        with pytest.raises(CommandError, match=says):
            call_command("unlock_account", name)


@pytest.mark.django_db
def test_login_page_is_for_everybody() -> None:
    answer = Client().get(LOGIN)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]

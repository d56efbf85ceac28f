"""Where people are logged in, and how that ends."""

from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.test import Client

from procurement.accounts.models import LoginSession
from procurement.accounts.sessions import purge_sessions
from procurement.accounts.signals import sessions_ended
from tests.accounts.conftest import PASSWORD, Person, is_in, log_in, text_of

NOW = "2031-04-09 10:00:00+00:00"


@pytest.mark.parametrize(
    ("idle", "hours", "steps", "says"),
    [
        (30, 0, [29 * 60, 31 * 60], "nothing was done for a long time"),
        (0, 2, [3600, 3500, 200], "your login was long ago"),
    ],
    ids=["idle", "absolute"],
)
def test_session_ends_by_the_clock_and_says_so(
    person: Person, settings: Any, idle: int, hours: int, steps: list[int], says: str
) -> None:
    settings.SESSION_IDLE_MINUTES, settings.SESSION_HOURS = idle, hours
    person("anna")
    with time_machine.travel(NOW, tick=False) as clock:
        client, _ = log_in("anna")
        for step in steps[:-1]:
            clock.shift(step)
            assert is_in(client)
        clock.shift(steps[-1])
        assert not is_in(client)
        assert says in text_of(client.get("/admin/login/"))
    assert not LoginSession.objects.exists()


def test_session_from_before_is_taken_over(person: Person) -> None:
    """Of an installation that has just been upgraded."""
    client, _ = log_in("anna") if person("anna") else (Client(), None)
    session = client.session
    del session["login"]
    session.save()
    LoginSession.objects.all().delete()

    assert is_in(client)
    assert LoginSession.objects.get().session_key == client.session.session_key


def test_person_sees_and_ends_their_sessions(person: Person) -> None:
    person("anna"), person("eve")
    here, there, third = (log_in("anna")[0] for _ in range(3))
    eve, _ = log_in("eve")
    page = text_of(here.get("/account/"))
    assert page.count("192.0.2.7") == 3
    assert here.session.session_key not in page

    row = LoginSession.objects.get(session_key=there.session.session_key)
    eve.post(f"/account/sessions/{row.pk}/end/")
    assert is_in(there)
    here.post(f"/account/sessions/{row.pk}/end/")
    assert not is_in(there)
    here.post("/account/sessions/end-others/")
    assert (is_in(here), is_in(third), is_in(eve)) == (True, False, True)


def test_new_password_ends_all_sessions_but_the_one_it_is_given_in(
    person: Person,
) -> None:
    person("anna")
    here, there = log_in("anna")[0], log_in("anna")[0]
    told: list[str] = []

    def note(sender: object, reason: str, **kwargs: Any) -> None:
        told.append(reason)

    sessions_ended.connect(note)
    new = "ein-anderes-Wort-42"
    answer = here.post(
        "/admin/password_change/",
        {"old_password": PASSWORD, "new_password1": new, "new_password2": new},
    )
    sessions_ended.disconnect(note)

    assert answer.status_code == 302
    assert (is_in(here), is_in(there)) == (True, False)
    assert told == ["password changed"]
    assert LoginSession.objects.get().session_key == here.session.session_key


@pytest.mark.parametrize("how", ["off", "no staff", "role", "cleared"])
def test_sessions_end_with_the_right_to_them(person: Person, how: str) -> None:
    anna = person("anna", "Buyer")
    client, _ = log_in("anna")
    match how:
        case "off":
            anna.is_active = False
            anna.save()
        case "no staff":
            anna.is_staff = False
            anna.save()
        case "role":
            anna.groups.remove(Group.objects.get(name="Buyer"))
        case "cleared":
            anna.groups.clear()

    assert not is_in(client)
    assert not Session.objects.filter(pk=client.session.session_key).exists()
    # Not even if the account is opened again.
    anna.is_active = anna.is_staff = True
    anna.save()
    assert not is_in(client)


def test_role_given_ends_nothing(person: Person) -> None:
    anna = person("anna", "Buyer")
    client, _ = log_in("anna")
    anna.groups.add(Group.objects.get(name="Approver"))
    assert is_in(client)


def test_logout_leaves_nothing_behind(person: Person) -> None:
    person("anna")
    client, _ = log_in("anna")
    client.post("/admin/logout/")
    assert not LoginSession.objects.exists()


def test_pages_cost_no_query_for_their_session(
    person: Person, django_assert_num_queries: Any
) -> None:
    person("anna")
    client, _ = log_in("anna")
    client.get("/account/sso/return/")
    # The session and its person: what Django reads anyway.
    with django_assert_num_queries(2):
        client.get("/account/sso/return/?x=1")


def test_cookie_is_kept_from_scripts_and_other_sites(person: Person) -> None:
    person("anna")
    client, _ = log_in("anna")
    cookie = client.cookies["sessionid"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_rows_of_sessions_long_gone_are_purged(person: Person, settings: Any) -> None:
    settings.SESSION_COOKIE_AGE = 3600
    person("anna")
    with time_machine.travel(NOW, tick=False) as clock:
        log_in("anna")
        clock.shift(3700)
        log_in("anna")
        assert purge_sessions() == 1
    assert LoginSession.objects.count() == 1


@pytest.mark.parametrize(
    "password", ["elevenchars", "password1234", "123456789012", "annaandersson"]
)
def test_weak_passwords_are_refused(person: Person, password: str) -> None:
    anna = person("anna", last_name="andersson")
    with pytest.raises(ValidationError):
        validate_password(password, anna)

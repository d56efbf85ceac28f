"""Logins through an issuer of OpenID Connect, and everything that must not be one."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import User
from django.test import Client

from procurement.accounts import issuer as talking
from procurement.accounts.models import BreakGlass, LoginSession
from tests.accounts.conftest import Person, is_in, log_in, text_of
from tests.accounts.issuing import CLIENT_ID, CLIENT_SECRET, Issuer, new_key, running

VERIFIED = {"email": "Anna@Example.com", "email_verified": True}
UNTESTED = "did not stand the test"


@pytest.fixture
def issuer(settings: Any) -> Iterator[Issuer]:
    with running() as found:
        settings.OIDC_ISSUER = found.url
        settings.OIDC_CLIENT_ID = CLIENT_ID
        settings.OIDC_CLIENT_SECRET = CLIENT_SECRET
        settings.OIDC_NAME = "Corp ID"
        settings.ALLOW_INSECURE_LOOPBACK = True
        settings.PUBLIC_URL = ""
        yield found


def go(issuer: Issuer, client: Client | None = None, **fields: str) -> tuple[Any, Any]:
    """Press the button, log in there, come back; the client and the last answer."""
    client = client or Client()
    away = client.post("/account/sso/login/", fields)
    assert away.status_code == 302, text_of(away)
    return client, client.get(issuer.authorize(away["Location"]))


# --- who it is --------------------------------------------------------------------


def test_person_is_found_by_verified_email_and_then_kept_by_key(
    issuer: Issuer, person: Person
) -> None:
    anna = person("anna", "Buyer", email="anna@example.com")
    issuer.claims = {"sub": "u-1", **VERIFIED}

    client, answer = go(issuer, next="/admin/orders/purchaseorder/")

    assert answer["Location"] == "/admin/orders/purchaseorder/"
    assert is_in(client)
    assert LoginSession.objects.get().means == "sso"
    # The address changes there; the person stays who they are.
    issuer.claims = {"sub": "u-1", "email": "new@example.com"}
    assert is_in(go(issuer)[0])
    link = SocialAccount.objects.get()
    assert (link.user, link.uid) == (anna, "u-1")


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "anna@example.com"},
        {"email": "anna@example.com", "email_verified": False},
        {"email": "anna@example.com", "email_verified": "false"},
        {"email": "anna@example.com", "email_verified": 1.5},
        {"preferred_username": "anna", **VERIFIED, "email": "eve@example.com"},
    ],
)
def test_nobody_is_found_by_what_is_not_verified(
    issuer: Issuer, person: Person, claims: dict[str, Any]
) -> None:
    person("anna", email="anna@example.com")
    issuer.claims = {"sub": "u-2", **claims}

    client, answer = go(issuer)

    assert answer.status_code == 403
    assert not is_in(client)
    assert not SocialAccount.objects.exists()


def test_address_of_two_people_is_nobodys(issuer: Issuer, person: Person) -> None:
    person("anna", email="anna@example.com")
    person("root", email="ANNA@example.com", is_superuser=True)
    issuer.claims = {"sub": "u-1", **VERIFIED}

    _, answer = go(issuer)

    assert "Several accounts have your e-mail address" in text_of(answer)


def test_second_person_there_does_not_become_the_first_ones_account(
    issuer: Issuer, person: Person
) -> None:
    """Their address was given to somebody else."""
    person("anna", email="anna@example.com")
    issuer.claims = {"sub": "u-1", **VERIFIED}
    go(issuer)
    issuer.claims = {"sub": "u-2", **VERIFIED}

    client, answer = go(issuer)

    assert "connected to somebody else" in text_of(answer)
    assert not is_in(client)


def test_key_of_another_issuer_means_nothing(
    issuer: Issuer, person: Person, settings: Any
) -> None:
    person("anna", email="anna@example.com")
    issuer.claims = {"sub": "u-1", **VERIFIED}
    go(issuer)
    before = talking.provider_id()
    settings.OIDC_ISSUER = "https://another.example"
    assert talking.provider_id() != before


def test_person_is_found_by_a_named_claim(
    issuer: Issuer, person: Person, settings: Any
) -> None:
    settings.OIDC_USERNAME_CLAIM = "preferred_username"
    anna = person("anna")
    issuer.claims = {"sub": "u-1", "preferred_username": "anna"}

    assert is_in(go(issuer)[0])
    assert SocialAccount.objects.get().user == anna


def test_switched_off_here_stays_off(issuer: Issuer, person: Person) -> None:
    anna = person("anna", email="anna@example.com")
    issuer.claims = {"sub": "u-1", **VERIFIED}
    client, _ = go(issuer)
    anna.is_active = False
    anna.save()
    assert not is_in(client)

    client, answer = go(issuer)

    assert "switched off here" in text_of(answer)
    assert not is_in(client)
    anna.refresh_from_db()
    assert not anna.is_active


# --- making people, and their roles -----------------------------------------------


@pytest.fixture
def with_roles(settings: Any) -> None:
    settings.OIDC_CREATE_USERS = True
    settings.OIDC_ROLES_CLAIM = "groups"
    settings.OIDC_ROLES = ["team:buying:Buyer", "heads:Approver"]


def test_person_is_made_with_the_roles_of_the_claim(
    issuer: Issuer, db: None, with_roles: None
) -> None:
    issuer.claims = {
        "sub": "u-9",
        "preferred_username": "bea",
        "given_name": "Bea",
        "groups": ["team:buying", "canteen"],
        **VERIFIED,
    }

    assert is_in(go(issuer)[0])

    bea = User.objects.get(username="bea")
    assert [group.name for group in bea.groups.all()] == ["Buyer"]
    assert (bea.email, bea.first_name) == ("Anna@example.com", "Bea")
    assert (bea.is_staff, bea.is_superuser) == (True, False)
    assert not bea.has_usable_password()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"groups": ["canteen"]}, "None of your groups"),
        ({"groups": {"Buyer": 1}}, "None of your groups"),
        ({"preferred_username": "ANNA"}, "one of your name"),
        ({"preferred_username": "a b<script>"}, "can&#x27;t be one here"),
    ],
)
def test_nobody_is_made_who_does_not_fit(
    issuer: Issuer,
    person: Person,
    with_roles: None,
    changes: dict[str, Any],
    says: str,
) -> None:
    person("anna")
    issuer.claims = {
        "sub": "u-9",
        "preferred_username": "bea",
        "groups": ["heads"],
        **changes,
    }

    _, answer = go(issuer)

    assert says in text_of(answer)
    assert User.objects.count() == 1


def test_nobody_is_made_unless_that_is_wanted(issuer: Issuer, db: None) -> None:
    issuer.claims = {"sub": "u-9", **VERIFIED}

    assert "You have no account here" in text_of(go(issuer)[1])
    assert not User.objects.exists()


def test_roles_come_and_go_with_the_claim_and_others_stay(
    issuer: Issuer, person: Person, with_roles: None
) -> None:
    anna = person("anna", "Operator", "Approver", email="anna@example.com")

    def roles_after(groups: Any) -> list[str]:
        issuer.claims = {"sub": "u-1", **VERIFIED, **groups}
        assert is_in(go(issuer)[0])
        return sorted(anna.groups.values_list("name", flat=True))

    assert roles_after({"groups": ["team:buying"]}) == ["Buyer", "Operator"]
    assert roles_after({"groups": "heads"}) == ["Approver", "Operator"]
    assert roles_after({}) == ["Operator"]
    kinds = [event.kind for event in anna.account_events.order_by("pk")]
    assert kinds == ["linked", "roles_changed", "roles_changed", "roles_changed"]


def test_roles_from_an_object_and_groups_named_elsewhere(
    issuer: Issuer, person: Person, with_roles: None, settings: Any
) -> None:
    anna = person("anna", "Approver", email="anna@example.com")
    settings.OIDC_ROLES_CLAIM = "realm_access.roles"
    issuer.claims = {"sub": "u-1", **VERIFIED, "realm_access": {"roles": ["heads"]}}
    assert is_in(go(issuer)[0])
    assert anna.groups.get().name == "Approver"

    settings.OIDC_ROLES_CLAIM = "groups"
    issuer.claims = {"sub": "u-1", **VERIFIED, "_claim_names": {"groups": "src1"}}
    client, answer = go(issuer)
    assert "too many groups" in text_of(answer)
    assert not is_in(client)
    assert anna.groups.get().name == "Approver"


# --- what is not believed ---------------------------------------------------------


def bent(**changes: Any) -> Any:
    return lambda claims: {
        name: value
        for name, value in {**claims, **changes}.items()
        if value is not None
    }


@pytest.mark.parametrize(
    "bend",
    [
        bent(iss="https://elsewhere.example"),
        bent(aud="another-client"),
        bent(aud=[CLIENT_ID, "another"], azp="another"),
        bent(exp=int(time.time()) - 3600, iat=int(time.time()) - 7200),
        bent(exp=None),
        bent(nonce="of-another-login"),
        bent(nonce=None),
        bent(sub=None),
    ],
    ids=["issuer", "audience", "azp", "expired", "endless", "nonce", "no nonce", "sub"],
)
def test_token_for_something_else_logs_nobody_in(
    issuer: Issuer, person: Person, bend: Any
) -> None:
    person("anna", email="anna@example.com")
    issuer.claims, issuer.bend = {"sub": "u-1", **VERIFIED}, bend

    client, answer = go(issuer)

    assert answer.status_code == 403
    assert UNTESTED in text_of(answer)
    assert not is_in(client)


@pytest.mark.parametrize("how", ["another key", "secret", "none"])
def test_token_signed_by_somebody_else_logs_nobody_in(
    issuer: Issuer, person: Person, how: str
) -> None:
    person("anna", email="anna@example.com")
    issuer.claims = {"sub": "u-1", **VERIFIED}
    secret: Any = CLIENT_SECRET + "x" * 20
    issuer.key, issuer.algorithm = {
        "another key": (new_key(), "RS256"),
        "secret": (secret, "HS256"),
        "none": (None, "none"),
    }[how]

    client, answer = go(issuer)

    assert UNTESTED in text_of(answer)
    assert not is_in(client)


def test_answer_is_taken_once_and_in_the_browser_that_asked(
    issuer: Issuer, person: Person
) -> None:
    person("anna", email="anna@example.com")
    issuer.claims = {"sub": "u-1", **VERIFIED}
    client = Client()
    away = client.post("/account/sso/login/")
    back = issuer.authorize(away["Location"])

    stranger = Client()
    assert "begun in another window" in text_of(stranger.get(back))
    assert not is_in(stranger)
    assert is_in(client) is False
    assert client.get(back).status_code == 302
    assert is_in(client)
    again = client.get(back)
    assert again.status_code == 403
    client.get("/account/sso/return/?code=x&state=made-up")


def test_facts_about_somebody_else_are_not_taken(
    issuer: Issuer, person: Person
) -> None:
    person("anna", email="anna@example.com")
    issuer.claims, issuer.facts = {"sub": "u-1"}, {"sub": "u-2", **VERIFIED}
    assert UNTESTED in text_of(go(issuer)[1])

    issuer.facts = {"sub": "u-1", **VERIFIED}
    assert is_in(go(issuer)[0])


def test_browser_does_not_choose_what_is_asked_for(
    issuer: Issuer, person: Person
) -> None:
    eve = person("eve")
    client = Client()
    client.force_login(eve)
    away = client.post(
        "/account/sso/login/?process=connect&scope=admin&auth_params=prompt%3Dnone",
        {"process": "connect"},
    )

    assert "admin" not in away["Location"]
    assert "prompt" not in away["Location"]
    # And what comes back does not become a link to the account that was open.
    issuer.claims = {"sub": "u-7", **VERIFIED}
    client.get(issuer.authorize(away["Location"]))
    assert not SocialAccount.objects.filter(user=eve).exists()


def test_start_takes_a_button_and_a_cancelled_login_says_so(
    issuer: Issuer, db: None
) -> None:
    client = Client()
    assert client.get("/account/sso/login/").status_code == 405
    away = client.post("/account/sso/login/")
    state = away["Location"].split("state=")[1].split("&")[0]

    back = client.get(f"/account/sso/return/?error=access_denied&state={state}")

    assert "You did not log in at Corp ID" in text_of(back)


# --- when it is away --------------------------------------------------------------


def test_issuer_that_is_away_is_told_and_passwords_go_on(
    issuer: Issuer, person: Person, settings: Any
) -> None:
    person("anna")
    settings.OIDC_ISSUER = "http://127.0.0.1:9"

    answer = Client().post("/account/sso/login/")

    assert answer.status_code == 502
    assert "Corp ID can&#x27;t be reached" in text_of(answer)
    assert is_in(log_in("anna")[0])


@pytest.mark.parametrize(
    "discovery",
    [
        {"issuer": "https://elsewhere.example"},
        {"token_endpoint": "http://10.1.2.3/token"},
        {"jwks_uri": None},
    ],
)
def test_issuer_that_says_something_strange_is_not_used(
    issuer: Issuer, db: None, discovery: dict[str, Any]
) -> None:
    issuer.discovery = discovery

    assert Client().post("/account/sso/login/").status_code == 502


def test_plain_http_is_for_this_machine_alone(
    issuer: Issuer, db: None, settings: Any
) -> None:
    settings.ALLOW_INSECURE_LOOPBACK = False

    assert Client().post("/account/sso/login/").status_code == 502
    assert issuer.calls == []


def test_without_an_issuer_there_is_no_single_sign_on(db: None, settings: Any) -> None:
    settings.OIDC_ISSUER = ""
    client = Client()

    assert "Log in with" not in text_of(client.get("/admin/login/"))
    assert client.post("/account/sso/login/").status_code == 404
    assert client.get("/account/sso/return/?code=1&state=2").status_code == 404


# --- required ---------------------------------------------------------------------


def test_passwords_are_refused_where_single_sign_on_is_required(
    issuer: Issuer, person: Person, settings: Any
) -> None:
    person("anna", "Administrator", email="anna@example.com")
    settings.SSO_REQUIRED = True
    issuer.claims = {"sub": "u-1", **VERIFIED}

    texts = {
        text_of(log_in("anna", password)[1]).count("Passwords are for break-glass")
        for password in ("a-password-for-tests", "wrong")
    }

    assert texts == {1}
    assert not is_in(log_in("anna")[0])
    assert is_in(go(issuer)[0])


def test_second_factor_of_the_issuer_counts_only_if_that_is_said(
    issuer: Issuer, person: Person, settings: Any
) -> None:
    settings.SECOND_FACTOR_ROLES = ["Approver"]
    person("anna", "Approver", email="anna@example.com")
    issuer.claims = {"sub": "u-1", **VERIFIED}

    client, _ = go(issuer)
    assert client.get("/admin/")["Location"] == "/account/"

    settings.OIDC_SECOND_FACTOR = True
    client, _ = go(issuer)
    assert client.get("/admin/").status_code == 200
    # A password is not the issuer's proof.
    assert log_in("anna")[0].get("/admin/")["Location"] == "/account/"


def test_break_glass_account_is_not_reached_through_the_issuer(
    issuer: Issuer, person: Person
) -> None:
    glass = person("glass", email="anna@example.com", is_superuser=True)
    BreakGlass.objects.create(user=glass)
    issuer.claims = {"sub": "u-1", **VERIFIED}

    client, answer = go(issuer)

    assert "This is a break-glass account" in text_of(answer)
    assert not is_in(client)

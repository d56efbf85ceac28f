"""Second factors: setting one up, being asked for it, having to have one, losing it."""

import re
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.test import Client

from procurement import rotating
from procurement.accounts import operations
from procurement.accounts.models import BreakGlassUse, LoginSession
from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.notices.models import Notice
from procurement.secrets import decrypt
from tests.accounts.conftest import PASSWORD, Person, is_in, log_in, text_of

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
NOW = "2031-04-09 10:00:15+00:00"
STEP = "/account/second-factor/"


def code_at(moment: float, secret: str = SECRET) -> str:
    return format_hotp_value(hotp_value(secret, int(moment) // 30))


def with_app(user: User) -> list[str]:
    """Give somebody an app; return their recovery codes."""
    TOTP.activate(user, SECRET)
    return list(RecoveryCodes.activate(user).get_unused_codes())


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def code() -> str:
    import time

    return code_at(time.time())


# --- setting up and using ---------------------------------------------------------


def test_app_is_set_up_and_asked_for_at_the_next_login(
    person: Person, clock: Any
) -> None:
    anna = person("anna", "Buyer")
    client, _ = log_in("anna")
    page = text_of(client.get("/account/app/"))
    secret = re.search(r'class="code secret"[^>]*>(\w+)<', page)[1]  # type: ignore[index]

    # While it waits for its first code, and afterwards, it lies nowhere in the clear.
    waiting = Session.objects.get(pk=client.session.session_key).get_decoded()
    assert secret not in str(waiting)
    assert "not right" in text_of(client.post("/account/app/", {"code": "000000"}))
    import time

    client.post("/account/app/", {"code": code_at(time.time(), secret)})
    kept = Authenticator.objects.get(user=anna, type="totp").data["secret"]
    assert decrypt(kept) == secret
    codes = text_of(client.get("/account/codes/"))
    assert len(re.findall(r"<li>\d{8}</li>", codes)) == 10
    assert "<li>" not in text_of(client.get("/account/codes/")).partition("<main")[2]

    clock.shift(60)
    other, answer = log_in("anna")
    assert answer["Location"] == STEP
    assert not is_in(other)
    other.post(STEP, {"code": code_at(time.time(), secret)})
    assert is_in(other)
    assert LoginSession.objects.get(session_key=other.session.session_key).means == (
        "factor"
    )


def test_code_and_recovery_code_work_once(person: Person, clock: Any) -> None:
    spare = with_app(person("anna"))[0]
    for entered in (code(), spare):
        first, _ = log_in("anna")
        first.post(STEP, {"code": entered})
        assert is_in(first)
        second, _ = log_in("anna")
        assert "not right" in text_of(second.post(STEP, {"code": entered}))
        assert not is_in(second)


def test_codes_are_not_tried_out(person: Person, clock: Any, settings: Any) -> None:
    """The right password in between gives no more tries."""
    settings.LOGIN_FAILURES_PER_ACCOUNT = 3
    with_app(person("anna"))
    client, _ = log_in("anna")
    for _ in range(2):
        client.post(STEP, {"code": "000000"})
    client, _ = log_in("anna")
    client.post(STEP, {"code": "000000"})

    refused = client.post(STEP, {"code": code()})

    assert "Too many logins have failed" in text_of(refused)
    assert not is_in(client)
    assert "Too many logins" in text_of(log_in("anna", address="192.0.2.55")[1])


def test_new_factor_ends_the_sessions_that_never_saw_it(
    person: Person, clock: Any
) -> None:
    person("anna")
    old, here = log_in("anna")[0], log_in("anna")[0]
    page = text_of(here.get("/account/app/"))
    secret = re.search(r'class="code secret"[^>]*>(\w+)<', page)[1]  # type: ignore[index]
    import time

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.db.transaction.on_commit", lambda do, **_: do())
        here.post("/account/app/", {"code": code_at(time.time(), secret)})

    assert is_in(here)
    assert not is_in(old)


def test_old_login_proves_itself_before_factors_change(
    person: Person, clock: Any
) -> None:
    person("anna")
    client, _ = log_in("anna")
    clock.shift(601)

    asked = client.get("/account/app/")
    assert asked["Location"] == "/account/again/?next=%2Faccount%2Fapp%2F"
    wrong = client.post(asked["Location"], {"password": "wrong"})
    assert "The password is wrong" in text_of(wrong)
    client.post(asked["Location"], {"password": PASSWORD})
    assert client.get("/account/app/").status_code == 200


def test_old_login_proves_itself_before_a_key_is_made(
    person: Person, clock: Any
) -> None:
    person("admin", "Administrator")
    client, _ = log_in("admin")
    assert client.get("/admin/access/apikey/add/").status_code == 200
    clock.shift(601)

    for answer in (
        client.get("/admin/access/apikey/add/"),
        client.post("/admin/access/apikey/add/", {"name": "x"}),
    ):
        assert answer["Location"].startswith("/account/again/?next=%2Fadmin%2Faccess")


# --- having to --------------------------------------------------------------------


@pytest.fixture
def required(settings: Any) -> None:
    settings.SECOND_FACTOR_ROLES = ["Administrator", "Approver"]


PAGES = ("/admin/", "/admin/approvals/", "/api/docs/", "/admin/orders/purchaseorder/")


@pytest.mark.parametrize(
    ("roles", "attributes"),
    [
        (["Approver"], {}),
        (["Approver", "Administrator"], {}),
        ([], {"is_superuser": True}),
    ],
    ids=["approver", "administrator", "superuser"],
)
def test_whoever_must_have_one_reaches_nothing_else(
    person: Person, required: None, roles: list[str], attributes: dict[str, Any]
) -> None:
    anna = person("anna", *roles, **attributes)
    client, _ = log_in("anna")

    for page in (*PAGES, "/approve/some-link/", "/calendar/x.ics", "/"):
        answer = client.get(page)
        assert (answer.status_code, answer["Location"]) == (302, "/account/"), page
    assert "Set up a second factor to go on" in text_of(client.get("/account/"))
    assert client.get("/account/app/").status_code == 200
    assert client.get("/healthz").status_code == 200

    with_app(anna)
    for page in PAGES:
        assert client.get(page).status_code == 200, page


def test_others_go_on_without(person: Person, required: None) -> None:
    person("bo", "Buyer")
    client, _ = log_in("bo")
    assert client.get("/admin/").status_code == 200


def test_role_given_later_binds_the_sessions_there_are(
    person: Person, required: None
) -> None:
    from django.contrib.auth.models import Group

    bo = person("bo", "Buyer")
    client, _ = log_in("bo")
    bo.groups.add(Group.objects.get(name="Approver"))

    assert client.get("/admin/")["Location"] == "/account/"


def test_last_one_is_not_removed_by_who_must_have_it(
    person: Person, required: None, clock: Any
) -> None:
    anna = person("anna", "Approver")
    with_app(anna)
    client, _ = log_in("anna")
    client.post(STEP, {"code": code()})

    client.post("/account/app/remove/")

    assert Authenticator.objects.filter(user=anna, type="totp").exists()


# --- losing it --------------------------------------------------------------------


def test_administrator_resets_factors_and_every_session_ends(
    person: Person, clock: Any
) -> None:
    anna, _admin = person("anna"), person("admin", "Administrator")
    with_app(anna)
    client, _ = log_in("anna")
    client.post(STEP, {"code": code()})
    assert is_in(client)
    helper, _ = log_in("admin")

    answer = helper.post(
        f"/admin/accounts/person/{anna.pk}/reset-factors/",
        {"reset-factors-reason": "lost the phone, seen in person"},
    )

    assert answer.status_code == 302
    assert not is_in(client)
    assert not Authenticator.objects.exists()
    event = anna.account_events.get()
    assert event.data == {"kinds": ["recovery_codes", "totp"]}
    assert event.reason == "lost the phone, seen in person"


def test_nobody_resets_their_own_or_a_superusers(person: Person) -> None:
    admin, root = person("admin", "Administrator"), person("root", is_superuser=True)
    buyer = person("buyer", "Buyer")
    for user in (admin, root):
        with_app(user)

    for actor, user, code in (
        (admin, admin, "own_account"),
        (root, root, "own_account"),
        (admin, root, "superuser"),
        (buyer, admin, "no_permission"),
    ):
        with pytest.raises(OperationNotAllowed) as refused:
            operations.reset_factors(user_id=user.pk, actor=actor, reason="x")
        assert refused.value.code == code
    with pytest.raises(InvalidInput):
        operations.reset_factors(user_id=admin.pk, actor=root, reason="")
    assert Authenticator.objects.count() == 4


def test_command_resets_factors(person: Person) -> None:
    with_app(person("root", is_superuser=True))

    call_command("reset_second_factor", "root")

    assert not Authenticator.objects.exists()
    with pytest.raises(CommandError, match="no second factor to reset"):
        call_command("reset_second_factor", "root")


def test_secrets_are_written_anew_with_the_first_key(
    person: Person, settings: Any
) -> None:
    codes = with_app(person("anna"))
    old, new = settings.CREDENTIAL_KEYS[0], "another-key-" + "n" * 40
    settings.CREDENTIAL_KEYS = [new, old]
    rotating.rotate()

    settings.CREDENTIAL_KEYS = [new]
    app = Authenticator.objects.get(type="totp")
    assert decrypt(app.data["secret"]) == SECRET
    kept = Authenticator.objects.get(type="recovery_codes")
    assert kept.wrap().get_unused_codes() == codes
    settings.CREDENTIAL_KEYS = [old]
    factors = [
        each
        for each in rotating.look()
        if "Authenticator" in each.place or "authenticator" in each.place
    ]
    assert [each.unreadable_count for each in factors] == [2]


# --- break-glass ------------------------------------------------------------------


@pytest.fixture
def sso_required(settings: Any) -> None:
    settings.SSO_REQUIRED = True
    settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID = "https://id.example", "x"


def test_break_glass_account_gets_in_with_both_and_everybody_is_told(
    person: Person, clock: Any, sso_required: None
) -> None:
    glass = person("glass", is_superuser=True)
    admin, away = person("admin", "Administrator"), person("away", "Administrator")
    away.is_active = False
    away.save()
    with_app(glass)
    call_command("break_glass", "glass")
    assert "Passwords are for break-glass" in text_of(log_in("admin")[1])

    client, answer = log_in("glass")
    assert answer["Location"] == STEP
    assert not BreakGlassUse.objects.exists()
    client.post(STEP, {"code": code()})

    assert is_in(client)
    use = BreakGlassUse.objects.get()
    assert (use.user, use.address) == (glass, "192.0.2.7")
    told = {each.recipient: each.detail for each in Notice.objects.all()}
    assert told[admin] == "glass logged in from 192.0.2.7."
    assert away not in told

    helper = Client()
    helper.force_login(admin)
    assert "Break-glass accounts used" in text_of(helper.get("/admin/"))
    page = f"/admin/accounts/breakglassuse/{use.pk}/"
    assert "Say why" in text_of(helper.post(f"{page}acknowledge/", {"reason": ""}))
    helper.post(f"{page}acknowledge/", {"reason": "Corp ID was down"})
    use.refresh_from_db()
    assert (use.acknowledged_by, use.reason) == (admin, "Corp ID was down")


def test_own_use_is_looked_into_by_another(
    person: Person, clock: Any, sso_required: None
) -> None:
    glass = person("glass", is_superuser=True)
    use = BreakGlassUse.objects.create(user=glass, at="2031-04-09T10:00:00Z")

    with pytest.raises(OperationNotAllowed) as refused:
        operations.acknowledge_use(use_id=use.pk, actor=glass, reason="fine")

    assert refused.value.code == "own_account"


def test_account_that_would_not_open_is_no_break_glass_account(
    person: Person,
) -> None:
    for user, says in (
        (person("plain"), "no second factor"),
        (person("off", is_active=False), "may not log in"),
    ):
        with pytest.raises(OperationNotAllowed, match=says):
            operations.mark_break_glass(user_id=user.pk, actor=None, reason="x")


def test_break_glass_account_without_its_factor_reaches_nothing(
    person: Person, clock: Any, sso_required: None
) -> None:
    glass = person("glass", is_superuser=True)
    with_app(glass)
    operations.mark_break_glass(user_id=glass.pk, actor=None, reason="x")
    operations.reset_factors(user_id=glass.pk, actor=None, reason="lost")

    client, _ = log_in("glass")

    assert client.get("/admin/")["Location"] == "/account/"
    assert BreakGlassUse.objects.count() == 1

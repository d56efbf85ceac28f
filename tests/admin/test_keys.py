"""The screens of keys: what they tell, and that a key's text is shown once."""

import logging
import re
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from procurement.access.models import ApiKey
from procurement.access.operations import make_key, replace_key
from procurement.accounts import middleware as accounts_middleware
from tests.admin.conftest import Browser, member
from tests.admin.pages import text_of
from tests.factories import make_user

pytestmark = pytest.mark.django_db
KEYS = "/admin/access/apikey/"
NOON = datetime(2031, 4, 9, 12, tzinfo=UTC)
SECRET = re.compile(r'tabindex="0">([0-9a-f]{8}\.[\w-]{43})<')


@pytest.fixture(autouse=True)
def logins_last(settings: Any) -> None:
    """Whoever is logged in today still is on the day a test travels to."""
    settings.SESSION_COOKIE_AGE = 10**9
    settings.SESSION_IDLE_MINUTES = settings.SESSION_HOURS = 0


@pytest.fixture(autouse=True)
def just_proven(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody here has a password to type again; `tests/accounts` have."""
    monkeypatch.setattr(accounts_middleware, "_must_prove", lambda request: False)


@pytest.fixture
def adam(browser: Browser) -> Client:
    return browser("adam", "Administrator")


def a_key(**values: Any) -> ApiKey:
    wanted: Any = {"name": "web shop", "scopes": ["orders:read"], **values}
    user = wanted.pop("user", None) or make_user("robot")
    return make_key(actor=None, user_id=user.pk, **wanted).key


def page_of(client: Client, key: ApiKey) -> str:
    """The words of a key's page, without its tags."""
    page = text_of(client.get(f"{KEYS}{key.pk}/change/"))
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def shown_once(page: str) -> str:
    found = SECRET.search(page)
    assert found, page
    return found[1]


# --- replacing --------------------------------------------------------------------


@time_machine.travel(NOON, tick=False)
def test_replacing_shows_the_new_key_once_and_both_pages_lead_to_each_other(
    adam: Client,
) -> None:
    old = a_key()

    page = text_of(adam.post(f"{KEYS}{old.pk}/replace/", {"overlap_hours": "72"}))

    old.refresh_from_db()
    new = old.replaced_by
    assert new is not None
    assert ApiKey.find(shown_once(page)) == new
    assert f"{old} works until 2031-04-12 12:00 UTC" in page
    of_old, of_new = page_of(adam, old), page_of(adam, new)
    until = "The old key works until 2031-04-12 12:00 UTC."
    unused = "The old key was not used since the new one was made."
    assert f"It was replaced by {new}. {until} {unused} {new}" in of_old
    assert "Replace…" not in of_old
    assert "Replace…" in of_new
    assert f"It replaces {old}. {until} {unused} {old}" in of_new
    assert f"By {new.prefix}…; works until 2031-04-12 12:00 UTC" in of_old
    assert f"In the place of {old.prefix}…" in of_new
    again = text_of(adam.post(f"{KEYS}{old.pk}/replace/", {"overlap_hours": "72"}))
    assert f"was replaced by {new}. Replace that one." in again
    assert ApiKey.objects.count() == 2


def test_a_replaced_key_that_is_still_used_says_from_where(adam: Client) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        old = a_key()
        new = replace_key(key_id=old.pk, actor=None).key
        clock.shift(timedelta(hours=1))
        ApiKey.objects.filter(pk=old.pk).update(
            last_used_at=NOON + timedelta(minutes=55), last_used_from="10.0.0.4"
        )
        still = "The old key is still used: 5 minutes ago from 10.0.0.4."
        for key in (old, new):
            assert still in page_of(adam, key).replace("\xa0", " ")
        clock.shift(timedelta(hours=72))
        assert "The old key works no more." in page_of(adam, new)


@time_machine.travel(NOON, tick=False)
def test_a_successor_is_offered_as_long_a_life_as_the_key_had(adam: Client) -> None:
    old = a_key(expires_at=NOON + timedelta(days=100))

    form = text_of(adam.get(f"{KEYS}{old.pk}/replace/"))

    assert 'value="2031-07-18"' in form
    assert 'value="72"' in form


def test_an_overlap_that_will_not_do_is_said_at_its_field(adam: Client) -> None:
    old = a_key()

    page = text_of(adam.post(f"{KEYS}{old.pk}/replace/", {"overlap_hours": "9999"}))

    assert "Give 0 to 2160 hours." in page
    assert ApiKey.objects.count() == 1


# --- limits -----------------------------------------------------------------------


def test_limits_are_changed_and_the_page_says_by_whom(adam: Client) -> None:
    with time_machine.travel(NOON, tick=False):
        key = a_key(expires_at=NOON + timedelta(days=100), networks="10.0.0.4")
        answer = adam.post(
            f"{KEYS}{key.pk}/limits/",
            {
                "expires_on": "2031-05-01",
                "networks": "10.0.0.0/8\n2001:db8::/32",
                "calls_per_minute": "60",
            },
        )
        page = page_of(adam, key)

    assert answer.status_code == 302
    key.refresh_from_db()
    assert key.networks == ["10.0.0.0/8", "2001:db8::/32"]
    assert key.calls_per_minute == 60
    assert (
        "2031-04-09 12:00 UTC adam Changed Ends: 2031-07-18 12:00 UTC → "
        "2031-05-01 23:59 UTC Only from: 10.0.0.4/32 → 10.0.0.0/8, 2001:db8::/32 "
        "Calls a minute: – → 60" in page
    )


@time_machine.travel(NOON, tick=False)
def test_an_end_that_was_not_touched_stays_to_the_second(adam: Client) -> None:
    ends_at = NOON + timedelta(hours=36)
    key = a_key(expires_at=ends_at)

    adam.post(f"{KEYS}{key.pk}/limits/", {"expires_on": "2031-04-11", "networks": ""})

    key.refresh_from_db()
    assert key.expires_at == ends_at
    assert key.events.count() == 1


def test_a_bad_network_is_named_and_what_was_typed_is_kept(adam: Client) -> None:
    key = a_key()

    page = text_of(
        adam.post(f"{KEYS}{key.pk}/limits/", {"networks": "10.0.0.4 10.0.0.256"})
    )

    assert "10.0.0.256 is no address and no network" in page
    assert "10.0.0.4 10.0.0.256" in page
    key.refresh_from_db()
    assert key.networks == []


def test_the_form_of_a_new_key_says_what_each_scope_opens(adam: Client) -> None:
    page = text_of(adam.get(f"{KEYS}add/"))

    assert "orders:approve – Approve, return and reject orders." in page
    assert "name=&quot;" not in page


# --- what pages tell --------------------------------------------------------------


def test_a_dead_key_that_is_still_tried_says_when_and_from_where(adam: Client) -> None:
    key = a_key()
    ApiKey.objects.update(
        revoked_at=NOON, refused_at=NOON, refused_from="10.0.0.9", refused_why="revoked"
    )

    assert (
        "Calls with it are refused: last at 2031-04-09 12:00 UTC from 10.0.0.9, since "
        "the key is revoked." in page_of(adam, key)
    )
    assert "in vain: " in text_of(adam.get(KEYS))


@pytest.mark.parametrize(
    ("state", "names"),
    [
        ("", {"ends", "for ever", "replaced", "revoked", "over", "left"}),
        ("usable", {"ends", "for ever", "replaced"}),
        ("in_use", {"for ever", "replaced"}),
        ("ending", {"ends"}),
        ("missed", {"ends"}),
        ("replaced", {"replaced"}),
        ("revoked", {"revoked"}),
        ("ended", {"over"}),
        ("user_left", {"left"}),
    ],
)
def test_the_list_is_narrowed_by_state(
    adam: Client, state: str, names: set[str]
) -> None:
    now = datetime.now(UTC)
    ends = a_key(name="ends", expires_at=now + timedelta(days=3))
    ApiKey.objects.filter(pk=ends.pk).update(last_used_at=now)
    a_key(name="for ever")
    replace_key(key_id=a_key(name="replaced").pk, actor=None)
    ApiKey.objects.filter(pk=a_key(name="revoked").pk).update(revoked_at=now)
    ApiKey.objects.filter(pk=a_key(name="over").pk).update(expires_at=now)
    a_key(name="left", user=make_user("left"))
    User.objects.filter(username="left").update(is_active=False)

    rows = adam.get(KEYS, {"state": state}).context["cl"].result_list

    assert {key.name for key in rows} == names


def test_the_first_page_tells_keepers_of_keys_that_end_soon(
    adam: Client, browser: Browser
) -> None:
    key = a_key(expires_at=datetime.now(UTC) + timedelta(days=3))
    ApiKey.objects.filter(pk=key.pk).update(last_used_at=datetime.now(UTC))

    assert f"{KEYS}?state=missed" in text_of(adam.get("/admin/"))
    buyer = browser("buyer", "Buyer")
    assert f"{KEYS}?state=missed" not in text_of(buyer.get("/admin/"))


def test_an_auditor_looks_and_is_offered_nothing_to_do(browser: Browser) -> None:
    key = a_key()
    auditor = browser("audrey", "Auditor")

    page = text_of(auditor.get(f"{KEYS}{key.pk}/change/"))

    assert "web shop" in page
    for act in ("replace", "limits", "revoke"):
        assert f"/{act}/" not in page
        assert auditor.post(f"{KEYS}{key.pk}/{act}/").status_code == 403


def test_the_list_of_keys_costs_the_same_for_many(adam: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            adam.get(KEYS)
        return len(found)

    a_key()
    queries()
    few = queries()
    for number in range(9):
        replace_key(key_id=a_key(name=f"system {number}").pk, actor=None)

    assert queries() == few


# --- shown once -------------------------------------------------------------------


def everything_kept() -> str:
    """Every value of every table, and those of the sessions in clear."""
    kept = []
    for model in apps.get_models(include_auto_created=True):
        rows = model._base_manager.values_list()
        kept.append(str(list(rows)))
        if model._meta.label == "sessions.Session":
            kept += [str(row.get_decoded()) for row in model._base_manager.all()]  # type: ignore[attr-defined]
    return "\n".join(kept)


def test_nothing_of_a_keys_text_stays_anywhere(
    adam: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    user = make_user("robot")
    posted = {"name": "erp", "user": user.pk, "scopes": ["orders:read"]}
    made = adam.post(f"{KEYS}add/", posted)
    first = shown_once(text_of(made))
    key = ApiKey.objects.get()
    replaced = adam.post(f"{KEYS}{key.pk}/replace/", {"overlap_hours": "1"})
    second = shown_once(text_of(replaced))
    out, err = StringIO(), StringIO()
    call_command("create_api_key", replace=second, stdout=out, stderr=err)
    third = out.getvalue().strip()
    for text in (first, second, third):
        client = Client(headers={"Authorization": f"Bearer {text}"})
        assert client.get("/api/v1/orders/").status_code == 403
        client = Client(headers={"Authorization": f"Bearer {text}x"})
        assert client.get("/api/v1/orders/").status_code == 401
    pages = [text_of(adam.get(KEYS))]
    for found in ApiKey.objects.all():
        pages.append(text_of(adam.get(f"{KEYS}{found.pk}/change/")))

    remains = "\n".join(
        (everything_kept(), caplog.text, err.getvalue(), str(adam.cookies), *pages)
    )
    for text in (first, second, third):
        assert text.partition(".")[2] not in remains
    for answer in (made, replaced):
        assert "no-store" in answer.headers["Cache-Control"]


# --- the command ------------------------------------------------------------------


def command(*arguments: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("create_api_key", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


@time_machine.travel(NOON, tick=False)
def test_the_command_replaces_a_key_and_prints_the_new_one_alone() -> None:
    old = a_key(networks="10.0.0.4")

    out, err = command("--replace", old.prefix, "--overlap-hours", "24")

    new = ApiKey.find(out.strip())
    old.refresh_from_db()
    assert out.count("\n") == 1
    assert new == old.replaced_by
    assert old.expires_at == NOON + timedelta(hours=24)
    assert err == f"{old} works until 2031-04-10 12:00 UTC.\n"


def test_the_command_sets_end_networks_and_limit() -> None:
    make_user("robot")

    command(
        "erp",
        "--user=robot",
        "--scopes=orders:read",
        "--ends=2040-01-31",
        "--networks=10.0.0.4,2001:db8::/32",
        "--calls-per-minute=0",
    )

    key = ApiKey.objects.get()
    assert key.expires_at is not None
    assert key.expires_at.isoformat() == "2040-01-31T23:59:59.999999+00:00"
    assert key.networks == ["10.0.0.4/32", "2001:db8::/32"]
    assert key.calls_per_minute == 0
    assert key.events.get().actor is None


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["erp", "--scopes=orders:read"], "Say with --user"),
        (["erp", "--user=robot", "--scopes=orders:read", "--ends=soon"], "is no day"),
        (
            ["erp", "--user=robot", "--scopes=orders:read", "--networks=x"],
            "x is no address",
        ),
        (
            ["erp", "--user=robot", "--scopes=orders:read", "--overlap-hours=1"],
            "goes with --replace",
        ),
        (["--replace=00000000"], "There is no key that begins with 00000000"),
        (["--replace=PREFIX", "--scopes=orders:read"], "has scopes of the old one"),
        (["--replace=PREFIX", "--overlap-hours=-1"], "Give 0 to 2160 hours"),
    ],
)
def test_the_command_says_what_it_can_not_do(arguments: list[str], text: str) -> None:
    key = a_key()
    given = [argument.replace("PREFIX", key.prefix) for argument in arguments]

    with pytest.raises(CommandError, match=text):
        command(*given)

    assert ApiKey.objects.count() == 1


def test_a_key_of_a_superuser_is_replaced_by_a_superuser(adam: Client) -> None:
    key = a_key(user=make_user("root", is_superuser=True))

    page = text_of(adam.post(f"{KEYS}{key.pk}/replace/", {"overlap_hours": "1"}))

    assert "Only a superuser makes keys for root." in page
    assert ApiKey.objects.count() == 1
    assert not member("adam", "Administrator").is_superuser

"""Who gave, took, changed and fetched what, through every door, is told afterwards."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command
from django.db import transaction
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from procurement import trail
from procurement.access import operations as keys
from procurement.approvals import rule_operations
from procurement.approvals.models import ApprovalRule, StandIn
from procurement.audit.models import Door, Entry
from procurement.documents.calendars.operations import make_feed, revoke_feed
from procurement.reach.models import Reach
from procurement.suppliers.operations import change_supplier
from procurement.trail import Outcome
from procurement.webhooks.operations import create_endpoint, rotate_secret
from tests.factories import make_order, make_supplier, make_user

pytestmark = pytest.mark.django_db
PASSWORD = "a-good-password-9"


def told() -> list[tuple[str, str, str, dict[str, Any]]]:
    """Kind, who, about, details; the oldest first."""
    rows = Entry.objects.order_by("pk")
    return list(rows.values_list("kind", "actor_name", "subject", "details"))


@pytest.fixture
def root() -> User:
    root = make_user("root", is_superuser=True)
    root.set_password(PASSWORD)
    root.save()
    _forget()
    return root


@pytest.fixture
def desk(root: User) -> Client:
    client = Client(REMOTE_ADDR="192.0.2.7")
    client.force_login(root)
    _forget()
    return client


def _forget() -> None:
    """What setting up a test has told; the triggers are not there for most tests."""
    Entry._base_manager.all()._raw_delete("default")  # type: ignore[attr-defined]


# --- logging in ---------------------------------------------------------------------


def test_logins_say_who_and_from_where(root: User) -> None:
    client = Client(REMOTE_ADDR="192.0.2.7")
    login = {"username": "root", "password": PASSWORD}

    client.post("/admin/login/", {**login, "password": "wrong"})
    client.post("/admin/login/", {"username": "hunter2-typed-here", "password": "x"})
    client.post("/admin/login/", login)
    client.post("/admin/logout/")

    assert told() == [
        ("login.failed", "", "root", {}),
        ("login.failed", "", "hu… (18)", {}),
        ("login.done", "root", "root", {}),
        ("login.out", "root", "root", {}),
    ]
    entries = list(Entry.objects.order_by("pk"))
    assert {entry.address for entry in entries} == {"192.0.2.7"}
    assert {entry.door for entry in entries} == {Door.SCREEN}
    assert [entry.outcome for entry in entries] == ["failed", "failed", "done", "done"]


def test_a_failed_login_is_told_though_what_it_was_part_of_is_undone(
    root: User,
) -> None:
    request = RequestFactory().post("/admin/login/")

    assert authenticate(request, username="root", password="wrong") is None

    assert Entry.objects.get().subject == "root"


# --- people and rights --------------------------------------------------------------


def test_page_of_a_user_tells_of_rights_and_of_being_switched_off(desk: Client) -> None:
    bea = make_user("bea")
    buyer = Group.objects.get(name="Buyer")
    approver = Group.objects.get(name="Approver")
    bea.groups.add(buyer)
    _forget()

    answer = desk.post(
        f"/admin/auth/user/{bea.pk}/change/",
        {
            "username": "bea",
            "first_name": "Bea",
            "is_staff": "on",
            "groups": [approver.pk],
            "date_joined_0": "2031-01-01",
            "date_joined_1": "10:00",
            "reach-TOTAL_FORMS": "1",
            "reach-INITIAL_FORMS": "0",
            "reach-0-orders": "own",
        },
    )

    assert answer.status_code == 302, answer.context["errors"]
    assert sorted(told()) == sorted(
        [
            ("user.switched_off", "root", "bea", {}),
            (
                "user.changed",
                "root",
                "bea",
                {"changes": {"first_name": ["", "Bea"]}},
            ),
            ("rights.taken", "root", "bea", {"groups": ["Buyer"]}),
            ("rights.given", "root", "bea", {"groups": ["Approver"]}),
            ("rights.reach", "root", "bea", {"changes": {"orders": ["all", "own"]}}),
        ]
    )
    assert set(Entry.objects.values_list("address", flat=True)) == {"192.0.2.7"}


def test_a_command_tells_who_has_the_command_line(root: User) -> None:
    call_command(
        "createsuperuser", username="second", email="", interactive=False, verbosity=0
    )

    kinds = [kind for kind, *_ in told()]
    assert kinds == ["user.made", "rights.superuser"]
    entry = Entry.objects.get(kind="rights.superuser")
    assert (entry.subject, entry.door, entry.address) == ("second", Door.COMMAND, None)
    assert entry.actor_name.startswith("(")


def test_rights_are_told_from_either_end(root: User) -> None:
    bea, group = make_user("bea"), Group.objects.create(name="Night shift")
    may = Permission.objects.get(codename="view_heartbeat")
    _forget()

    group.user_set.add(bea)
    group.permissions.add(may)
    bea.user_permissions.set([may])
    group.user_set.clear()
    bea.user_permissions.clear()
    group.name = "Day shift"
    group.save()
    group.delete()

    given = {"permissions": ["coordination.view_heartbeat"]}
    assert [(kind, subject, details) for kind, _, subject, details in told()] == [
        ("rights.given", "bea", {"groups": ["Night shift"]}),
        ("rights.given", "Night shift", given),
        ("rights.given", "bea", given),
        ("rights.taken", "bea", {"groups": ["Night shift"]}),
        ("rights.taken", "bea", given),
        (
            "group.renamed",
            "Day shift",
            {"changes": {"name": ["Night shift", "Day shift"]}},
        ),
        ("group.deleted", "Day shift", {}),
    ]


def test_a_password_is_told_of_and_never_told(root: User) -> None:
    root.set_password("another-good-one-8")
    root.save()
    User.objects.get(username="root").save(update_fields=["last_login"])

    assert [kind for kind, *_ in told()] == ["password.changed"]
    entry = Entry.objects.get()
    assert "another" not in f"{vars(entry)}"
    assert "md5" not in f"{vars(entry)}"


def test_a_hash_brought_up_to_date_at_a_login_is_no_change(
    root: User, settings: Any
) -> None:
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
        "django.contrib.auth.hashers.MD5PasswordHasher",
    ]
    Client().post("/admin/login/", {"username": "root", "password": PASSWORD})

    assert User.objects.get().password.startswith("pbkdf2_")
    assert [kind for kind, *_ in told()] == ["login.done"]


def test_names_stay_when_the_user_has_gone(root: User) -> None:
    gone = make_user("gone")
    with transaction.atomic():
        trail.record("login.done", actor=gone, subject=gone)
    gone.delete()

    entry = Entry.objects.get(kind="login.done")
    assert (entry.actor_name, entry.subject) == ("gone", "gone")
    assert ("user.deleted", "gone") in [(kind, about) for kind, _, about, _ in told()]


def test_reach_is_told_with_its_shops(root: User) -> None:
    bea = make_user("bea")
    _forget()
    reach = Reach.objects.create(user=bea, orders="all", is_bound_to_shops=True)
    reach.delete()

    assert [(kind, details) for kind, _, _, details in told()] == [
        ("rights.reach", {"changes": {"is_bound_to_shops": [False, True]}}),
        ("rights.reach", {"removed": True}),
    ]


# --- keys, suppliers, approval ------------------------------------------------------


def test_keys_of_other_systems(root: User) -> None:
    shop = make_user("shop")
    _forget()
    made = keys.make_key(
        actor=root, name="web shop", user_id=shop.pk, scopes=["orders:read"]
    )
    keys.change_key(
        key_id=made.key.pk,
        actor=root,
        expires_at=None,
        networks="10.0.0.0/8",
        calls_per_minute=None,
    )
    again = keys.replace_key(key_id=made.key.pk, actor=root)
    keys.revoke_key(key_id=again.key.pk, actor=root)

    assert [kind for kind, *_ in told()] == [
        "key.made",
        "key.changed",
        "key.made",
        "key.replaced",
        "key.revoked",
    ]
    texts = "".join(f"{vars(entry)}" for entry in Entry.objects.all())
    assert made.text not in texts
    assert made.text.partition(".")[2] not in texts
    assert made.key.secret_hash not in texts


def test_suppliers_tell_names_of_credentials_and_the_mode(root: User) -> None:
    supplier = make_supplier()
    _forget()

    change_supplier(
        supplier_id=supplier.pk,
        actor=root,
        data={"credentials": {"password": "s3cret-word"}, "mode": "live"},
    )
    change_supplier(supplier_id=supplier.pk, actor=root, data={"name": "Renamed"})

    assert told() == [
        ("supplier.credentials", "root", "extend-nord", {"new": ["password"]}),
        ("supplier.mode", "root", "extend-nord", {"mode": ["test", "live"]}),
    ]


def test_what_is_undone_is_not_told(root: User) -> None:
    supplier = make_supplier()
    _forget()

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        change_supplier(supplier_id=supplier.pk, actor=root, data={"mode": "live"})
        raise ZeroDivisionError

    assert told() == []


def test_webhook_endpoints_are_named_by_their_host(root: User) -> None:
    endpoint = create_endpoint(
        actor=root, data={"url": "https://1.1.1.1/in?token=their-own-secret"}
    )
    rotate_secret(endpoint_id=endpoint.pk, actor=root, overlap=timedelta(hours=1))

    assert told() == [
        ("webhook.made", "root", "1.1.1.1", {"owner": "root"}),
        (
            "webhook.rotated",
            "root",
            "1.1.1.1",
            {"owner": "root", "old_one_works_on": "1:00:00"},
        ),
    ]


def test_rules_and_stand_ins_tell_what_was_and_is(root: User) -> None:
    level = {"name": "Head", "groups": [Group.objects.get(name="Approver")]}
    make_user("anna", "approve_purchaseorder").groups.add(level["groups"][0])
    _forget()
    data = {"name": "Large", "currency": "SEK", "least_amount": 1000, "levels": [level]}
    rule = rule_operations.save_rule(rule_id=None, actor=root, data=data)
    rule_operations.save_rule(rule_id=rule.pk, actor=root, data={"is_active": False})
    rule_operations.save_rule(rule_id=rule.pk, actor=root, data={"is_active": False})
    today = timezone.now().date()
    stand_in = rule_operations.save_stand_in(
        stand_in_id=None,
        actor=root,
        data={
            "stand_in": User.objects.get(username="anna"),
            "first_day": today + timedelta(days=9),
            "last_day": today + timedelta(days=9),
            "reason": "holiday",
        },
    )
    rule_operations.withdraw_stand_in(stand_in_id=stand_in.pk, actor=root)
    ApprovalRule.objects.get().delete()

    found = [(kind, details.get("changes")) for kind, _, _, details in told()]
    assert [kind for kind, _ in found] == [
        "rule.made",
        "rule.changed",
        "standin.made",
        "standin.deleted",
        "rule.deleted",
    ]
    made = found[0][1]
    assert made is not None
    assert made["level 1"] == ["", "Head: Approver"]
    assert made["least_amount"] == ["", "1000.000"]
    assert found[1][1] == {"is_active": [True, False]}
    assert not StandIn.objects.exists()


# --- what leaves the house ----------------------------------------------------------


def test_a_file_fetched_from_any_page_is_told(desk: Client) -> None:
    order = make_order()
    _forget()

    desk.get("/admin/imports/orderimport/template/csv/")
    printed = desk.post(reverse("print_orders"), {"order": [str(order.pk)]})

    assert printed.status_code == 200
    assert told() == [("export.printed", "root", "orders.pdf", {"orders": 1})]


def test_addresses_of_calendars_are_told(root: User) -> None:
    _, secret = make_feed(actor=root, narrowing={})
    revoke_feed(actor=root)

    assert [kind for kind, *_ in told()] == ["calendar.made", "calendar.revoked"]
    assert secret not in "".join(f"{vars(entry)}" for entry in Entry.objects.all())


# --- the trail itself ---------------------------------------------------------------


def test_a_kind_nobody_registered_is_an_error(root: User) -> None:
    with pytest.raises(LookupError, match="No app has registered"):
        trail.record("made.up")


def test_an_app_adds_a_kind_in_two_lines(
    root: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trail, "_kinds", dict(trail._kinds))
    monkeypatch.setattr(trail, "_groups", dict(trail._groups))
    trail.register("accounts", "Accounts", {"accounts.locked": "Account locked"})
    trail.record(
        "accounts.locked", subject=root, details={"after": 5}, outcome=Outcome.FAILED
    )

    assert Entry.objects.get().details == {"after": 5}
    assert trail.label_of("accounts.locked") == "Account locked"


def test_secrets_handed_in_by_mistake_are_masked(root: User, settings: Any) -> None:
    made = keys.make_key(
        actor=root, name="web shop", user_id=root.pk, scopes=["orders:read"]
    )
    _forget()
    trail.record(
        "user.changed",
        details={
            "key": made.text,
            "signing": f"of {settings.SECRET_KEY}",
            "hash": "pbkdf2_sha256$1000000$salt$hash=",
            "stored": "gAAAAABp" + "x" * 60,
            "long": "y" * 10_000,
            "deep": {"list": [settings.CREDENTIAL_KEYS[0], 1, None]},
        },
    )

    assert Entry.objects.get().details == {
        "key": "***",
        "signing": "of ***",
        "hash": "***",
        "stored": "***",
        "long": "y" * 500,
        "deep": {"list": ["***", 1, None]},
    }

"""Keys are made, replaced, changed and revoked, and it is written down by whom."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User

from procurement.access.models import ApiKey, Standing
from procurement.access.operations import (
    NewKey,
    change_key,
    make_key,
    replace_key,
    revoke_key,
)
from procurement.access.queries import ending_in_use
from procurement.errors import InvalidInput, OperationNotAllowed
from tests.factories import make_user
from tests.parties import make_shop

pytestmark = pytest.mark.django_db
NOON = datetime(2031, 4, 9, 12, tzinfo=UTC)


@pytest.fixture
def robot() -> User:
    return make_user("robot")


@pytest.fixture
def adam() -> User:
    return make_user("adam")


def made(user: User, actor: User | None = None, **changes: Any) -> NewKey:
    values = {"name": "web shop", "scopes": ["orders:read"], **changes}
    return make_key(actor=actor, user_id=user.pk, **values)


def history(key: ApiKey) -> list[tuple[str, str, Any]]:
    return [
        (event.kind, event.actor.username if event.actor else "", event.data)
        for event in key.events.order_by("pk")
    ]


# --- made -------------------------------------------------------------------------


def test_a_key_is_what_was_asked_for(robot: User, adam: User) -> None:
    shop = make_shop("north")
    key = made(
        robot,
        adam,
        name=" web shop ",
        scopes=["orders:write", "orders:read", "orders:write"],
        shop_id=shop.pk,
        networks="10.0.0.4, 2001:DB8::/32\n10.0.0.4",
        calls_per_minute=30,
    ).key

    key.refresh_from_db()
    assert (key.name, key.user, key.shop) == ("web shop", robot, shop)
    assert key.scopes == ["orders:write", "orders:read"]
    assert key.networks == ["10.0.0.4/32", "2001:db8::/32"]
    assert key.calls_per_minute == 30
    assert history(key) == [("made", "adam", {})]


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"name": " "}, {"name": "Give a name of 1 to 80 characters."}),
        ({"scopes": []}, {"scopes": "Give one scope or more."}),
        (
            {"networks": ["10.0.0.4", "10.0.0.300"]},
            {
                "networks": "10.0.0.300 is no address and no network, such as "
                "192.0.2.10, 192.0.2.0/24 or 2001:db8::/32."
            },
        ),
        (
            {"networks": "10.0.0.5/24"},
            {
                "networks": "10.0.0.5/24 is an address within a network. Give "
                "10.0.0.0/24."
            },
        ),
        (
            {"networks": [f"10.0.0.{number}" for number in range(51)]},
            {"networks": "Give at most 50 networks."},
        ),
        (
            {"calls_per_minute": -1},
            {"calls_per_minute": "Give 0 to 1000000 calls a minute."},
        ),
        ({"expires_at": NOON}, {"expires_at": "Give an end that is still to come."}),
    ],
)
@time_machine.travel(NOON, tick=False)
def test_a_key_that_will_not_do_is_not_made(
    robot: User, changes: dict[str, Any], errors: dict[str, str]
) -> None:
    with pytest.raises(InvalidInput) as refused:
        made(robot, **changes)

    assert refused.value.errors == errors
    assert not ApiKey.objects.exists()


def test_only_a_superuser_makes_or_replaces_a_superusers_key(adam: User) -> None:
    root = make_user("root", is_superuser=True)
    made(root, root)
    key = made(root).key

    with pytest.raises(OperationNotAllowed, match="Only a superuser makes keys for"):
        made(root, adam)
    with pytest.raises(OperationNotAllowed, match="Only a superuser makes keys for"):
        replace_key(key_id=key.pk, actor=adam)

    assert ApiKey.objects.count() == 2


# --- replaced ---------------------------------------------------------------------


def test_a_replaced_key_works_until_the_overlap_is_over(
    robot: User, adam: User
) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        old = made(
            robot,
            name="erp",
            scopes=["orders:read", "events:read"],
            shop_id=make_shop("north").pk,
            networks="10.0.0.0/8",
            calls_per_minute=7,
        )
        new = replace_key(key_id=old.key.pk, actor=adam, overlap=timedelta(hours=72))

        for column in (
            "name",
            "user_id",
            "scopes",
            "shop_id",
            "networks",
            "calls_per_minute",
            "source",
        ):
            assert getattr(new.key, column) == getattr(old.key, column), column
        assert new.text != old.text
        assert ApiKey.find(new.text) == new.key
        clock.move_to(NOON + timedelta(hours=71, minutes=59))
        assert ApiKey.find(old.text) == old.key
        clock.move_to(NOON + timedelta(hours=72))
        assert ApiKey.find(old.text) is None
        assert ApiKey.find(new.text) == new.key

    old.key.refresh_from_db()
    assert old.key.replaced_by == new.key
    until = "2031-04-12T12:00:00+00:00"
    assert history(old.key) == [
        ("made", "", {}),
        ("replaced", "adam", {"replaced_by": new.key.prefix, "until": until}),
    ]
    assert history(new.key) == [("made", "adam", {"replaces": old.key.prefix})]


def test_no_overlap_ends_the_old_key_at_once(robot: User) -> None:
    old = made(robot)

    new = replace_key(key_id=old.key.pk, actor=None, overlap=timedelta())

    assert ApiKey.find(old.text) is None
    assert ApiKey.find(new.text) == new.key


@time_machine.travel(NOON, tick=False)
def test_an_end_that_comes_sooner_is_not_put_off_by_an_overlap(robot: User) -> None:
    soon = NOON + timedelta(hours=1)
    old = made(robot, expires_at=soon)

    replace_key(key_id=old.key.pk, actor=None, overlap=timedelta(hours=72))

    old.key.refresh_from_db()
    assert old.key.expires_at == soon


@pytest.mark.parametrize("hours", [-1, 2161])
def test_an_overlap_is_within_ninety_days(robot: User, hours: int) -> None:
    key = made(robot).key

    with pytest.raises(InvalidInput, match=r"Give 0 to 2160 hours\."):
        replace_key(key_id=key.pk, actor=None, overlap=timedelta(hours=hours))

    assert ApiKey.objects.count() == 1


def test_a_key_is_replaced_once_unless_its_successor_is_gone(robot: User) -> None:
    old = made(robot).key
    lost = replace_key(key_id=old.pk, actor=None).key

    with pytest.raises(OperationNotAllowed, match=r"was replaced by .* Replace that"):
        replace_key(key_id=old.pk, actor=None)

    revoke_key(key_id=lost.pk, actor=None)
    second = replace_key(key_id=old.pk, actor=None).key
    old.refresh_from_db()
    assert old.replaced_by == second


def test_a_dead_key_is_neither_replaced_nor_changed(robot: User) -> None:
    revoked = made(robot).key
    revoke_key(key_id=revoked.pk, actor=None)
    ended = made(robot).key
    ApiKey.objects.filter(pk=ended.pk).update(expires_at=NOON - timedelta(days=9999))
    left = made(make_user("left")).key
    User.objects.filter(username="left").update(is_active=False)
    limits: Any = {"expires_at": None, "networks": "", "calls_per_minute": None}

    for key, why in (
        (revoked, "the key is revoked"),
        (ended, "the key has ended"),
        (left, "its user is not active"),
    ):
        with pytest.raises(OperationNotAllowed, match=why):
            replace_key(key_id=key.pk, actor=None)
        with pytest.raises(OperationNotAllowed, match=why):
            change_key(key_id=key.pk, actor=None, **limits)

    assert ApiKey.objects.count() == 3


# --- changed and revoked ----------------------------------------------------------


@time_machine.travel(NOON, tick=False)
def test_an_end_is_moved_and_the_change_says_from_what_to_what(
    robot: User, adam: User
) -> None:
    later, sooner = NOON + timedelta(days=30), NOON + timedelta(days=2)
    key = made(robot, expires_at=later, networks="10.0.0.4").key
    same: Any = {"networks": "10.0.0.4", "calls_per_minute": None}

    change_key(key_id=key.pk, actor=adam, expires_at=sooner, **same)
    change_key(key_id=key.pk, actor=adam, expires_at=sooner, **same)
    change_key(
        key_id=key.pk, actor=adam, expires_at=None, networks="", calls_per_minute=0
    )

    assert history(key)[1:] == [
        (
            "changed",
            "adam",
            {
                "changes": {
                    "expires_at": [
                        "2031-05-09T12:00:00+00:00",
                        "2031-04-11T12:00:00+00:00",
                    ]
                }
            },
        ),
        (
            "changed",
            "adam",
            {
                "changes": {
                    "expires_at": ["2031-04-11T12:00:00+00:00", None],
                    "networks": [["10.0.0.4/32"], []],
                    "calls_per_minute": [None, 0],
                }
            },
        ),
    ]


def test_a_change_that_will_not_do_changes_nothing(robot: User) -> None:
    key = made(robot, networks="10.0.0.4").key

    with pytest.raises(InvalidInput) as refused:
        change_key(
            key_id=key.pk,
            actor=None,
            expires_at=None,
            networks="here",
            calls_per_minute=5,
        )

    assert list(refused.value.errors) == ["networks"]
    key.refresh_from_db()
    assert (key.networks, key.calls_per_minute) == (["10.0.0.4/32"], None)


def test_a_key_is_revoked_once(robot: User, adam: User) -> None:
    new = made(robot)

    assert revoke_key(key_id=new.key.pk, actor=adam)
    assert not revoke_key(key_id=new.key.pk, actor=adam)

    assert ApiKey.find(new.text) is None
    assert [kind for kind, _, _ in history(new.key)] == ["made", "revoked"]


# --- how they stand ---------------------------------------------------------------


@time_machine.travel(NOON, tick=False)
def test_standing_says_what_a_key_is_good_for(robot: User) -> None:
    in_use = made(robot, expires_at=NOON + timedelta(days=14, seconds=1)).key
    ending = made(robot, expires_at=NOON + timedelta(days=14)).key
    replaced = made(robot).key
    replace_key(key_id=replaced.pk, actor=None)
    replaced.refresh_from_db()

    assert in_use.standing == Standing.IN_USE
    assert ending.standing == Standing.ENDING
    assert replaced.standing == Standing.REPLACED
    assert all(key.standing.is_good for key in (in_use, ending, replaced))


@time_machine.travel(NOON, tick=False)
def test_people_are_told_of_keys_that_end_while_they_are_used(robot: User) -> None:
    soon, lately = NOON + timedelta(days=3), NOON - timedelta(hours=1)

    def key(name: str, **columns: Any) -> ApiKey:
        new = made(robot, name=name).key
        ApiKey.objects.filter(pk=new.pk).update(
            **{"expires_at": soon, "last_used_at": lately, **columns}
        )
        return new

    key("ends")
    key("ends in a month", expires_at=NOON + timedelta(days=30))
    key("never ends", expires_at=None)
    key("never used", last_used_at=None)
    key("not used for long", last_used_at=NOON - timedelta(days=31))
    key("over", expires_at=NOON - timedelta(minutes=1))
    key("revoked", revoked_at=lately)
    let_go = key("replaced, not used since")
    kept = key("replaced, still used")
    for old in (let_go, kept):
        replace_key(key_id=old.pk, actor=None)
    ApiKey.objects.filter(pk=kept.pk).update(last_used_at=NOON + timedelta(seconds=1))

    assert {found.name for found in ending_in_use(NOON)} == {
        "ends",
        "replaced, still used",
    }

"""Every address of the admin, knocked at by everybody.

`admin.txt` says what is open to whom. A new address fails the first test with the
line it would take: read it, letter by letter, and put it into the table if that is
what it should be. `WRITE_DOORS=1` writes the table anew, for the difference to be
read before it is committed.

Letters, GET and then POST: `>` to the login, `-` forbidden, `0` not there, `x` refused
as it stands, `+` answered, `!` answered and something was changed.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.access.doors import (
    CHANGED,
    CLOSED,
    LOGIN,
    admin_doors,
    differences,
    fingerprint,
    knock,
    table_text,
)
from tests.access.world import ROLES, World, make_world
from tests.fakes import FakeVendor

pytestmark = pytest.mark.django_db
TABLE = Path(__file__).with_name("admin.txt")
DOORS = list(admin_doors())
OF_ORDERS = {
    "orders.purchaseorder",
    "orders.orderevent",
    "orders.orderline",
    "troubles.waiting",
    "troubles.unknown",
    "documents.exportfetch",
    "transmissions.transmission",
    "suppliers.exchange",
    "suppliers.talk",
    "fulfilment.stepimport",
    "imports.orderimport",
    "imports.itemimport",
    "inbound.webhookdelivery",
    "runs.run",
    "notices.notice",
}
OF_SHOPS = {
    "shops.shop",
    "customers.customer",
    "logins.customerlogintoken",
    "logins.loginattempt",
}
BEYOND = {"own": OF_ORDERS, "shop": OF_ORDERS | OF_SHOPS}
"""Whose objects of the other side are not there for whom."""
OF_ONESELF = {
    "my_settings",
    "calendar_address_make",
    "calendar_address_revoke",
    "orders_orderline_views_save",
    "orders_purchaseorder_views_save",
}
"""What changes nothing but a person's own settings, views and calendar."""
CRAFTED = {
    "action": "approve",
    "q": "SECRETNUMBER",
    "username": "taken-over",
    "is_superuser": "on",
    "is_staff": "on",
    "is_active": "on",
    "groups": "1",
    "name": "Crafted",
    "slug": "crafted",
    "mode": "live",
    "comment": "Crafted.",
    "evidence": "Crafted.",
    "reason": "Crafted.",
    "note": "Crafted.",
    "outcome": "placed",
    "number": "X-1",
    "vendor_id": "X-1",
    "post": "yes",
}
"""What somebody might post who has seen the forms of others."""


@pytest.fixture
def world(fake_vendor: FakeVendor) -> World:
    made = make_world()
    fingerprint.keep()
    return made


def browser_of(world: World, name: str) -> Client:
    client = Client()
    if name != "anon":
        client.force_login(world.people[name])
    return client


def hidden_from(world: World, name: str) -> tuple[str, ...]:
    """The words no page may show to this person."""
    words = {"shop": world.words_of_theirs, "own": world.words_of_theirs[1:]}
    return words.get(name, ())


def crafted(world: World, side: str) -> dict[str, Any]:
    order = getattr(world, side)["orders.purchaseorder"]
    return {
        **CRAFTED,
        "order": f"{order}:2",
        "version": "2",
        "buyer": "1",
        "decision": "approve",
        "query": "q=SKU",
        "step": "delete",
        "id": getattr(world, side)["lists.savedview"],
        "chosen": f"{order}:2",
        "token": "crafted",
        "colleague": "boss",
        "owner": world.people["oper"].pk,
        "trouble": getattr(world, side)["troubles.unknown"],
        "act": "look_up",
    }


def test_every_door_is_open_to_whom_the_table_says(world: World) -> None:
    people = ["anon", *ROLES]
    rows: dict[str, str] = {door.label: "" for door in DOORS}
    for name in people:
        client = browser_of(world, name)
        for door in DOORS:
            address = door.address(world.ours)
            read = knock(client, "get", address)
            written = knock(client, "post", address, data=crafted(world, "ours"))
            for answer in (read, written):
                is_closed = answer.letter in CLOSED
                assert not (is_closed and answer.has_written), (name, door)
                for word in hidden_from(world, name):
                    assert word not in answer.body, f"{word} at {address}"
            assert read.letter != CHANGED, f"{name} changes something by a GET: {door}"
            rows[door.label] += f"{read.letter}{written.letter}".ljust(5)
    found = table_text(rows, [name.ljust(4) for name in people])
    if os.environ.get("WRITE_DOORS"):
        TABLE.write_text(found)
    difference = differences(found, TABLE.read_text())
    assert not difference, (
        f"Not as {TABLE.name} says. Read every letter; if they are right, put the "
        f"lines with + in the place of those with -:\n{difference}"
    )


def letters() -> Iterator[tuple[str, str, str]]:
    """Person, door, and the two letters, as the table has them."""
    head, *lines = TABLE.read_text().splitlines()
    people = head.split()
    for line in lines:
        label, *cells = line.split()
        assert len(cells) == len(people), line
        for name, cell in zip(people, cells, strict=True):
            yield name, label, cell


def test_nothing_is_open_to_strangers() -> None:
    open_to_all = {"login", "account_login", "jsi18n"}
    for name, label, cell in letters():
        if name == "anon" and label not in open_to_all:
            assert set(cell) == {LOGIN}, f"{label} is open to strangers: {cell}"


def test_auditors_change_nothing_but_what_is_of_themselves() -> None:
    changed = [
        label
        for name, label, cell in letters()
        if name == "audi" and CHANGED in cell and label not in OF_ONESELF
    ]

    assert changed == []


def test_administrators_do_not_buy() -> None:
    bought = [
        label
        for name, label, cell in letters()
        if name == "admi" and CHANGED in cell and label.startswith("orders_")
        if label not in OF_ONESELF
    ]

    assert bought == []


def test_buyers_approve_nothing_and_operators_buy_nothing() -> None:
    decisions = {
        f"orders_purchaseorder_action/{d}" for d in ("approve", "return", "reject")
    }
    for name, label, cell in letters():
        if label in decisions:
            is_open = name == "appr"
            assert (cell == "+!") == is_open, f"{name} at {label}: {cell}"
        if label == "orders_purchaseorder_add" and name in ("oper", "appr", "admi"):
            assert set(cell) == {"-"}, f"{name} at {label}: {cell}"


@pytest.mark.parametrize("name", BEYOND)
def test_what_is_somebody_elses_is_not_there(world: World, name: str) -> None:
    client = browser_of(world, name)
    for door in DOORS:
        named = door.objects()
        # A page without a name sends on to another address, whatever is there.
        if not door.name or not named & BEYOND[name]:
            continue
        address = door.address(world.theirs)
        for method in ("get", "post"):
            answer = knock(client, method, address, data=crafted(world, "theirs"))
            assert answer.letter in CLOSED, f"{name} may {method} {address}"
            assert not answer.has_written, f"{method} {address}"
            for word in world.words_of_theirs:
                assert word not in answer.body, f"{word} at {method} {address}"


@pytest.mark.parametrize("name", BEYOND)
def test_no_page_names_what_somebody_elses_key_was_posted_to(
    world: World, name: str
) -> None:
    client = browser_of(world, name)
    for door in DOORS:
        address = door.address(world.ours)
        answer = knock(client, "post", address, data=crafted(world, "theirs"))
        for word in hidden_from(world, name):
            assert word not in answer.body, f"{word} at {address}"


def test_nobody_but_its_owner_deletes_a_saved_view(world: World) -> None:
    address = "/admin/orders/purchaseorder/views/change/"
    for name in ROLES:
        answer = knock(
            browser_of(world, name), "post", address, data=crafted(world, "ours")
        )
        assert (answer.letter == CHANGED) == (name == "own"), name


@pytest.mark.parametrize("name", BEYOND)
def test_searching_and_choosing_finds_nothing_of_others(
    world: World, name: str
) -> None:
    client = browser_of(world, name)
    number = world.words_of_theirs[1]
    addresses = [
        f"/admin/orders/purchaseorder/?q={number}",
        "/admin/orders/purchaseorder/?q=PO-",
        "/admin/orders/purchaseorder/?q=south-1",
        f"/admin/orders/orderevent/?q={number}",
        f"/admin/transmissions/transmission/?q={number}",
        f"/admin/suppliers/exchange/?q={number}",
        f"/admin/search/?s={number}",
    ]
    if name == "shop":
        choice = "app_label=orders&model_name=purchaseorder"
        addresses += [
            f"/admin/autocomplete/?term=South&{choice}&field_name=shop",
            f"/admin/autocomplete/?term=South&{choice}&field_name=customer",
            "/admin/shops/shop/?q=South",
            "/admin/customers/customer/?q=South",
            "/admin/logins/customerlogintoken/add/?q=South",
        ]
    # What was searched for stands on the page; what was found would be a link.
    link = f"/admin/orders/purchaseorder/{world.theirs['orders.purchaseorder']}/"
    others = world.words_of_theirs[2 if name == "own" else 0 :]
    for address in addresses:
        answer = knock(client, "get", address)
        assert answer.letter not in CLOSED, address
        for word in {link, *others} - {number}:
            assert word not in answer.body, f"{word} at {address}"

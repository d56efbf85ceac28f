"""Every call of the API, made with keys of everybody and with each scope alone.

`calls.txt` says what each key of all scopes may do, `scopes.txt` which scopes open a
call to somebody who has every permission. A new call fails a test with the line it
would take, as in `test_every_door`; `WRITE_DOORS=1` writes both anew.
"""

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from procurement.access.models import SCOPES, ApiKey
from procurement.shops.models import Shop
from tests.access.doors import (
    ABSENT,
    CHANGED,
    CLOSED,
    FORBIDDEN,
    differences,
    fingerprint,
    knock,
    table_text,
)
from tests.access.world import ROLES, SECRET, World, make_world
from tests.fakes import FakeVendor

pytestmark = pytest.mark.django_db
CALLS = Path(__file__).with_name("calls.txt")
SCOPES_TABLE = Path(__file__).with_name("scopes.txt")
KEYS = [*ROLES, "bound"]
"""Of each person of `world`; `bound` is of a buyer without limits, but of one shop."""
LINE = {"item_number": "SKU-1", "quantity": "1", "unit_price": "1.00"}
BODIES: dict[str, dict[str, Any]] = {
    "POST orders/": {"supplier": "extend-nord", "currency": "SEK", "lines": [LINE]},
    "PATCH orders/{number}/": {"note": "Crafted."},
    "POST orders/{number}/return/": {"comment": "Crafted."},
    "POST orders/{number}/reject/": {"comment": "Crafted."},
    "POST orders/{number}/comment/": {"comment": "Crafted."},
    "POST orders/{number}/assign/": {"buyer": "oper"},
    "POST orders/{number}/forward/": {"colleague": "boss", "comment": "Crafted."},
    "POST orders/{number}/dismiss/": {"note": "Crafted."},
    "POST customers/": {"name": "Crafted"},
    "PATCH customers/{id}/": {"name": "Crafted"},
    "POST shops/": {"slug": "crafted", "name": "Crafted"},
    "PATCH shops/{id}/": {"name": "Crafted"},
    "POST webhook-endpoints/": {"url": "https://crafted.example/"},
    "PATCH webhook-endpoints/{id}/": {"description": "Crafted."},
    "PATCH suppliers/{slug}/": {"name": "Crafted"},
}
"""What is sent where an empty body would not get as far as the act."""


@dataclass(frozen=True)
class Call:
    method: str
    path: str

    @property
    def label(self) -> str:
        return f"{self.method.upper()} {self.path.removeprefix('/api/v1/')}"

    def address(self, world: World, side: str) -> str:
        of = getattr(world, side)
        values = {
            "{number}": of["orders.number"],
            "{slug}": "extend-nord",
            "{item_id}": of["suppliers.supplieritem"],
            "{id}": of[self._model],
            "{delivery_id}": of["webhooks.delivery"],
        }
        address = self.path
        for name, value in values.items():
            address = address.replace(name, str(value))
        if "{" in address:
            raise AssertionError(f"Say in `Call.address` what stands for {address}.")
        if address.endswith("/push/") and self.method == "get":
            address += "?supplier=extend-nord"
        return address

    @property
    def _model(self) -> str:
        """What `{id}` stands for."""
        if "/webhook-endpoints/" in self.path:
            return "webhooks.endpoint"
        return "shops.shop" if "/shops/" in self.path else "customers.customer"

    @property
    def is_of_one(self) -> bool:
        """Whether it names what has a side: an order, a shop or a customer."""
        return "{number}" in self.path or "{id}" in self.path


@cache
def calls() -> list[Call]:
    schema = SchemaGenerator().get_schema(public=True)
    return [
        Call(method, path)
        for path, methods in schema["paths"].items()
        if path.startswith("/api/v1/")
        for method in methods
        if method in ("get", "post", "put", "patch", "delete")
    ]


@pytest.fixture
def world(fake_vendor: FakeVendor) -> World:
    made = make_world()
    fingerprint.keep()
    return made


def system(user: User, scopes: Any = SCOPES, shop: Shop | None = None) -> APIClient:
    _, text = ApiKey.make(name="walker", user=user, scopes=list(scopes), shop=shop)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
    return client


def system_of(world: World, name: str) -> APIClient:
    if name == "bound":
        north = Shop.objects.get(pk=world.ours["shops.shop"])
        return system(world.people["buyer"], shop=north)
    return system(world.people[name])


def make(client: APIClient, call: Call, world: World, side: str = "ours") -> Any:
    kwargs: dict[str, Any] = {}
    if call.method != "get":
        kwargs = {"data": BODIES.get(call.label, {}), "format": "json"}
    return knock(client, call.method, call.address(world, side), **kwargs)


def agree(found: str, table: Path) -> None:
    if os.environ.get("WRITE_DOORS"):
        table.write_text(found)
    difference = differences(found, table.read_text())
    assert not difference, (
        f"Not as {table.name} says. Read every letter; if they are right, put the "
        f"lines with + in the place of those with -:\n{difference}"
    )


def test_every_call_is_open_to_the_keys_the_table_says(world: World) -> None:
    rows = {call.label: "" for call in calls()}
    clients = {name: system_of(world, name) for name in KEYS}
    fingerprint.keep()
    for name, client in clients.items():
        for call in calls():
            answer = make(client, call, world)
            assert not (answer.letter in CLOSED and answer.has_written), (name, call)
            assert call.method != "get" or answer.letter != CHANGED, (name, call)
            rows[call.label] += answer.letter.ljust(6)
    agree(table_text(rows, [name.ljust(5) for name in KEYS]), CALLS)


def test_every_call_takes_the_scopes_the_table_says(world: World) -> None:
    """Of somebody who has every permission, so that scopes alone decide."""
    root = User.objects.create_superuser("root", password="a-password-for-tests")
    rows = {call.label: "" for call in calls()}
    for scope in SCOPES:
        client = system(root, [scope])
        for call in calls():
            is_open = make(client, call, world).letter != FORBIDDEN
            rows[call.label] += scope.ljust(18) if is_open else ""
    without = system(root, [])
    for call in calls():
        assert make(without, call, world).letter == FORBIDDEN, call
    agree(table_text(rows, []), SCOPES_TABLE)


def test_no_call_is_open_without_a_key(world: World) -> None:
    for call in calls():
        answer = make(APIClient(), call, world)
        assert answer.letter == FORBIDDEN, call
        assert not answer.has_written, call


def test_keys_of_auditors_change_nothing() -> None:
    assert changed_by("audi") == []


def test_keys_of_administrators_buy_nothing() -> None:
    assert [label for label in changed_by("admi") if " orders/" in label] == []


def changed_by(name: str) -> list[str]:
    head, *lines = CALLS.read_text().splitlines()
    column = head.split().index(name)
    cells = ((line[: line.rindex("/") + 1], line.split()[2:]) for line in lines)
    return [label for label, letters in cells if letters[column] == CHANGED]


LIMITED = [("own", False), ("shop", True), ("bound", True)]
"""Keys of limited reach, and whether shops and customers end there too."""


@pytest.mark.parametrize(("name", "is_bound"), LIMITED)
def test_what_is_somebody_elses_is_not_there(
    world: World, name: str, is_bound: bool
) -> None:
    client = system_of(world, name)
    words = world.words_of_theirs[1:] if not is_bound else world.words_of_theirs
    for call in calls():
        is_theirs = "{number}" in call.path or (is_bound and "{id}" in call.path)
        if is_theirs:
            answer = make(client, call, world, "theirs")
            assert answer.letter in (ABSENT, FORBIDDEN), call
            assert not answer.has_written, call
            absent = make(client, call, nothing(world), "theirs")
            assert answer.letter == absent.letter, call
        answer = make(client, call, world, "ours")
        for word in words:
            assert word not in answer.body, f"{word} at {call.label}"


def nothing(world: World) -> World:
    """A world whose other side was never there."""
    never = {
        "orders.number": "PO-2031-999999",
        "shops.shop": 999,
        "customers.customer": 999,
    }
    return World(world.people, world.supplier, world.ours, world.theirs | never, ())


@pytest.mark.parametrize("name", ["shop", "bound"])
def test_lists_and_filters_tell_nothing_of_other_shops(world: World, name: str) -> None:
    client = system_of(world, name)
    theirs = world.theirs
    for address in (
        "orders/",
        f"orders/?search={theirs['orders.number']}",
        "orders/?search=south-1",
        "orders/?ordering=updated_at&fields=number,shop,customer",
        "orders/sums/",
        "events/",
        "shops/",
        "shops/?slug=south",
        "customers/",
    ):
        answer = knock(client, "get", f"/api/v1/{address}")
        body = answer.body.replace(f"search={theirs['orders.number']}", "")
        assert answer.letter == "+", address
        for word in world.words_of_theirs:
            assert word not in body, f"{word} at {address}"
    for address in (
        "orders/?shop=south",
        "orders/sums/?shop=south",
        f"orders/?customer={theirs['customers.customer']}",
    ):
        there = client.get(f"/api/v1/{address}")
        assert there.status_code == 400, address
        assert SECRET not in there.content.decode()

"""Entering and changing shops."""

from typing import Any

import pytest

from procurement.errors import InvalidInput
from procurement.shops.models import Shop
from procurement.shops.operations import change_shop, create_shop
from tests.asserting import refusal
from tests.factories import make_user
from tests.parties import kinds, make_shop

pytestmark = pytest.mark.django_db


def test_shop_is_entered_with_who_did_it() -> None:
    shop = make_shop(name="  Fjellbutikken ")

    assert (shop.name, shop.zip_code, shop.version) == ("Fjellbutikken", "0181", 1)
    event = shop.events.get()
    assert (event.kind, event.actor_name) == ("created", "buyer")


@pytest.mark.parametrize(
    ("change", "path", "text"),
    [
        ({"name": " "}, "name", "Give a name."),
        (
            {"email": "no mail"},
            "email",
            "Give a mail address, such as orders@example.com.",
        ),
        ({"slug": "no slug"}, "slug", "Give letters, digits"),
        ({"colour": "red"}, "colour", "There is no such field; there are slug,"),
        ({"address": {"country_code": "Norge"}}, "address.country_code", ""),
        ({"address": {"country_code": "no"}}, "address.country_code", "Give the count"),
        ({"address": {"planet": "x"}}, "address.planet", "There is no such field;"),
        ({"address": "Oslo"}, "address", "Give an object with street,"),
    ],
)
def test_what_will_not_do_is_named(
    change: dict[str, Any], path: str, text: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        make_shop(**change)

    assert list(refused.value.errors) == [path]
    assert refused.value.errors[path].startswith(text)
    assert not Shop.objects.exists()


def test_all_faults_are_named_at_once() -> None:
    with pytest.raises(InvalidInput) as refused:
        create_shop(actor=None, data={"slug": "x", "name": "", "email": "x", "a": 1})

    assert set(refused.value.errors) == {"name", "email", "a"}


def test_slug_is_taken_once_and_stays() -> None:
    shop = make_shop()

    with pytest.raises(InvalidInput) as taken:
        make_shop()
    with pytest.raises(InvalidInput) as moved:
        change_shop(shop_id=shop.pk, actor=None, data={"slug": "other"})

    assert list(taken.value.errors) == ["slug"]
    assert moved.value.errors["slug"].startswith("A shop keeps its slug")


def test_change_says_what_was_and_what_is() -> None:
    shop = make_shop()

    changed = change_shop(
        shop_id=shop.pk,
        actor=make_user("anna"),
        data={"email": "ny@fjell.example", "address": {"city": "Bergen"}},
        version=1,
    )

    assert (changed.version, changed.city, changed.street) == (2, "Bergen", "Storgata")
    event = shop.events.get(kind="changed")
    assert event.actor_name == "anna"
    assert event.data["changes"]["email"] == ["lager@fjell.example", "ny@fjell.example"]
    assert event.data["changes"]["address"][1]["city"] == "Bergen"


def test_change_of_nothing_writes_nothing() -> None:
    shop = make_shop()

    change_shop(shop_id=shop.pk, actor=None, data={"name": "Fjellbutikken"})

    shop.refresh_from_db()
    assert (shop.version, kinds(shop)) == (1, ["created"])


def test_second_of_two_who_change_it_is_told() -> None:
    shop = make_shop()
    change_shop(shop_id=shop.pk, actor=None, data={"phone": "1"}, version=1)

    refused = refusal(
        change_shop, shop_id=shop.pk, actor=None, data={"phone": "2"}, version=1
    )

    assert refused.code == "version_conflict"
    shop.refresh_from_db()
    assert shop.phone == "1"

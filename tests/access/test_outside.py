"""Pages outside the admin, whose address is the key: one's calendar, one's decision."""

import pytest
from django.test import Client

from procurement.orders.models import PurchaseOrder
from tests.access.doors import ABSENT, ANSWERED, CHANGED, fingerprint, knock
from tests.access.world import World, make_world
from tests.fakes import FakeVendor

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(fake_vendor: FakeVendor) -> World:
    made = make_world()
    fingerprint.keep()
    return made


def test_calendar_has_the_orders_its_person_may_see(world: World) -> None:
    answer = knock(Client(), "get", f"/calendar/{world.ours['calendar']}.ics")

    # That it was read is noted, for its person to see.
    assert answer.letter == CHANGED
    assert "PO-" in answer.body
    for word in world.words_of_theirs:
        assert word not in answer.body


def test_calendar_of_somebody_without_rights_is_not_there(world: World) -> None:
    for secret in (world.theirs["calendar"], world.ours["calendar"] + "x", "x"):
        assert knock(Client(), "get", f"/calendar/{secret}.ics").letter == ABSENT


def test_calendar_ends_with_the_account_of_its_person(world: World) -> None:
    person = world.people["own"]
    person.is_active = False
    person.save()

    answer = knock(Client(), "get", f"/calendar/{world.ours['calendar']}.ics")
    assert answer.letter == ABSENT


def test_opening_a_link_decides_nothing_and_tells_of_its_order_alone(
    world: World,
) -> None:
    answer = knock(Client(), "get", world.ours["link"])

    assert answer.letter == ANSWERED
    assert not answer.has_written
    assert world.ours["orders.number"] in answer.body
    for word in world.words_of_theirs:
        assert word not in answer.body


def test_link_nobody_made_tells_nothing(world: World) -> None:
    for address in ("/approve/x/", world.ours["link"].rstrip("/") + "x/"):
        for method in ("get", "post"):
            answer = knock(Client(), method, address, data={"decision": "approve"})
            assert not answer.has_written
            assert "PO-" not in answer.body


def test_link_of_somebody_who_may_approve_no_more_decides_nothing(
    world: World,
) -> None:
    world.people["appr"].groups.clear()

    answer = knock(Client(), "post", world.ours["link"], data={"decision": "approve"})

    assert world.ours["orders.number"] not in answer.body
    order = PurchaseOrder.objects.get(pk=world.ours["orders.purchaseorder"])
    assert order.approval == "pending"

"""What is on the list, and that it leaves by itself once it is solved."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User

from procurement.orders.models import PurchaseOrder
from procurement.orders.operations import (
    cancel_order,
    change_order,
    dismiss_attention,
    resolve_order,
    send_order,
)
from procurement.shops.models import PushState, ShopRegistration, ShopState
from procurement.transmissions.models import Operation, State, Transmission
from procurement.troubles import queries
from tests.factories import make_queued_order, make_supplier, make_user
from tests.fakes import FakeVendor
from tests.parties import allow, make_shop
from tests.sending import transmit
from tests.troubles.world import (
    failed,
    held_by_account,
    looked_up_by_itself,
    refused,
    unknown,
    waiting,
)
from vendors.errors import Kind, Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def olle() -> User:
    return make_user("olle", "view_purchaseorder")


def needing(user: User) -> list[str]:
    rows = queries.needing_a_person(user).order_by("pk")
    return list(rows.values_list("subject", flat=True))


def going_on(user: User) -> set[str]:
    return set(queries.going_on(user).values_list("subject", flat=True))


def test_person_is_needed_where_nothing_goes_on_by_itself(
    fake_vendor: FakeVendor, olle: User
) -> None:
    supplier = make_supplier()
    stuck = [
        make(fake_vendor, supplier)[0].number for make in (refused, failed, unknown)
    ]
    looked_up = looked_up_by_itself(fake_vendor, supplier)[0].number
    tried = waiting(fake_vendor, Kind.CONNECTION, supplier)[0].number
    make_queued_order(supplier)

    assert needing(olle) == stuck
    assert going_on(olle) == {looked_up, tried}


def test_what_goes_next_comes_first(fake_vendor: FakeVendor, olle: User) -> None:
    supplier = make_supplier()
    _, later = waiting(fake_vendor, Kind.THROTTLED, supplier)
    _, soon = looked_up_by_itself(fake_vendor, supplier)

    assert list(queries.going_on(olle)) == [soon, later]


Solve = Callable[[PurchaseOrder, User], Any]


@pytest.mark.parametrize(
    "solve",
    [
        lambda order, user: cancel_order(
            order_id=order.pk, actor=user, reason="Not needed."
        ),
        lambda order, user: change_order(
            order_id=order.pk, actor=user, data={"note": "Another item."}
        ),
    ],
    ids=["cancelled", "changed"],
)
@pytest.mark.parametrize("make", [refused, failed], ids=["refused", "failed"])
def test_solved_order_takes_its_old_trouble_away(
    fake_vendor: FakeVendor, olle: User, make: Any, solve: Solve
) -> None:
    order, asked = make(fake_vendor)
    assert needing(olle) == [order.number]

    solve(order, olle)

    assert needing(olle) == []
    assert Transmission.objects.get(pk=asked.pk).state == asked.state


def test_order_sent_again_is_on_its_way_and_not_on_the_list(
    fake_vendor: FakeVendor, olle: User
) -> None:
    order, _ = failed(fake_vendor)

    again = send_order(order_id=order.pk, actor=olle)
    assert needing(olle) == []
    transmit(transmission_id=again.pk)
    assert needing(olle) == []


def test_only_the_last_of_two_refusals_is_shown(
    fake_vendor: FakeVendor, olle: User
) -> None:
    order, _ = failed(fake_vendor)
    fake_vendor.answers = [Refused("No.")]
    again = send_order(order_id=order.pk, actor=olle)
    transmit(transmission_id=again.pk)

    assert list(queries.needing_a_person(olle)) == [again]
    assert needing(olle) == [order.number]


def test_settled_order_leaves_the_list(fake_vendor: FakeVendor, olle: User) -> None:
    order, _ = unknown(fake_vendor)

    resolve_order(
        order_id=order.pk, actor=olle, outcome="placed", evidence="They told me."
    )

    assert needing(olle) == []


def test_cancellation_that_was_refused_stays_until_the_flag_is_off(
    fake_vendor: FakeVendor, olle: User
) -> None:
    order, asked = make_queued_order()
    transmit(transmission_id=asked.pk)
    fake_vendor.cancel_answers = [Refused("Picking has begun.", kind=Kind.NOT_ALLOWED)]
    cancel_order(order_id=order.pk, actor=olle)
    cancelling = Transmission.objects.get(operation=Operation.CANCEL_ORDER)
    transmit(transmission_id=cancelling.pk)

    assert list(queries.needing_a_person(olle)) == [cancelling]
    dismiss_attention(order_id=order.pk, actor=olle, note="We take it.")
    assert needing(olle) == []


def test_rejected_order_needs_nobody(fake_vendor: FakeVendor, olle: User) -> None:
    order, _ = refused(fake_vendor)
    PurchaseOrder.objects.filter(pk=order.pk).update(approval="rejected")

    assert needing(olle) == []


def test_what_waits_for_an_account_is_apart(
    fake_vendor: FakeVendor, olle: User
) -> None:
    supplier, other = make_supplier(), make_supplier(slug="syd")
    tried = held_by_account(fake_vendor, supplier).number
    untried = make_queued_order(supplier)[0].number
    make_queued_order(other)

    held = queries.held_by_the_account(olle).values_list("subject", flat=True)
    assert list(held) == [tried, untried]
    assert going_on(olle) == set()
    assert needing(olle) == []


def test_shops_are_for_whoever_may_see_shops(
    fake_vendor: FakeVendor, olle: User
) -> None:
    supplier, shop = make_supplier(), make_shop()
    registration = ShopRegistration.objects.create(
        shop=shop,
        supplier=supplier,
        subject=f"shop:{shop.pk}@{supplier.slug}",
        is_test=True,
        state=ShopState.REFUSED,
    )
    _, template = refused(fake_vendor, supplier)
    for operation, subject in (
        (Operation.CREATE_SHOP, registration.subject),
        (Operation.UPDATE_SHOP, registration.push_subject),
    ):
        template.pk = None
        template.operation, template.subject = operation, subject
        template.state = State.REFUSED
        template.save(force_insert=True)

    assert registration.subject not in needing(olle)
    olle = allow(olle, "shops.view_shop")
    assert needing(olle)[1:] == [registration.subject]
    registration.state, registration.push_state = ShopState.NONE, PushState.FAILED
    registration.save()
    assert needing(olle)[1:] == [registration.push_subject]
    registration.push_count = 1
    registration.save()
    assert len(needing(olle)) == 1

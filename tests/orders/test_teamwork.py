"""Comments and another buyer: told to colleagues, never to the supplier."""

from typing import Any

import pytest

from procurement.errors import InvalidInput
from procurement.orders.models import PurchaseOrder
from procurement.orders.queries import order_request
from procurement.orders.teamwork import assign_order, comment_order
from procurement.reach.models import Reach
from tests.asserting import refusal
from tests.factories import make_approved_order, make_order, make_user

pytestmark = pytest.mark.django_db


def colleague(username: str = "colleague", **attributes: Any) -> Any:
    return make_user(username, "view_purchaseorder", **attributes)


def state_of(order: PurchaseOrder) -> tuple[Any, ...]:
    order.refresh_from_db()
    return order.buyer_id, order.version, order.events.count()


def test_comment_stands_on_the_timeline_under_a_name() -> None:
    order = make_order()

    comment_order(order_id=order.pk, actor=colleague(), comment="  They call back. ")
    comment_order(order_id=order.pk, actor=colleague(), comment="They did.")

    said = order.events.filter(kind="commented").values_list("actor_name", "text")
    assert list(said) == [
        ("colleague", "They call back."),
        ("colleague", "They did."),
    ]


def test_comment_is_not_sent_and_takes_no_approval_away() -> None:
    order = make_approved_order()
    before, since = order_request(order), order.state_since

    comment_order(order_id=order.pk, actor=order.buyer, comment="Urgent for us.")

    order.refresh_from_db()
    assert order_request(order) == before
    assert (order.approval, order.state_since) == ("approved", since)


@pytest.mark.parametrize("comment", ["", "  \n", "x" * 2001])
def test_empty_and_endless_comments_are_refused(comment: str) -> None:
    order = make_order()
    before = state_of(order)

    with pytest.raises(InvalidInput) as refused:
        comment_order(order_id=order.pk, actor=order.buyer, comment=comment)

    assert list(refused.value.errors) == ["comment"]
    assert state_of(order) == before


def test_order_goes_to_another_buyer_with_its_approval() -> None:
    order = make_approved_order()
    person = colleague()

    assign_order(
        order_id=order.pk, actor=order.buyer, buyer="colleague", comment="Ill today."
    )

    order.refresh_from_db()
    assert (order.buyer, order.approval) == (person, "approved")
    event = order.events.get(kind="assigned")
    assert event.text == "From buyer to colleague. Ill today."
    assert event.data == {"buyer": ["buyer", "colleague"]}


def test_second_assignment_to_the_same_person_is_refused() -> None:
    order = make_order()
    colleague()
    assign_order(order_id=order.pk, actor=order.buyer, buyer="colleague")
    before = state_of(order)

    refused = refusal(
        assign_order, order_id=order.pk, actor=order.buyer, buyer="colleague"
    )

    assert refused.code == "already_assigned"
    assert state_of(order) == before


@pytest.mark.parametrize("buyer", ["nobody", "gone", "customer", "blind"])
def test_only_active_staff_who_see_orders_become_buyers(buyer: str) -> None:
    colleague("gone", is_active=False)
    colleague("customer", is_staff=False)
    make_user("blind")
    order = make_order()
    before = state_of(order)

    with pytest.raises(InvalidInput) as refused:
        assign_order(order_id=order.pk, actor=order.buyer, buyer=buyer)

    assert list(refused.value.errors) == ["buyer"]
    assert state_of(order) == before


def test_order_stays_where_both_of_them_may_see_it() -> None:
    colleague()
    shopkeeper = colleague("shopkeeper")
    Reach.objects.create(user=shopkeeper, is_bound_to_shops=True)
    theirs = make_order(actor=colleague("limited"))
    Reach.objects.create(user=theirs.buyer, orders="own")
    PurchaseOrder.objects.update(created_by=shopkeeper)
    before = state_of(theirs)

    for actor, buyer in ((theirs.buyer, "colleague"), (colleague(), "shopkeeper")):
        with pytest.raises(InvalidInput) as refused:
            assign_order(order_id=theirs.pk, actor=actor, buyer=buyer)
        assert list(refused.value.errors) == ["buyer"]

    assert state_of(theirs) == before

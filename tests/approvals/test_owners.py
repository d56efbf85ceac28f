"""Handing an order to somebody else does not make it approvable by oneself."""

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from procurement.approvals.operations import approve_order, return_order
from procurement.approvals.owners import owners_by_order
from procurement.approvals.queries import approvers_of, may_decide, waiting_for
from procurement.errors import OperationNotAllowed
from procurement.orders.models import PurchaseOrder
from procurement.orders.operations import change_order, submit_order
from procurement.orders.teamwork import assign_order
from tests.approvals.people import approver, level, make_rule, pending, stand_in
from tests.asserting import refusal
from tests.factories import (
    line,
    make_approved_order,
    make_order,
    make_supplier,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna() -> User:
    """She buys, and may approve what others buy."""
    return approver("anna")


def clerk(username: str = "clerk") -> User:
    return make_user(username, "view_purchaseorder")


def asked(anna: User) -> PurchaseOrder:
    """Of Anna, entered by a clerk, and waiting."""
    order = make_order(actor=clerk(), buyer=anna)
    return submit_order(order_id=order.pk, actor=anna)


def may(order: PurchaseOrder, user: User) -> bool:
    """One answer of the operation's reason, the list, and the notice."""
    order = PurchaseOrder.objects.get(pk=order.pk)
    answers = {
        may_decide(order, user),
        waiting_for(PurchaseOrder.objects.all(), user).exists(),
        user in approvers_of(order),
    }
    (answer,) = answers
    return answer


def test_who_hands_on_what_waits_does_not_approve_it(anna: User) -> None:
    order = asked(anna)

    assign_order(order_id=order.pk, actor=anna, buyer=clerk("bo").username)

    assert refusal(approve_order, order_id=order.pk, actor=anna).code == "own_order"
    order.refresh_from_db()
    assert order.status == "pending_approval"
    assert not order.decisions.exists()
    assert not may(order, anna)
    assert may(order, approver("lead"))


def test_the_field_of_the_form_is_no_way_round_either(anna: User) -> None:
    order = asked(anna)

    change_order(order_id=order.pk, actor=anna, data={"buyer": clerk("bo")})

    order.refresh_from_db()
    assert order.status == "pending_approval"
    assert refusal(approve_order, order_id=order.pk, actor=anna).code == "own_order"
    assert not may(order, anna)


def test_every_buyer_since_the_asking_counts(anna: User) -> None:
    order, bea = asked(anna), approver("bea")
    bea.user_permissions.add(*clerk().user_permissions.all())

    for buyer in ("bea", "clerk"):
        assign_order(order_id=order.pk, actor=anna, buyer=buyer)

    assert refusal(approve_order, order_id=order.pk, actor=anna).code == "own_order"
    assert refusal(approve_order, order_id=order.pk, actor=bea).code == "own_order"


def test_once_another_asks_again_who_handed_on_may_approve(anna: User) -> None:
    order, bo = asked(anna), clerk("bo")
    assign_order(order_id=order.pk, actor=anna, buyer="bo")
    return_order(order_id=order.pk, actor=approver("lead"), comment="Smaller.")

    submit_order(order_id=order.pk, actor=bo)

    assert may(order, anna)
    assert approve_order(order_id=order.pk, actor=anna).status == "approved"


def test_who_hands_on_and_asks_again_themselves_may_not(anna: User) -> None:
    order = asked(anna)
    assign_order(order_id=order.pk, actor=anna, buyer=clerk("bo").username)
    return_order(order_id=order.pk, actor=approver("lead"), comment="Smaller.")

    submit_order(order_id=order.pk, actor=anna)

    assert refusal(approve_order, order_id=order.pk, actor=anna).code == "own_order"
    assert not may(order, anna)


def test_who_changed_the_content_last_does_not_approve_it(anna: User) -> None:
    order = make_order()
    more = {"lines": [line(quantity=Decimal(60))]}
    change_order(order_id=order.pk, actor=anna, data=more)
    submit_order(order_id=order.pk, actor=order.buyer)

    assert refusal(approve_order, order_id=order.pk, actor=anna).code == "own_order"
    assert not may(order, anna)

    change_order(order_id=order.pk, actor=order.buyer, data={"lines": [line()]})
    submit_order(order_id=order.pk, actor=order.buyer)

    assert may(order, anna)


def test_what_is_not_sent_may_be_mended_by_an_approver(anna: User) -> None:
    order = make_order()
    change_order(order_id=order.pk, actor=anna, data={"external_reference": "W-1"})
    submit_order(order_id=order.pk, actor=order.buyer)

    assert approve_order(order_id=order.pk, actor=anna).status == "approved"


def test_levels_and_stand_ins_keep_to_it(anna: User) -> None:
    lead = approver("lead")
    make_rule(level("Head", anna, lead))
    stand_in(anna, lead)
    order = asked(anna)

    assign_order(order_id=order.pk, actor=anna, buyer=clerk("bo").username)

    assert refusal(approve_order, order_id=order.pk, actor=anna).code == "own_order"
    assert not may(order, anna)
    assert approve_order(order_id=order.pk, actor=lead).status == "approved"


def test_level_of_those_who_changed_it_alone_is_not_asked(anna: User) -> None:
    make_rule(level("Head", anna))
    order = make_order()
    more = {"lines": [line(quantity=Decimal(60))]}
    change_order(order_id=order.pk, actor=anna, data=more)

    with pytest.raises(OperationNotAllowed, match="Nobody is left"):
        submit_order(order_id=order.pk, actor=order.buyer)


def test_it_is_allowed_where_ones_own_is(anna: User, settings: Any) -> None:
    settings.ALLOW_SELF_APPROVAL = True
    order = asked(anna)
    assign_order(order_id=order.pk, actor=anna, buyer=clerk("bo").username)

    assert may(order, anna)
    assert approve_order(order_id=order.pk, actor=anna).status == "approved"


def test_owners_of_many_orders_are_read_in_one_query(anna: User) -> None:
    supplier, bo = make_supplier(), clerk("bo")
    orders = [pending(supplier=supplier) for _ in range(5)]
    for order in orders:
        assign_order(order_id=order.pk, actor=order.buyer, buyer="bo")

    with CaptureQueriesContext(connection) as queries:
        found = owners_by_order(list(PurchaseOrder.objects.filter(buyer=bo)))

    buyer = orders[0].created_by_id
    assert found == {order.pk: {buyer, bo.pk} for order in orders}
    assert len(queries) == 2


def test_order_handed_to_who_approved_it_needs_another_approval(db: None) -> None:
    order = make_approved_order()
    make_user("approver", "view_purchaseorder")
    User.objects.filter(username="approver").update(is_staff=True)

    assign_order(order_id=order.pk, actor=order.buyer, buyer="approver")

    order.refresh_from_db()
    assert order.approval == "draft"
    (event,) = order.events.filter(kind="approval_void")
    assert "the own order of the person who approved it" in event.text

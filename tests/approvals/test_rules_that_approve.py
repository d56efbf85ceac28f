"""Orders approved by a rule, and orders sent as they are approved."""

from decimal import Decimal
from typing import Any

import pytest

from procurement.approvals.models import ApprovalDecision
from procurement.approvals.operations import approve_order
from procurement.orders.models import PurchaseOrder
from procurement.orders.operations import change_order, submit_order
from procurement.orders.queries import content_hash
from procurement.transmissions.models import Transmission
from tests.approvals.people import approver, level, make_auto, make_rule, pending
from tests.factories import line, make_order, make_supplier

pytestmark = pytest.mark.django_db


def last_event(order: PurchaseOrder) -> tuple[str, str, str]:
    event = order.events.last()
    assert event is not None
    return event.kind, event.actor_name, event.text


def test_small_order_is_approved_at_once_and_bound_to_its_content() -> None:
    make_auto(Decimal("249.01"))

    order = pending()

    assert order.approval == "approved"
    assert order.approved_hash == content_hash(order)
    assert last_event(order) == (
        "approved",
        "rule: Small",
        "Below the limit of the rule “Small”.",
    )
    decision = ApprovalDecision.objects.get()
    assert (decision.decided_by, decision.rule_name) == (None, "Small")


@pytest.mark.parametrize(
    "changes",
    [
        {"below": Decimal(249)},
        {"is_active": False},
        {"currency": "EUR"},
    ],
)
def test_other_orders_wait_as_ever(changes: Any) -> None:
    make_auto(**changes)

    assert pending().approval == "pending"


def test_order_that_a_rule_demands_levels_for_is_not_approved_by_itself() -> None:
    make_auto()
    make_rule(level("Lead", approver("lead")))

    assert pending().approval == "pending"


def test_change_of_an_order_approved_by_a_rule_is_judged_anew() -> None:
    make_auto()
    order = pending()

    change_order(
        order_id=order.pk,
        actor=order.buyer,
        data={"lines": [line(quantity=Decimal(600))]},
    )
    order.refresh_from_db()
    assert order.approval == "draft"
    order = submit_order(order_id=order.pk, actor=order.buyer)
    assert order.approval == "pending"


def test_rule_for_one_buyer_binds_only_while_it_is_theirs() -> None:
    order = make_order()
    make_auto(buyer=order.buyer)
    order = submit_order(order_id=order.pk, actor=order.buyer)
    assert order.approval == "approved"

    change_order(
        order_id=order.pk, actor=order.buyer, data={"buyer": approver("other")}
    )

    order.refresh_from_db()
    assert order.approval == "draft"


# --- sending as it is approved ----------------------------------------------------


@pytest.mark.parametrize(
    ("setting", "wishes", "is_sent"),
    [
        (False, ["as_set"], False),
        (True, ["as_set"], True),
        (False, ["yes"], True),
        (True, ["no"], False),
        (False, ["yes", "no"], False),
    ],
)
@pytest.mark.usefixtures("fake_vendor")
def test_order_goes_out_with_its_last_approval(
    settings: Any, setting: bool, wishes: list[str], is_sent: bool
) -> None:
    settings.SEND_ON_APPROVAL = setting
    lead = approver("lead")
    for position, wish in enumerate(wishes, start=1):
        make_rule(
            level("Lead", lead, same=True),
            name=f"Rule {position}",
            position=position,
            send_on_approval=wish,
        )
    order = pending()
    for _ in wishes:
        assert not Transmission.objects.exists()
        order = approve_order(order_id=order.pk, actor=lead)

    assert order.approval == "approved"
    assert order.transmission == ("queued" if is_sent else "none")
    assert Transmission.objects.count() == is_sent


@pytest.mark.usefixtures("fake_vendor")
def test_without_rules_the_setting_decides(settings: Any) -> None:
    settings.SEND_ON_APPROVAL = True
    order = pending()

    approve_order(order_id=order.pk, actor=approver("lead"))

    order.refresh_from_db()
    assert order.transmission == "queued"


@pytest.mark.usefixtures("fake_vendor")
def test_order_approved_by_a_rule_may_go_out_too() -> None:
    make_auto(send_on_approval="yes")

    assert pending().transmission == "queued"


@pytest.mark.usefixtures("fake_vendor")
def test_what_refuses_sending_is_told_and_the_approval_stays(settings: Any) -> None:
    settings.SEND_ON_APPROVAL = True
    supplier = make_supplier()
    order = pending(supplier=supplier)
    PurchaseOrder.objects.filter(pk=order.pk).update(is_test=False, asked_hash="")

    order = approve_order(order_id=order.pk, actor=approver("lead"))

    assert (order.approval, order.transmission) == ("approved", "none")
    kind, _, text = last_event(order)
    assert kind == "not_sent_at_once"
    assert "is a real purchase, and Extend Nord is in test mode" in text

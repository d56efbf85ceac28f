"""Orders that rules demand levels for."""

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User

from procurement.approvals.changes import changes_since_approval
from procurement.approvals.models import ApprovalStep
from procurement.approvals.operations import approve_order, reject_order, return_order
from procurement.errors import OperationNotAllowed
from procurement.orders.models import OrderLine, PurchaseOrder
from procurement.orders.operations import change_order, submit_order
from procurement.shops.models import Shop
from tests.approvals.people import approver, level, make_rule, pending, states
from tests.asserting import refusal
from tests.factories import line, make_order, make_supplier, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(db: None) -> User:
    return approver("lead")


@pytest.fixture
def director(db: None) -> User:
    return approver("director", "Directors")


def two_levels(lead: User, director: User) -> PurchaseOrder:
    make_rule(level("Lead", lead), level("Director", groups=["Directors"]))
    return pending()


def approve(order: PurchaseOrder, user: User, **kwargs: Any) -> PurchaseOrder:
    return approve_order(order_id=order.pk, actor=user, **kwargs)


def refused(order: PurchaseOrder, user: User) -> OperationNotAllowed:
    return refusal(approve_order, order_id=order.pk, actor=user)


def test_order_is_approved_by_its_levels_one_after_the_other(
    lead: User, director: User
) -> None:
    order = two_levels(lead, director)
    assert states(order) == ["waiting", "later"]

    assert refused(order, director).code == "not_your_turn"
    assert approve(order, lead, comment="Fine.").approval == "pending"
    assert states(order) == ["approved", "waiting"]

    done = approve(order, director)
    assert (done.approval, states(order)) == ("approved", ["approved", "approved"])
    assert refused(order, director).code == "not_pending"


def test_timeline_tells_who_approved_which_level_and_what(
    lead: User, director: User
) -> None:
    order = two_levels(lead, director)
    approve(order, lead, comment="Fine.")
    approved_hash = approve(order, director).approved_hash

    told = list(order.events.values_list("kind", "actor_name", "text"))
    assert told[2:] == [
        (
            "levels_fixed",
            "system",
            "It takes the approval of: 1. Lead (Large); 2. Director (Large).",
        ),
        ("level_approved", "lead", "Level 1 of 2, Lead. Fine."),
        ("approved", "director", "Level 2 of 2, Director."),
    ]
    hashes = [event.data["content_hash"] for event in order.events.all()[2:]]
    assert hashes == [approved_hash] * 3


def test_nobody_else_approves_not_even_an_administrator(lead: User) -> None:
    make_rule(level("Lead", lead))
    order = pending()
    root = User.objects.create_superuser("root")

    assert refused(order, root).code == "not_your_turn"
    assert refused(order, approver("other")).code == "not_your_turn"
    assert states(order) == ["waiting"]


def test_somebody_who_lost_the_permission_approves_no_more(lead: User) -> None:
    make_rule(level("Lead", lead, approver("other")))
    order = pending()
    lead.user_permissions.clear()

    lead = User.objects.get(pk=lead.pk)
    assert refused(order, lead).code == "not_your_turn"


@pytest.mark.parametrize("operation", [return_order, reject_order])
def test_one_refusal_at_any_level_stops(
    operation: Any, lead: User, director: User
) -> None:
    order = two_levels(lead, director)
    arguments = {"order_id": order.pk, "comment": "No."}
    assert refusal(operation, actor=director, **arguments).code == "not_your_turn"
    approve(order, lead)

    declined = operation(actor=director, **arguments)

    assert declined.approval in ("returned", "rejected")
    assert states(order) == ["approved", declined.approval]


def test_order_sent_back_begins_again_at_the_first_level(
    lead: User, director: User
) -> None:
    order = two_levels(lead, director)
    approve(order, lead)
    return_order(order_id=order.pk, actor=director, comment="Cheaper.")

    submit_order(order_id=order.pk, actor=order.buyer)

    assert states(order) == ["waiting", "later"]
    assert ApprovalStep.objects.filter(order=order, is_past=True).count() == 2


def test_one_person_counts_once_unless_the_level_says_so(
    lead: User, director: User
) -> None:
    make_rule(level("Lead", lead), level("Again", lead, director))
    order = pending()
    approve(order, lead)
    assert "each counts once" in refused(order, lead).text
    assert states(order) == ["approved", "waiting"]

    make_rule(level("Third", lead, same=True), name="More", position=2)
    other = pending(supplier=order.supplier)
    for user in (lead, director, lead):
        other = approve(other, user)
    assert other.approval == "approved"


def test_own_order_is_for_somebody_else(settings: Any, lead: User) -> None:
    make_rule(level("Lead", lead, approver("other")))
    order = make_order(actor=lead)
    submit_order(order_id=order.pk, actor=lead)

    assert refused(order, lead).code == "own_order"

    settings.ALLOW_SELF_APPROVAL = True
    assert approve(order, lead).approval == "approved"


def test_order_that_nobody_could_approve_is_not_taken(lead: User) -> None:
    make_rule(level("Lead", lead))
    order = make_order(actor=lead)

    text = refusal(submit_order, order_id=order.pk, actor=lead).text

    assert "Nobody is left who could approve “Lead”" in text
    order.refresh_from_db()
    assert (order.approval, order.version) == ("draft", 1)


# --- which orders -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("criteria", "is_meant"),
    [
        ({}, True),
        ({"is_active": False}, False),
        ({"currency": "SEK"}, True),
        ({"currency": "EUR"}, False),
        ({"currency": "SEK", "least_amount": Decimal("249.00")}, True),
        ({"currency": "SEK", "least_amount": Decimal("249.01")}, False),
        ({"currency": "EUR", "least_amount": Decimal(1)}, False),
    ],
)
def test_rule_is_for_the_orders_it_describes(
    criteria: Any, is_meant: bool, lead: User
) -> None:
    make_rule(level("Lead", lead), **criteria)

    assert states(pending()) == (["waiting"] if is_meant else [])


def test_rule_may_name_supplier_shop_and_buyer(lead: User) -> None:
    shop = Shop.objects.create(slug="umea", name="Umea")
    supplier, other = make_supplier(), make_supplier("eet")
    make_rule(level("A", lead), name="Supplier", supplier=supplier)
    make_rule(level("B", approver("b")), name="Shop", shop=shop, position=2)
    boss = make_user("boss")
    make_rule(level("C", approver("c")), name="Buyer", buyer=boss, position=3)

    def levels(**changes: Any) -> list[str]:
        order = pending(**changes)
        return list(order.steps.values_list("name", flat=True))

    assert levels(supplier=supplier) == ["A"]
    assert levels(supplier=other) == []
    assert levels(supplier=supplier, shop=shop) == ["A", "B"]
    assert levels(supplier=other, actor=boss) == ["C"]


def test_total_is_that_of_the_lines_whatever_a_script_left_behind(lead: User) -> None:
    make_rule(level("Lead", lead), currency="SEK", least_amount=Decimal(1000))
    order = make_order()
    OrderLine.objects.filter(order=order).update(quantity=600)

    submit_order(order_id=order.pk, actor=order.buyer)

    assert states(order) == ["waiting"]


def test_rule_changed_afterwards_loosens_nothing_that_waits(
    lead: User, director: User
) -> None:
    order = two_levels(lead, director)
    make_rule(level("Lead", lead), name="Other")
    for step_level in order.steps.get(position=1).level.rule.levels.all():
        step_level.delete()

    approve(order, lead)
    assert states(order) == ["approved", "waiting"]


# --- changes ----------------------------------------------------------------------


def test_change_takes_every_level_away(lead: User, director: User) -> None:
    order = two_levels(lead, director)
    approve(order, lead)

    change_order(order_id=order.pk, actor=order.buyer, data={"note": "Ring."})
    order.refresh_from_db()
    assert (order.approval, order.asked_hash, states(order)) == ("draft", "", [])
    assert refused(order, director).code == "not_pending"

    submit_order(order_id=order.pk, actor=order.buyer)
    assert states(order) == ["waiting", "later"]


def test_change_by_a_script_takes_every_level_away(
    lead: User, director: User, django_capture_on_commit_callbacks: Any
) -> None:
    order = two_levels(lead, director)
    approve(order, lead)
    row = OrderLine.objects.get(order=order)
    row.quantity = 7

    with django_capture_on_commit_callbacks(execute=True):
        row.save()

    order.refresh_from_db()
    assert (order.approval, states(order)) == ("draft", [])


def test_change_past_every_door_is_noticed_by_the_next_approver(
    lead: User, director: User
) -> None:
    order = two_levels(lead, director)
    approve(order, lead)
    OrderLine.objects.filter(order=order).update(quantity=600)

    assert refused(order, director).code == "changed_since_approval"

    order.refresh_from_db()
    assert (order.approval, states(order)) == ("draft", [])
    assert order.events.last().kind == "approval_void"  # type: ignore[union-attr]


def test_change_while_waiting_is_noticed_without_any_rule() -> None:
    order = pending()
    OrderLine.objects.filter(order=order).update(unit_price=9)

    assert refused(order, approver("other")).code == "changed_since_approval"


def test_other_shop_with_a_rule_of_its_own_needs_approval_again(lead: User) -> None:
    strict = Shop.objects.create(slug="umea", name="Umea")
    make_rule(level("Lead", lead), name="Umea", shop=strict)
    order = pending()
    approve(order, approver("other"))

    change_order(order_id=order.pk, actor=order.buyer, data={"shop": strict})

    order.refresh_from_db()
    assert order.approval == "draft"
    said = order.events.last()
    assert said is not None
    assert said.text.startswith("The rule “Umea” is for it now.")


def test_order_given_to_its_approver_needs_approval_again(lead: User) -> None:
    order = pending()
    approve(order, lead)

    change_order(order_id=order.pk, actor=order.buyer, data={"buyer": lead})

    order.refresh_from_db()
    assert order.approval == "draft"


def test_changes_since_the_last_approval_are_told(lead: User, director: User) -> None:
    order = two_levels(lead, director)
    assert changes_since_approval(order) == []
    approve(order, lead)
    approve(order, director)
    other = make_supplier("eet")
    change_order(
        order_id=order.pk,
        actor=order.buyer,
        data={"supplier": other, "lines": [line(quantity=Decimal(8))]},
    )
    order = submit_order(order_id=order.pk, actor=order.buyer)

    expected = ["supplier: Extend Nord → Eet Nord", "line 1 quantity: 6 → 8"]
    assert changes_since_approval(order) == expected
    approve(order, lead)
    assert changes_since_approval(order) == expected

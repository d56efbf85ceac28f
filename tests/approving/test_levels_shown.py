"""Who has approved an order, whose turn it is, and who comes after."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from procurement.approvals.forwarding import forward_order
from procurement.approvals.operations import approve_order
from procurement.orders.models import PurchaseOrder
from procurement.orders.operations import change_order, submit_order
from tests.admin.conftest import Browser, member
from tests.admin.pages import order_page, text_of
from tests.approvals.people import approver, level, make_rule, pending
from tests.approving.making import screen
from tests.factories import line

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna(browser: Browser) -> Client:
    return browser("anna", "Approver")


@pytest.fixture
def lead() -> User:
    return approver("lead")


@pytest.fixture
def order(lead: User, anna: Client) -> PurchaseOrder:
    """It takes the lead, then Anna, then a director."""
    approver("dora", "Directors")
    make_rule(
        level("Lead", lead),
        level("Finance", member("anna", "Approver")),
        level("Director", groups=["Directors"]),
        name="Large orders",
    )
    return pending()


def rows(context: Any) -> list[tuple[str, str, str, str]]:
    return [
        (f"{s.position}. {s.name}", s.deciders, s.get_state_display(), s.who)
        for s in context["steps"]
    ]


def test_screen_says_which_level_of_how_many_waits(
    anna: Client, order: PurchaseOrder, lead: User
) -> None:
    approve_order(order_id=order.pk, actor=lead, comment="As agreed.")

    answer = anna.get(screen(order))

    assert answer.context["level"] == "Level 2 of 3: Finance"
    assert rows(answer.context) == [
        ("1. Lead", "lead", "Approved", "lead"),
        ("2. Finance", "anna", "Waits", ""),
        ("3. Director", "Directors", "Comes later", ""),
    ]
    page = text_of(answer)
    for text in ("Level 2 of 3: Finance", "Large orders", "As agreed."):
        assert text in page
    assert page.count('aria-current="step"') == 1


def test_level_that_was_handed_on_names_the_one_person(
    anna: Client, order: PurchaseOrder, lead: User
) -> None:
    approver("bo")
    forward_order(order_id=order.pk, actor=lead, colleague="bo", comment="Yours.")

    assert rows(anna.get(screen(order)).context)[0][1] == "bo"


def test_order_page_has_the_same_levels_for_its_buyer(
    browser: Browser, order: PurchaseOrder, lead: User
) -> None:
    approve_order(order_id=order.pk, actor=lead)

    answer = browser("buyer", "Buyer").get(order_page(order))

    assert [row[2] for row in rows(answer.context)] == [
        "Approved",
        "Waits",
        "Comes later",
    ]
    assert "Levels of approval" in text_of(answer)


def test_levels_of_an_earlier_asking_are_not_shown(
    anna: Client, order: PurchaseOrder, lead: User
) -> None:
    approve_order(order_id=order.pk, actor=lead)
    change_order(order_id=order.pk, actor=order.buyer, data={"lines": [line("SKU-9")]})

    answer = anna.get(order_page(order))

    assert rows(answer.context) == []
    assert 'id="approval-steps"' not in text_of(answer)


def test_first_level_does_not_hide_what_changed_since_the_approval(
    anna: Client, order: PurchaseOrder, lead: User
) -> None:
    for name in ("lead", "anna", "dora"):
        approve_order(order_id=order.pk, actor=User.objects.get(username=name))
    lines = [line(quantity=8)]
    change_order(order_id=order.pk, actor=order.buyer, data={"lines": lines})
    submit_order(order_id=order.pk, actor=order.buyer)
    approve_order(order_id=order.pk, actor=lead)

    before = anna.get(screen(order)).context["approved_before"]

    assert (before.by, before.changes) == ("dora", ("line 1 quantity: 6 → 8",))


def test_levels_cost_the_same_however_many_they_are(
    anna: Client, order: PurchaseOrder
) -> None:
    def cost(shown: PurchaseOrder) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert anna.get(order_page(shown)).status_code == 200
        return len(queries)

    cost(order)
    few = cost(order)
    make_rule(
        *(level(f"More {n}", approver(f"more{n}")) for n in range(4)),
        name="Larger",
        position=2,
    )
    more = pending(supplier=order.supplier)

    assert more.steps.count() == 7
    assert cost(more) == few

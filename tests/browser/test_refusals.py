"""What a person is kept from, and what they are told instead."""

import pytest
from playwright.sync_api import expect

from procurement.suppliers.models import Supplier
from tests.browser.conftest import AtDesk
from tests.browser.desk import ORDERS
from tests.factories import line, make_approved_order, make_order
from vendors.sandbox import Sandbox

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_nobody_approves_their_own_order(at_desk: AtDesk, extend: Supplier) -> None:
    order = make_order(extend)
    buyer = at_desk("buyer", "Buyer", "Approver")
    page = buyer.page
    buyer.open(f"{ORDERS}{order.pk}/change/")
    buyer.button("Ask for approval").click()
    expect(buyer.badge("To approve")).to_be_visible()

    reason = "is your own order; somebody else has to approve it."
    buyer.unfold_what_cannot_be_done()
    expect(buyer.button("Approve")).to_be_disabled()
    expect(page.get_by_text(reason).first).to_be_visible()
    buyer.open(f"{ORDERS}?show=to_approve")
    expect(page.get_by_text("No order found")).to_be_visible()

    # The page of the action itself, as somebody finds it who guesses the address.
    buyer.open(f"{ORDERS}{order.pk}/do/approve/")
    expect(buyer.button("Approve")).to_be_disabled()
    page.locator("#action-form").evaluate("form => form.requestSubmit()")
    page.wait_for_url("**/change/")
    expect(page.get_by_text(f"{order} {reason}")).to_be_visible()
    expect(buyer.badge("To approve")).to_be_visible()


def test_buyer_without_the_role_is_offered_no_approval(
    at_desk: AtDesk, extend: Supplier
) -> None:
    order = make_order(extend)
    buyer = at_desk("buyer", "Buyer")
    buyer.open(f"{ORDERS}{order.pk}/change/")
    buyer.button("Ask for approval").click()
    expect(buyer.badge("To approve")).to_be_visible()

    expect(buyer.button("Approve")).to_have_count(0)
    expect(buyer.link("Approve…")).to_have_count(0)
    buyer.open(f"{ORDERS}{order.pk}/do/approve/")
    expect(buyer.page.get_by_role("heading", name="403")).to_be_visible()


def test_changed_order_has_lost_its_approval(at_desk: AtDesk, extend: Supplier) -> None:
    order = make_approved_order(extend)
    buyer = at_desk("buyer", "Buyer")
    page = buyer.page
    buyer.open(f"{ORDERS}{order.pk}/change/")
    buyer.link("Edit").click()
    expect(page.get_by_text("takes that away")).to_be_visible()
    buyer.line_field(0, "quantity").fill("8")
    buyer.button("Save").click()

    expect(buyer.badge("Draft")).to_be_visible()
    expect(buyer.head).to_contain_text("332.00 SEK")
    changed, taken_away = buyer.timeline.nth(1), buyer.timeline.nth(0)
    expect(changed).to_contain_text("line 1 quantity: 6 → 8")
    expect(taken_away).to_contain_text("Approval taken away by buyer")
    buyer.unfold_what_cannot_be_done()
    expect(buyer.button("Send to supplier")).to_be_disabled()
    expect(page.get_by_text("Is not approved")).to_be_visible()


def test_lost_answer_is_settled_by_a_person(
    at_desk: AtDesk, worker: None, sandbox: Sandbox, eet: Supplier
) -> None:
    sandbox.add_fault("eet", endpoint="place_order", fault="lost_answer", times=1)
    order = make_approved_order(eet, lines=[line("KAB20417")])
    buyer = at_desk("buyer", "Buyer")
    buyer.open(f"{ORDERS}{order.pk}/do/send/")
    buyer.button("Send to supplier").click()
    buyer.reload_until(buyer.badge("Needs attention"))
    (booked,) = sandbox.orders("eet")

    operator = at_desk("operator", "Operator")
    page = operator.page
    operator.link("Needs attention 1").click()
    operator.link(order.number).click()
    operator.link("Settle unknown outcome…").click()
    page.get_by_label("The supplier has it").check()
    page.get_by_label("Supplier's order number").fill(booked["number"])
    operator.button("Settle unknown outcome").click()
    page.get_by_label("Evidence").fill("Asked EET by phone: they have it once.")
    operator.button("Settle unknown outcome").click()

    expect(operator.badge("Sent")).to_be_visible()
    expect(operator.head).to_contain_text(booked["number"])
    told = operator.timeline.filter(has_text="they have it once")
    expect(told).to_contain_text("by operator")
    expect(operator.badge("Needs attention")).to_have_count(0)
    assert len(sandbox.orders("eet")) == 1

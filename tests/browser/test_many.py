"""Fifty orders in two presses of a button, followed while it is being done."""

import re

import pytest
from playwright.sync_api import Page, expect

from procurement.approvals.models import ApprovalDecision
from procurement.orders.models import PurchaseOrder
from procurement.suppliers.models import Supplier
from tests.approving.making import waiting
from tests.browser.conftest import AtDesk
from tests.browser.desk import ORDERS, Desk
from tests.factories import line
from vendors.sandbox import Sandbox

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_fifty_are_approved_and_sent_and_the_one_refused_is_shown(
    at_desk: AtDesk, worker: None, sandbox: Sandbox, extend: Supplier
) -> None:
    orders = [waiting(extend) for _ in range(49)]
    bad = waiting(extend, lines=[line("SKU-9999")])
    approver = at_desk("approver", "Approver")
    tick_all(approver, f"{ORDERS}?show=to_approve", 50)
    approver.button("Approve…").click()
    expect(approver.page.locator(".facts")).to_contain_text("Extend Nord: 50")
    approver.button("Approve: 50 orders").click()
    follow(approver.page)
    expect_result(approver.page, "50 of 50: 50 done, 0 skipped, 0 failed")
    assert ApprovalDecision.objects.count() == 50

    buyer = at_desk("buyer", "Buyer")
    page = buyer.page
    tick_all(buyer, f"{ORDERS}?headline=approved", 50)
    # One of them is taken back to its buyer's desk meanwhile.
    colleague = at_desk("colleague", "Buyer")
    colleague.open(f"{ORDERS}{orders[0].pk}/change/?edit=1")
    buyer.button("Send to supplier…").click()
    colleague.line_field(0, "quantity").fill("8")
    colleague.button("Save").click()
    expect(colleague.badge("Draft")).to_be_visible()
    buyer.button("Send to supplier: 50 orders").click()
    follow(page)
    expect_result(page, "50 of 50: 49 done, 1 skipped, 0 failed")
    skipped = page.locator("section.card").filter(has_text="Skipped: 1")
    expect(skipped.get_by_role("row").nth(1)).to_contain_text(orders[0].number)

    buyer.menu("Needs a person").click()
    buyer.reload_until(page.get_by_role("row").filter(has_text=bad.number))
    expect(page.get_by_text("1 in need of a person")).to_be_visible()
    buyer.open(f"{ORDERS}?headline=sent")
    buyer.reload_until(page.locator("#result_list tbody tr").nth(47))
    references = [booked["reference"] for booked in sandbox.orders("extend")]
    assert sorted(references) == sorted(order.number for order in orders[1:])
    assert PurchaseOrder.objects.get(pk=orders[0].pk).supplier_order_number == ""
    assert approver.errors == buyer.errors == []


def tick_all(desk: Desk, address: str, count: int) -> None:
    desk.open(address)
    desk.page.get_by_label("Tick all orders shown").check()
    expect(desk.page.locator("#ticked")).to_have_text(str(count))


def follow(page: Page) -> None:
    """Wait until the page of the run shows its end by itself."""
    expect(page).to_have_url(re.compile(r"/runs/run/\d+/"))
    expect(page.locator("[data-run-state]")).to_have_text("Done", timeout=40_000)


def expect_result(page: Page, said: str) -> None:
    expect(page.locator("[data-run-said]")).to_have_text(said)

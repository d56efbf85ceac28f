"""From typing an order to goods on their way, at two desks."""

import base64
import re

import pytest
from playwright.sync_api import expect

from procurement.orders.models import PurchaseOrder
from procurement.suppliers.models import Supplier
from tests.approving.making import waiting
from tests.browser.conftest import STEP_SECONDS, AtDesk
from tests.browser.desk import NEW_ORDER, ORDERS, Desk
from tests.factories import make_approved_order
from vendors.sandbox import Sandbox

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

BASIC = base64.b64encode(b"sandbox-extend:sandbox-extend-password").decode()


def test_order_goes_from_the_form_to_its_shipment(
    at_desk: AtDesk, worker: None, sandbox: Sandbox, extend: Supplier
) -> None:
    buyer = at_desk("buyer", "Buyer")
    number = enter_order(buyer)
    buyer.button("Ask for approval").click()
    expect(buyer.badge("To approve")).to_be_visible()

    waiting(extend)
    approve_what_waits(at_desk("approver", "Approver"), number)

    buyer.page.reload()
    expect(buyer.badge("Approved")).to_be_visible()
    send_after_a_look(buyer, number)

    follow_until_shipped(buyer, sandbox)
    happened = buyer.happened()
    milestones = ["Sent", "Confirmed", "Partially shipped", "Shipped"]
    assert [title for title in happened if title in milestones] == milestones
    (booked,) = sandbox.orders("extend")
    assert booked["reference"] == number
    expect(buyer.head).to_contain_text(booked["number"])

    read_what_was_said(buyer, number, booked["number"])


def enter_order(buyer: Desk) -> str:
    """Type in an order of 425.40 SEK and open it; return its number."""
    buyer.link("New order").click()
    buyer.page.get_by_label("Supplier").select_option(label="Extend Nord")
    buyer.type_line(0, item_number="SKU-4410", quantity="6", unit="ST")
    buyer.type_line(0, unit_price="41.50", vat_percent="25")
    buyer.type_line(1, item_number="SKU-4411", quantity="2", unit="ST")
    buyer.type_line(1, unit_price="88.20", vat_percent="25")
    buyer.type_address()
    buyer.button("Save").click()
    told = buyer.page.get_by_text("was added successfully")
    expect(told).to_be_visible()
    expect(buyer.badge("Draft")).to_be_visible()
    expect(buyer.head).to_contain_text("425.40 SEK")
    number = re.search(r"PO-\d{4}-\d{6}", told.inner_text())
    assert number is not None
    return number[0]


def approve_what_waits(approver: Desk, number: str) -> None:
    """Approve the order on the screen for it, and then what waits behind it."""
    page = approver.page
    approver.menu("To approve").click()
    expect(page.locator("#queue tbody tr")).to_have_count(2)
    approver.link("Begin with the oldest").click()
    expect(page.get_by_role("heading", name=f"Approve {number}")).to_be_visible()
    expect(approver.head).to_contain_text("425.40 SEK")
    expect(page.get_by_role("row").filter(has_text="SKU-4411")).to_contain_text(
        "176.40"
    )
    approver.approve()
    expect(page.get_by_text(f"{number}: “Approve” is done.")).to_be_visible()
    expect(page.get_by_text("This is the next one.")).to_be_visible()
    expect(page.get_by_role("heading", name="Approve PO-")).not_to_contain_text(number)
    approver.approve()
    expect(page.get_by_text("Nothing else waits for you.")).to_be_visible()
    expect(page.get_by_role("heading", name="Nothing waits for you")).to_be_visible()


def send_after_a_look(buyer: Desk, number: str) -> None:
    buyer.link("Send to supplier…").click()
    heading = buyer.page.get_by_role("heading", name=f"Send to supplier: {number}")
    expect(heading).to_be_visible()
    expect(buyer.head).to_contain_text("Extend Nord")
    expect(buyer.head).to_contain_text("425.40 SEK")
    expect(buyer.badge("Test")).to_be_visible()
    expect(buyer.page.get_by_text("This is a real purchase.")).to_have_count(0)
    buyer.button("Send to supplier").click()
    expect(buyer.page.get_by_text("“Send to supplier” is done.")).to_be_visible()


def follow_until_shipped(buyer: Desk, sandbox: Sandbox) -> None:
    """Take the vendor a step further each time the page has told of the last one."""
    news = buyer.timeline.filter(has_text="by Extend Nord")
    buyer.reload_until(news)
    while not buyer.badge("Shipped").count():
        told = news.count()
        sandbox.advance(STEP_SECONDS)
        # A page made while the last news came may tell of it below an older badge.
        buyer.reload_until(news.nth(told).or_(buyer.badge("Shipped")))


def read_what_was_said(buyer: Desk, number: str, their_number: str) -> None:
    buyer.link(re.compile("POST place_order: 200")).click()
    request, answer = buyer.page.locator(".tile-grid > div").all()
    for side in (request, answer):
        side.get_by_text("Headers").click()
    expect(request).to_contain_text("ExtendBasicAuthorization: ***")
    expect(request).to_contain_text(f'"orderNumberExternal": "{number}"')
    expect(answer).to_contain_text(f'"orderNumber": "{their_number}"')
    page = buyer.page.content()
    assert "sandbox-extend-password" not in page
    assert BASIC not in page


def test_two_clicks_and_two_tabs_order_once(
    at_desk: AtDesk, worker: None, sandbox: Sandbox, extend: Supplier
) -> None:
    clicked, tabbed = make_approved_order(extend), make_approved_order(extend)
    buyer = at_desk("buyer", "Buyer")
    colleague = at_desk("colleague", "Buyer")

    buyer.open(f"{ORDERS}{clicked.pk}/do/send/")
    buyer.button("Send to supplier").dblclick()
    buyer.page.wait_for_url(lambda address: "/do/send/" not in address)
    see_it_sent_once(colleague, clicked)

    tabs = [buyer.context.new_page(), buyer.context.new_page()]
    for tab in tabs:
        tab.goto(f"{ORDERS}{tabbed.pk}/do/send/")
    for tab in tabs:
        tab.locator("#action-form").evaluate("form => form.requestSubmit()")
    for tab in tabs:
        tab.wait_for_url("**/change/")
    see_it_sent_once(colleague, tabbed)

    references = [booked["reference"] for booked in sandbox.orders("extend")]
    assert references == [clicked.number, tabbed.number]


def see_it_sent_once(desk: Desk, order: PurchaseOrder) -> None:
    desk.open(f"{ORDERS}{order.pk}/change/")
    desk.reload_until(desk.badge("Sent"))
    happened = desk.happened()
    for title in ("To be sent", "Sending", "Sent"):
        assert happened.count(title) == 1


def test_wrong_input_is_named_at_its_field_and_kept(
    at_desk: AtDesk, extend: Supplier
) -> None:
    buyer = at_desk("buyer", "Buyer")
    page = buyer.page
    buyer.open(NEW_ORDER)
    page.get_by_label("Supplier").select_option(label="Extend Nord")
    page.get_by_label("Note").fill("Ring before you come.")
    buyer.type_line(0, item_number="SKU-4410", quantity="six", unit_price="41.50")
    buyer.button("Save").click()

    cell = page.get_by_role("cell").filter(has=buyer.line_field(0, "quantity"))
    expect(cell).to_contain_text("Enter a number.")
    expect(buyer.line_field(0, "quantity")).to_have_value("six")

    buyer.type_line(0, quantity="0")
    buyer.button("Save").click()

    expect(cell).to_contain_text("Give a quantity above 0.")
    expect(buyer.line_field(0, "quantity")).to_have_value("0")

    buyer.type_line(0, quantity="6")
    page.get_by_label("Requested date").fill("2020-02-29")
    buyer.button("Save").click()

    field = page.locator(".field-requested_date")
    expect(field).to_contain_text("Give a day that is not past.")
    expect(page.get_by_label("Requested date")).to_have_value("2020-02-29")
    expect(page.get_by_label("Note")).to_have_value("Ring before you come.")
    expect(buyer.line_field(0, "quantity")).to_have_value("6")
    expect(buyer.line_field(0, "unit_price")).to_have_value("41.50")
    buyer.open(ORDERS)
    expect(page.get_by_text("No order found")).to_be_visible()


def test_three_orders_are_sent_from_the_list(
    at_desk: AtDesk, worker: None, sandbox: Sandbox, extend: Supplier
) -> None:
    orders = [make_approved_order(extend) for _ in range(3)]
    desk = at_desk("buyer", "Buyer")
    page = desk.page
    desk.link("Approved, not sent").click()
    for order in orders:
        page.get_by_label(f"Tick {order.number}").check()
    desk.button("Send to supplier…").click()

    expect(page.get_by_role("heading", name="3 orders")).to_be_visible()
    facts = page.locator(".facts")
    for fact in ("747.00 SEK", "Extend Nord: 3", "Real purchases 0", "Tests 3"):
        expect(facts).to_contain_text(re.compile(fact.replace(" ", r"\s*")))

    # One of them goes off at another desk while this page is being read.
    colleague = at_desk("colleague", "Buyer")
    colleague.open(f"{ORDERS}{orders[0].pk}/do/send/")
    colleague.button("Send to supplier").click()
    expect(colleague.page.get_by_text("“Send to supplier” is done.")).to_be_visible()
    desk.button("Send to supplier: 3 orders").click()

    said = page.locator("[data-run-said]")
    expect(said).to_have_text("3 of 3: 2 done, 1 skipped, 0 failed")
    # What was not done comes first.
    skipped, done = page.locator("section.card").filter(has=page.locator("table")).all()
    expect(skipped.get_by_role("heading")).to_have_text("Skipped: 1")
    expect(done.get_by_role("heading")).to_have_text("Done: 2")
    expect(skipped.get_by_role("row").nth(1)).to_contain_text(orders[0].number)
    for order in orders[1:]:
        row = done.get_by_role("row").filter(has_text=order.number)
        expect(row).to_contain_text("Now: Sending")

    desk.link("Back to the orders").click()
    desk.reload_until(page.locator("tbody .badge").get_by_text("Sent").nth(2))
    references = {booked["reference"] for booked in sandbox.orders("extend")}
    assert references == {order.number for order in orders}
    assert len(sandbox.orders("extend")) == 3

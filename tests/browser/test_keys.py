"""Keys in a list: they move, tick and open; none of them acts on an order."""

import pytest
from playwright.sync_api import Page, expect

from procurement.orders.models import OrderEvent
from procurement.suppliers.models import Supplier
from tests.browser.conftest import AtDesk
from tests.browser.desk import ORDERS
from tests.factories import make_order

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def current(page: Page) -> str:
    return page.evaluate("document.activeElement.textContent.trim()")


def ticked(page: Page) -> int:
    return page.locator("tbody input[type=checkbox]:checked").count()


def test_keys_move_tick_search_and_open(at_desk: AtDesk, extend: Supplier) -> None:
    orders = [make_order(extend) for _ in range(4)][::-1]
    numbers = [order.number for order in orders]
    desk = at_desk("buyer", "Buyer")
    desk.open(ORDERS)
    page = desk.page
    press = page.keyboard.press

    press("j")
    assert current(page) == numbers[0]
    press("j")
    press("ArrowDown")
    assert current(page) == numbers[2]
    press("k")
    press("ArrowUp")
    press("ArrowUp")
    assert current(page) == numbers[0]

    press("x")
    expect(page.locator("#ticked")).to_have_text("1")
    page.get_by_label(f"Tick {numbers[2]}").click(modifiers=["Shift"])
    assert ticked(page) == 3
    press("j")
    press("Control+a")
    assert ticked(page) == 4
    press("Control+a")
    assert ticked(page) == 0

    press("/")
    expect(page.locator("#searchbar")).to_be_focused()
    page.keyboard.type("x?j")
    expect(page.locator("#searchbar")).to_have_value("x?j")
    expect(page.locator("#keys-help")).to_be_hidden()
    assert ticked(page) == 0

    page.locator("h1, body").first.click(position={"x": 1, "y": 1})
    press("j")
    press("j")
    press("Enter")
    expect(page).to_have_url(
        f"{page.url.split('/admin/')[0]}{ORDERS}{orders[1].pk}/change/"
    )
    assert desk.errors == []


def test_help_is_a_dialog_that_tells_the_keys(
    at_desk: AtDesk, extend: Supplier
) -> None:
    make_order(extend)
    desk = at_desk("buyer", "Buyer")
    for address in (ORDERS, "/admin/orders/orderline/", "/admin/shops/shop/"):
        desk.open(address)
        desk.page.keyboard.press("?")
        dialog = desk.page.get_by_role("dialog", name="Keys in this list")
        expect(dialog).to_contain_text("No key sends an order")
        desk.page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        desk.button("Keys in this list").click()
        expect(dialog).to_be_visible()
    assert desk.errors == []


def test_keys_in_a_form_save_it_and_decide_nothing(
    at_desk: AtDesk, extend: Supplier
) -> None:
    order = make_order(extend)
    desk = at_desk("buyer", "Buyer")
    desk.open(f"{ORDERS}{order.pk}/change/")
    desk.page.get_by_label("Note").fill("Ring the bell")
    desk.page.keyboard.press("Control+Enter")
    expect(desk.page.locator(".timeline")).to_contain_text("note:")
    order.refresh_from_db()
    assert order.note == "Ring the bell"

    events = OrderEvent.objects.count()
    desk.open(f"{ORDERS}{order.pk}/do/cancel/")
    desk.page.get_by_label("Reason").fill("Not wanted")
    desk.page.keyboard.press("Control+Enter")
    desk.page.wait_for_timeout(300)
    assert OrderEvent.objects.count() == events


def test_account_menu_is_opened_and_left_without_a_mouse(at_desk: AtDesk) -> None:
    desk = at_desk("buyer", "Buyer")
    page = desk.page
    leave = page.get_by_role("button", name="Log out")
    page.get_by_role("button", name="buyer").focus()
    page.keyboard.press("Enter")
    expect(leave).to_be_visible()
    page.keyboard.press("Escape")
    expect(leave).to_be_hidden()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Dark").press("Enter")
    expect(page.locator("html.dark")).to_have_count(1)
    leave.press("Enter")
    expect(page.get_by_text("Logged out")).to_be_visible()
    assert desk.errors == []

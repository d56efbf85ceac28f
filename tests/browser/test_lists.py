"""Views kept, lines, files and days: what buyers look at all day."""

import csv
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from procurement import clock
from procurement.orders.models import OrderLine, PurchaseOrder
from procurement.suppliers.models import Supplier
from tests.browser.conftest import AtDesk
from tests.browser.desk import ORDERS
from tests.factories import line, make_approved_order, make_order

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_view_is_saved_and_found_again(at_desk: AtDesk, extend: Supplier) -> None:
    draft, approved = make_order(extend), make_approved_order(extend)
    desk = at_desk("buyer", "Buyer")
    page = desk.page
    desk.open(ORDERS)
    page.get_by_label("Status").select_option("draft")
    desk.button("Search").click()
    expect(desk.link(approved.number)).to_have_count(0)

    page.get_by_text("Save this view").click()
    page.get_by_label("Name", exact=True).fill("My drafts")
    desk.button("Save view").click()
    desk.open(f"{ORDERS}?show=")
    expect(desk.link(approved.number)).to_be_visible()
    saved = page.get_by_role("navigation", name="Saved views")
    saved.get_by_role("link", name="My drafts").click()
    expect(desk.link(draft.number)).to_be_visible()
    expect(desk.link(approved.number)).to_have_count(0)
    assert desk.errors == []


def test_line_is_found_by_its_item(at_desk: AtDesk, extend: Supplier) -> None:
    order = make_order(extend, lines=[line("SKU-4410"), line("SKU-5102")])
    desk = at_desk("buyer", "Buyer")
    desk.menu("Order lines").click()
    rows = desk.page.locator("#result_list tbody tr")
    expect(rows).to_have_count(2)
    # Keys are heard once the page's scripts have run, which rows do not wait for.
    desk.page.wait_for_load_state("load")
    desk.page.keyboard.press("/")
    expect(
        desk.page.get_by_role("searchbox").or_(desk.page.locator("#searchbar")).first
    ).to_be_focused()
    desk.page.keyboard.type("SKU-5102")
    desk.page.keyboard.press("Enter")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("SKU-5102")
    desk.link(order.number).click()
    expect(desk.badge("Draft")).to_be_visible()
    assert desk.errors == []


def test_list_is_fetched_as_a_file(
    at_desk: AtDesk, worker: None, extend: Supplier, tmp_path: Path
) -> None:
    draft = make_order(extend)
    make_approved_order(extend)
    desk = at_desk("buyer", "Buyer")
    page = desk.page
    desk.open(f"{ORDERS}?headline=draft")
    desk.link("Export").click()
    page.get_by_role("radio", name="CSV").check()
    desk.button("Make the file").click()
    with page.expect_download(timeout=30_000) as download:
        desk.link("Fetch the file").click(timeout=30_000)
    download.value.save_as(tmp_path / "orders.csv")
    with (tmp_path / "orders.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert draft.number in row.values()
    assert desk.errors == []


def test_calendar_shows_what_is_promised_and_what_is_late(
    at_desk: AtDesk, extend: Supplier
) -> None:
    today = clock.today()
    late, due = make_approved_order(extend), make_approved_order(extend)
    for order, days in ((late, -1), (due, 0)):
        day = today + timedelta(days=days)
        sent = {"transmission": "sent", "promised_date": day}
        PurchaseOrder.objects.filter(pk=order.pk).update(**sent)
        OrderLine.objects.filter(order=order).update(promised_date=day)
    desk = at_desk("buyer", "Buyer")
    page = desk.page
    desk.menu("Expected deliveries").click()
    # Yesterday's may stand in the month before; the week has it, but on a Monday.
    page.get_by_role("navigation", name="Month or week").get_by_role(
        "link", name="Week"
    ).click()
    if today.weekday() == 0:
        expect(page.locator(".calendar-today")).to_contain_text(due.number)
        desk.link("Earlier").click()
    entry = page.locator(".calendar-entry").filter(has_text=late.number)
    expect(entry.locator(".late")).to_have_text("late")
    if today.weekday() > 0:
        expect(page.locator(".calendar-today")).to_contain_text(due.number)
    entry.get_by_role("link").click()
    expect(desk.head).to_contain_text("late")
    assert desk.errors == []

"""Takes the pictures of the documentation from a running demo.

    python -m tests.browser.screenshots http://127.0.0.1:8000 demo PASSWORD

What the demo has not done itself is done here first: an order that waits for
approval, entered by the demo's buyer, who has the same password.
"""

import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser.desk import NEW_ORDER, ORDERS, Desk, start_chromium

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
BUYER = "bea.buyer"
SUPPLIER = "Extend Nord (demo)"
TALLEST = 1500
MOST_BYTES = 400_000
TO_APPROVE = f"{ORDERS}?show=to_approve"


def main(base_url: str, username: str, password: str) -> None:
    with sync_playwright() as playwright:
        browser = start_chromium(playwright)
        desk = Desk(browser, base_url)
        desk.log_in(username, password)
        desk.open(TO_APPROVE)
        if desk.page.get_by_text("No order found").count():
            ask_for_approval(browser, base_url, password)
        for name, go in PICTURES.items():
            go(desk)
            take(desk, FOLDER / f"{name}.png")
        browser.close()


def ask_for_approval(browser: Browser, base_url: str, password: str) -> None:
    buyer = Desk(browser, base_url)
    buyer.log_in(BUYER, password)
    buyer.open(NEW_ORDER)
    buyer.page.get_by_label("Supplier").select_option(label=SUPPLIER)
    buyer.page.get_by_label("External reference").fill("Workshop 14")
    lines = (
        ("SKU-4410", "Oljefilter 76 mm", "24", "41.50"),
        ("SKU-4411", "Luftfilter panel", "6", "88.20"),
    )
    for index, (item_number, description, quantity, unit_price) in enumerate(lines):
        buyer.type_line(
            index,
            item_number=item_number,
            description=description,
            quantity=quantity,
            unit="ST",
            unit_price=unit_price,
            vat_percent="25",
        )
    buyer.type_address()
    buyer.button("Save").click()
    buyer.button("Ask for approval").click()
    buyer.badge("To approve").wait_for()
    buyer.context.close()


# --- the pages ------------------------------------------------------------------------


def home(desk: Desk) -> None:
    desk.open("/admin/")


def orders(desk: Desk) -> None:
    desk.open(ORDERS)


def shipped_order(desk: Desk) -> None:
    desk.open(ORDERS)
    row = desk.page.get_by_role("row").filter(has_text=SUPPLIER)
    # The oldest one is the demo's plain purchase; nothing went wrong with it.
    row.filter(has_text="Shipped").last.get_by_role("link").first.click()
    desk.badge("Shipped").wait_for()


def approval(desk: Desk) -> None:
    desk.open(TO_APPROVE)
    desk.page.locator("tbody").get_by_role("link").first.click()
    desk.link("Approve…").click()
    desk.button("Approve").wait_for()


def exchange(desk: Desk) -> None:
    shipped_order(desk)
    desk.link("POST place_order").click()
    for headers in desk.page.get_by_text("Headers", exact=True).all():
        headers.click()


def supplier(desk: Desk) -> None:
    desk.open("/admin/suppliers/supplier/")
    desk.link(SUPPLIER).click()
    desk.page.get_by_text("What Extend Commerce can do").click()


def transmissions(desk: Desk) -> None:
    desk.open("/admin/transmissions/transmission/")


def names(desk: Desk) -> None:
    supplier(desk)
    desk.link("The vendor's names").click()
    desk.page.get_by_text("Order status").click()


def shop(desk: Desk) -> None:
    desk.open("/admin/shops/shop/")
    desk.page.locator("tbody").get_by_role("link").last.click()
    desk.page.get_by_text("At suppliers").wait_for()


def item(desk: Desk) -> None:
    desk.open("/admin/suppliers/supplieritem/?q=KAB20417")
    desk.page.locator("tbody").get_by_role("link").first.click()
    desk.page.get_by_text("Price and stock over time").wait_for()


PICTURES: dict[str, Callable[[Desk], None]] = {
    "home": home,
    "orders": orders,
    "order": shipped_order,
    "approve": approval,
    "exchange": exchange,
    "supplier": supplier,
    "transmissions": transmissions,
    "names": names,
    "shop": shop,
    "item": item,
}


def take(desk: Desk, path: Path) -> None:
    """Take the whole page in a window as tall as it, so that its bars stay in place.

    Raises:
        SystemExit: the picture is too large for a documentation.
    """
    desk.page.wait_for_load_state("networkidle")
    height: int = desk.page.evaluate("document.documentElement.scrollHeight")
    width = 1440
    desk.page.set_viewport_size(
        {"width": width, "height": max(900, min(height, TALLEST))}
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    desk.page.screenshot(path=path)
    desk.page.set_viewport_size({"width": width, "height": 900})
    size = path.stat().st_size
    print(f"{path.name}: {size // 1000} kB")
    if size > MOST_BYTES:
        sys.exit(f"{path} has {size} bytes; {MOST_BYTES} is the most.")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])

"""Takes the pictures of the documentation: `make screenshots`.

A demo of its own is started for them, tells its story, and gets a month of work
beside it (`workplace`). Names of pictures as arguments take only those.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from procurement.demo.installation import ROOT, USERNAME, Installation
from procurement.demo.story import tell_story
from tests.browser.desk import DESK_WIDTH, ORDERS, PHONE_WIDTH, Desk, start_chromium

FOLDER = ROOT / "docs" / "screenshots"
HOME = ROOT / "var" / "pictures"
BUYER, APPROVER, OPERATOR = "bea.buyer", "anna.approver", "olle.operator"
SUPPLIER = "Extend Nord (demo)"
TALLEST = 1500
MOST_BYTES = 400_000


@dataclass(frozen=True)
class Picture:
    """Who goes where for it."""

    who: str
    go: Callable[[Desk], None]
    width: int = DESK_WIDTH


def main(chosen: list[str]) -> None:
    if unknown := set(chosen) - set(PICTURES):
        sys.exit(f"There are no such pictures: {', '.join(sorted(unknown))}")
    shutil.rmtree(HOME, ignore_errors=True)
    installation = Installation(HOME)
    with installation.running():
        _work_a_month(installation)
        with sync_playwright() as playwright:
            browser = start_chromium(playwright)
            for name in chosen or PICTURES:
                _take(browser, installation, name)
            browser.close()


def _work_a_month(installation: Installation) -> None:
    people = (f"--username={USERNAME}", f"--password={installation.password}")
    keys = json.loads(installation.manage("prepare_demo", *people))
    if not tell_story(installation, keys, lambda row: print(row.vendor, row.step)):
        sys.exit("The demo went wrong; its pictures would show that.")
    subprocess.run(
        [sys.executable, "-m", "tests.browser.workplace", installation.sandbox_url],
        env=installation.environment(),
        cwd=ROOT,
        check=True,
    )


# --- the pages ------------------------------------------------------------------------


def page(address: str) -> Callable[[Desk], None]:
    return lambda desk: desk.open(address)


def first_of(address: str) -> Callable[[Desk], None]:
    """The page of the first object in a list."""

    def go(desk: Desk) -> None:
        desk.open(address)
        desk.page.locator("#result_list tbody a, #queue tbody a").first.click()

    return go


def shipped_order(desk: Desk) -> None:
    desk.open(f"{ORDERS}?show=&headline=shipped")
    row = desk.page.get_by_role("row").filter(has_text=SUPPLIER)
    # The oldest one is the demo's plain purchase; nothing went wrong with it.
    row.last.get_by_role("link").first.click()
    desk.badge("Shipped").wait_for()


def many(desk: Desk) -> None:
    desk.open(f"{ORDERS}?show=&headline=approved")
    desk.page.get_by_label("Tick all orders shown").check()
    desk.button("Send to supplier…").click()


def exchange(desk: Desk) -> None:
    shipped_order(desk)
    desk.link("POST place_order").click()
    for headers in desk.page.get_by_text("Headers", exact=True).all():
        headers.click()


def supplier(desk: Desk) -> None:
    desk.open("/admin/suppliers/supplier/")
    desk.link(SUPPLIER).click()
    desk.page.get_by_text("What Extend Commerce can do").click()


def names(desk: Desk) -> None:
    supplier(desk)
    desk.link("The vendor's names").click()
    desk.page.get_by_text("Order status").click()


def shop(desk: Desk) -> None:
    desk.open("/admin/shops/shop/")
    desk.page.locator("tbody").get_by_role("link").last.click()
    desk.page.get_by_text("At suppliers").wait_for()


PICTURES = {
    "home": Picture(BUYER, page("/admin/")),
    "orders": Picture(BUYER, page(f"{ORDERS}?show=")),
    "order": Picture(BUYER, shipped_order),
    "lines": Picture(BUYER, page("/admin/orders/orderline/")),
    "many": Picture(BUYER, many),
    "calendar": Picture(BUYER, page("/admin/calendar/")),
    "item": Picture(BUYER, first_of("/admin/suppliers/supplieritem/?q=KAB20417")),
    "queue": Picture(APPROVER, page("/admin/approvals/")),
    "approve": Picture(APPROVER, first_of("/admin/approvals/")),
    "approve-phone": Picture(APPROVER, first_of("/admin/approvals/"), PHONE_WIDTH),
    "troubles": Picture(OPERATOR, page("/admin/troubles/")),
    "cockpit": Picture(OPERATOR, page("/admin/cockpit/")),
    "transmissions": Picture(OPERATOR, page("/admin/transmissions/transmission/")),
    "exchange": Picture(OPERATOR, exchange),
    "supplier": Picture(USERNAME, supplier),
    "names": Picture(USERNAME, names),
    "shop": Picture(USERNAME, shop),
}


def _take(browser: Browser, installation: Installation, name: str) -> None:
    picture = PICTURES[name]
    desk = Desk(browser, installation.web_url, width=picture.width)
    desk.log_in(picture.who, installation.password)
    picture.go(desk)
    take(desk, FOLDER / f"{name}.png", picture.width)
    desk.context.close()


def take(desk: Desk, path: Path, width: int) -> None:
    """Take the whole page in a window as tall as it, so that its bars stay in place.

    Raises:
        SystemExit: the picture is too large for a documentation.
    """
    desk.page.wait_for_load_state("networkidle")
    height: int = desk.page.evaluate("document.documentElement.scrollHeight")
    desk.page.set_viewport_size(
        {"width": width, "height": max(844, min(height, TALLEST))}
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    desk.page.screenshot(path=path)
    size = path.stat().st_size
    print(f"{path.name}: {size // 1000} kB")
    if size > MOST_BYTES:
        sys.exit(f"{path} has {size} bytes; {MOST_BYTES} is the most.")


if __name__ == "__main__":
    main(sys.argv[1:])

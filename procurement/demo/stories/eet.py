"""EET: prices and orders by API; what happens to an order, by hand."""

import os
import re
import signal

import requests

from procurement.demo.browser import first
from procurement.demo.client import wait_for
from procurement.demo.desk import Desk, require, theirs
from procurement.demo.stories import by_hand

NAME, SLUG, ITEM, PRICE = "EET", "eet-demo", "KAB20417", "129.50"
FILE_LINES, ITEM_OF_THE_FILE = 2000, "SBX0000001"
ACCOUNT_NAME = "EET (demo)"
ACCOUNT = {
    "slug": SLUG,
    "name": ACCOUNT_NAME,
    "vendor": "eet",
    "mode": "test",
    "currency": "SEK",
    "credentials": {"username": "sandbox-eet", "password": "sandbox-eet-password"},
}


def run(desk: Desk) -> None:
    desk.step(NAME, "Connect the account", lambda: desk.connect(ACCOUNT, "eet"))
    desk.step(NAME, "Price and stock", lambda: desk.availability(SLUG, ITEM))
    desk.step(NAME, "Price file brought", lambda: bring_a_price_file(desk))
    desk.step(NAME, "Prices checked, then taken", lambda: check_prices(desk))
    desk.step(NAME, "Order in test mode", lambda: order_in_test_mode(desk))
    desk.step(NAME, "Cancellation, by hand", lambda: cancel(desk))


def bring_a_price_file(desk: Desk) -> str:
    """The file EET puts on its server, uploaded by a person, loaded by the worker."""
    sandbox = desk.installation.sandbox_url
    made = requests.get(
        f"{sandbox}/_sandbox/eet/price_file",
        {"lines": str(FILE_LINES), "language": "da"},
        timeout=60,
    )
    browser, page = desk.browser(), "/admin/catalogue/pricefile/add/"
    supplier = first(
        rf'value="(\d+)"[^>]*>\s*{re.escape(ACCOUNT_NAME)}',
        browser.open(page),
        "supplier to bring it for",
    )
    name = f"prices-{desk.run}.csv"
    browser.send(page, page, supplier=supplier, files={"file": (name, made.content)})
    offer = wait_for(
        "the file to be taken over", lambda: desk.offer(SLUG, ITEM_OF_THE_FILE)
    )
    return (
        f"{FILE_LINES} lines; {ITEM_OF_THE_FILE}: {offer['unit_price']} "
        f"{offer['currency']}, {offer['quantity_available']} in stock"
    )


def check_prices(desk: Desk) -> str:
    """The supplier's price is shown beside the approved one; taking it is a step."""
    order = desk.approved(SLUG, ITEM, "1", "120.00")
    path = f"/orders/{order['number']}"
    (checked,) = desk.shop.post(f"{path}/check_lines/")["lines"]
    require(desk.now(order)["total"] == "120.00", "The check changed the order.")
    taken = desk.shop.post(f"{path}/take_prices/")
    require(
        (taken["total"], taken["approval"]) == (PRICE, "draft"),
        f"Not taken, or still approved: {taken}",
    )
    desk.shop.post(f"{path}/cancel/", {"reason": "Demo"})
    return (
        f"{order['number']}: {checked['ordered_price']} ordered, {checked['price']} "
        "now; taken over, which took the approval away"
    )


def order_in_test_mode(desk: Desk) -> str:
    order = desk.send(desk.approved(SLUG, ITEM, "3", PRICE))
    order = desk.wait(order, "sent")
    require(
        order["test"] and order["supplier_order_number"],
        f"Not a test order with a number: {order}",
    )
    done = by_hand.follow(desk, order, "EET")
    return f"sent as a test, EET's number {theirs(order)}; {done}"


def cancel(desk: Desk) -> str:
    order = desk.wait(desk.send(desk.approved(SLUG, ITEM, "1", PRICE)), "sent")
    return by_hand.record_cancellation(desk, order, "EET")


def kill_the_worker(desk: Desk) -> None:
    desk.step(NAME, "Worker killed in mid-call", lambda: _kill_the_worker(desk))


def _kill_the_worker(desk: Desk) -> str:
    """SIGKILL between the vendor taking the order and its answer."""
    desk.fault("eet", "hold", seconds=20)
    order = desk.approved(SLUG, ITEM, "1", PRICE)
    desk.send(order)
    wait_for("the vendor to have it", lambda: desk.books("eet", order["number"]))
    (attempt,) = desk.attempts(order)
    os.kill(int(attempt["worker"].split(":")[1]), signal.SIGKILL)
    desk.sandbox.post("/release")
    desk.wait_until_unknown(order)
    order = by_hand.settle_as_there(desk, order, "eet")
    return (
        f"{order['number']}: worker killed, outcome unknown, settled by a person "
        f"as {theirs(order)}; the vendor has it once"
    )

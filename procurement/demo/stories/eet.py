"""EET: prices and orders by API; what happens to an order, by hand."""

import os
import signal

from procurement.demo.client import wait_for
from procurement.demo.desk import Desk, require, theirs

NAME, SLUG, ITEM, PRICE = "EET", "eet-demo", "KAB20417", "129.50"
ACCOUNT = {
    "slug": SLUG,
    "name": "EET (demo)",
    "vendor": "eet",
    "mode": "test",
    "currency": "SEK",
    "credentials": {"username": "sandbox-eet", "password": "sandbox-eet-password"},
}


def run(desk: Desk) -> None:
    desk.step(NAME, "Connect the account", lambda: desk.connect(ACCOUNT, "eet"))
    desk.step(NAME, "Price and stock", lambda: desk.availability(SLUG, ITEM))
    desk.step(NAME, "Order in test mode", lambda: order_in_test_mode(desk))


def order_in_test_mode(desk: Desk) -> str:
    order = desk.send(desk.approved(SLUG, ITEM, "3", PRICE))
    order = desk.wait(order, "sent")
    require(
        order["test"] and order["supplier_order_number"],
        f"Not a test order with a number: {order}",
    )
    return f"{order['number']} sent as a test, EET's number {theirs(order)}"


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
    booked = desk.require_one("eet", order)
    desk.do(
        order,
        "resolve",
        outcome="placed",
        supplier_order_number=booked["number"],
        evidence="Asked EET by phone: they have it once.",
    )
    order = desk.wait(order, "sent")
    desk.require_one("eet", order)
    return (
        f"{order['number']}: worker killed, outcome unknown, settled by a person "
        f"as {theirs(order)}; the vendor has it once"
    )

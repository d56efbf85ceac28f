"""EET: prices and orders by API; what happens to an order, by hand."""

import os
import signal

from procurement.demo.client import wait_for
from procurement.demo.desk import Desk, require, theirs
from procurement.demo.stories import by_hand

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
    desk.step(NAME, "Cancellation, by hand", lambda: cancel(desk))


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

"""Extend: all of it by API, followed by polling and by signed webhooks."""

import secrets
from typing import Any

from procurement.demo.client import wait_for
from procurement.demo.desk import Desk, require, theirs
from procurement.demo.stories import customers

NAME, SLUG, ITEM, PRICE = "Extend", "extend-demo", "SKU-4410", "41.50"
OTHER_ITEM = "SKU-8003"
TRIGGERS = ["OrderReserved", "OrderPicked", "OrderCancelled"]
HOOK_SECRET = secrets.token_hex(20)
ACCOUNT = {
    "slug": SLUG,
    "name": "Extend Nord (demo)",
    "vendor": "extend",
    "mode": "test",
    "currency": "SEK",
    "credentials": {
        "username": "sandbox-extend",
        "password": "sandbox-extend-password",
        "webhook_secret": HOOK_SECRET,
    },
    "options": {
        "client": "NORD",
        "customer_number": "K-20417",
        "warehouse": "WH-SYD",
        "allow_customer_creation": True,
    },
}


def run(desk: Desk) -> None:
    desk.step(
        NAME, "Connect the account", lambda: desk.connect(ACCOUNT, "extend/RESTAPI")
    )
    desk.step(NAME, "Price and stock", lambda: desk.availability(SLUG, ITEM))
    desk.step(NAME, "Set up signed webhooks", lambda: set_up_webhooks(desk))
    desk.step(NAME, "Order, followed to shipment", lambda: follow(desk))
    desk.step(NAME, "Stock changed since", lambda: follow_stock(desk))
    desk.step(NAME, "Products changed since", lambda: follow_products(desk))
    desk.step(NAME, "Find or create a customer", lambda: create_customer(desk))
    desk.step(NAME, "Order whose answer is lost", lambda: lose_the_answer(desk))
    desk.step(NAME, "Cancel before picking", lambda: cancel(desk))


def set_up_webhooks(desk: Desk) -> str:
    """The secret is new at every run, and has to be the same on both sides."""
    desk.setup.patch(
        f"/suppliers/{SLUG}/", {"credentials": {"webhook_secret": HOOK_SECRET}}
    )
    url = f"{desk.installation.web_url}/hooks/{SLUG}/"
    desk.sandbox.post(
        "/webhooks",
        {"vendor": "extend", "url": url, "secret": HOOK_SECRET, "triggers": TRIGGERS},
    )
    (hook,) = desk.sandbox.get("/webhooks")["webhooks"]
    return f"{url} is told of {', '.join(hook['triggers'])}"


def follow(desk: Desk) -> str:
    order = desk.send(desk.approved(SLUG, ITEM, "6", PRICE))
    order = desk.wait(order, "shipped")
    kinds = [event["kind"] for event in desk.events(order)]
    steps = ["sent", "confirmed", "partially_shipped", "shipped"]
    require(
        [kind for kind in steps if kind in kinds] == steps,
        f"Some steps were not seen: {kinds}",
    )
    told = [
        call
        for call in desk.sandbox.get("/webhooks")["calls"]
        if theirs(order) in str(call) and call["status"] == 200
    ]
    require(told, "No webhook of it was taken in.")
    return (
        f"{order['number']} is {theirs(order)}: {', '.join(steps)}; "
        f"{len(told)} signed webhooks taken in"
    )


def follow_stock(desk: Desk) -> str:
    """What an order took off the shelf comes by the list of changes, without asking."""
    before = desk.offer(SLUG, ITEM)
    order = desk.send(desk.approved(SLUG, ITEM, "1", PRICE))
    desk.wait(order, "sent", "confirmed", "shipped")

    def look() -> dict[str, Any] | None:
        now = desk.offer(SLUG, ITEM)
        return now if now["stock_by_kind"] != before["stock_by_kind"] else None

    now = wait_for("the stock to be told anew", look)
    return f"{ITEM}: {before['stock_by_kind']} before, {now['stock_by_kind']} now"


def follow_products(desk: Desk) -> str:
    """A product we hold is worked on there; its description comes by itself."""
    desk.availability(SLUG, OTHER_ITEM)
    desk.sandbox.post("/settings", {"extend_product_in_work": OTHER_ITEM})
    described = wait_for(
        "the product to be read", lambda: desk.item(SLUG, OTHER_ITEM)["description"]
    )
    desk.sandbox.post("/settings", {"extend_product_in_work": ""})
    return f"{OTHER_ITEM} was read: {described}"


def create_customer(desk: Desk) -> str:
    linked = customers.link(desk, customers.enter_new(desk), SLUG, create=True)
    return f"not there yet, so created; its number is {linked['number']}"


def lose_the_answer(desk: Desk) -> str:
    desk.fault("extend", "lost_answer")
    order = desk.send(desk.approved(SLUG, ITEM, "2", PRICE))
    desk.wait_until_unknown(order)
    order = desk.wait_for_number(order)
    desk.require_one("extend", order)
    return (
        f"{order['number']}: answer lost, found again as {theirs(order)}; "
        "the vendor has it once"
    )


def cancel(desk: Desk) -> str:
    order = desk.send(desk.approved(SLUG, ITEM, "1", PRICE))
    order = desk.wait(order, "sent", "confirmed")
    desk.shop.post(f"/orders/{order['number']}/cancel/", {"reason": "Demo"})
    order = desk.wait(order, "cancelled")
    return f"{order['number']} ({theirs(order)}) cancelled at the vendor"

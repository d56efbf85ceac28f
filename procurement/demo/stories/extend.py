"""Extend: all of it by API, followed by polling and by signed webhooks."""

from procurement.demo.desk import Desk, require, theirs

NAME, SLUG, ITEM, PRICE = "Extend", "extend-demo", "SKU-4410", "41.50"
ACCOUNT = {
    "slug": SLUG,
    "name": "Extend Nord (demo)",
    "vendor": "extend",
    "mode": "test",
    "currency": "SEK",
    "credentials": {
        "username": "sandbox-extend",
        "password": "sandbox-extend-password",
    },
    "options": {
        "client": "NORD",
        "customer_number": "K-20417",
        "warehouse": "WH-SYD",
    },
}


def run(desk: Desk) -> None:
    desk.step(
        NAME, "Connect the account", lambda: desk.connect(ACCOUNT, "extend/RESTAPI")
    )
    desk.step(NAME, "Price and stock", lambda: desk.availability(SLUG, ITEM))
    desk.step(NAME, "Order, followed to shipment", lambda: follow(desk))
    desk.step(NAME, "Order whose answer is lost", lambda: lose_the_answer(desk))
    desk.step(NAME, "Cancel before picking", lambda: cancel(desk))


def follow(desk: Desk) -> str:
    order = desk.send(desk.approved(SLUG, ITEM, "6", PRICE))
    order = desk.wait(order, "shipped")
    kinds = [event["kind"] for event in desk.events(order)]
    steps = ["sent", "confirmed", "partially_shipped", "shipped"]
    require(
        [kind for kind in steps if kind in kinds] == steps,
        f"Some steps were not seen: {kinds}",
    )
    return f"{order['number']} is {theirs(order)}: {', '.join(steps)}"


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

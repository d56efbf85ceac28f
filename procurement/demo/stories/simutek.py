"""Simutek: customers and sales orders by API; all that follows, by hand."""

from procurement.demo.desk import Desk, require, theirs
from procurement.demo.stories import by_hand, customers

NAME, SLUG, ITEM, PRICE = "Simutek", "simutek-demo", "BRO-A5-16", "3.20"
ACCOUNT = {
    "slug": SLUG,
    "name": "Tryckeriet, GKS (demo)",
    "vendor": "simutek",
    "mode": "test",
    "currency": "SEK",
    "credentials": {
        "client_id": "sandbox-simutek",
        "client_secret": "sandbox-simutek-secret",
    },
    "options": {"customer_number": "K200731", "allow_customer_creation": True},
}


def run(desk: Desk) -> None:
    desk.step(
        NAME,
        "Connect the account",
        lambda: desk.connect(ACCOUNT, "simutek", auth_path="simutek-id"),
    )
    desk.step(NAME, "Find a customer", lambda: find_customer(desk))
    desk.step(NAME, "Create a customer", lambda: create_customer(desk))
    desk.step(NAME, "Sales order", lambda: order(desk))
    desk.step(NAME, "Steps brought as a file", lambda: bring_steps(desk))
    desk.step(NAME, "Order whose answer is lost", lambda: lose_the_answer(desk))
    desk.step(NAME, "Cancellation, by hand", lambda: cancel(desk))


def find_customer(desk: Desk) -> str:
    """Two have this organisation number; a person says which one is meant."""
    customer = customers.enter(desk, "Acme Purchasing AB", "5560000000")
    linked = customers.link(desk, customer, SLUG, number="K200731")
    return f"linked to {linked['number']}, one of several with that number"


def create_customer(desk: Desk) -> str:
    linked = customers.link(desk, customers.enter_new(desk), SLUG, create=True)
    return f"created there; its number {linked['number']} was found afterwards"


def order(desk: Desk) -> str:
    sent = desk.wait(desk.send(desk.approved(SLUG, ITEM, "500", PRICE)), "sent")
    require(theirs(sent), "No number was given.")
    done = by_hand.follow(desk, sent, "the printer's")
    return f"GKS's number {theirs(sent)}; {done}"


def bring_steps(desk: Desk) -> str:
    """What the printer's sent by mail, as a file of steps for two orders at once."""
    orders = [
        desk.wait(desk.send(desk.approved(SLUG, ITEM, "20", PRICE)), "sent")
        for _ in range(2)
    ]
    recorded = by_hand.bring_file(desk, orders)
    return f"{recorded} rows for {' and '.join(each['number'] for each in orders)}"


def lose_the_answer(desk: Desk) -> str:
    desk.fault("simutek", "lost_answer")
    sent = desk.send(desk.approved(SLUG, ITEM, "100", PRICE))
    desk.wait_until_unknown(sent)
    settled = by_hand.settle_as_there(desk, sent, "simutek")
    return (
        f"{settled['number']}: nobody can ask GKS by program; a person did, and it is "
        f"there once as {theirs(settled)}"
    )


def cancel(desk: Desk) -> str:
    sent = desk.wait(desk.send(desk.approved(SLUG, ITEM, "50", PRICE)), "sent")
    return by_hand.record_cancellation(desk, sent, "the printer's")

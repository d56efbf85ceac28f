"""Kvik: a web shop we buy from as its customer; followed by reading its list."""

import re
from urllib.parse import parse_qsl, urlsplit

import requests

from procurement.demo.browser import first
from procurement.demo.desk import Desk, require, theirs
from procurement.demo.stories import by_hand

NAME, SLUG, ITEM, PRICE = "Kvik", "kvik-demo", "TX-4410", "129.00"
SHARED_ITEM, BRAND = "100-20", "Brava"
ACCOUNT = {
    "slug": SLUG,
    "name": "Kvik shop (demo)",
    "vendor": "kvik",
    "mode": "test",
    "currency": "CZK",
    "credentials": {
        "client_id": "sandbox-kvik",
        "client_secret": "sandbox-kvik-secret",
    },
}


def run(desk: Desk) -> None:
    desk.step(NAME, "Connect the account", lambda: desk.connect(ACCOUNT, "kvik"))
    desk.step(NAME, "Price and stock by code", lambda: desk.availability(SLUG, ITEM))
    desk.step(NAME, "A code of two brands", lambda: ask_for_the_brand(desk))
    desk.step(NAME, "Order, followed by its list", lambda: follow(desk))
    desk.step(NAME, "Order whose answer is lost", lambda: lose_the_answer(desk))
    desk.step(NAME, "Cancellation, by hand", lambda: cancel(desk))
    desk.step(NAME, "A customer's shop login", lambda: connect_a_login(desk))


def ask_for_the_brand(desk: Desk) -> str:
    """The shop has the code twice; a price is told only when the brand is given."""
    path = f"/suppliers/{SLUG}/availability/"
    (offer,) = desk.shop.get(path, item=SHARED_ITEM)["results"]
    require(offer["unit_price"] is None, f"A price was guessed: {offer}")
    found = desk.availability(SLUG, SHARED_ITEM, BRAND)
    return f"not guessed ({offer['warning']}); with {BRAND}: {found}"


def follow(desk: Desk) -> str:
    order = desk.send(desk.approved(SLUG, ITEM, "2", PRICE, currency="CZK"))
    order = desk.wait(order, "delivered")
    require(order["payment_status"], "The payment was not read.")
    return (
        f"{order['number']} is {theirs(order)}: delivered, and the payment is "
        f"{order['payment_status']}"
    )


def lose_the_answer(desk: Desk) -> str:
    desk.fault("kvik", "lost_answer")
    order = desk.send(desk.approved(SLUG, ITEM, "1", PRICE, currency="CZK"))
    desk.wait_until_unknown(order)
    order = desk.wait_for_number(order)
    desk.require_one("kvik", order)
    return (
        f"{order['number']}: answer lost, found in the list as {theirs(order)}; "
        "the shop has it once"
    )


def cancel(desk: Desk) -> str:
    order = desk.send(desk.approved(SLUG, ITEM, "1", PRICE, currency="CZK"))
    order = desk.wait(order, "sent", "confirmed")
    return by_hand.record_cancellation(desk, order, "the shop")


def connect_a_login(desk: Desk) -> str:
    """Authorization code with state and PKCE; the shop's user agrees on its page."""
    name = f"Garage {desk.run}"
    customer = desk.setup.post("/customers/", {"name": name})
    browser, logins = desk.browser(), "/admin/logins/customerlogintoken"
    shown = browser.open(f"{logins}/customer/{customer['id']}/")
    pairs = re.findall(rf'"({logins}/{customer["id"]}/at/\d+/)"', shown)
    page = next(each for each in pairs if f"{each}connect/" in browser.open(each))
    asked = browser.send(page, f"{page}connect/")
    require("code_challenge" in asked.url, f"Not at the shop: {asked.url}")
    back = requests.post(
        asked.url.partition("?")[0],
        data={**dict(parse_qsl(urlsplit(asked.url).query)), "decision": "agree"},
        allow_redirects=False,
        timeout=60,
    )
    done = browser.open(back.headers["Location"])
    state = first(r"(Connected)", done, "success")
    return f"{name}: {state.lower()}, with state and PKCE; tokens kept encrypted"

"""Tinker's prices and stock, by article number; a call for each."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from vendors import reading
from vendors.contracts import ItemKey, Offer
from vendors.errors import Kind, Refused
from vendors.http import VendorClient


def fetch_offers(client: VendorClient, items: Sequence[ItemKey]) -> tuple[Offer, ...]:
    """Return one offer for each item asked for, in the same order.

    Raises:
        Refused: Tinker said no to a request.
        NotSent: one item could not be asked for, so the result would lack it.
    """
    numbers = dict.fromkeys(item.item_number for item in items)
    found = {number: _fetch(client, number) for number in numbers}
    return tuple(found[item.item_number] for item in items)


def _fetch(client: VendorClient, number: str) -> Offer:
    try:
        article = client.ask(
            "GET", client.path("path.article", number=number), purpose="fetch_offers"
        )
    except Refused as refusal:
        if refusal.kind is not Kind.NOT_FOUND:
            raise
        return Offer(item_number=number, is_known=False, as_of=datetime.now(UTC))
    return to_offer(article, client, number)


def to_offer(article: Any, client: VendorClient, number: str) -> Offer:
    """Translate an article.

    Raises:
        NotSent: it is not the one asked for.
    """

    def member(name: str) -> Any:
        return reading.member(article, client.mapping[f"article.{name}"])

    if reading.text(member("number")) != number:
        raise client.unreadable(f"the answer does not hold the article {number}.")
    price = reading.number(member("price"))
    return Offer(
        item_number=number,
        description=reading.text(member("text")),
        unit_price=price,
        currency=reading.text(member("currency")),
        quantity_available=reading.number(member("free")),
        as_of=datetime.now(UTC),
        warning="" if price else "no price",
    )

"""EET prices and stock, by item number.

Source: EET Customer API, `/product`. The request is documented; the answer is
what two independent clients read.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from vendors import reading
from vendors.contracts import ItemKey, Offer
from vendors.errors import Kind, NotSent, Refused
from vendors.http import VendorClient

MOST_PIECES = 1_000_000
"""A stock beyond this is shown, and not sold on."""

_TOO_LARGE = 413


def fetch_offers(client: VendorClient, items: Sequence[ItemKey]) -> tuple[Offer, ...]:
    """Return one offer for each item asked for, in the same order.

    An item EET leaves out is not known to it, which is not "none in stock".

    Raises:
        Refused: EET said no to the request.
        NotSent: one block of items could not be read, so the result would lack it.
    """
    prices = Prices(client.option("price_divisor"), client.option("currency"))
    if prices.divisor <= 0:
        raise NotSent(
            f"{client.account.supplier}: the price divisor must be above nothing.",
            kind=Kind.CONFIGURATION,
        )
    numbers = list(dict.fromkeys(item.item_number for item in items))
    size = max(1, client.option("batch_size"))
    found: dict[str, Offer] = {}
    for at in range(0, len(numbers), size):
        for product in fetch_products(client, numbers[at : at + size]):
            offer = to_offer(product, client.mapping, prices, datetime.now(UTC))
            _add(found, offer)
    return tuple(_offer_for(item, found) for item in items)


@dataclass(frozen=True)
class Prices:
    """How EET's prices are to be read."""

    divisor: Decimal
    currency: str


def fetch_products(
    client: VendorClient, numbers: list[str]
) -> Iterator[dict[str, Any]]:
    """Yield what EET answers for some items, as it is; fewer or more than asked for.

    Raises:
        Refused: EET said no to the request.
        NotSent: it could not be read.
    """
    names = client.mapping
    asked_for = [{names["product.item_number"]: number} for number in numbers]
    try:
        answer = client.ask(
            "POST",
            names["product.path"],
            purpose="fetch_offers",
            json={names["product.items"]: asked_for},
        )
    except Refused as refusal:
        if refusal.status != _TOO_LARGE or len(numbers) == 1:
            raise
        half = len(numbers) // 2
        yield from fetch_products(client, numbers[:half])
        yield from fetch_products(client, numbers[half:])
        return
    yield from _products(answer, client)


def _products(answer: Any, client: VendorClient) -> list[dict[str, Any]]:
    names = client.mapping
    if reading.member(answer, names["product.item_number"]) is not None:
        return [answer]
    products = reading.objects(answer, names["product.items"])
    if products is None:
        raise client.unreadable("the answer holds no list of products.")
    return products


def _add(found: dict[str, Offer], offer: Offer) -> None:
    key = offer.item_number.casefold()
    first = found.setdefault(key, offer)
    if replace(first, as_of=offer.as_of, warning=offer.warning) != offer:
        found[key] = replace(first, warning="EET sent this item twice, and differently")


def _offer_for(item: ItemKey, found: Mapping[str, Offer]) -> Offer:
    offer = found.get(item.item_number.casefold())
    if offer is None:
        return Offer(
            item_number=item.item_number, is_known=False, as_of=datetime.now(UTC)
        )
    return replace(offer, item_number=item.item_number)


def to_offer(
    product: Mapping[str, Any],
    names: Mapping[str, str],
    prices: Prices,
    as_of: datetime,
) -> Offer:
    """Translate one product of EET's answer."""

    def member(name: str) -> Any:
        return reading.member(product, names[f"product.{name}"])

    unit_price, price_warning = _unit_price(member("price"), names, prices.divisor)
    stock = _stock(member("stock"), names)
    texts = [reading.text(member(name)) for name in ("description", "description_2")]
    description = " ".join(filter(None, texts))
    # An item EET does not know may come back as nothing but its number.
    is_known = unit_price is not None or bool(stock.by_kind) or description != ""
    return Offer(
        item_number=reading.text(member("item_number")),
        is_known=is_known,
        description=description,
        mpn=reading.text(member("mpn")),
        unit_price=unit_price,
        currency=prices.currency,
        quantity_available=stock.available if is_known else None,
        stock_by_kind=stock.by_kind,
        as_of=as_of,
        warning="; ".join(filter(None, (price_warning, stock.warning))),
    )


def _unit_price(
    price: Any, names: Mapping[str, str], divisor: Decimal
) -> tuple[Decimal | None, str]:
    if price is None:
        return None, "no price"
    inside = reading.member(price, names["product.unit_price"])
    hundredths = reading.number(price if inside is None else inside)
    if hundredths is None or hundredths < 0:
        return None, "the price can't be read"
    return hundredths / divisor, "" if hundredths else "the price is nothing"


@dataclass(frozen=True)
class _Stock:
    by_kind: Mapping[str, Decimal]
    available: Decimal | None
    warning: str = ""


def _stock(stock: Any, names: Mapping[str, str]) -> _Stock:
    """Add up the kinds that may be sold on; the others are only shown."""
    rows = reading.objects(stock)
    if rows is None:
        return _Stock({}, None)
    spelling = {kind.casefold(): kind for kind in names["stock.known"].split()}
    by_kind: dict[str, Decimal] = {}
    warnings = []
    for row in rows:
        kind = reading.text(reading.member(row, names["product.stock_kind"]))
        kind = spelling.get(kind.casefold(), kind) or "?"
        quantity = reading.number(reading.member(row, names["product.stock_quantity"]))
        if quantity is None:
            warnings.append(f"the {kind} stock can't be read")
            continue
        by_kind[kind] = by_kind.get(kind, Decimal(0)) + quantity
    available = Decimal(0)
    for kind, quantity in by_kind.items():
        if not 0 <= quantity <= MOST_PIECES:
            warnings.append(f"a {kind} stock of {quantity} can't be right")
        elif kind in names["stock.sold"].split():
            available += quantity
    return _Stock(by_kind, available, "; ".join(warnings))

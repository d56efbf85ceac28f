"""Kvik prices and availability, by code, or by brand and code.

Source: the two ways to look a product up, and that price and availability come of
it, are documented in words; path and names are inferred. Prices are our own, for we
ask as a customer.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from vendors import reading
from vendors.contracts import ItemKey, Offer
from vendors.errors import Kind, Refused
from vendors.http import VendorClient
from vendors.kvik import names
from vendors.kvik.availability import read_availability

_BRANDS_NAMED = 10
_LONGEST_BRAND = 60


def fetch_offers(client: VendorClient, items: Sequence[ItemKey]) -> tuple[Offer, ...]:
    """Return one offer for each item asked for, in the same order; a call for each.

    A code that several products carry brings an offer without figures, whose
    warning names the brands to choose from.

    Raises:
        Refused: the shop said no to a request.
        NotSent: one item could not be asked for, so the result would lack it.
    """
    found = {item: _fetch(client, item) for item in dict.fromkeys(items)}
    return tuple(found[item] for item in items)


def _fetch(client: VendorClient, item: ItemKey) -> Offer:
    as_of = datetime.now(UTC)
    try:
        products = list_products(client, item)
    except Refused as refusal:
        if refusal.kind is not Kind.NOT_FOUND:
            raise
        products = []
    matching = _matching(products, item, client.mapping)
    if not matching:
        return Offer(
            item_number=item.item_number,
            brand=item.brand,
            is_known=False,
            as_of=as_of,
        )
    if len(matching) > 1:
        return _ambiguous(matching, item, client.mapping, as_of)
    offer = to_offer(matching[0], client.mapping, as_of)
    return replace(offer, item_number=item.item_number, brand=offer.brand or item.brand)


def list_products(client: VendorClient, item: ItemKey) -> list[Any]:
    """Return what the shop finds for an item, unsifted.

    Raises:
        Refused: it said no; NOT_FOUND if that is its way to find nothing.
        NotSent: nothing could be read.
    """
    mapping = client.mapping
    params: dict[str, str | Sequence[str]] = {}
    names.put(params, mapping["query.code"], item.item_number)
    if item.brand:
        names.put(params, mapping["query.brand"], item.brand)
    answer = client.ask(
        "GET", client.path("path.products"), purpose="fetch_offers", params=params
    )
    of_one = mapping["product.code"]
    products = names.rows(answer, mapping["list.products"], of_one)
    if products is None:
        raise client.unreadable("the answer holds no list of products.")
    if products and not any(names.text(row, of_one) for row in products):
        # To say "unknown" of all items would be a lie.
        raise client.unreadable(
            f"the products have no member {of_one!r}; correct the name product.code."
        )
    return products


def _matching(
    products: Iterable[Any], item: ItemKey, mapping: Mapping[str, str]
) -> list[Any]:
    """Return the products that can be the one asked for, each once."""
    code = item.item_number.strip()
    coded = [(names.text(row, mapping["product.code"]), row) for row in products]
    same = [row for found, row in coded if found == code]
    same = same or [row for found, row in coded if names.folded(found) == _fold(code)]
    if item.brand:
        # A shop that shows no brand was asked with it, and is believed.
        same = [row for row in same if _brand(row, mapping) in ("", _fold(item.brand))]
    return [row for at, row in enumerate(same) if row not in same[:at]]


_fold = names.folded


def _brand(row: Any, mapping: Mapping[str, str]) -> str:
    return _fold(names.text(row, mapping["product.brand"]))


def _ambiguous(
    matching: list[Any], item: ItemKey, mapping: Mapping[str, str], as_of: datetime
) -> Offer:
    brands = dict.fromkeys(
        names.text(row, mapping["product.brand"])[:_LONGEST_BRAND] for row in matching
    )
    named = sorted(filter(None, brands))
    warning = f"{len(matching)} products carry this code"
    if len(named) > 1:
        choice = ", ".join(named[:_BRANDS_NAMED])
        more = " and others" if len(named) > _BRANDS_NAMED else ""
        warning += f": say which brand is meant, {choice}{more}"
    else:
        warning += ", and no brand tells them apart; ask the shop"
    return Offer(
        item_number=item.item_number, brand=item.brand, as_of=as_of, warning=warning
    )


def to_offer(product: Any, mapping: Mapping[str, str], as_of: datetime) -> Offer:
    """Translate one product of the shop's answer."""

    def text(name: str) -> str:
        return names.text(product, mapping[f"product.{name}"])

    unit_price, currency, price_warning = _price(product, mapping)
    availability = read_availability(product, mapping)
    days = reading.whole(names.found(product, mapping["product.delivery_days"]))
    least = reading.number(names.found(product, mapping["product.minimum_quantity"]))
    least_warning = f"sold from {least} on" if least and least > 1 else ""
    warnings = (price_warning, availability.remark, least_warning)
    return Offer(
        item_number=text("code"),
        brand=text("brand"),
        description=text("name"),
        unit=text("unit"),
        unit_price=unit_price,
        currency=currency,
        quantity_available=availability.quantity,
        lead_time_days=days if days is not None and days >= 0 else None,
        as_of=as_of,
        warning="; ".join(filter(None, warnings)),
    )


def _price(product: Any, mapping: Mapping[str, str]) -> tuple[Decimal | None, str, str]:
    """Return the price without VAT, its currency, and what is wrong with them."""

    def number(name: str) -> Decimal | None:
        return reading.number(names.found(product, mapping[f"product.{name}"]))

    currency = names.text(product, mapping["product.currency"])[:3].upper()
    net, gross = number("price_without_vat"), number("price_with_vat")
    if net is not None and net >= 0:
        warnings = ["" if net else "the price is nothing"]
        warnings.append("" if currency else "the shop does not say the currency")
        return net, currency, "; ".join(filter(None, warnings))
    if net is None and gross is not None:
        return None, currency, f"the shop gives a price with VAT only: {gross}"
    if names.found(product, mapping["product.price"]) is None and net is None:
        return None, currency, "no price"
    return None, currency, "the price can't be read, or VAT may be in it"

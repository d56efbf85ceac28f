"""The same articles at other suppliers, and what those ask for them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db.models import Q

from procurement.approving.facts import LineFacts, OtherOffer
from procurement.catalogue.figures import break_price
from procurement.catalogue.queries import with_present_offers
from procurement.suppliers.models import SupplierItem

Article = tuple[str, ...]


def with_other_offers(lines: Sequence[LineFacts]) -> list[LineFacts]:
    """The lines with the cheapest offer of another supplier, where one is known.

    An article is the same by its EAN, or by its maker's number and brand.
    """
    items = [each.item for each in lines if each.item is not None]
    found: dict[Article, list[Any]] = defaultdict(list)
    for other in _same_articles(items):
        for article in _articles(other):
            found[article].append(other)
    return [replace(each, other=_cheapest(each, found)) for each in lines]


def _same_articles(items: Sequence[SupplierItem]) -> Iterable[Any]:
    gtins = {item.gtin for item in items} - {""}
    numbers = {item.mpn for item in items if item.brand} - {""}
    # Partial indexes are used only where the condition stands in the query.
    same = Q(gtin__in=gtins) & ~Q(gtin="") | Q(mpn__in=numbers) & ~Q(mpn="")
    rows = SupplierItem.objects.filter(same, missing_since=None).order_by("pk")
    own = {item.supplier_id for item in items}
    others = rows.exclude(supplier__in=own).select_related("supplier")
    return with_present_offers(
        others.only("item_number", "brand", "mpn", "gtin", "supplier__name")
    )


def _articles(item: SupplierItem) -> Iterator[Article]:
    if item.gtin:
        yield ("gtin", item.gtin)
    if item.mpn and item.brand:
        yield ("mpn", item.mpn, item.brand.casefold())


def _cheapest(each: LineFacts, found: dict[Article, list[Any]]) -> OtherOffer | None:
    if each.item is None:
        return None
    offers = [
        offer
        for article in _articles(each.item)
        for item in found.get(article, [])
        if (offer := _other(item, each.line.quantity, each.currency)) is not None
    ]
    return min(offers, key=lambda offer: offer.price, default=None)


def _other(item: Any, quantity: Decimal, currency: str) -> OtherOffer | None:
    for offer in item.present_offers:
        price = break_price(offer, quantity)
        if offer.is_known and price is not None and offer.currency == currency:
            return OtherOffer(
                price=price,
                supplier=item.supplier.name,
                item_id=item.pk,
                item_number=item.item_number,
                seen_at=offer.last_seen_at,
            )
    return None

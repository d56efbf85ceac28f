"""Reads of items and their offers worth a name."""

from decimal import Decimal
from typing import Any

from django.db.models import Prefetch, QuerySet

from procurement.catalogue.models import ItemOffer
from procurement.orders.models import OrderLine
from procurement.orders.states import Sending
from procurement.suppliers.models import SupplierItem

SEARCH_LIMIT = 200


def with_present_offers(items: QuerySet[SupplierItem]) -> QuerySet[SupplierItem]:
    """Items with `present_offers`: the present one, or none; one query for all."""
    present = ItemOffer.objects.filter(is_current=True, is_quarantined=False)
    return items.prefetch_related(
        Prefetch("offers", queryset=present, to_attr="present_offers")
    )


def items_beginning_with(text: str) -> list[int]:
    """Keys of items by number, maker's number, EAN or the beginning of the text.

    Each look-up goes by an index of its own, and reads no more than is shown.
    """
    spellings = dict.fromkeys((text, text.upper(), text[:1].upper() + text[1:]))
    found: dict[int, None] = {}
    for column in ("item_number", "mpn", "gtin", "description"):
        for spelling in spellings:
            room = SEARCH_LIMIT - len(found)
            rows = SupplierItem.objects.filter(**{f"{column}__startswith": spelling})
            # Partial indexes are used only where the condition stands in the query.
            rows = rows.exclude(**{column: ""}).order_by()
            found |= dict.fromkeys(rows.values_list("pk", flat=True)[:room])
    return list(found)


def lines_with(item: SupplierItem) -> QuerySet[OrderLine]:
    """The lines of our orders that are for an item, newest order first."""
    lines = OrderLine.objects.filter(
        order__supplier=item.supplier_id, item_number=item.item_number
    )
    if item.brand:
        lines = lines.filter(brand__in=["", item.brand])
    return lines.select_related("order").order_by("-order_id", "position")


def last_paid(item: SupplierItem) -> OrderLine | None:
    """The line by which it was bought last: of an order the supplier took."""
    sent = lines_with(item).filter(order__transmission=Sending.SENT)
    return sent.order_by("-order__sent_at", "position").first()


def price_points(offers: list[ItemOffer]) -> list[tuple[Any, Decimal]]:
    """Moments and prices that counted, oldest first, in the newest one's currency."""
    counted = [
        offer
        for offer in offers
        if not offer.is_quarantined and offer.price is not None
    ]
    if not counted:
        return []
    currency = counted[0].currency
    return [
        (offer.as_of, offer.price)
        for offer in reversed(counted)
        if offer.currency == currency and offer.price is not None
    ]

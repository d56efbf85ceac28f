"""Stock that is told alone: the price stays, and stays as old as it is."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from django.utils import timezone

from procurement.catalogue.models import ItemOffer, Source
from procurement.catalogue.recording import record_offers
from procurement.catalogue.told import Told
from procurement.suppliers.conversations import Conversation
from procurement.suppliers.models import SupplierItem
from vendors.contracts import Offer, StockChange


def record_stock(talk: Conversation, changes: Sequence[StockChange]) -> int:
    """Record changed stock of the items we hold; return how many those are."""
    by_number: dict[str, list[StockChange]] = defaultdict(list)
    for change in changes:
        by_number[change.item_number].append(change)
    items = SupplierItem.objects.filter(
        supplier=talk.supplier, item_number__in=list(by_number)
    )
    present = {
        offer.item_id: offer
        for offer in ItemOffer.objects.filter(
            item__in=items, is_current=True, is_quarantined=False
        )
    }
    now = timezone.now()
    told = [
        Told(
            item_number=item.item_number,
            brand=item.brand,
            offer=stock_offer(present.get(item.pk), by_number[item.item_number], now),
        )
        for item in items
    ]
    record_offers(
        supplier=talk.supplier,
        told=told,
        source=Source.CHANGED_STOCK,
        conversation=talk.id,
    )
    return len(told)


def stock_offer(
    known: ItemOffer | None, changes: Sequence[StockChange], now: datetime
) -> Offer:
    """What is known of an item, with the stock of some kinds or warehouses anew."""
    stock = (
        {kind: Decimal(told) for kind, told in known.stock_by_kind.items()}
        if (known)
        else {}
    )
    stock |= {change.kind: change.quantity for change in changes}
    days = [each.next_receiving_on for each in changes if each.next_receiving_on]
    is_whole = {change.kind for change in changes} == set(stock)
    next_day = known.next_receiving_on if known and not is_whole else None
    available = sum((max(each, Decimal(0)) for each in stock.values()), Decimal(0))
    offer = Offer(
        item_number=changes[0].item_number,
        quantity_available=available,
        stock_by_kind=stock,
        next_receiving_on=min(days, default=next_day),
        as_of=now,
    )
    if known is None:
        return offer
    return replace(
        offer,
        unit_price=known.price,
        currency=known.currency,
        price_breaks=tuple(
            (Decimal(quantity), Decimal(price))
            for quantity, price in known.price_breaks
        ),
        lead_time_days=known.lead_time_days,
        warning=known.warning,
    )

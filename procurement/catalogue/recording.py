"""Keeping what suppliers tell of their items, whichever way it came.

A row is written where something differs from what was told last; else only the
moment moves. All of a batch goes into one transaction, its items locked by their
keys in order, so that two that tell of the same item take turns.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db import transaction

from procurement.catalogue import figures
from procurement.catalogue.models import ItemOffer, Source
from procurement.catalogue.told import Told, items_of, note_items
from procurement.suppliers.models import Supplier, SupplierItem
from vendors.contracts import Offer
from vendors.prices import price_guard

PRICES_ALONE = frozenset({Source.PRICE_FILE, Source.IMPORT})
"""Ways that tell prices and can tell little of stock."""


class How(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    HELD = "held"
    """Its price can't be right; what was known before still counts."""
    PASSED_OVER = "passed over"
    """It tells nothing, or something newer is known."""


@dataclass(frozen=True)
class Recorded:
    """What became of one offer; `warning` says why its price was held back."""

    how: How
    item: SupplierItem | None = None
    offer: ItemOffer | None = None
    warning: str = ""


def keep_answers(
    supplier: Supplier,
    asked: Sequence[object],
    offers: tuple[Offer, ...],
    conversation: UUID,
) -> tuple[Offer, ...]:
    """Keep what was answered to a question; return it with our own warnings."""
    told = [
        Told.of(offer, brand=getattr(key, "brand", ""))
        for key, offer in zip(asked, offers, strict=False)
    ]
    recorded = record_offers(
        supplier=supplier, told=told, source=Source.LIVE, conversation=conversation
    )
    return tuple(
        with_warning(offer, each.warning)
        for offer, each in zip(offers, recorded, strict=False)
    )


def with_warning(offer: Offer, warning: str) -> Offer:
    if not warning:
        return offer
    return replace(offer, warning="; ".join(filter(None, (offer.warning, warning))))


@transaction.atomic
def record_offers(
    *,
    supplier: Supplier,
    told: Sequence[Told],
    source: Source,
    conversation: UUID | None = None,
    is_listed: bool | None = None,
) -> list[Recorded]:
    """Keep offers; return what became of each, in the same order.

    An item the vendor knows and we do not is created. One it does not know is noted
    where we have it.

    Args:
        is_listed: what its items are from now on: in a price file, or not.
    """
    items = items_of(supplier, told, is_listed=bool(is_listed))
    note_items(items, told, is_listed=is_listed)
    writer = _Writer.of([item for item in items if item], source, conversation)
    recorded = [
        writer.take(item, each.offer) if item else Recorded(How.PASSED_OVER)
        for item, each in zip(items, told, strict=True)
    ]
    writer.write()
    return recorded


# --- offers -----------------------------------------------------------------------


@dataclass
class _Writer:
    """Decides offer by offer what is to be written, and writes it all at the end."""

    source: Source
    conversation: UUID | None
    current: dict[int, ItemOffer]
    held: dict[int, ItemOffer]
    last_prices: dict[int, ItemOffer]
    new: list[ItemOffer] = field(default_factory=list)
    superseded: list[int] = field(default_factory=list)
    seen_again: dict[datetime, list[int]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        items: Sequence[SupplierItem],
        source: Source,
        conversation: UUID | None,
    ) -> "_Writer":
        keys = {item.pk for item in items}
        current: dict[int, ItemOffer] = {}
        held: dict[int, ItemOffer] = {}
        for offer in ItemOffer.objects.filter(item__in=keys, is_current=True):
            (held if offer.is_quarantined else current)[offer.item_id] = offer
        unpriced = [pk for pk, offer in current.items() if offer.price is None]
        return cls(source, conversation, current, held, _last_prices(unpriced))

    def take(self, item: SupplierItem, told: Offer) -> Recorded:
        if not figures.says_something(told):
            return Recorded(How.PASSED_OVER, item)
        offer = figures.to_offer(told, self.source)
        offer.item, offer.conversation = item, self.conversation
        current = self.current.get(item.pk)
        if current is not None and offer.as_of < current.last_seen_at:
            return Recorded(How.PASSED_OVER, item, current)
        if current is not None and self.source in PRICES_ALONE:
            figures.carry_over(offer, current)
        if self.source == Source.CHANGED_STOCK:
            offer.priced_at = current.priced_at if current else None
        if warning := self._guard(item, offer):
            return self._hold(item, offer, warning)
        if current is not None and figures.says_same(offer, current):
            self._see_again(current, offer.as_of)
            self._supersede(self.held, item)
            return Recorded(How.UNCHANGED, item, current)
        self._supersede(self.current, item)
        self._supersede(self.held, item)
        self.current[item.pk] = offer
        self.new.append(offer)
        how = How.NEW if current is None else How.CHANGED
        return Recorded(how, item, offer)

    def _guard(self, item: SupplierItem, offer: ItemOffer) -> str:
        last = self.current.get(item.pk)
        if last is not None and last.price is None:
            last = self.last_prices.get(item.pk)
        if last is None or last.price is None or offer.price is None:
            return ""
        if last.currency != offer.currency:
            return ""
        return price_guard(last.price, offer.price)

    def _hold(self, item: SupplierItem, offer: ItemOffer, warning: str) -> Recorded:
        offer.is_quarantined = True
        offer.warning = "; ".join(filter(None, (offer.warning, warning)))
        before = self.held.get(item.pk)
        if before is not None and figures.says_same(offer, before):
            self._see_again(before, offer.as_of)
            return Recorded(How.HELD, item, before, warning)
        self._supersede(self.held, item)
        self.held[item.pk] = offer
        self.new.append(offer)
        return Recorded(How.HELD, item, offer, warning)

    def _supersede(self, offers: dict[int, ItemOffer], item: SupplierItem) -> None:
        offer = offers.pop(item.pk, None)
        if offer is None:
            return
        offer.is_current = False
        if offer.pk is not None:
            self.superseded.append(offer.pk)

    def _see_again(self, offer: ItemOffer, at: datetime) -> None:
        offer.last_seen_at = at
        if offer.price is not None and self.source != Source.CHANGED_STOCK:
            offer.priced_at = at
        if offer.pk is not None:
            self.seen_again.setdefault(at, []).append(offer.pk)

    def write(self) -> None:
        rows = ItemOffer.objects
        rows.filter(pk__in=self.superseded).update(is_current=False)
        for at, keys in self.seen_again.items():
            again = rows.filter(pk__in=keys)
            again.update(last_seen_at=at)
            if self.source != Source.CHANGED_STOCK:
                again.filter(price__isnull=False).update(priced_at=at)
        rows.bulk_create(self.new)


def _last_prices(keys: Sequence[int]) -> dict[int, ItemOffer]:
    """The last price of items whose present offer has none."""
    if not keys:
        return {}
    rows = ItemOffer.objects.filter(
        item__in=keys, price__isnull=False, is_quarantined=False
    )
    return {offer.item_id: offer for offer in rows.order_by("as_of", "pk")}

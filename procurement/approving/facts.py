"""What is known around an order that waits for approval; plain values, no database.

Nothing here is guessed: what nobody told is None, and screens say “not known”.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings

from procurement.catalogue.figures import break_price
from procurement.catalogue.models import ItemOffer
from procurement.money import round_amount
from procurement.orders.models import OrderLine, PurchaseOrder
from procurement.suppliers.models import SupplierItem

MINIMUM_ORDER_VALUE = "minimum_order_value"
"""The supplier's option."""


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """From where on something is worth a warning."""

    duplicate_days: int
    moved_percent: Decimal
    offer_percent: Decimal

    @classmethod
    def from_settings(cls) -> "Thresholds":
        return cls(
            duplicate_days=settings.APPROVAL_DUPLICATE_DAYS,
            moved_percent=settings.APPROVAL_PRICE_MOVED_PERCENT,
            offer_percent=settings.APPROVAL_OFFER_DIFFERS_PERCENT,
        )


@dataclass(frozen=True, kw_only=True)
class Paid:
    """The last purchase of an item at this supplier, in the order's currency."""

    price: Decimal
    order_id: int
    number: str
    sent_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class OtherOffer:
    """The same article at another supplier, in the order's currency."""

    price: Decimal
    supplier: str
    item_id: int
    item_number: str
    seen_at: datetime


@dataclass(frozen=True, kw_only=True)
class LineFacts:
    """A line, and what is known of its item."""

    line: OrderLine
    currency: str
    item: SupplierItem | None = None
    offer: ItemOffer | None = None
    paid: Paid | None = None
    other: OtherOffer | None = None

    @property
    def offered_price(self) -> Decimal | None:
        """What the supplier asks for this quantity, where it can be compared."""
        offer = self.offer
        if offer is None or not offer.is_known or offer.currency != self.currency:
            return None
        return break_price(offer, self.line.quantity)

    @property
    def stock(self) -> Decimal | None:
        return self.offer.quantity_available if self.offer else None

    @property
    def lead_time_days(self) -> int | None:
        return self.offer.lead_time_days if self.offer else None

    @property
    def pack_quantity(self) -> Decimal | None:
        return _told(self.item.pack_quantity) if self.item else None

    @property
    def min_order_quantity(self) -> Decimal | None:
        return _told(self.item.min_order_quantity) if self.item else None


def _told(quantity: Decimal) -> Decimal | None:
    # 1 is what an item has of which nobody said anything.
    return quantity if quantity != 1 else None


@dataclass(frozen=True, kw_only=True)
class Twin:
    """Another order for the same goods, or with the same reference.

    Of an order the person may not see, it is said only that there is one.
    """

    has_same_reference: bool
    order_id: int | None = None
    number: str = ""
    buyer: str = ""
    created_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ApprovedBefore:
    """An approval the order had and lost, and what is different now."""

    at: datetime
    by: str
    total: Decimal
    changes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class OrderFacts:
    """An order with everything its warnings are made from."""

    order: PurchaseOrder
    today: date
    thresholds: Thresholds
    lines: tuple[LineFacts, ...] = ()
    twins: tuple[Twin, ...] = ()
    is_first_at_supplier: bool = False
    is_known_address: bool = True
    largest_before: Decimal | None = None
    """The buyer's largest order so far in this currency; None if it is the first."""
    approved_before: ApprovedBefore | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    """The supplier's."""

    @property
    def minimum_value(self) -> Decimal | None:
        """The least an order there may come to, where it is known in this currency."""
        if self.order.supplier.currency != self.order.currency:
            return None
        told = self.options.get(MINIMUM_ORDER_VALUE)
        if told is None or told == "":
            return None
        try:
            value = Decimal(str(told))
        except InvalidOperation:
            return None
        return value if value.is_finite() else None

    @property
    def lead_time_days(self) -> int | None:
        """Of the line that takes longest, as far as lead times were told."""
        told = [each.lead_time_days for each in self.lines]
        return max((days for days in told if days is not None), default=None)


def total_of_content(content: Mapping[str, Any]) -> Decimal:
    """The total of an order as it would have been sent."""
    currency = content["currency"]
    amounts = (
        round_amount(Decimal(line["quantity"]) * Decimal(line["unit_price"]), currency)
        for line in content["lines"]
    )
    return sum(amounts, Decimal(0))

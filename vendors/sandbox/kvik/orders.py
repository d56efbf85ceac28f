"""An order in the shop's books, and the stages it passes.

Documented is that an order has its products, a payment status and a processing status.
No word of either is public: those of `Stage` and `Payment` are the project's own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from vendors.sandbox.books import BookedLine, BookedOrder
from vendors.sandbox.kvik.catalogue import CURRENCY, Product, with_vat
from vendors.sandbox.lives import Life, Turn
from vendors.sandbox.world import Pace

SHOP_ZONE = ZoneInfo("Europe/Prague")
UNKNOWN_WORD = "in the green folder"


class Stage(StrEnum):
    """Where an order stands, in the words the shop shows."""

    NEW = "new"
    CONFIRMED = "confirmed"
    PROCESSING = "processing"
    PARTLY_SHIPPED = "partially shipped"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    REJECTED = "rejected"


class Payment(StrEnum):
    """How far payment has come; it says nothing of the goods."""

    UNPAID = "unpaid"
    PARTLY_PAID = "partially paid"
    PAID = "paid"


@dataclass(frozen=True, slots=True)
class Item:
    """One product of an order, with the quantity the shop took."""

    product: Product
    quantity: Decimal
    unit_price: Decimal

    def as_document(self) -> dict[str, Any]:
        return {
            "_type": "OrderItem",
            "code": self.product.code,
            "brand": self.product.brand,
            "quantity": self.quantity,
            "price": {"withoutVat": self.unit_price, "currency": CURRENCY},
        }


class ShopOrder:
    """One order, be it placed over the API or by a person in the web shop."""

    def __init__(
        self,
        number: str,
        items: Sequence[Item],
        placed_at: datetime,
        reference: str = "",
        note: str = "",
        body: str = "",
    ) -> None:
        self.items = tuple(items)
        self.reference = reference
        self.note = note
        is_divisible = len(items) > 1 or any(item.quantity >= 2 for item in items)
        parts = (Stage.PARTLY_SHIPPED,) if is_divisible else ()
        path = (Stage.NEW, Stage.CONFIRMED, Stage.PROCESSING, *parts, Stage.SHIPPED)
        self.life = Life((*path, Stage.DELIVERED), placed_at)
        self.payment = Life(tuple(Payment), placed_at)
        self.entry = BookedOrder(
            number=number,
            reference=reference or note,
            is_test=False,
            lines=tuple(
                BookedLine(
                    item.product.code,
                    item.quantity,
                    item.product.unit,
                    item.unit_price,
                )
                for item in items
            ),
            total=sum((item.quantity * item.unit_price for item in items), Decimal(0)),
            currency=CURRENCY,
            placed_at=placed_at,
            body=body,
        )

    @property
    def number(self) -> str:
        return self.entry.number

    @property
    def status(self) -> str:
        if self.life.turn is Turn.UNKNOWN_WORD:
            return UNKNOWN_WORD
        return self.life.shown_stage

    def settle(self, now: datetime, pace: Pace) -> None:
        self.life.settle(now, pace)
        self.payment.settle(now, pace)

    def as_document(self, with_note: bool) -> dict[str, Any]:
        placed_at = self.entry.placed_at.astimezone(SHOP_ZONE)
        document = {
            "_type": "Order",
            "number": self.number,
            "createdAt": placed_at.isoformat(timespec="seconds"),
            "processingStatus": self.status,
            "paymentStatus": self.payment.stage,
            "items": [item.as_document() for item in self.items],
            "total": {
                "withoutVat": self.entry.total,
                "withVat": with_vat(self.entry.total),
                "currency": CURRENCY,
            },
        }
        if with_note:
            document["note"] = self.note
            if self.reference:
                document["customerOrderNumber"] = self.reference
        return document

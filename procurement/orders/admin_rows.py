"""What a row of the order list says beside the order's own columns.

Two queries for a page: how much has come, and what happened last.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import OuterRef, Subquery, Sum
from django.utils.text import Truncator

from procurement import clock
from procurement.orders.admin_lists import Row
from procurement.orders.admin_page import event_title
from procurement.orders.models import OrderEvent, OrderLine, PurchaseOrder
from procurement.orders.states import Fulfilment, Sending

MESSAGE_LENGTH = 70


@dataclass(frozen=True)
class ListRow:
    """An order as the order list shows it."""

    row: Row
    received: int | None
    """Percent of what was ordered and not cancelled; None before it is sent."""
    message: str
    whole_message: str

    @property
    def order(self) -> PurchaseOrder:
        return self.row.order

    @property
    def is_wish_past(self) -> bool:
        """No day is promised, and the one that was asked for has gone by."""
        order = self.order
        return (
            order.requested_date is not None
            and order.requested_date < clock.today()
            and order.fulfilment not in (Fulfilment.DELIVERED, Fulfilment.CANCELLED)
        )


def list_rows(orders: Sequence[PurchaseOrder]) -> list[ListRow]:
    received = _received([o.pk for o in orders if o.transmission == Sending.SENT])
    messages = _messages([order.pk for order in orders])
    rows = []
    for order in orders:
        whole = messages.get(order.pk, "")
        rows.append(
            ListRow(
                row=Row.of(order),
                received=received.get(order.pk),
                message=Truncator(whole).chars(MESSAGE_LENGTH),
                whole_message=whole,
            )
        )
    return rows


def _received(keys: list[int]) -> dict[int, int]:
    sums: Any = (
        OrderLine.objects.filter(order__in=keys)
        .order_by()
        .values_list("order_id")
        .annotate(Sum("quantity"), Sum("quantity_cancelled"), Sum("quantity_received"))
    )
    return {
        order_id: _percent(received, ordered - cancelled)
        for order_id, ordered, cancelled, received in sums
    }


def _percent(part: Decimal, whole: Decimal) -> int:
    """Rounded down, so that 100 means all of it."""
    return min(int(part * 100 / whole), 100) if whole > 0 else 0


def _messages(keys: list[int]) -> dict[int, str]:
    """The last event of each order, in words."""
    last = OrderEvent.objects.filter(order=OuterRef("pk")).order_by("-pk").values("pk")
    orders = PurchaseOrder.objects.filter(pk__in=keys).order_by()
    newest = orders.values_list(Subquery(last[:1]), flat=True)
    events = OrderEvent.objects.filter(pk__in=newest).order_by()
    return {
        order_id: text or event_title(kind)
        for order_id, kind, text in events.values_list("order_id", "kind", "text")
    }

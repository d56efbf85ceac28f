"""Rounds of reads of single orders: never read yet, or due where no list tells."""

from datetime import datetime, timedelta

from django.utils import timezone

from procurement.fulfilment import looks
from procurement.fulfilment.models import OrderLook
from procurement.fulfilment.reading import read_or_flag
from procurement.fulfilment.turns import Turn
from procurement.orders.models import PurchaseOrder
from procurement.orders.states import Sending
from procurement.suppliers import gates
from procurement.suppliers.conversations import Conversation
from procurement.suppliers.models import Supplier

NEVER_SEEN_AT_ONCE = 50
LOOKS_AT_ONCE = 20
LEFT_FOR_SENDS = 1
"""Calls at once that a round leaves to others, so that no order waits for looks."""
NEXT_ROUND = timedelta(minutes=1)
ROUND_AT_LEAST = timedelta(minutes=5)


def read_never_seen(talk: Conversation, turn: Turn, began: datetime) -> int:
    """Read orders whose number we learnt after the list had passed them by.

    A person may settle an unknown order days later; its last change then lies
    before the cursor.
    """
    unseen = PurchaseOrder.objects.filter(
        supplier=talk.supplier,
        transmission=Sending.SENT,
        supplier_changed_at=None,
        sent_at__lt=began,
    ).exclude(supplier_order_number="")
    orders = list(unseen.order_by("sent_at")[:NEVER_SEEN_AT_ONCE])
    for order in orders:
        read_or_flag(talk, order, changed_at=None, turn=turn)
    return len(orders)


def look_at_due(talk: Conversation, turn: Turn) -> tuple[int, int]:
    """Look at the orders that are due, a few at a time; return read and moved.

    It ends early where the supplier has no room for more than what is sent to it.

    Raises:
        VendorError: none can be read at present; those before are recorded.
        TakenOver: the turn was lost; nothing more was recorded.
    """
    looks.adopt_new(talk.supplier)
    due = OrderLook.objects.filter(
        supplier=talk.supplier, next_look_at__lte=timezone.now()
    ).select_related("order")
    read = moved = 0
    for look in list(due.order_by("next_look_at")[:LOOKS_AT_ONCE]):
        if look.order.fulfilment in looks.ENDED:
            look.delete()
            continue
        if not has_room(talk.supplier):
            break
        moved += read_or_flag(talk, look.order, changed_at=None, turn=turn)
        read += 1
    return read, moved


def has_room(supplier: Supplier) -> bool:
    supplier.health.refresh_from_db()
    return gates.room(supplier, under_way=LEFT_FOR_SENDS) > 0


def next_round(supplier: Supplier, now: datetime) -> datetime:
    """When the next round is due: with the next look, and soon for new orders."""
    first = (
        OrderLook.objects.filter(supplier=supplier)
        .order_by("next_look_at")
        .values_list("next_look_at", flat=True)
        .first()
    )
    latest = now + ROUND_AT_LEAST
    return min(max(first or latest, now + NEXT_ROUND), latest)

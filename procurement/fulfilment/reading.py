"""Reading one order at its supplier and recording what it says."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from procurement.fulfilment import looks
from procurement.fulfilment.recording import flag, record_vendor_order
from procurement.fulfilment.turns import Turn
from procurement.orders.models import PurchaseOrder
from procurement.orders.operations import lock
from procurement.suppliers.conversations import Conversation
from vendors.contracts import VendorOrder
from vendors.errors import Kind, Refused, VendorError
from vendors.http import VendorClient


def read_or_flag(
    talk: Conversation,
    order: PurchaseOrder,
    *,
    changed_at: datetime | None,
    turn: Turn | None = None,
) -> bool:
    """Read one order of many; one that can't be read must not hold up the others.

    Raises:
        VendorError: the others can't be read either.
        TakenOver: the turn was lost; nothing was recorded.
    """
    try:
        return read_one(talk, order, changed_at=changed_at, turn=turn)
    except VendorError as error:
        if not isinstance(error, Refused) and error.kind != Kind.UNREADABLE:
            raise
        with _writing(turn):
            order = lock(order.pk)
            talk.save()
            flag(order, f"It can't be read at the supplier: {error.text}")
            order.supplier_changed_at = changed_at or timezone.now()
            order.save(update_fields=["supplier_changed_at"])
            looks.plan(order, has_moved=False)
        return False


def read_one(
    talk: Conversation,
    order: PurchaseOrder,
    *,
    changed_at: datetime | None,
    turn: Turn | None = None,
) -> bool:
    """Read one order and record it, its exchanges with it; say if it has moved.

    Raises:
        VendorError: it could not be read; nothing was recorded.
        TakenOver: the turn was lost; nothing was recorded.
    """
    read: Callable[[VendorClient, str], VendorOrder]
    read = talk.supplier.api.read_order  # type: ignore[assignment]
    with talk.about(order.number) as conversation_id:
        seen = read(talk.client, order.supplier_order_number)
    return record(
        talk,
        order.pk,
        seen,
        changed_at=changed_at,
        conversation_id=conversation_id,
        turn=turn,
    )


def record(
    talk: Conversation,
    order_id: int,
    seen: VendorOrder,
    *,
    changed_at: datetime | None = None,
    fingerprint: str = "",
    conversation_id: UUID | None = None,
    turn: Turn | None = None,
) -> bool:
    """Record an order as its supplier shows it, and as of when; say if it has moved."""
    with _writing(turn):
        order = lock(order_id)
        talk.save()
        has_moved = record_vendor_order(
            order,
            seen,
            conversation=conversation_id or talk.id,
            supplier_changed_at=changed_at or seen.changed_at or timezone.now(),
            supplier_fingerprint=fingerprint,
        )
        looks.plan(order, has_moved=has_moved)
    return has_moved


def _writing(turn: Turn | None) -> AbstractContextManager[None]:
    return turn.writing() if turn else transaction.atomic()

"""Reading what changed at a supplier, page by page, and each order that moved."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

import vendors
from procurement.coordination.operations import lease
from procurement.fulfilment.models import PollState
from procurement.fulfilment.recording import record_vendor_order
from procurement.orders.models import PurchaseOrder
from procurement.orders.operations import lock
from procurement.orders.states import Fulfilment
from procurement.queue import hint
from procurement.suppliers.conversations import Conversation, conversation
from procurement.suppliers.models import Supplier
from procurement.transmissions.models import Operation, State, Transmission
from procurement.transmissions.sweeping import HINT_AGAIN_AFTER
from vendors.contracts import Capability, ChangedOrder, ChangedPage, VendorOrder
from vendors.errors import VendorError
from vendors.http import VendorClient

POLL_LEASE_SECONDS = 900
FIRST_LOOK_BACK = timedelta(days=1)
ENDED = (Fulfilment.DELIVERED, Fulfilment.CANCELLED)


def pollable_vendors() -> list[str]:
    return [
        code
        for code in vendors.CODES
        if vendors.get(code).offers(Capability.LIST_CHANGED_ORDERS)
    ]


def ask_for_polls() -> int:
    """Hint a poll of every supplier whose turn it is; losing the hint loses nothing."""
    now = timezone.now()
    for supplier in Supplier.objects.filter(
        vendor__in=pollable_vendors(), poll_state=None
    ):
        PollState.objects.get_or_create(
            supplier=supplier, defaults={"next_poll_at": now}
        )
    lost = now - HINT_AGAIN_AFTER
    due = PollState.objects.filter(
        Q(hinted_at=None) | Q(hinted_at__lte=lost),
        next_poll_at__lte=now,
        supplier__is_paused=False,
    )
    hinted = 0
    for pk, supplier_id in list(due.values_list("pk", "supplier_id")):
        with transaction.atomic():
            if due.filter(pk=pk).update(hinted_at=now):
                hint("procurement.fulfilment.tasks.poll_supplier", supplier_id)
                hinted += 1
    return hinted


def poll_supplier(*, supplier_id: int) -> int:
    """Read what changed at a supplier since last time; return the orders read.

    One caller at a time on all machines. The cursor is saved after everything
    before it was worked through; a failure leaves it where it was.
    """
    supplier = Supplier.objects.get(pk=supplier_id)
    if not supplier.api.offers(Capability.LIST_CHANGED_ORDERS) or supplier.is_paused:
        return 0
    with lease(f"poll:{supplier.slug}", seconds=POLL_LEASE_SECONDS) as is_ours:
        if not is_ours:
            return 0
        state, _ = PollState.objects.get_or_create(
            supplier=supplier, defaults={"next_poll_at": timezone.now()}
        )
        due = timezone.now() + timedelta(seconds=settings.POLL_INTERVAL_SECONDS)
        rows = PollState.objects.filter(pk=state.pk)
        try:
            read, cursor = _read_changes(supplier, state)
        except VendorError as error:
            rows.update(next_poll_at=due, hinted_at=None, last_error=error.text)
            return 0
        rows.update(
            cursor=cursor,
            next_poll_at=due,
            hinted_at=None,
            last_success_at=timezone.now(),
            last_error="",
        )
        return read


def _read_changes(supplier: Supplier, state: PollState) -> tuple[int, datetime | None]:
    """Go through every page of changes; return orders read and the new cursor."""
    list_changed: Callable[[VendorClient, datetime, int], ChangedPage]
    list_changed = supplier.api.list_changed_orders  # type: ignore[assignment]
    since = _since(supplier, state.cursor)
    cursor = state.cursor
    page: int | None = 0
    read = 0
    with conversation(supplier, subject=f"poll {supplier.slug}") as talk:
        while page is not None:
            found = list_changed(talk.client, since, page)
            read += _read_each(talk, found.orders)
            for changed in found.orders:
                cursor = max(cursor or changed.changed_at, changed.changed_at)
            page = found.next_page
    # The list's order is not promised, so an earlier page may hold later changes:
    # only the end of the list proves that nothing before the cursor is unread.
    return read, cursor


def _since(supplier: Supplier, cursor: datetime | None) -> datetime:
    if cursor is None:
        first = (
            PurchaseOrder.objects.filter(supplier=supplier, sent_at__isnull=False)
            .exclude(fulfilment__in=ENDED)
            .order_by("sent_at")
            .values_list("sent_at", flat=True)
            .first()
        )
        return (first or timezone.now()) - FIRST_LOOK_BACK
    return cursor


def _read_each(talk: Conversation, changed: tuple[ChangedOrder, ...]) -> int:
    """Read those of a page that are ours and have moved since we read them."""
    supplier = talk.supplier
    ours = {
        order.supplier_order_number: order
        for order in PurchaseOrder.objects.filter(
            supplier=supplier,
            supplier_order_number__in=[each.number for each in changed],
        ).exclude(supplier_order_number="")
    }
    _look_up_witnessed(supplier, [each.reference for each in changed])
    read = 0
    for each in changed:
        order = ours.get(each.number)
        if order is None or order.supplier_changed_at == each.changed_at:
            continue
        read_one(talk, order, changed_at=each.changed_at)
        read += 1
    return read


def _look_up_witnessed(supplier: Supplier, references: list[str]) -> None:
    """An unknown order that shows up in the list has landed: look it up at once."""
    Transmission.objects.filter(
        supplier=supplier,
        operation=Operation.PLACE_ORDER,
        state=State.UNKNOWN,
        reference__in=references,
    ).update(next_look_up_at=timezone.now(), hinted_at=None)


def read_one(
    talk: Conversation, order: PurchaseOrder, *, changed_at: datetime | None
) -> bool:
    """Read one order and record it, its exchanges with it."""
    read: Callable[[VendorClient, str], VendorOrder]
    read = talk.supplier.api.read_order  # type: ignore[assignment]
    with talk.about(order.number) as conversation_id:
        seen = read(talk.client, order.supplier_order_number)
    with transaction.atomic():
        order = lock(order.pk)
        talk.save()
        has_moved = record_vendor_order(order, seen, conversation=conversation_id)
        order.supplier_changed_at = changed_at or seen.changed_at
        order.save(update_fields=["supplier_changed_at"])
    return has_moved

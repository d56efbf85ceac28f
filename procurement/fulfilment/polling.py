"""Reading what changed at a supplier, page by page, and each order that moved."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

import vendors
from procurement.coordination.operations import HeldLease, lease
from procurement.fulfilment.models import PollState
from procurement.fulfilment.recording import flag, record_vendor_order
from procurement.orders import ledger
from procurement.orders.models import PurchaseOrder
from procurement.orders.operations import lock
from procurement.orders.states import Fulfilment, Sending
from procurement.queue import hint
from procurement.suppliers.conversations import Conversation, conversation
from procurement.suppliers.models import Supplier
from procurement.transmissions.models import Operation, State, Transmission
from procurement.transmissions.sweeping import HINT_AGAIN_AFTER
from vendors.contracts import Capability, ChangedOrder, ChangedPage, VendorOrder
from vendors.errors import Kind, Refused, VendorError
from vendors.http import VendorClient

POLL_LEASE_SECONDS = 900
FIRST_LOOK_BACK = timedelta(days=1)
NEVER_SEEN_AT_ONCE = 50
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
    with lease(f"poll:{supplier.slug}", seconds=POLL_LEASE_SECONDS) as held:
        if held is None:
            return 0
        state, _ = PollState.objects.get_or_create(
            supplier=supplier, defaults={"next_poll_at": timezone.now()}
        )
        due = timezone.now() + timedelta(seconds=settings.POLL_INTERVAL_SECONDS)
        rows = PollState.objects.filter(pk=state.pk)
        rows.update(next_poll_at=due, hinted_at=None)
        try:
            with conversation(supplier, subject=f"poll {supplier.slug}") as talk:
                read, cursor = _read_changes(talk, state, held)
                read += _read_never_seen(talk)
        except (VendorError, TakenOver) as error:
            rows.update(last_error=str(error))
            return 0
        except Exception as error:
            rows.update(last_error=f"The program failed: {type(error).__name__}.")
            raise
        rows.update(cursor=cursor, last_success_at=timezone.now(), last_error="")
        return read


class TakenOver(Exception):
    """This poll took so long that another process has begun one."""


def _read_changes(
    talk: Conversation, state: PollState, held: HeldLease
) -> tuple[int, datetime | None]:
    """Go through every page of changes; return orders read and the new cursor."""
    list_changed: Callable[[VendorClient, datetime, int], ChangedPage]
    list_changed = talk.supplier.api.list_changed_orders  # type: ignore[assignment]
    since = state.cursor or _beginning(talk.supplier)
    cursor = state.cursor
    page: int | None = 0
    read = 0
    while page is not None:
        found = list_changed(talk.client, since, page)
        read += _read_each(talk, found.orders)
        for changed in found.orders:
            if changed.changed_at is not None:
                cursor = max(cursor or changed.changed_at, changed.changed_at)
        if not held.renew():
            raise TakenOver("It took too long; another process reads on.")
        page = found.next_page
    # The list's order is not promised, so an earlier page may hold later changes:
    # only the end of the list proves that nothing before the cursor is unread.
    return read, cursor


def _beginning(supplier: Supplier) -> datetime:
    """Where to begin without a cursor: before the oldest order that is still open."""
    first = (
        PurchaseOrder.objects.filter(supplier=supplier, sent_at__isnull=False)
        .exclude(fulfilment__in=ENDED)
        .order_by("sent_at")
        .values_list("sent_at", flat=True)
        .first()
    )
    return (first or timezone.now()) - FIRST_LOOK_BACK


def _read_each(talk: Conversation, changed: tuple[ChangedOrder, ...]) -> int:
    """Read those of a page that are ours and have moved since we read them."""
    _learn_numbers(talk.supplier, changed)
    ours = {
        order.supplier_order_number: order
        for order in PurchaseOrder.objects.filter(
            supplier=talk.supplier,
            supplier_order_number__in=[each.number for each in changed],
        ).exclude(supplier_order_number="")
    }
    _look_up_witnessed(talk.supplier, [each.reference for each in changed])
    read = 0
    for each in changed:
        order = ours.get(each.number)
        if order is None or not _has_moved(order, each):
            continue
        if each.order is not None:
            _record(talk, order, each.order, fingerprint=each.fingerprint)
        else:
            read_or_flag(talk, order, changed_at=each.changed_at)
        read += 1
    return read


def _learn_numbers(supplier: Supplier, changed: tuple[ChangedOrder, ...]) -> None:
    """Compare the numbers our references are listed under with those we know.

    An order that was taken without a number gets its number; one that is listed
    under a second number was placed twice, by whomever, and needs a person.
    """
    listed: dict[str, set[str]] = {}
    for each in changed:
        if each.reference and each.number:
            listed.setdefault(each.reference, set()).add(each.number)
    ours = PurchaseOrder.objects.filter(
        supplier=supplier, transmission=Sending.SENT, number__in=list(listed)
    )
    for pk, reference, number in list(
        ours.values_list("pk", "number", "supplier_order_number")
    ):
        if listed[reference] == {number}:
            continue
        with transaction.atomic():
            order = lock(pk)
            known = {order.supplier_order_number} - {""}
            numbers = sorted(listed[reference] | known)
            if len(numbers) > 1:
                flag(
                    order,
                    f"The supplier has it under {len(numbers)} numbers: "
                    f"{', '.join(numbers)}. Have all but one cancelled.",
                )
            if len(numbers) > 1 or known:
                continue
            ledger.write(
                order,
                "number_learnt",
                actor_name=supplier.name,
                text=f"The supplier lists it under the number {numbers[0]}.",
                supplier_order_number=numbers[0],
            )


def _has_moved(order: PurchaseOrder, seen: ChangedOrder) -> bool:
    """Whether the entry of a list tells of something we have not recorded."""
    if seen.fingerprint:
        return order.supplier_fingerprint != seen.fingerprint
    return order.supplier_changed_at != seen.changed_at


def _read_never_seen(talk: Conversation) -> int:
    """Read orders whose number we learnt after the list had passed them by.

    A person may settle an unknown order days later; its last change then lies
    before the cursor.
    """
    unseen = PurchaseOrder.objects.filter(
        supplier=talk.supplier,
        transmission=Sending.SENT,
        supplier_changed_at=None,
    ).exclude(supplier_order_number="")
    orders = list(unseen.order_by("sent_at")[:NEVER_SEEN_AT_ONCE])
    for order in orders:
        read_or_flag(talk, order, changed_at=None)
    return len(orders)


def _look_up_witnessed(supplier: Supplier, references: list[str]) -> None:
    """An unknown order that shows up in the list has landed: look it up at once."""
    Transmission.objects.filter(
        supplier=supplier,
        operation=Operation.PLACE_ORDER,
        state=State.UNKNOWN,
        reference__in=references,
    ).update(next_look_up_at=timezone.now(), hinted_at=None)


def read_or_flag(
    talk: Conversation, order: PurchaseOrder, *, changed_at: datetime | None
) -> None:
    """Read one order of many; one that can't be read must not hold up the others."""
    try:
        read_one(talk, order, changed_at=changed_at)
    except VendorError as error:
        if not isinstance(error, Refused) and error.kind != Kind.UNREADABLE:
            raise
        with transaction.atomic():
            order = lock(order.pk)
            talk.save()
            flag(order, f"It can't be read at the supplier: {error.text}")
            order.supplier_changed_at = changed_at or timezone.now()
            order.save(update_fields=["supplier_changed_at"])


def read_one(
    talk: Conversation, order: PurchaseOrder, *, changed_at: datetime | None
) -> bool:
    """Read one order and record it, its exchanges with it.

    Raises:
        VendorError: it could not be read; nothing was recorded.
    """
    read: Callable[[VendorClient, str], VendorOrder]
    read = talk.supplier.api.read_order  # type: ignore[assignment]
    with talk.about(order.number) as conversation_id:
        seen = read(talk.client, order.supplier_order_number)
    return _record(
        talk, order, seen, changed_at=changed_at, conversation_id=conversation_id
    )


def _record(
    talk: Conversation,
    order: PurchaseOrder,
    seen: VendorOrder,
    *,
    changed_at: datetime | None = None,
    fingerprint: str = "",
    conversation_id: UUID | None = None,
) -> bool:
    with transaction.atomic():
        order = lock(order.pk)
        talk.save()
        has_moved = record_vendor_order(
            order, seen, conversation=conversation_id or talk.id
        )
        order.supplier_changed_at = changed_at or seen.changed_at or timezone.now()
        order.supplier_fingerprint = fingerprint
        order.save(update_fields=["supplier_changed_at", "supplier_fingerprint"])
    return has_moved

"""Following the orders at a supplier by polling it: what is due, and one poll.

What a poll does depends on the supplier's API: it goes through the list of changes
and reads each order that moved, or where there is no list, looks at the single orders
that are due.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

import vendors
from procurement.fulfilment import looks, rounds
from procurement.fulfilment.entries import EntryReader
from procurement.fulfilment.models import PollState
from procurement.fulfilment.passes import ListReader, Reached, beginning
from procurement.fulfilment.patience import Patience
from procurement.fulfilment.reading import read_one, read_or_flag
from procurement.fulfilment.timetable import BY_AGE, OrderFacts, next_look
from procurement.fulfilment.turns import LEASE_SECONDS, TakenOver, Turn, turn_at
from procurement.orders.models import PurchaseOrder
from procurement.orders.states import Sending
from procurement.suppliers import gates
from procurement.suppliers.conversations import Conversation, conversation
from procurement.suppliers.models import Supplier
from procurement.transmissions.sweeping import HINT_AGAIN_AFTER
from vendors.contracts import Capability
from vendors.errors import VendorError

__all__ = [
    "are_polls_due",
    "claim_due_polls",
    "poll_if_due",
    "poll_interval",
    "poll_supplier",
    "pollable_vendors",
    "read_one",
    "read_or_flag",
]

USUAL_INTERVAL = timedelta(minutes=15)
"""What the timetable's waits are made for."""
NOTHING_OPEN = timedelta(days=1)
"""Between readings of a whole list at a supplier where no order is open."""
FIRST_LOOK = BY_AGE[0][1].first
FAILED_AGAIN_AFTER = timedelta(minutes=5)
NEW_FOR = timedelta(days=2)


def pollable_vendors() -> list[str]:
    """Those whose orders can be followed: by a list of changes, or one by one."""
    return [
        code
        for code in vendors.CODES
        if vendors.get(code).offers(Capability.LIST_CHANGED_ORDERS)
        or looks.are_needed(vendors.get(code))
    ]


# --- what is due ------------------------------------------------------------------


def claim_due_polls(limit: int = 100) -> list[int]:
    """Take the polls that are due, the longest due first; return their suppliers' ids.

    For a minute nobody else is given them. `poll_if_due` then makes each, and of two
    that try one only does.
    """
    _begin_following()
    _wake_for_new_orders()
    now = timezone.now()
    due = _due(now).order_by("next_poll_at")
    claimed = []
    for pk, supplier_id in list(due.values_list("pk", "supplier_id")[:limit]):
        if _due(now).filter(pk=pk).update(hinted_at=now):
            claimed.append(supplier_id)
    return claimed


def are_polls_due() -> bool:
    """Whether a poll waits for somebody to make it."""
    _begin_following()
    _wake_for_new_orders()
    return _due(timezone.now()).exists()


def _due(now: datetime) -> QuerySet[PollState]:
    return PollState.objects.filter(
        Q(hinted_at=None) | Q(hinted_at__lte=now - HINT_AGAIN_AFTER),
        gates.callable_now(now, "supplier__"),
        next_poll_at__lte=now,
        supplier__vendor__in=pollable_vendors(),
    )


def _begin_following() -> None:
    """Give suppliers that were added meanwhile their first turn."""
    new = Supplier.objects.filter(vendor__in=pollable_vendors(), poll_state=None)
    for supplier in new:
        PollState.objects.get_or_create(
            supplier=supplier, defaults={"next_poll_at": timezone.now()}
        )


def _wake_for_new_orders() -> None:
    """Where polls may be far apart, an order that was just sent brings them forward."""
    paced = [
        code
        for code in vendors.CODES
        if vendors.get(code).lists_whole or looks.are_needed(vendors.get(code))
    ]
    now = timezone.now()
    usual = timedelta(seconds=settings.POLL_INTERVAL_SECONDS)
    soon = now + min(FIRST_LOOK, usual)
    never_read = PurchaseOrder.objects.filter(
        supplier=OuterRef("supplier"),
        transmission=Sending.SENT,
        supplier_changed_at=None,
        sent_at__gt=now - NEW_FOR,
    )
    asleep = PollState.objects.filter(
        Exists(never_read), supplier__vendor__in=paced, next_poll_at__gt=soon
    )
    # Read first: on SQLite an update takes the one write lock, even for no row.
    if ids := list(asleep.values_list("pk", flat=True)):
        PollState.objects.filter(pk__in=ids, next_poll_at__gt=soon).update(
            next_poll_at=soon
        )


# --- one poll ---------------------------------------------------------------------


@dataclass(frozen=True)
class _Found:
    """What a poll brought.

    Attributes:
        reached: how far the list was read; None where there is none.
        next_at: when to poll again.
    """

    read: int
    moved: int
    reached: Reached | None
    next_at: datetime


def poll_if_due(*, supplier_id: int) -> int:
    """Poll a supplier if it is due and nobody else does; return the orders read."""
    return _poll(supplier_id, only_if_due=True)


def poll_supplier(*, supplier_id: int) -> int:
    """Poll a supplier now, unless somebody else does so; return the orders read.

    The cursor is saved after everything before it was worked through; a failure
    leaves it where it was.
    """
    return _poll(supplier_id, only_if_due=False)


def _poll(supplier_id: int, *, only_if_due: bool) -> int:
    supplier = Supplier.objects.select_related("health").get(pk=supplier_id)
    if supplier.vendor not in pollable_vendors():
        return 0
    if not gates.room(supplier, under_way=0):
        return 0
    with turn_at(supplier) as turn:
        if turn is None:
            return 0
        now = timezone.now()
        state, _ = PollState.objects.select_related("supplier").get_or_create(
            supplier=supplier, defaults={"next_poll_at": now}
        )
        if only_if_due and state.next_poll_at > now:
            return 0
        try:
            return _work(turn, supplier, state)
        except TakenOver:
            return 0


def _work(turn: Turn, supplier: Supplier, state: PollState) -> int:
    # Whoever dies in the middle leaves a poll that is due when the turn is free.
    begun = timezone.now() + timedelta(seconds=LEASE_SECONDS)
    _write(turn, state, next_poll_at=begun, hinted_at=None)
    try:
        with conversation(supplier, subject=f"poll {supplier.slug}") as talk:
            if looks.are_needed(supplier.api):
                found = _look_round(talk, turn, state)
            else:
                found = _read_list(talk, turn, state)
    except VendorError as error:
        again = timedelta(seconds=error.retry_after or 0)
        again = max(again, min(poll_interval(supplier), FAILED_AGAIN_AFTER))
        _write(turn, state, last_error=str(error))
        _set_next(turn, state, begun, timezone.now() + again)
        return 0
    except TakenOver:
        raise
    except Exception as error:
        _write(turn, state, last_error=f"The program failed: {type(error).__name__}.")
        _set_next(turn, state, begun, timezone.now() + poll_interval(supplier))
        raise
    changes = {} if found.reached is None else vars(found.reached)
    _write(
        turn,
        state,
        last_success_at=timezone.now(),
        last_error="",
        orders_read=found.read,
        quiet_polls=0 if found.moved else state.quiet_polls + 1,
        **changes,
    )
    _set_next(turn, state, begun, found.next_at)
    return found.read


def _read_list(talk: Conversation, turn: Turn, state: PollState) -> _Found:
    """Read what changed since last time, and what the list has passed by."""
    supplier, began, patience = talk.supplier, timezone.now(), Patience()
    entries = EntryReader(talk, turn, patience)
    pages = ListReader(talk, turn, entries, patience, beginning(state))
    reached = pages.read(state.newest_seen)
    read = entries.read
    read += patience.call(lambda: rounds.read_never_seen(talk, turn, began))
    wait = poll_interval(supplier)
    if supplier.api.lists_whole:
        quiet = 0 if read else state.quiet_polls + 1
        as_a_rule = _wait_of(list(entries.open_orders.values()), quiet)
        # Who polls more often than usual wants to know sooner here as well.
        wait = max(wait, as_a_rule * (wait / USUAL_INTERVAL))
    return _Found(read, read, reached, timezone.now() + wait)


def _look_round(talk: Conversation, turn: Turn, state: PollState) -> _Found:
    read, moved = rounds.look_at_due(talk, turn)
    return _Found(read, moved, None, rounds.next_round(talk.supplier, timezone.now()))


def poll_interval(supplier: Supplier) -> timedelta:
    """Between polls: the supplier's own option, else what holds for all."""
    minutes = supplier.options.get("poll_minutes")
    if minutes and str(minutes).isdecimal() and int(minutes) > 0:
        return timedelta(minutes=int(minutes))
    return timedelta(seconds=settings.POLL_INTERVAL_SECONDS)


def _wait_of(open_orders: list[OrderFacts], quiet_polls: int) -> timedelta:
    """Until a list that is given whole is read again: as its liveliest order asks."""
    now = timezone.now()
    return min(
        (
            next_look(replace(order, quiet_looks=quiet_polls), now)
            for order in open_orders
        ),
        default=NOTHING_OPEN,
    )


def _write(turn: Turn, state: PollState, **changes: object) -> None:
    with turn.writing():
        PollState.objects.filter(pk=state.pk).update(**changes)


def _set_next(turn: Turn, state: PollState, begun: datetime, at: datetime) -> None:
    """Say when to poll again; who asked for it meanwhile is not passed over."""
    with turn.writing():
        PollState.objects.filter(pk=state.pk, next_poll_at=begun).update(
            next_poll_at=at
        )

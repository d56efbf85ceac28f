"""Silences of suppliers and orders: one query for each kind, whatever there is.

Each reads, supplier by supplier, at most a hundred rows and one from an index that
holds nothing but what is open, so that a look costs the same at any number of orders.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import DateTimeField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from procurement.alarms.clocks import (
    Clocks,
    by_hand_clock,
    default_clock,
    poll_clock,
)
from procurement.alarms.findings import Finding, Group, Look, gathered, group_of
from procurement.alarms.holding import HOLDING, held_at, held_since, why_held
from procurement.alarms.models import AlarmRule, Kind
from procurement.alarms.words import duration
from procurement.fulfilment.models import PollState
from procurement.fulfilment.polling import pollable_vendors
from procurement.orders.models import PurchaseOrder
from procurement.orders.states import Approval, Fulfilment, Sending, Status
from procurement.suppliers.models import Supplier
from procurement.transmissions.models import Attempt, State, Transmission

STILL_TO_COME = (
    Fulfilment.NONE,
    Fulfilment.CONFIRMED,
    Fulfilment.PICKING,
    Fulfilment.PARTIALLY_SHIPPED,
)
"""Not all of it has been shipped."""
POLL_COLUMNS = ("last_success_at", "last_error", "next_poll_at")


def looks(rules: list[AlarmRule]) -> dict[Kind, Look]:
    """Every look at suppliers and orders, by what it finds."""

    def made(kind: Kind, look: Callable[..., list[Finding]], usual: timedelta) -> Look:
        clocks = Clocks.of(kind, rules, usual)
        return lambda now: look(now, clocks)

    own = {kind: made(kind, look, default_clock(kind)) for kind, look in _LOOKS.items()}
    own[Kind.SUPPLIER_UNREAD] = made(
        Kind.SUPPLIER_UNREAD, _unread, poll_clock(Supplier())
    )
    return own


# --- by order ---------------------------------------------------------------------


def _found(
    kind: Kind,
    suppliers: QuerySet[Supplier],
    rows: Any,
    text: Callable[[int], str],
    since: Callable[[Group], datetime] = lambda group: group.moment,
) -> list[Finding]:
    findings = []
    for supplier_id, value in suppliers.values_list("pk", rows):
        if group := group_of(value):
            findings.append(
                Finding(
                    kind,
                    supplier_id,
                    since(group),
                    text(supplier_id),
                    group.count,
                    group.labels,
                )
            )
    return findings


def _nobody_sends(now: datetime, clocks: Clocks) -> list[Finding]:
    rows = PurchaseOrder.objects.filter(
        headline=Status.APPROVED, state_since__lte=OuterRef("limit")
    )
    return _found(
        Kind.NOBODY_SENDS,
        clocks.suppliers().annotate(limit=clocks.limit(now)),
        gathered(rows, moment="state_since", label="number"),
        lambda pk: (
            f"Approved {duration(clocks.for_supplier(pk))} ago or earlier, and "
            "nobody has pressed Send. Send them, or cancel those that are not wanted."
        ),
    )


def _unconfirmed(now: datetime, clocks: Clocks) -> list[Finding]:
    by_program = set(
        Supplier.objects.filter(vendor__in=pollable_vendors())
        .order_by()
        .values_list("pk", flat=True)
    )
    by_hand = by_hand_clock()

    def text(supplier_id: int) -> str:
        if supplier_id in by_program:
            clock = clocks.for_supplier(supplier_id)
            return (
                f"Sent {duration(clock)} ago or earlier. The supplier's system is "
                "asked again and again, and has confirmed nothing. Ask its people."
            )
        clock = clocks.by_rule.get(supplier_id, by_hand)
        return (
            f"Sent {duration(clock)} ago or earlier, and nobody has entered a "
            "confirmation. This supplier can't be asked by program, so the clock is "
            "that of steps by hand: ask its people, and enter what they say."
        )

    rows = PurchaseOrder.objects.filter(
        headline=Status.SENT, sent_at__lte=OuterRef("limit")
    )
    limit = clocks.limit(now, (~Q(pk__in=by_program), by_hand))
    return _found(
        Kind.UNCONFIRMED,
        clocks.suppliers().annotate(limit=limit),
        gathered(rows, moment="sent_at", label="number"),
        text,
    )


def _promise_passed(now: datetime, clocks: Clocks) -> list[Finding]:
    rows = PurchaseOrder.objects.filter(
        fulfilment__in=STILL_TO_COME, promised_date__lte=OuterRef("limit")
    )
    return _found(
        Kind.PROMISE_PASSED,
        clocks.suppliers().annotate(limit=clocks.day_limit(now)),
        gathered(rows, moment="promised_date", label="number"),
        lambda pk: (
            "The day the supplier promised has been over for "
            f"{duration(clocks.for_supplier(pk))} or longer, and not all of it has "
            "been shipped."
        ),
        since=lambda group: group.end_of_day,
    )


def _request_passed(now: datetime, clocks: Clocks) -> list[Finding]:
    rows = PurchaseOrder.objects.filter(
        approval=Approval.APPROVED,
        fulfilment__in=STILL_TO_COME,
        promised_date=None,
        requested_date__lte=OuterRef("limit"),
    )
    return _found(
        Kind.REQUEST_PASSED,
        clocks.suppliers().annotate(limit=clocks.day_limit(now)),
        gathered(rows, moment="requested_date", label="number"),
        lambda pk: (
            "The day we asked for has been over for "
            f"{duration(clocks.for_supplier(pk))} or longer. The supplier promised no "
            "other day, and not all of it has been shipped."
        ),
        since=lambda group: group.end_of_day,
    )


# --- by transmission --------------------------------------------------------------


def _not_gone_out(now: datetime, clocks: Clocks) -> list[Finding]:
    """A supplier that is held has an alarm of its own, with a clock of its own."""
    rows = Transmission.objects.filter(
        state=State.QUEUED, created_at__lte=OuterRef("limit")
    )
    suppliers = clocks.suppliers().filter(~held_at(now))
    return _found(
        Kind.NOT_GONE_OUT,
        suppliers.annotate(limit=clocks.limit(now)),
        gathered(rows, moment="created_at", label="subject"),
        lambda pk: (
            f"Asked for {duration(clocks.for_supplier(pk))} ago or earlier and "
            "still not sent, though the supplier is neither paused nor held. The "
            "transmissions say what happened to each try."
        ),
    )


def _unknown(now: datetime, clocks: Clocks) -> list[Finding]:
    last_try = (
        Attempt.objects.filter(transmission=OuterRef("pk"))
        .order_by("-number")
        .values("started_at")[:1]
    )
    since = Coalesce(Subquery(last_try), "created_at", output_field=DateTimeField())
    rows = (
        Transmission.objects.filter(state=State.UNKNOWN)
        .annotate(tried_at=since)
        .filter(tried_at__lte=OuterRef("limit"))
    )
    return _found(
        Kind.UNKNOWN,
        clocks.suppliers().annotate(limit=clocks.limit(now)),
        gathered(rows, moment="tried_at", label="subject"),
        lambda pk: (
            f"For {duration(clocks.for_supplier(pk))} or longer nobody has "
            "known whether the supplier has it. It is never sent again by itself: find "
            "out, and say so on its page."
        ),
    )


# --- by supplier ------------------------------------------------------------------


def _held(now: datetime, clocks: Clocks) -> list[Finding]:
    """Silence begins when something waits and the supplier is held, both."""
    rows = Transmission.objects.filter(state=State.QUEUED)
    suppliers = clocks.suppliers().filter(held_at(now)).select_related("health")
    waiting = suppliers.annotate(
        waiting=gathered(rows, moment="created_at", label="subject")
    ).only(*HOLDING)
    findings = []
    for supplier in waiting:
        group = group_of(supplier.waiting)
        if group is None:
            continue
        since = max(group.moment, held_since(supplier) or group.moment)
        if now - since < clocks.for_supplier(supplier.pk):
            continue
        text = f"{why_held(supplier)} What was asked to be sent waits until it goes on."
        findings.append(
            Finding(
                Kind.SUPPLIER_HELD,
                supplier.pk,
                since,
                text,
                group.count,
                group.labels,
            )
        )
    return findings


def _unread(now: datetime, clocks: Clocks) -> list[Finding]:
    """Only where something is open, and the poll failed or was not made when due.

    A poller that found nothing moving waits longer by plan; that is no silence.
    """
    rows = PurchaseOrder.objects.filter(
        transmission=Sending.SENT, fulfilment__in=STILL_TO_COME
    )
    in_doubt = (
        clocks.suppliers()
        .filter(vendor__in=pollable_vendors(), is_paused=False)
        .filter(
            Q(poll_state__last_success_at=None)
            | ~Q(poll_state__last_error="")
            | Q(poll_state__next_poll_at__lte=now)
        )
        .select_related("poll_state")
        .only("options", *(f"poll_state__{name}" for name in POLL_COLUMNS))
        .annotate(still_open=gathered(rows, moment="sent_at", label="number"))
    )
    findings = []
    for supplier in in_doubt:
        group = group_of(supplier.still_open)
        clock = clocks.by_rule.get(supplier.pk) or poll_clock(supplier)
        since = _unread_since(supplier, group, now - clock)
        if group is None or since is None:
            continue
        findings.append(
            Finding(
                Kind.SUPPLIER_UNREAD,
                supplier.pk,
                since,
                f"Its orders have not been read for {duration(clock)} or longer, so "
                "what happens to open ones is not known here. Its page says what the "
                "last calls came to.",
                group.count,
                group.labels,
            )
        )
    return findings


def _unread_since(
    supplier: Supplier, group: Group | None, limit: datetime
) -> datetime | None:
    """Since when a supplier is not read, if that began before the limit."""
    state: PollState | None = getattr(supplier, "poll_state", None)
    if group is None:
        return None
    if state is None or state.last_success_at is None:
        return group.moment if group.moment <= limit else None
    is_overdue = bool(state.last_error) or state.next_poll_at <= limit
    is_long_ago = state.last_success_at <= limit
    return state.last_success_at if is_overdue and is_long_ago else None


_LOOKS: dict[Kind, Callable[[datetime, Clocks], list[Finding]]] = {
    Kind.UNKNOWN: _unknown,
    Kind.NOT_GONE_OUT: _not_gone_out,
    Kind.SUPPLIER_HELD: _held,
    Kind.UNCONFIRMED: _unconfirmed,
    Kind.PROMISE_PASSED: _promise_passed,
    Kind.REQUEST_PASSED: _request_passed,
    Kind.NOBODY_SENDS: _nobody_sends,
}

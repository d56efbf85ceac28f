"""The three axes an order moves on, and the headline people see.

The axes are independent: people move approval, the system moves transmission,
the vendor's data (and marked manual entries) move fulfilment. The headline is a
pure function of them, kept here once as Python and once as SQL for the database
to filter by; a test holds the two together.
"""

from decimal import Decimal
from typing import Protocol

from django.db import models
from django.db.models import Case, Q, Value, When

from procurement.texts import gettext_lazy
from vendors.contracts import Fulfilment as VendorFulfilment


class Approval(models.TextChoices):
    DRAFT = "draft", gettext_lazy("Draft")
    PENDING = "pending", gettext_lazy("Waiting for approval")
    RETURNED = "returned", gettext_lazy("Sent back")
    APPROVED = "approved", gettext_lazy("Approved")
    REJECTED = "rejected", gettext_lazy("Rejected")


class Sending(models.TextChoices):
    NONE = "none", gettext_lazy("Not sent")
    QUEUED = "queued", gettext_lazy("Queued")
    SENDING = "sending", gettext_lazy("Sending")
    UNKNOWN = "unknown", gettext_lazy("Outcome unknown")
    SENT = "sent", gettext_lazy("Sent")
    REFUSED = "refused", gettext_lazy("Refused by the supplier")
    FAILED = "failed", gettext_lazy("Could not be sent")


class Fulfilment(models.TextChoices):
    NONE = VendorFulfilment.NONE, gettext_lazy("Nothing yet")
    CONFIRMED = VendorFulfilment.CONFIRMED, gettext_lazy("Confirmed")
    PICKING = VendorFulfilment.PICKING, gettext_lazy("Picking")
    PARTIALLY_SHIPPED = (
        VendorFulfilment.PARTIALLY_SHIPPED,
        gettext_lazy("Partly shipped"),
    )
    SHIPPED = VendorFulfilment.SHIPPED, gettext_lazy("Shipped")
    DELIVERED = VendorFulfilment.DELIVERED, gettext_lazy("Delivered")
    CANCELLED = VendorFulfilment.CANCELLED, gettext_lazy("Cancelled")


class Status(models.TextChoices):
    DRAFT = "draft", gettext_lazy("Draft")
    PENDING_APPROVAL = "pending_approval", gettext_lazy("To approve")
    APPROVED = "approved", gettext_lazy("Approved")
    SENDING = "sending", gettext_lazy("Sending")
    SENT = "sent", gettext_lazy("Sent")
    CONFIRMED = "confirmed", gettext_lazy("Confirmed")
    PARTIALLY_SHIPPED = "partially_shipped", gettext_lazy("Partly shipped")
    SHIPPED = "shipped", gettext_lazy("Shipped")
    DELIVERED = "delivered", gettext_lazy("Delivered")
    CANCELLED = "cancelled", gettext_lazy("Cancelled")
    REJECTED = "rejected", gettext_lazy("Rejected")
    NEEDS_ATTENTION = "needs_attention", gettext_lazy("Needs attention")


ENDED = (Status.DELIVERED, Status.CANCELLED, Status.REJECTED)
"""Nothing more is to come of it, and nobody has to look at it."""

CHANGEABLE = frozenset({Sending.NONE, Sending.REFUSED, Sending.FAILED})
"""Nothing is at the supplier or may be, so the content may still change."""

IN_TROUBLE = (Sending.UNKNOWN, Sending.REFUSED, Sending.FAILED)

_BY_FULFILMENT = {
    Fulfilment.CONFIRMED: Status.CONFIRMED,
    Fulfilment.PICKING: Status.CONFIRMED,
    Fulfilment.PARTIALLY_SHIPPED: Status.PARTIALLY_SHIPPED,
    Fulfilment.SHIPPED: Status.SHIPPED,
    Fulfilment.DELIVERED: Status.DELIVERED,
}
_BY_SENDING = {
    Sending.QUEUED: Status.SENDING,
    Sending.SENDING: Status.SENDING,
    Sending.SENT: Status.SENT,
}
_BY_APPROVAL = {
    Approval.APPROVED: Status.APPROVED,
    Approval.PENDING: Status.PENDING_APPROVAL,
}


def headline(
    *, approval: str, transmission: str, fulfilment: str, attention: str
) -> Status:
    """The one word shown for an order."""
    if fulfilment == Fulfilment.CANCELLED and not attention:
        return Status.CANCELLED
    if approval == Approval.REJECTED:
        return Status.REJECTED
    if attention or transmission in IN_TROUBLE:
        return Status.NEEDS_ATTENTION
    if fulfilment in _BY_FULFILMENT:
        return _BY_FULFILMENT[Fulfilment(fulfilment)]
    if transmission in _BY_SENDING:
        return _BY_SENDING[Sending(transmission)]
    return _BY_APPROVAL.get(Approval(approval), Status.DRAFT)


def headline_sql() -> Case:
    """The same function for the database."""
    return Case(
        When(
            fulfilment=Fulfilment.CANCELLED,
            attention="",
            then=Value(Status.CANCELLED.value),
        ),
        When(approval=Approval.REJECTED, then=Value(Status.REJECTED.value)),
        When(
            ~Q(attention="") | Q(transmission__in=IN_TROUBLE),
            then=Value(Status.NEEDS_ATTENTION.value),
        ),
        *(
            When(**{axis: value}, then=Value(status.value))
            for axis, table in (
                ("fulfilment", _BY_FULFILMENT),
                ("transmission", _BY_SENDING),
                ("approval", _BY_APPROVAL),
            )
            for value, status in table.items()
        ),
        default=Value(Status.DRAFT.value),
        output_field=models.CharField(max_length=20),
    )


# --- fulfilment, derived from the lines -----------------------------------------

RANK = {state: rank for rank, state in enumerate(Fulfilment)}
"""Forward means a higher rank; cancelled ranks highest, since it ends all."""


class LineProgress(Protocol):
    """The quantities of an order line that say how far it has come."""

    quantity: Decimal
    is_confirmed: bool
    quantity_picking: Decimal
    quantity_shipped: Decimal
    quantity_received: Decimal
    quantity_cancelled: Decimal


def line_fulfilment(line: LineProgress) -> Fulfilment:
    wanted = line.quantity - line.quantity_cancelled
    if wanted <= 0 and not line.quantity_received and not line.quantity_shipped:
        return Fulfilment.CANCELLED
    if line.quantity_received >= wanted:
        return Fulfilment.DELIVERED
    gone = max(line.quantity_shipped, line.quantity_received)
    if gone >= wanted:
        return Fulfilment.SHIPPED
    if gone > 0:
        return Fulfilment.PARTIALLY_SHIPPED
    if line.quantity_picking > 0:
        return Fulfilment.PICKING
    return Fulfilment.CONFIRMED if line.is_confirmed else Fulfilment.NONE


def order_fulfilment(lines: list[Fulfilment]) -> Fulfilment:
    """What the lines' states add up to; one line or more."""
    alive = [state for state in lines if state != Fulfilment.CANCELLED]
    if not alive:
        return Fulfilment.CANCELLED
    least = min(alive, key=RANK.__getitem__)
    most = max(alive, key=RANK.__getitem__)
    if RANK[least] >= RANK[Fulfilment.SHIPPED]:
        return least
    if RANK[most] >= RANK[Fulfilment.PARTIALLY_SHIPPED]:
        return Fulfilment.PARTIALLY_SHIPPED
    return most


def forward(now: str, seen: str) -> Fulfilment:
    """The later of two states. What is cancelled or delivered stays so."""
    if now == Fulfilment.DELIVERED:
        return Fulfilment.DELIVERED
    return max(Fulfilment(now), Fulfilment(seen), key=RANK.__getitem__)

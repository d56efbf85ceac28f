"""What a supplier agreed to cancel, told by mail or by phone."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from procurement.errors import OperationNotAllowed
from procurement.fulfilment.by_hand import (
    lines_data,
    lines_text,
    move_lines,
    quantity_to_ship,
    read_evidence,
    read_open_quantities,
)
from procurement.orders import ledger
from procurement.orders.models import PurchaseOrder
from procurement.orders.operations import lock
from procurement.orders.states import Fulfilment, Sending
from procurement.transmissions.models import LIVE, State, Transmission
from vendors.contracts import Capability

CANCELS = (Capability.CANCEL_ORDER,)


@transaction.atomic
def record_cancellation(
    *,
    order_id: int,
    actor: User,
    evidence: str,
    document: str = "",
    quantities: Mapping[int, Decimal] | None = None,
) -> PurchaseOrder:
    """Record that the supplier agreed to cancel an order, or the rest of its lines.

    Nothing is sent to the supplier. What was shipped or came in can't be cancelled.

    Args:
        quantities: cancelled now, by line position; without any, all that is open.

    Raises:
        InvalidInput: no evidence, or more than is open.
        OperationNotAllowed: something of it is under way or its outcome is unknown,
            the supplier does not have it, or nothing is left to cancel.
    """
    proof = read_evidence(
        evidence,
        document,
        missing="Say who at the supplier agreed to it, when, and how you know.",
    )
    order = lock(order_id, actor=actor)
    if reason := why_not_record_cancellation(order):
        raise OperationNotAllowed(reason, code="not_cancellable")
    lines = list(order.lines.all())
    if not any(quantity_to_ship(line) for line in lines):
        raise OperationNotAllowed(
            _("Nothing of %(order)s is left to cancel.") % {"order": order},
            code="not_cancellable",
        )
    cancelled = read_open_quantities(lines, quantities or {}, to_do="cancel")
    for line in lines:
        line.quantity_cancelled += cancelled.get(line.position, Decimal(0))
    fulfilment = move_lines(order, lines, "quantity_cancelled")
    is_whole = fulfilment == Fulfilment.CANCELLED
    what = "Cancelled" if is_whole else f"Cancelled of {lines_text(cancelled)}"
    changes: dict[str, Any] = {"attention": ""} if is_whole else {}
    ledger.write(
        order,
        "cancelled" if is_whole else "cancellation_recorded",
        actor=actor,
        text=f"{what} at the supplier, by hand: {proof}",
        data={**proof.data(order, CANCELS), "quantities": lines_data(cancelled)},
        fulfilment=fulfilment,
        **changes,
    )
    return order


def why_not_record_cancellation(order: PurchaseOrder) -> str:
    if order.fulfilment == Fulfilment.CANCELLED:
        return _("%(order)s is cancelled already.") % {"order": order}
    on_its_way = Transmission.objects.filter(subject=order.number, state__in=LIVE)
    if running := on_its_way.first():
        what = running.get_operation_display().lower()
        if running.state == State.UNKNOWN:
            return _(
                "“%(what)s” of %(order)s has an unknown outcome. Settle that first."
            ) % {"what": what, "order": order}
        return _("“%(what)s” of %(order)s is under way. Wait for the answer.") % {
            "what": what,
            "order": order,
        }
    if order.transmission == Sending.SENT:
        return _why_not_any_more(order)
    if order.transmission in (Sending.QUEUED, Sending.SENDING, Sending.UNKNOWN):
        return _(
            "%(order)s may be at the supplier: "
            "%(get_transmission_display)s. Settle that first."
        ) % {
            "order": order,
            "get_transmission_display": order.get_transmission_display().lower(),
        }
    return _("%(order)s is not at the supplier; “Cancel” is enough.") % {"order": order}


def _why_not_any_more(order: PurchaseOrder) -> str:
    if order.fulfilment in (Fulfilment.SHIPPED, Fulfilment.DELIVERED):
        return _(
            "%(order)s is too far for that: %(get_fulfilment_display)s. "
            "Ask the supplier for a return."
        ) % {
            "order": order,
            "get_fulfilment_display": order.get_fulfilment_display().lower(),
        }
    return ""

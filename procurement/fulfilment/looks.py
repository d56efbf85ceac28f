"""When each order is looked at, at suppliers that have no list of changes."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

import vendors
from procurement.fulfilment.models import OrderLook
from procurement.fulfilment.timetable import OrderFacts, next_look
from procurement.orders.models import PurchaseOrder
from procurement.orders.states import Fulfilment, Sending
from procurement.suppliers.models import Supplier
from vendors.contracts import Capability, Vendor

ENDED = (Fulfilment.DELIVERED, Fulfilment.CANCELLED)
ADOPTED_AT_ONCE = 500


def are_needed(api: Vendor) -> bool:
    """Whether its orders can be followed only by reading one after another."""
    return api.offers(Capability.READ_ORDER) and not api.offers(
        Capability.LIST_CHANGED_ORDERS
    )


def vendors_that_need_them() -> list[str]:
    return [code for code in vendors.CODES if are_needed(vendors.get(code))]


def plan(order: PurchaseOrder, *, has_moved: bool) -> None:
    """Say when an order that was just looked at is looked at again.

    Runs in the transaction that records what was seen.
    """
    if not are_needed(order.supplier.api):
        return
    known = OrderLook.objects.filter(order=order)
    if order.fulfilment in ENDED:
        known.delete()
        return
    quiet = known.values_list("quiet_looks", flat=True).first()
    quiet = 0 if has_moved or quiet is None else quiet + 1
    OrderLook.objects.update_or_create(
        order=order,
        defaults={
            "supplier": order.supplier,
            "quiet_looks": quiet,
            "next_look_at": _next(order, quiet, timezone.now()),
        },
    )


def adopt_new(supplier: Supplier) -> int:
    """Take orders into the timetable that were sent and never read; return how many."""
    new = (
        PurchaseOrder.objects.filter(
            supplier=supplier,
            transmission=Sending.SENT,
            supplier_changed_at=None,
            look=None,
        )
        .exclude(supplier_order_number="")
        .order_by("sent_at")
    )
    made: Sequence[OrderLook] = OrderLook.objects.bulk_create(
        [
            OrderLook(
                order=order,
                supplier=supplier,
                next_look_at=_next(order, 0, order.sent_at or order.created_at),
            )
            for order in new[:ADOPTED_AT_ONCE]
        ],
        ignore_conflicts=True,
    )
    return len(made)


def _next(order: PurchaseOrder, quiet: int, now: datetime) -> datetime:
    facts = OrderFacts(
        order_id=order.pk,
        sent_at=order.sent_at or order.created_at,
        due_on=order.promised_date or order.requested_date,
        quiet_looks=quiet,
    )
    return now + next_look(facts, now)

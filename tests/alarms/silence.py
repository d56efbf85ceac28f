"""Silences to look for, made by hand."""

from datetime import UTC, datetime

from procurement.alarms.models import Alarm, Kind
from procurement.orders.models import PurchaseOrder
from procurement.suppliers.models import Supplier
from tests.factories import make_approved_order

START = datetime(2031, 4, 9, 12, 0, tzinfo=UTC)


def leave_unsent(supplier: Supplier | None = None) -> PurchaseOrder:
    """An order approved at START, whose clock has run out three days later."""
    order = make_approved_order(supplier)
    PurchaseOrder.objects.filter(pk=order.pk).update(state_since=START)
    return order


def end_silence() -> None:
    PurchaseOrder.objects.update(approval="returned")


def make_alarm(
    kind: Kind = Kind.NOBODY_SENDS, supplier: Supplier | None = None, **values: object
) -> Alarm:
    at = {"since": START, "raised_at": START, "seen_at": START}
    return Alarm.objects.create(kind=kind, supplier=supplier, **{**at, **values})

"""Which orders are expected on which days.

On the promised day; on the requested one as long as nothing is promised. Only what
was approved is expected, and only until it is delivered or cancelled.
"""

from datetime import date

from django.db.models import Q, QuerySet

from procurement.orders.models import IS_OPEN, PurchaseOrder
from procurement.orders.states import Approval

_EXPECTED = IS_OPEN & Q(approval=Approval.APPROVED)
UNPROMISED = Q(promised_date=None)


def promised(orders: QuerySet[PurchaseOrder]) -> QuerySet[PurchaseOrder]:
    return orders.filter(_EXPECTED, promised_date__isnull=False)


def only_requested(orders: QuerySet[PurchaseOrder]) -> QuerySet[PurchaseOrder]:
    """Those with a requested day and no promised one."""
    return orders.filter(_EXPECTED & UNPROMISED, requested_date__isnull=False)


def expected_between(
    orders: QuerySet[PurchaseOrder], first: date | None, last: date | None
) -> QuerySet[PurchaseOrder]:
    """Orders expected on these days, both included; either may be left out.

    A union of two look-ups that each go by an index: joined by OR they would make the
    database read every open order.
    """
    rows = orders.order_by()
    early = _within(promised(rows), "promised_date", first, last).values("pk")
    wanted = _within(only_requested(rows), "requested_date", first, last).values("pk")
    return orders.filter(pk__in=early.union(wanted, all=True))


def _within(
    orders: QuerySet[PurchaseOrder], column: str, first: date | None, last: date | None
) -> QuerySet[PurchaseOrder]:
    if first:
        orders = orders.filter(**{f"{column}__gte": first})
    if last:
        orders = orders.filter(**{f"{column}__lte": last})
    return orders


def expected_on(order: PurchaseOrder) -> date | None:
    return order.promised_date or order.requested_date

"""Reads of orders for paper."""

from collections.abc import Iterable, Sequence

from django.contrib.auth.models import User
from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from procurement.errors import OperationNotAllowed
from procurement.orders.models import PurchaseOrder

MOST_ORDERS = 50
MOST_LINES = 3000
"""In one file; the person waits for it, and it takes about a second for 1,000 lines."""


def printable_orders(user: User) -> QuerySet[PurchaseOrder]:
    """The orders a person sees, with all that their paper says; in three queries."""
    seen = PurchaseOrder.objects.visible_to(user)
    return (
        seen.select_related("supplier", "buyer")
        .defer("supplier__credentials")
        .prefetch_related("lines")
    )


def orders_pdf(orders: Iterable[PurchaseOrder]) -> bytes:
    """One PDF of orders read with all that their paper says."""
    # What draws it is large, and few processes ever print: they load it then.
    from procurement.documents.paper import printing

    return printing.orders_pdf(orders)


def print_orders(*, order_ids: Sequence[int], actor: User) -> bytes:
    """One PDF of the ticked orders the person sees, in the order of their numbers.

    Raises:
        OperationNotAllowed: none of them is there, or they are too many at once.
    """
    if len(order_ids) > MOST_ORDERS:
        raise OperationNotAllowed(
            _("%(most_orders)s orders are printed at a time, not %(order_ids)s.")
            % {"most_orders": MOST_ORDERS, "order_ids": len(order_ids)}
        )
    seen = PurchaseOrder.objects.visible_to(actor).filter(pk__in=order_ids)
    counted = seen.order_by().aggregate(lines=Count("lines"))
    if not counted["lines"]:
        raise OperationNotAllowed(_("Tick the orders first."))
    if counted["lines"] > MOST_LINES:
        raise OperationNotAllowed(
            _(
                "These orders have %(value)s lines, and %(most_lines)s are "
                "printed at a time. Tick fewer orders."
            )
            % {"value": counted["lines"], "most_lines": MOST_LINES}
        )
    orders = printable_orders(actor).filter(pk__in=order_ids).order_by("pk")
    return orders_pdf(orders)

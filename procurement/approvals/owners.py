"""Whose own an order is: those people don't approve it, unless that is allowed.

The buyer and whoever entered it, whoever changed last what would be sent, and who was
its buyer since approval was asked for: handing an order on does not make it others'.
"""

from collections.abc import Iterable, Sequence

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, Q

from procurement.orders.models import PurchaseOrder
from procurement.prepared import PreparedRead

Owners = set[int]
"""The keys of people."""

_FormerBuyer = PurchaseOrder.former_buyers.through


def owners_of(order: PurchaseOrder) -> Owners:
    return owners_by_order([order])[order.pk]


def owners_by_order(orders: Sequence[PurchaseOrder]) -> dict[int, Owners]:
    """The owners of each order, by its key; in one query."""
    found: dict[int, Owners] = {
        order.pk: {order.buyer_id, order.created_by_id} for order in orders
    }
    for order in orders:
        if order.content_by_id is not None:
            found[order.pk].add(order.content_by_id)
    for order_id, user_id in _former_buyers(list(found)):
        found[order_id].add(user_id)
    return found


def _former_buyers(order_ids: list[int]) -> Iterable[tuple[int, int]]:
    """Pairs of keys: an order, and one of its former buyers."""
    if len(order_ids) == 1:
        return _of_one(order_ids[0])
    rows = _FormerBuyer.objects.filter(purchaseorder__in=order_ids)
    return rows.values_list("purchaseorder_id", "user_id")


_of_one = PreparedRead(
    lambda order_id: _FormerBuyer.objects.filter(purchaseorder=order_id).values_list(
        "purchaseorder_id", "user_id"
    ),
    1_999_999_973,
)
"""Every decision asks for them, and most orders have none."""


def owned_by(user: User) -> Q:
    """The same as a filter of orders."""
    former = _FormerBuyer.objects.filter(purchaseorder=OuterRef("pk"), user=user)
    in_columns = Q(buyer=user) | Q(created_by=user) | Q(content_by=user)
    return in_columns | Q(Exists(former))

"""Orders that may be the same purchase a second time."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db.models import F, QuerySet

from procurement.approving.facts import Twin
from procurement.orders.models import OrderLine, PurchaseOrder
from procurement.orders.states import Approval, Fulfilment

MOST_CANDIDATES = 500
"""Of the orders with an item in common, the newest so many are looked at."""
MOST_TWINS = 50
"""Of one order, so many are looked at for those the person may see,"""
MOST_TOLD = 5
"""and so many of these are told. More of them say nothing more."""

Goods = Mapping[str, Decimal]
Pairs = dict[int, list[tuple[int, bool]]]
"""By order: the other ones, and whether it is the reference that is the same."""


def twins_of(
    orders: Sequence[PurchaseOrder], user: User, *, days: int
) -> dict[int, tuple[Twin, ...]]:
    """The twins of each order, newest first.

    All orders are searched, since a purchase made twice is made twice whoever may
    see it; what is told of one is what the person may see.
    """
    pairs = _with_same_goods(orders, timedelta(days=days))
    for pk, others in _with_same_reference(orders).items():
        pairs[pk] += others
    shown = _shown({other for found in pairs.values() for other, _ in found}, user)
    return {order.pk: _told(pairs[order.pk], shown) for order in orders}


def _told(
    pairs: Sequence[tuple[int, bool]], shown: Mapping[int, Any]
) -> tuple[Twin, ...]:
    by_order = dict(sorted(pairs, reverse=True))
    hidden = [each for pk, each in by_order.items() if pk not in shown]
    seen = [
        Twin(
            has_same_reference=has_same_reference,
            order_id=pk,
            number=shown[pk]["number"],
            buyer=shown[pk]["buyer_name"],
            created_at=shown[pk]["created_at"],
        )
        for pk, has_same_reference in by_order.items()
        if pk in shown
    ]
    unseen = [Twin(has_same_reference=each) for each in sorted(set(hidden))]
    return (*seen[:MOST_TOLD], *unseen)


def _shown(keys: set[int], user: User) -> dict[int, Any]:
    orders = PurchaseOrder.objects.visible_to(user).filter(pk__in=keys).order_by()
    rows = orders.values("pk", "number", "created_at", buyer_name=F("buyer__username"))
    return {row["pk"]: row for row in rows}


def _alive() -> QuerySet[PurchaseOrder]:
    return (
        PurchaseOrder.objects.exclude(approval=Approval.REJECTED)
        .exclude(fulfilment=Fulfilment.CANCELLED)
        .order_by()
    )


def _with_same_reference(orders: Sequence[PurchaseOrder]) -> Pairs:
    references = {each.external_reference for each in orders} - {""}
    # A partial index is used only where its condition stands in the query.
    rows = (
        _alive()
        .filter(external_reference__in=references)
        .exclude(external_reference="")
    )
    carrying = defaultdict(list)
    for pk, reference in rows.values_list("pk", "external_reference"):
        carrying[reference].append(pk)
    return {
        order.pk: [
            (pk, True) for pk in carrying[order.external_reference] if pk != order.pk
        ]
        for order in orders
    }


def _with_same_goods(orders: Sequence[PurchaseOrder], within: timedelta) -> Pairs:
    """Orders at the same supplier for the same items in the same quantities."""
    goods = {order.pk: _goods_of(order) for order in orders}
    candidates = _candidates(orders, goods, within)
    theirs: dict[int, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    lines = OrderLine.objects.filter(order__in=candidates.keys()).order_by()
    for pk, number, quantity in lines.values_list(
        "order_id", "item_number", "quantity"
    ):
        theirs[pk][number] += quantity
    return {
        order.pk: [
            (pk, False)
            for pk, (supplier, created_at) in candidates.items()
            if pk != order.pk
            and supplier == order.supplier_id
            and abs(created_at - order.created_at) <= within
            and theirs[pk] == goods[order.pk]
        ][:MOST_TWINS]
        for order in orders
    }


def _goods_of(order: PurchaseOrder) -> Goods:
    goods: dict[str, Decimal] = defaultdict(Decimal)
    for line in order.lines.all():
        goods[line.item_number] += line.quantity
    return goods


def _candidates(
    orders: Sequence[PurchaseOrder], goods: Mapping[int, Goods], within: timedelta
) -> dict[int, tuple[int, Any]]:
    """Orders that have an item of one of these: its first in the alphabet.

    An order for the same goods has that one too, and an index leads to it.
    """
    first_items = {min(items) for items in goods.values() if items}
    since = min((order.created_at for order in orders), default=None)
    if since is None:
        return {}
    rows = (
        OrderLine.objects.filter(
            item_number__in=first_items,
            order__supplier__in={order.supplier_id for order in orders},
            order__created_at__gte=since - within,
        )
        .exclude(order__approval=Approval.REJECTED)
        .exclude(order__fulfilment=Fulfilment.CANCELLED)
        .order_by("-order_id")
    )
    return {
        pk: (supplier, created_at)
        for pk, supplier, created_at in rows.values_list(
            "order_id", "order__supplier", "order__created_at"
        )[:MOST_CANDIDATES]
    }

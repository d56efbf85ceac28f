"""What differs from what was approved last, of orders that wait again."""

from collections.abc import Mapping, Sequence
from typing import Any

from procurement.approvals.models import ApprovalDecision, Decision
from procurement.orders.admin_page import change_texts
from procurement.orders.models import PurchaseOrder
from procurement.orders.queries import order_request
from procurement.suppliers.models import Supplier

Approved = tuple[ApprovalDecision, list[str]]
"""The approval, and what is different now, one line each; none if nothing is."""


def changes_since_approval(order: PurchaseOrder) -> list[str]:
    """What differs from what was approved last, one line each; empty if nothing."""
    _approved, changes = approved_before([order]).get(order.pk, (None, []))
    return changes


def approved_before(orders: Sequence[PurchaseOrder]) -> dict[int, Approved]:
    """The last approval of each order that had one, in a fixed number of queries.

    Levels that approved what waits now are no earlier approval.
    """
    decisions = (
        ApprovalDecision.objects.filter(order__in=orders, decision=Decision.APPROVED)
        .exclude(step__is_past=False)
        .select_related("decided_by", "in_place_of")
        .order_by("order_id", "pk")
    )
    latest = {decision.order_id: decision for decision in decisions}
    again = [order for order in orders if order.pk in latest]
    suppliers = {latest[order.pk].content.get("supplier") for order in again}
    known = Supplier.objects.filter(pk__in=suppliers - {None})
    names = dict(known.values_list("pk", "name"))
    return {
        order.pk: (latest[order.pk], _changes(latest[order.pk].content, order, names))
        for order in again
    }


def _changes(
    then: Mapping[str, Any], order: PurchaseOrder, names: Mapping[int, str]
) -> list[str]:
    now: dict[str, Any] = order_request(order).to_json()
    changed = {
        name: [then.get(name), now[name]] for name in now if then.get(name) != now[name]
    }
    before = then.get("supplier")
    if before is None or before == order.supplier_id:
        return change_texts(changed)
    supplier = f"supplier: {names.get(before, '–')} → {order.supplier.name}"
    return [supplier, *change_texts(changed)]

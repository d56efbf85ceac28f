"""Approval falls with the content, even where no operation was asked.

A shell, a script or a data migration may save an order or a line directly. What
`QuerySet.update` does is not seen here; sending checks the content again.
"""

from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete, post_save

from procurement.orders import entry, queries
from procurement.orders.models import OrderLine, PurchaseOrder
from procurement.orders.operations import lock, void_approval, void_if_objected
from procurement.orders.states import Approval

CONTENT_COLUMNS = frozenset({*entry.COLUMNS, "supplier_id"})
LINE_COLUMNS = frozenset({*entry.LINE_FIELDS, "order"})
BOUND = (Approval.APPROVED, Approval.PENDING)
"""What was approved, or asked for, is one content."""


def connect() -> None:
    post_save.connect(order_saved, sender=PurchaseOrder)
    post_save.connect(line_saved, sender=OrderLine)
    post_delete.connect(line_deleted, sender=OrderLine)


def order_saved(
    instance: PurchaseOrder,
    created: bool,
    update_fields: frozenset[str] | None,
    **kwargs: Any,
) -> None:
    if not created and (update_fields is None or update_fields & CONTENT_COLUMNS):
        _void_if_changed(instance)


def line_saved(
    instance: OrderLine, update_fields: frozenset[str] | None, **kwargs: Any
) -> None:
    if update_fields is None or update_fields & LINE_COLUMNS:
        _void_if_changed(instance.order)


def line_deleted(instance: OrderLine, **kwargs: Any) -> None:
    _void_if_changed(instance.order)


def _void_if_changed(instance: PurchaseOrder) -> None:
    """Compare once the whole change stands: an operation writes in several steps."""
    if instance.approval in BOUND:
        transaction.on_commit(lambda: _compare(instance.pk))


@transaction.atomic
def _compare(order_id: int) -> None:
    if not PurchaseOrder.objects.filter(pk=order_id).exists():
        return
    order = lock(order_id)
    if order.approval not in BOUND or not order.is_changeable:
        return
    is_approved = order.approval == Approval.APPROVED
    bound_to = order.approved_hash if is_approved else order.asked_hash
    if bound_to and queries.content_hash(order) != bound_to:
        void_approval(order, actor=None, text="The content was changed.")
    else:
        void_if_objected(order, actor=None)

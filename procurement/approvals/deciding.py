"""What every decision has in common, a person's or a rule's."""

from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import prefetch_related_objects

from procurement.approvals.models import ApprovalDecision, Decision, SendOnApproval
from procurement.errors import OperationNotAllowed
from procurement.orders import ledger
from procurement.orders.models import PurchaseOrder
from procurement.orders.operations import send_order
from procurement.orders.queries import hash_of, order_request


def content_of(order: PurchaseOrder) -> tuple[dict[str, Any], str]:
    """What would be sent now, and its hash."""
    # The answer to the caller shows the same lines, so they are read once for both.
    prefetch_related_objects([order], "lines")
    content = order_request(order).to_json()
    return {**content, "supplier": order.supplier_id}, hash_of(order, content)


def record(
    order: PurchaseOrder,
    decision: Decision,
    content: tuple[dict[str, Any], str] | None = None,
    **who: Any,
) -> str:
    """Keep a decision about a locked order; return the hash of what it is about.

    Args:
        content: `content_of` the order, where it was asked for already.
        who: the columns that say whose decision it is.
    """
    said, content_hash = content or content_of(order)
    ApprovalDecision.objects.create(
        order=order,
        decision=decision,
        content_hash=content_hash,
        content=said,
        **who,
    )
    return content_hash


def sends(wishes: Collection[str]) -> bool:
    """Whether an approved order is sent at once, by what its rules wish."""
    if SendOnApproval.NO in wishes:
        return False
    return SendOnApproval.YES in wishes or settings.SEND_ON_APPROVAL


def send_at_once(order: PurchaseOrder, actor: User) -> None:
    """Ask for a locked order just approved to be sent.

    What stands against it is told on the timeline, and the approval stays.
    """
    try:
        with transaction.atomic():
            send_order(order_id=order.pk, actor=actor)
    except OperationNotAllowed as refusal:
        ledger.write(order, "not_sent_at_once", text=refusal.text)
    else:
        order.refresh_from_db()

"""Approving, sending back and rejecting orders that ask for it."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils import timezone

from procurement.approvals.models import ApprovalDecision, Decision
from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.orders import ledger, queries
from procurement.orders.models import PurchaseOrder
from procurement.orders.states import Approval, Fulfilment


@transaction.atomic
def approve_order(
    *, order_id: int, actor: User, version: int | None = None, comment: str = ""
) -> PurchaseOrder:
    """Approve what the order says now; any later change takes the approval away.

    Args:
        version: the version the approver was looking at. Given, it must still be
            the order's, so that nobody approves a total they have not seen.

    Raises:
        OperationNotAllowed: nobody asked for it, it is the approver's own order,
            or it was changed meanwhile.
    """
    order = _lock(order_id, actor)
    if reason := why_not_approve(order, actor):
        raise OperationNotAllowed(reason, code=_refusal_code(order))
    if version is not None and version != order.version:
        raise OperationNotAllowed(
            f"{order} was changed while you were looking at it. Load it again.",
            code="version_conflict",
        )
    content_hash = _record(order, Decision.APPROVED, actor, comment)
    ledger.write(
        order,
        "approved",
        actor=actor,
        text=comment,
        approval=Approval.APPROVED,
        approved_hash=content_hash,
        approved_at=timezone.now(),
    )
    return order


@transaction.atomic
def return_order(*, order_id: int, actor: User, comment: str) -> PurchaseOrder:
    """Send an order back to its buyer, saying what has to change.

    Raises:
        InvalidInput: no comment.
        OperationNotAllowed: nobody asked for approval.
    """
    return _decline(order_id, actor, comment, Decision.RETURNED)


@transaction.atomic
def reject_order(*, order_id: int, actor: User, comment: str) -> PurchaseOrder:
    """Say no for good; the order can't be sent any more.

    Raises:
        InvalidInput: no comment.
        OperationNotAllowed: nobody asked for approval.
    """
    return _decline(order_id, actor, comment, Decision.REJECTED)


def why_not_approve(order: PurchaseOrder, actor: User) -> str:
    if reason := why_not_decide(order):
        return reason
    is_own = actor.pk in (order.buyer_id, order.created_by_id)
    if is_own and not settings.ALLOW_SELF_APPROVAL:
        return f"{order} is your own order; somebody else has to approve it."
    return ""


def why_not_decide(order: PurchaseOrder) -> str:
    if order.fulfilment == Fulfilment.CANCELLED:
        return f"{order} is cancelled."
    if order.approval != Approval.PENDING:
        return (
            f"{order} does not wait for approval: "
            f"{order.get_approval_display().lower()}."
        )
    return ""


def _lock(order_id: int, actor: User) -> PurchaseOrder:
    """The order alone: a decision needs nothing of its supplier."""
    orders = PurchaseOrder.objects.select_for_update()
    return queries.within_reach(order_id, actor, orders)


def _refusal_code(order: PurchaseOrder) -> str:
    return "own_order" if order.approval == Approval.PENDING else "not_pending"


def _decline(
    order_id: int, actor: User, comment: str, decision: Decision
) -> PurchaseOrder:
    order = _lock(order_id, actor)
    if reason := why_not_decide(order):
        raise OperationNotAllowed(reason, code="not_pending")
    if not comment.strip():
        raise InvalidInput({"comment": "Say why, so that the buyer can act on it."})
    _record(order, decision, actor, comment)
    changes: dict[str, Any] = {"approval": decision.value, "approved_hash": ""}
    ledger.write(order, decision.value, actor=actor, text=comment, **changes)
    return order


def _record(order: PurchaseOrder, decision: Decision, actor: User, comment: str) -> str:
    # The answer to the caller shows the same lines, so they are read once for both.
    prefetch_related_objects([order], "lines")
    content = queries.order_request(order).to_json()
    content_hash = queries.hash_of(order, content)
    ApprovalDecision.objects.create(
        order=order,
        decision=decision,
        content_hash=content_hash,
        content=content,
        comment=comment,
        decided_by=actor,
    )
    return content_hash

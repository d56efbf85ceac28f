"""Approving, sending back and rejecting, as actions on an order."""

from procurement.approvals import operations
from procurement.orders.actions import Input, InputKind, OrderAction

ACTIONS = (
    OrderAction(
        name="approve",
        label="Approve",
        summary="Approve what the order says now.",
        permission="approve_purchaseorder",
        scope="orders:approve",
        run=operations.approve_order,
        why_not=operations.why_not_approve,
        inputs=(Input(name="comment", label="Comment"),),
        takes_version=True,
        is_bulk=True,
    ),
    OrderAction(
        name="return",
        label="Send back",
        summary="Send an order back to its buyer.",
        permission="approve_purchaseorder",
        scope="orders:approve",
        run=operations.return_order,
        why_not=lambda order, user: operations.why_not_decide(order),
        inputs=(
            Input(
                name="comment",
                label="What has to change",
                kind=InputKind.LONG_TEXT,
                is_required=True,
            ),
        ),
        is_bulk=True,
    ),
    OrderAction(
        name="reject",
        label="Reject",
        summary="Say no for good.",
        permission="approve_purchaseorder",
        scope="orders:approve",
        run=operations.reject_order,
        why_not=lambda order, user: operations.why_not_decide(order),
        inputs=(
            Input(
                name="comment",
                label="Reason",
                kind=InputKind.LONG_TEXT,
                is_required=True,
            ),
        ),
        is_dangerous=True,
    ),
)

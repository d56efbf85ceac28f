"""Approving, sending back and rejecting, as actions on an order."""

from django.utils.translation import gettext_lazy as _

from procurement.approvals import operations
from procurement.approvals.forwarding import forward_order, why_not_forward
from procurement.approvals.people import approvers
from procurement.approvals.turns import read_turns
from procurement.orders.actions import Input, InputKind, OrderAction

ACTIONS = (
    OrderAction(
        name="approve",
        label=_("Approve"),
        summary=_("Approve what the order says now."),
        permission="approve_purchaseorder",
        scope="orders:approve",
        run=operations.approve_order,
        why_not=operations.why_not_approve,
        prepare=read_turns,
        inputs=(Input(name="comment", label=_("Comment")),),
        takes_version=True,
        is_bulk=True,
    ),
    OrderAction(
        name="return",
        label=_("Send back"),
        summary=_("Send an order back to its buyer."),
        permission="approve_purchaseorder",
        scope="orders:approve",
        run=operations.return_order,
        why_not=operations.why_not_decline,
        prepare=read_turns,
        inputs=(
            Input(
                name="comment",
                label=_("What has to change"),
                kind=InputKind.LONG_TEXT,
                is_required=True,
            ),
        ),
        is_bulk=True,
    ),
    OrderAction(
        name="reject",
        label=_("Reject"),
        summary=_("Say no for good."),
        permission="approve_purchaseorder",
        scope="orders:approve",
        run=operations.reject_order,
        why_not=operations.why_not_decline,
        prepare=read_turns,
        inputs=(
            Input(
                name="comment",
                label=_("Reason"),
                kind=InputKind.LONG_TEXT,
                is_required=True,
            ),
        ),
        is_dangerous=True,
    ),
    OrderAction(
        name="forward",
        label=_("Forward"),
        summary=_("Hand the decision to a colleague."),
        permission="approve_purchaseorder",
        scope="orders:approve",
        run=forward_order,
        why_not=why_not_forward,
        prepare=read_turns,
        inputs=(
            Input(
                name="colleague",
                label=_("Colleague"),
                kind=InputKind.PERSON,
                is_required=True,
                people=approvers,
                help=_("Who decides about it from now on; they may approve orders."),
            ),
            Input(
                name="comment",
                label=_("Comment"),
                kind=InputKind.LONG_TEXT,
                is_required=True,
            ),
        ),
        example={"colleague": "anna", "comment": "You know this supplier."},
    ),
)

"""Refreshing, confirming by hand and counting in, as actions on an order."""

from procurement.fulfilment import operations
from procurement.orders.actions import Input, InputKind, OrderAction

ACTIONS = (
    OrderAction(
        name="refresh",
        label="Refresh",
        summary="Ask the supplier about the order now.",
        permission="refresh_purchaseorder",
        scope="orders:write",
        run=operations.refresh_order,
        why_not=lambda order, user: operations.why_not_refresh(order),
        is_bulk=True,
    ),
    OrderAction(
        name="confirm",
        label="Record confirmation",
        summary="Record a confirmation that came by mail or phone.",
        permission="confirm_purchaseorder",
        scope="orders:write",
        run=operations.confirm_order,
        why_not=lambda order, user: operations.why_not_confirm(order),
        inputs=(
            Input(
                name="supplier_order_number",
                label="Supplier's order number",
                max_length=80,
            ),
            Input(
                name="promised_date",
                label="Promised for",
                kind=InputKind.DATE,
            ),
            Input(
                name="evidence",
                label="Evidence",
                kind=InputKind.LONG_TEXT,
                is_required=True,
                help="Where the confirmation is: a mail, a call, a document.",
            ),
        ),
    ),
    OrderAction(
        name="receive",
        label="Receive goods",
        summary="Count goods in, and close what will not come.",
        permission="receive_purchaseorder",
        scope="orders:write",
        run=operations.receive_goods,
        why_not=lambda order, user: operations.why_not_receive(order),
        inputs=(
            Input(
                name="quantities",
                label="Counted in now",
                kind=InputKind.LINE_QUANTITIES,
            ),
            Input(
                name="close_short",
                label="Nothing more will come",
                kind=InputKind.BOOLEAN,
                help="Closes what is open on the lines named above.",
            ),
            Input(name="note", label="Delivery note or remark", max_length=200),
        ),
    ),
)

"""What people do after sending, as actions on an order: ask, and record by hand."""

from decimal import Decimal

from django.utils.translation import gettext as _

from procurement import clock
from procurement.fulfilment import operations
from procurement.fulfilment.by_hand import (
    DOCUMENT_LENGTH,
    TELLS_STATES,
    quantity_to_ship,
)
from procurement.fulfilment.cancellations import (
    CANCELS,
    record_cancellation,
    why_not_record_cancellation,
)
from procurement.fulfilment.confirmations import record_confirmation, why_not_confirm
from procurement.fulfilment.invoices import (
    amount_open,
    record_invoice,
    why_not_invoice,
)
from procurement.fulfilment.shipments import record_shipment, why_not_ship
from procurement.money import plain, price_text
from procurement.orders.actions import Input, InputKind, OrderAction
from procurement.orders.models import OrderLine, PurchaseOrder
from procurement.texts import gettext_lazy

API_TELLS = (
    "The supplier's API tells this by itself. What you record is a correction; what "
    "the API tells later still counts."
)
API_CANCELS = (
    "“Cancel” asks the supplier's API to cancel it: use that first. Record it here "
    "only if the supplier told you that it is cancelled."
)


def _evidence(help_text: str) -> Input:
    return Input(
        name="evidence",
        label=_("Evidence"),
        kind=InputKind.LONG_TEXT,
        is_required=True,
        help=help_text,
    )


def _document(label: str) -> Input:
    return Input(name="document", label=label, max_length=DOCUMENT_LENGTH)


def _still_ordered(line: OrderLine) -> Decimal:
    return Decimal(plain(line.quantity - line.quantity_cancelled))


def _to_ship(line: OrderLine) -> Decimal:
    return Decimal(plain(quantity_to_ship(line)))


def _price_help(line: OrderLine) -> str:
    return f"approved: {price_text(line.unit_price, line.order.currency)}"


def _amount_open(order: PurchaseOrder) -> Decimal | None:
    open_now = amount_open(order)
    return Decimal(price_text(open_now, order.currency)) if open_now else None


REFRESH = OrderAction(
    name="refresh",
    label=gettext_lazy("Refresh"),
    summary=gettext_lazy("Ask the supplier about the order now."),
    permission="refresh_purchaseorder",
    scope="orders:write",
    run=operations.refresh_order,
    why_not=lambda order, user: operations.why_not_refresh(order),
    is_bulk=True,
    is_question=True,
)

CONFIRM = OrderAction(
    name="confirm",
    label=gettext_lazy("Record confirmation"),
    summary=gettext_lazy("Record a confirmation that came by mail or phone."),
    permission="confirm_purchaseorder",
    scope="orders:write",
    run=record_confirmation,
    why_not=lambda order, user: why_not_confirm(order),
    inputs=(
        Input(
            name="quantities",
            label=gettext_lazy("Confirmed"),
            kind=InputKind.LINE_QUANTITIES,
            help=gettext_lazy(
                "By line; without any, the whole order as it was ordered."
            ),
            initial=_still_ordered,
        ),
        Input(
            name="promised_dates",
            label=gettext_lazy("Promised for"),
            kind=InputKind.LINE_DATES,
            help=gettext_lazy("By line, where it is not that of the whole order."),
        ),
        Input(
            name="unit_prices",
            label=gettext_lazy("Confirmed price"),
            kind=InputKind.LINE_PRICES,
            help=gettext_lazy("By line, without VAT, where the confirmation says one."),
            line_help=_price_help,
        ),
        Input(
            name="supplier_order_number",
            label=gettext_lazy("Supplier's order number"),
            max_length=80,
            initial=lambda order: order.supplier_order_number,
        ),
        Input(
            name="confirmed_on",
            label=gettext_lazy("Day of the answer"),
            kind=InputKind.DATE,
        ),
        Input(
            name="promised_date",
            label=gettext_lazy("Promised for"),
            kind=InputKind.DATE,
            help=gettext_lazy("For every line that has no day of its own."),
        ),
        _evidence("Where the confirmation is: a mail, a call, a document."),
        _document("Number of the confirmation"),
    ),
    told_by=TELLS_STATES,
    correction=API_TELLS,
    example={
        "supplier_order_number": "SO-70012",
        "confirmed_on": "2026-03-30",
        "promised_date": "2026-04-09",
        "quantities": [{"position": 1, "quantity": "6"}],
        "unit_prices": [{"position": 1, "price": "41.50"}],
        "evidence": "Mail from Lisa at the supplier, 30 March.",
        "document": "OC-5512",
    },
)

SHIP = OrderAction(
    name="ship",
    label=gettext_lazy("Record shipment"),
    summary=gettext_lazy("Record goods the supplier sent off."),
    permission="ship_purchaseorder",
    scope="orders:write",
    run=record_shipment,
    why_not=lambda order, user: why_not_ship(order),
    inputs=(
        Input(
            name="quantities",
            label=gettext_lazy("Shipped now"),
            kind=InputKind.LINE_QUANTITIES,
            help=gettext_lazy("By line; without any, all that is open."),
            initial=_to_ship,
            line_help=lambda line: f"of {plain(quantity_to_ship(line))} to ship",
        ),
        Input(
            name="number",
            label=gettext_lazy("Shipment or delivery note"),
            is_required=True,
            max_length=DOCUMENT_LENGTH,
        ),
        Input(
            name="carrier", label=gettext_lazy("Carrier"), max_length=DOCUMENT_LENGTH
        ),
        Input(
            name="parcels",
            label=gettext_lazy("Parcel or tracking numbers"),
            kind=InputKind.TEXTS,
            max_length=DOCUMENT_LENGTH,
            help=gettext_lazy("Each on a line of its own."),
        ),
        Input(
            name="shipped_on",
            label=gettext_lazy("Shipped on"),
            kind=InputKind.DATE,
            initial=lambda order: clock.today(),
        ),
        _evidence("Where the shipment is told: a mail, a call, a delivery note."),
        _document("Number of the document"),
    ),
    told_by=TELLS_STATES,
    correction=API_TELLS,
    example={
        "number": "DN-8841",
        "carrier": "PostNord",
        "parcels": ["373400112233445566"],
        "shipped_on": "2026-04-08",
        "quantities": {"1": "4"},
        "evidence": "Despatch mail of 8 April.",
    },
)

RECEIVE = OrderAction(
    name="receive",
    label=gettext_lazy("Receive goods"),
    summary=gettext_lazy("Count goods in, and close what will not come."),
    permission="receive_purchaseorder",
    scope="orders:write",
    run=operations.receive_goods,
    why_not=lambda order, user: operations.why_not_receive(order),
    inputs=(
        Input(
            name="quantities",
            label=gettext_lazy("Counted in now"),
            kind=InputKind.LINE_QUANTITIES,
            line_help=lambda line: f"of {plain(line.quantity_open)} to come",
        ),
        Input(
            name="close_short",
            label=gettext_lazy("Nothing more will come"),
            kind=InputKind.BOOLEAN,
            help=gettext_lazy("Closes what is open on the lines named above."),
        ),
        _document("Delivery note"),
        Input(
            name="received_on",
            label=gettext_lazy("Came on"),
            kind=InputKind.DATE,
            help=gettext_lazy("If it was not today."),
        ),
        Input(name="note", label=gettext_lazy("Remark"), max_length=200),
    ),
    example={
        "quantities": {"1": "4"},
        "document": "DN-8841",
        "received_on": "2026-04-09",
        "note": "One box is dented.",
    },
)

INVOICE = OrderAction(
    name="invoice",
    label=gettext_lazy("Record invoice"),
    summary=gettext_lazy("Record an invoice of the supplier's."),
    permission="invoice_purchaseorder",
    scope="orders:write",
    run=record_invoice,
    why_not=lambda order, user: why_not_invoice(order),
    inputs=(
        Input(
            name="invoice_number",
            label=gettext_lazy("Invoice number"),
            is_required=True,
            max_length=DOCUMENT_LENGTH,
        ),
        Input(
            name="invoice_date",
            label=gettext_lazy("Invoice date"),
            kind=InputKind.DATE,
            is_required=True,
            initial=lambda order: clock.today(),
        ),
        Input(
            name="amount",
            label=gettext_lazy("Amount"),
            kind=InputKind.AMOUNT,
            is_required=True,
            help=gettext_lazy("Without VAT, in the order's currency."),
            initial=_amount_open,
        ),
        Input(
            name="is_final",
            label=gettext_lazy("It is the last invoice"),
            kind=InputKind.BOOLEAN,
            help=gettext_lazy(
                "The order then counts as invoiced, whatever they come to."
            ),
        ),
        _evidence("Where the invoice is: a mail, a file, a folder."),
    ),
    example={
        "invoice_number": "F-20991",
        "invoice_date": "2026-04-10",
        "amount": "249.00",
        "is_final": True,
        "evidence": "Mail of 10 April, filed under F-20991.",
    },
)

RECORD_CANCELLATION = OrderAction(
    name="record_cancellation",
    label=gettext_lazy("Record cancellation"),
    summary=gettext_lazy(
        "Record that the supplier agreed to cancel it; nothing is sent there."
    ),
    permission="cancel_purchaseorder",
    scope="orders:write",
    run=record_cancellation,
    why_not=lambda order, user: why_not_record_cancellation(order),
    inputs=(
        Input(
            name="quantities",
            label=gettext_lazy("Cancelled"),
            kind=InputKind.LINE_QUANTITIES,
            help=gettext_lazy("By line; without any, all that was not shipped."),
            initial=_to_ship,
            line_help=lambda line: f"of {plain(quantity_to_ship(line))} not shipped",
        ),
        _evidence("Who at the supplier agreed to it, when, and how you know."),
        _document("Number of their answer"),
    ),
    told_by=CANCELS,
    correction=API_CANCELS,
    is_dangerous=True,
    example={
        "quantities": {"1": "2"},
        "evidence": "Eva at the supplier on the phone, 2 April, 10:30.",
    },
)

ACTIONS = (REFRESH, CONFIRM, SHIP, RECEIVE, INVOICE, RECORD_CANCELLATION)

"""What people do to an order that was sent: ask about it, count it in."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from procurement.errors import InvalidInput, OperationNotAllowed, SupplierUnavailable
from procurement.fulfilment.by_hand import (
    DOCUMENT_LENGTH,
    check_quantities,
    lines_data,
    move_lines,
    refuse_future,
    why_not_sent,
)
from procurement.fulfilment.models import GoodsReceipt, GoodsReceiptLine
from procurement.fulfilment.polling import read_one
from procurement.money import plain
from procurement.orders import ledger
from procurement.orders.models import OrderLine, PurchaseOrder
from procurement.orders.operations import lock
from procurement.orders.queries import within_reach
from procurement.orders.states import Fulfilment, Sending
from procurement.suppliers.conversations import conversation
from procurement.transmissions.looking_up import look_up
from procurement.transmissions.models import Operation, State, Transmission
from vendors.contracts import Capability
from vendors.errors import VendorError

NOTE_LENGTH = 400


def refresh_order(*, order_id: int, actor: User) -> PurchaseOrder:
    """Ask the supplier about one order now, while the person waits.

    An order whose outcome is unknown is looked up instead.

    Raises:
        OperationNotAllowed: there is nothing to ask, or no way to.
        SupplierUnavailable: asked, and no usable answer came.
    """
    orders = PurchaseOrder.objects.select_related("supplier")
    order = within_reach(order_id, actor, orders)
    if reason := why_not_refresh(order):
        raise OperationNotAllowed(reason, code="not_refreshable")
    if order.transmission == Sending.UNKNOWN:
        unknown = Transmission.objects.get(
            operation=Operation.PLACE_ORDER, subject=order.number, state=State.UNKNOWN
        )
        look_up(transmission_id=unknown.pk)
    else:
        try:
            with conversation(order.supplier, subject=order.number) as talk:
                read_one(talk, order, changed_at=None)
        except VendorError as error:
            raise SupplierUnavailable(error.text, code="supplier_unavailable") from None
    order.refresh_from_db()
    return order


def why_not_refresh(order: PurchaseOrder) -> str:
    api = order.supplier.api
    if order.transmission == Sending.UNKNOWN:
        return api.why_not(Capability.FIND_ORDERS)
    if order.transmission != Sending.SENT:
        return _("%(order)s is not at the supplier, so there is nothing to ask.") % {
            "order": order
        }
    if reason := api.why_not(Capability.READ_ORDER):
        return reason
    if not order.supplier_order_number:
        return _("%(order)s has no number at the supplier to ask for.") % {
            "order": order
        }
    return ""


@transaction.atomic
def receive_goods(
    *,
    order_id: int,
    actor: User,
    quantities: Mapping[int, Decimal] | None = None,
    close_short: bool = False,
    note: str = "",
    document: str = "",
    received_on: date | None = None,
) -> PurchaseOrder:
    """Count goods in, and close what will not come.

    The evidence is the count itself, of the person who asks for this.

    Args:
        quantities: counted now, by line position, in the line's unit; 0 or more.
        close_short: what is still open on the lines named (on all lines, if none
            is named) will not come.
        document: the delivery note's number.
        received_on: the day the goods came, if not today.

    Raises:
        InvalidInput: an unknown line, a quantity below 0, or nothing to record.
        OperationNotAllowed: not sent, cancelled, nothing ever came of it, or the
            same was counted in by the same delivery note.
    """
    _check_texts(note, document)
    refuse_future(received_on=received_on)
    order = lock(order_id, actor=actor)
    if reason := why_not_receive(order):
        raise OperationNotAllowed(reason, code="not_receivable")
    lines = {line.position: line for line in order.lines.all()}
    counted = check_quantities(quantities or {}, lines)
    if not any(counted.values()) and not close_short:
        raise InvalidInput({"quantities": _("Enter what came in, or close it short.")})
    before = {position: line.quantity_received for position, line in lines.items()}
    for position, quantity in counted.items():
        lines[position].quantity_received += quantity
    if close_short:
        _close_short([lines[position] for position in counted or lines])
    if not any(line.quantity_received for line in lines.values()):
        raise OperationNotAllowed(
            _("Nothing of %(order)s came in; cancel it instead of closing it short.")
            % {"order": order},
            code="nothing_received",
        )
    if any(counted.values()):
        _refuse_same_count(order, document.strip(), counted)
        receipt = GoodsReceipt.objects.create(
            order=order,
            received_by=actor,
            note=note,
            document=document.strip(),
            received_on=received_on,
        )
        _write_counts(receipt, lines, counted)
    fulfilment = move_lines(
        order, list(lines.values()), "quantity_received", "quantity_cancelled"
    )
    ledger.write(
        order,
        "received" if any(counted.values()) else "closed_short",
        actor=actor,
        text=_receipt_text(lines, before, close_short, f"{document.strip()} {note}"),
        data={
            "is_manual": True,
            "evidence": note,
            "document": document.strip(),
            "received_on": received_on and received_on.isoformat(),
            "quantities": lines_data(counted),
        },
        fulfilment=fulfilment,
    )
    return order


def _check_texts(note: str, document: str) -> None:
    errors = {}
    if len(note) > NOTE_LENGTH:
        errors["note"] = f"Give at most {NOTE_LENGTH} characters."
    if len(document.strip()) > DOCUMENT_LENGTH:
        errors["document"] = f"Give at most {DOCUMENT_LENGTH} characters."
    if errors:
        raise InvalidInput(errors)


def _refuse_same_count(
    order: PurchaseOrder, document: str, counted: Mapping[int, Decimal]
) -> None:
    """A delivery note holds the same goods once: a second click is not a second box."""
    now = {position: quantity for position, quantity in counted.items() if quantity}
    same_note = order.receipts.filter(document=document) if document else ()
    for receipt in same_note:
        goods = receipt.lines.select_related("order_line")
        if {line.order_line.position: line.quantity for line in goods} == now:
            raise OperationNotAllowed(
                _(
                    "Delivery note %(document)s of %(order)s is counted in "
                    "already, with the same quantities."
                )
                % {"document": document, "order": order},
                code="already_recorded",
            )


def _write_counts(
    receipt: GoodsReceipt,
    lines: Mapping[int, OrderLine],
    counted: Mapping[int, Decimal],
) -> None:
    GoodsReceiptLine.objects.bulk_create(
        GoodsReceiptLine(receipt=receipt, order_line=lines[position], quantity=quantity)
        for position, quantity in counted.items()
        if quantity
    )


def _close_short(lines: list[OrderLine]) -> None:
    for line in lines:
        line.quantity_cancelled += line.quantity_open


def _receipt_text(
    lines: Mapping[int, OrderLine],
    before: Mapping[int, Decimal],
    close_short: bool,
    note: str,
) -> str:
    parts = []
    for position, line in lines.items():
        came = line.quantity_received - before[position]
        if came:
            parts.append(f"line {position}: {plain(came)}")
        over = line.quantity_received - line.quantity
        if came and over > 0:
            parts.append(f"line {position} has {plain(over)} more than ordered")
    text = f"Received {', '.join(parts)}." if parts else ""
    if close_short:
        text = f"{text} The rest is closed short.".strip()
    return f"{text} {note.strip()}".strip()


def why_not_receive(order: PurchaseOrder) -> str:
    if reason := why_not_sent(order):
        return reason
    if order.fulfilment == Fulfilment.CANCELLED:
        return _("%(order)s is cancelled.") % {"order": order}
    return ""

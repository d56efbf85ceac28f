"""What people do to an order that was sent: ask about it, confirm it, count it in."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction

from procurement.errors import InvalidInput, OperationNotAllowed, SupplierUnavailable
from procurement.fulfilment.models import GoodsReceipt, GoodsReceiptLine
from procurement.fulfilment.polling import read_one
from procurement.money import plain
from procurement.orders import ledger
from procurement.orders.models import OrderLine, PurchaseOrder
from procurement.orders.operations import lock
from procurement.orders.states import (
    Fulfilment,
    Sending,
    forward,
    line_fulfilment,
    order_fulfilment,
)
from procurement.suppliers.conversations import conversation
from procurement.transmissions.looking_up import look_up
from procurement.transmissions.models import Operation, State, Transmission
from vendors.contracts import Capability
from vendors.errors import VendorError


def refresh_order(*, order_id: int, actor: User) -> PurchaseOrder:
    """Ask the supplier about one order now, while the person waits.

    An order whose outcome is unknown is looked up instead.

    Raises:
        OperationNotAllowed: there is nothing to ask, or no way to.
        SupplierUnavailable: asked, and no usable answer came.
    """
    order = PurchaseOrder.objects.select_related("supplier").get(pk=order_id)
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
        return f"{order} is not at the supplier, so there is nothing to ask."
    if reason := api.why_not(Capability.READ_ORDER):
        return reason
    if not order.supplier_order_number:
        return f"{order} has no number at the supplier to ask for."
    return ""


@transaction.atomic
def confirm_order(
    *,
    order_id: int,
    actor: User,
    evidence: str,
    supplier_order_number: str = "",
    promised_date: date | None = None,
) -> PurchaseOrder:
    """Record a confirmation that came by mail or phone.

    Later news from the supplier itself still counts.

    Raises:
        InvalidInput: no evidence.
        OperationNotAllowed: not sent, or further along already.
    """
    if not evidence.strip():
        raise InvalidInput(
            {"evidence": "Say where the confirmation is: a mail, a call, a document."}
        )
    order = lock(order_id)
    if reason := why_not_confirm(order):
        raise OperationNotAllowed(reason, code="not_confirmable")
    for line in order.lines.all():
        line.is_confirmed = True
        line.fulfilment = forward(line.fulfilment, line_fulfilment(line))
        if promised_date:
            line.promised_date = promised_date
            line.first_promised_date = line.first_promised_date or promised_date
        line.save(
            update_fields=[
                "is_confirmed",
                "fulfilment",
                "promised_date",
                "first_promised_date",
            ]
        )
    ledger.write(
        order,
        "confirmed",
        actor=actor,
        text=f"Confirmed by hand: {evidence.strip()}",
        data={"is_manual": True},
        fulfilment=forward(order.fulfilment, Fulfilment.CONFIRMED),
        promised_date=promised_date or order.promised_date,
        supplier_order_number=supplier_order_number.strip()
        or order.supplier_order_number,
    )
    return order


def why_not_confirm(order: PurchaseOrder) -> str:
    if order.transmission != Sending.SENT:
        return f"{order} was not sent: {order.get_transmission_display().lower()}."
    if order.fulfilment not in (Fulfilment.NONE, Fulfilment.CONFIRMED):
        return f"{order} is further already: {order.get_fulfilment_display().lower()}."
    return ""


@transaction.atomic
def receive_goods(
    *,
    order_id: int,
    actor: User,
    quantities: Mapping[int, Decimal] | None = None,
    close_short: bool = False,
    note: str = "",
) -> PurchaseOrder:
    """Count goods in, and close what will not come.

    Args:
        quantities: counted now, by line position, in the line's unit; 0 or more.
        close_short: what is still open on the lines named (on all lines, if none
            is named) will not come.

    Raises:
        InvalidInput: an unknown line, a quantity below 0, or nothing to record.
        OperationNotAllowed: not sent, cancelled, or nothing ever came of it.
    """
    order = lock(order_id)
    if reason := why_not_receive(order):
        raise OperationNotAllowed(reason, code="not_receivable")
    lines = {line.position: line for line in order.lines.all()}
    counted = _counted(quantities or {}, lines)
    if not any(counted.values()) and not close_short:
        raise InvalidInput({"quantities": "Enter what came in, or close it short."})
    before = {position: line.quantity_received for position, line in lines.items()}
    for position, quantity in counted.items():
        lines[position].quantity_received += quantity
    if close_short:
        _close_short([lines[position] for position in counted or lines])
    if not any(line.quantity_received for line in lines.values()):
        raise OperationNotAllowed(
            f"Nothing of {order} came in; cancel it instead of closing it short.",
            code="nothing_received",
        )
    if any(counted.values()):
        receipt = GoodsReceipt.objects.create(order=order, received_by=actor, note=note)
        _write_counts(receipt, lines, counted)
    for line in lines.values():
        line.fulfilment = forward(line.fulfilment, line_fulfilment(line))
        line.save(
            update_fields=["quantity_received", "quantity_cancelled", "fulfilment"]
        )
    derived = order_fulfilment([Fulfilment(line.fulfilment) for line in lines.values()])
    ledger.write(
        order,
        "received" if any(counted.values()) else "closed_short",
        actor=actor,
        text=_receipt_text(lines, before, close_short, note),
        data={"quantities": {str(p): plain(q) for p, q in counted.items()}},
        fulfilment=forward(order.fulfilment, derived),
    )
    return order


ABSURD = 10
"""A count this many times the ordered quantity is a slip of the finger."""


def _counted(
    quantities: Mapping[int, Decimal], lines: Mapping[int, OrderLine]
) -> dict[int, Decimal]:
    errors = {}
    for position, quantity in quantities.items():
        if position not in lines:
            errors[f"quantities.{position}"] = f"There is no line {position}."
        elif not isinstance(quantity, Decimal) or not quantity.is_finite():
            errors[f"quantities.{position}"] = "Give a decimal number."
        elif quantity < 0:
            errors[f"quantities.{position}"] = "Give a quantity of 0 or more."
        elif quantity > lines[position].quantity * ABSURD:
            errors[f"quantities.{position}"] = (
                f"More than {ABSURD} times what was ordered can't be right."
            )
    if errors:
        raise InvalidInput(errors)
    return dict(quantities)


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
    return f"{text} {note}".strip()


def why_not_receive(order: PurchaseOrder) -> str:
    if order.transmission != Sending.SENT:
        return f"{order} was not sent: {order.get_transmission_display().lower()}."
    if order.fulfilment == Fulfilment.CANCELLED:
        return f"{order} is cancelled."
    return ""

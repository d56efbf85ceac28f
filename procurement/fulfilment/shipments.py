"""What a supplier sent off, told by mail, by phone or on a delivery note."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from procurement import clock
from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.fulfilment.by_hand import (
    DOCUMENT_LENGTH,
    TELLS_STATES,
    lines_data,
    lines_text,
    move_lines,
    quantity_to_ship,
    read_evidence,
    read_number,
    read_open_quantities,
    refuse_future,
    why_not_sent,
)
from procurement.fulfilment.models import Package, Shipment, ShipmentLine
from procurement.orders import ledger
from procurement.orders.models import OrderLine, PurchaseOrder
from procurement.orders.operations import lock
from procurement.orders.states import Fulfilment

MAX_PARCELS = 200


@transaction.atomic
def record_shipment(
    *,
    order_id: int,
    actor: User,
    number: str,
    evidence: str,
    document: str = "",
    carrier: str = "",
    parcels: Sequence[str] = (),
    shipped_on: date | None = None,
    quantities: Mapping[int, Decimal] | None = None,
) -> PurchaseOrder:
    """Record goods the supplier sent off.

    Args:
        number: the shipment's or delivery note's; once per order.
        parcels: parcel or tracking numbers.
        quantities: sent now, by line position; without any, all that is open.

    Raises:
        InvalidInput: no evidence or number, more than is open, or a value that can't
            be meant.
        OperationNotAllowed: not sent, cancelled, nothing left to ship, or a shipment
            of this number is there.
    """
    proof = read_evidence(
        evidence,
        document,
        missing="Say where the shipment is told: a mail, a call, a delivery note.",
    )
    number = read_number(
        "number", number, missing="Give the number of the shipment or delivery note."
    )
    _check_texts(carrier, parcels)
    refuse_future(shipped_on=shipped_on)
    order = lock(order_id, actor=actor)
    if reason := why_not_ship(order):
        raise OperationNotAllowed(reason, code="not_shippable")
    if order.shipments.filter(number=number).exists():
        raise OperationNotAllowed(
            _("Shipment %(number)s of %(order)s is recorded already.")
            % {"number": number, "order": order},
            code="already_recorded",
        )
    lines = list(order.lines.all())
    if not any(quantity_to_ship(line) for line in lines):
        raise OperationNotAllowed(
            _("Nothing of %(order)s is left to ship.") % {"order": order},
            code="not_shippable",
        )
    shipped = read_open_quantities(lines, quantities or {}, to_do="ship")
    shipment = Shipment.objects.create(
        order=order,
        number=number,
        shipped_at=shipped_on and clock.midnight(shipped_on),
        forwarder=carrier.strip(),
        recorded_by=actor,
        evidence=proof.text,
        document=proof.document,
    )
    _write_goods(shipment, lines, shipped, parcels)
    for line in lines:
        if line.position in shipped:
            line.is_confirmed = True
            gone = max(line.quantity_shipped, line.quantity_received)
            line.quantity_shipped = gone + shipped[line.position]
    fulfilment = move_lines(order, lines, "is_confirmed", "quantity_shipped")
    ledger.write(
        order,
        "shipment_recorded",
        actor=actor,
        text=f"Shipment {number} by hand, {lines_text(shipped)}: {proof}",
        data={
            **proof.data(order, TELLS_STATES),
            "shipment": number,
            "carrier": shipment.forwarder,
            "parcels": list(parcels),
            "shipped_on": shipped_on and shipped_on.isoformat(),
            "quantities": lines_data(shipped),
        },
        fulfilment=fulfilment,
    )
    return order


def why_not_ship(order: PurchaseOrder) -> str:
    if reason := why_not_sent(order):
        return reason
    if order.fulfilment in (Fulfilment.CANCELLED, Fulfilment.DELIVERED):
        return _("%(order)s is %(get_fulfilment_display)s.") % {
            "order": order,
            "get_fulfilment_display": order.get_fulfilment_display().lower(),
        }
    return ""


def _check_texts(carrier: str, parcels: Sequence[str]) -> None:
    errors = {}
    if len(carrier.strip()) > DOCUMENT_LENGTH:
        errors["carrier"] = f"Give at most {DOCUMENT_LENGTH} characters."
    if len(parcels) > MAX_PARCELS:
        errors["parcels"] = f"Give at most {MAX_PARCELS} parcels."
    for parcel in parcels:
        if not parcel.strip() or len(parcel) > DOCUMENT_LENGTH:
            errors["parcels"] = (
                f"Give parcel numbers of 1 to {DOCUMENT_LENGTH} characters."
            )
    if errors:
        raise InvalidInput(errors)


def _write_goods(
    shipment: Shipment,
    lines: list[OrderLine],
    shipped: Mapping[int, Decimal],
    parcels: Sequence[str],
) -> None:
    Package.objects.bulk_create(
        Package(shipment=shipment, number=parcel)
        for parcel in dict.fromkeys(parcel.strip() for parcel in parcels)
    )
    ShipmentLine.objects.bulk_create(
        ShipmentLine(
            shipment=shipment, order_line=line, quantity=shipped[line.position]
        )
        for line in lines
        if line.position in shipped
    )

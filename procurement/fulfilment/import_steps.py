"""From the rows of one step in a file to the arguments of its operation, and back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext

from procurement.errors import InvalidInput
from procurement.fulfilment.models import GoodsReceiptLine, SupplierInvoice
from procurement.fulfilment.operations import NOTE_LENGTH
from procurement.fulfilment.sheets import Row, Step
from procurement.money import plain
from procurement.orders.models import OrderLine, PurchaseOrder
from procurement.sheets.faults import Fault

ACTIONS: Mapping[Step, str] = {
    Step.CONFIRMATION: "confirm",
    Step.SHIPMENT: "ship",
    Step.DELIVERY: "receive",
    Step.INVOICE: "invoice",
    Step.CANCELLATION: "record_cancellation",
}
_SAME_IN_ALL = {
    Step.CONFIRMATION: ("evidence",),
    Step.SHIPMENT: ("date", "carrier", "parcels", "evidence"),
    Step.DELIVERY: ("date", "evidence"),
    Step.INVOICE: (),
    Step.CANCELLATION: ("evidence",),
}
_CELLS = {
    "quantities": "quantity",
    "promised_dates": "date",
    "unit_prices": "price",
    "invoice_number": "number",
    "supplier_order_number": "number",
    "invoice_date": "date",
    "shipped_on": "date",
    "received_on": "date",
    "promised_date": "date",
    "note": "evidence",
}
"""The columns of what the operations call otherwise."""


@dataclass(frozen=True)
class Asked:
    """A step as its operation is asked for it."""

    step: Step
    arguments: Mapping[str, Any]
    by_position: Mapping[int, Row]


def read_asked(
    step: Step, order: PurchaseOrder, rows: Sequence[Row], file_name: str
) -> tuple[Asked | None, list[Fault]]:
    """The arguments of a step, or the cells that stand against it."""
    faults = _differences(step, rows)
    if not any(row.names_a_line for row in rows):
        faults += [
            Fault(
                row.line, "number", f"Line {rows[0].line} is the same {step} already."
            )
            for row in rows[1:]
        ]
    by_position, line_faults = _by_position(list(order.lines.all()), rows)
    faults += line_faults
    if faults:
        return None, faults
    arguments = _ARGUMENTS[step](order, rows, by_position)
    evidence = f"{rows[0].evidence} [{file_name[:60]}, line {rows[0].line}]"
    if step is Step.DELIVERY:
        if len(evidence) > NOTE_LENGTH:
            text = "Write it shorter."
            return None, [Fault(rows[0].line, "evidence", text)]
        arguments["note"] = evidence
    else:
        arguments["evidence"] = evidence
    return Asked(step, arguments, by_position), []


def _differences(step: Step, rows: Sequence[Row]) -> list[Fault]:
    """Cells that say something else than the first row of the same step."""
    first = rows[0]
    return [
        Fault(
            row.line,
            name,
            f"Line {first.line} says otherwise of the same {step}. Write the same.",
        )
        for row in rows[1:]
        for name in _SAME_IN_ALL[step]
        if getattr(row, name) != getattr(first, name)
    ]


def _by_position(
    lines: list[OrderLine], rows: Sequence[Row]
) -> tuple[dict[int, Row], list[Fault]]:
    """The rows that name a line, by its position."""
    found: dict[int, Row] = {}
    faults = []
    for row in rows:
        if not row.names_a_line:
            if any(other.names_a_line for other in rows):
                text = "This row is of the whole order, and there are rows of lines."
                faults.append(Fault(row.line, "position", text))
            continue
        try:
            line = _line_of(lines, row)
        except InvalidInput as wrong:
            ((column, text),) = wrong.errors.items()
            faults.append(Fault(row.line, column, text))
            continue
        if line.position in found:
            text = f"Line {line.position} of the order is in this step twice."
            faults.append(Fault(row.line, "position", text))
        found[line.position] = row
    return found, faults


def _line_of(lines: list[OrderLine], row: Row) -> OrderLine:
    """The order line a row names.

    Raises:
        InvalidInput: there is none, or more than one; by column.
    """
    if row.position is not None:
        fitting = [line for line in lines if line.position == row.position]
        if not fitting:
            raise InvalidInput(
                {
                    "position": gettext("There is no line %(position)s.")
                    % {"position": row.position}
                }
            )
        item = fitting[0].item_number
        if row.item_number and row.item_number != item:
            raise InvalidInput(
                {
                    "item_number": gettext(
                        "Line %(position)s is item %(item)s; which is meant?"
                    )
                    % {"position": row.position, "item": item}
                }
            )
        return fitting[0]
    fitting = [line for line in lines if line.item_number == row.item_number]
    if len(fitting) == 1:
        return fitting[0]
    if not fitting:
        text = "There is no line of this item number."
    else:
        which = ", ".join(str(line.position) for line in fitting)
        text = f"It is on the lines {which}. Write the position."
    raise InvalidInput({"item_number": text})


def _confirmation(
    order: PurchaseOrder, rows: Sequence[Row], lines: Mapping[int, Row]
) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "supplier_order_number": rows[0].number,
        "document": rows[0].document,
    }
    if not lines:
        return {**arguments, "promised_date": rows[0].date}
    ordered = {line.position: line for line in order.lines.all()}
    return {
        **arguments,
        "quantities": {
            position: _still_ordered(ordered[position])
            if row.quantity is None
            else row.quantity
            for position, row in lines.items()
        },
        "promised_dates": {
            position: row.date for position, row in lines.items() if row.date
        },
        "unit_prices": {
            position: row.price
            for position, row in lines.items()
            if row.price is not None
        },
    }


def _still_ordered(line: OrderLine) -> Decimal:
    return Decimal(plain(line.quantity - line.quantity_cancelled))


def _shipment(
    order: PurchaseOrder, rows: Sequence[Row], lines: Mapping[int, Row]
) -> dict[str, Any]:
    first = rows[0]
    return {
        "number": first.number,
        "document": first.document,
        "carrier": first.carrier,
        "parcels": list(first.parcels),
        "shipped_on": first.date,
        "quantities": _quantities(lines),
    }


def _delivery(
    order: PurchaseOrder, rows: Sequence[Row], lines: Mapping[int, Row]
) -> dict[str, Any]:
    return {
        "document": rows[0].number,
        "received_on": rows[0].date,
        "quantities": _quantities(lines),
    }


def _invoice(
    order: PurchaseOrder, rows: Sequence[Row], lines: Mapping[int, Row]
) -> dict[str, Any]:
    (row,) = rows
    return {
        "invoice_number": row.number,
        "invoice_date": row.date,
        "amount": row.amount,
        "is_final": row.final,
    }


def _cancellation(
    order: PurchaseOrder, rows: Sequence[Row], lines: Mapping[int, Row]
) -> dict[str, Any]:
    return {"document": rows[0].document, "quantities": _quantities(lines)}


def _quantities(lines: Mapping[int, Row]) -> dict[int, Decimal]:
    return {
        position: row.quantity
        for position, row in lines.items()
        if row.quantity is not None
    }


_ARGUMENTS = {
    Step.CONFIRMATION: _confirmation,
    Step.SHIPMENT: _shipment,
    Step.DELIVERY: _delivery,
    Step.INVOICE: _invoice,
    Step.CANCELLATION: _cancellation,
}


def found_before(step: Step, order: PurchaseOrder, asked: Asked) -> str:
    """Whether the same document is recorded with the same content, in words.

    By whatever door it came: a screen, REST, or the supplier's API. A shipment or
    invoice with other content is left to the operation, which refuses it.

    Raises:
        InvalidInput: a delivery note was counted in with other quantities.
    """
    match step:
        case Step.SHIPMENT:
            return _shipment_before(order, asked.arguments)
        case Step.DELIVERY:
            return _delivery_before(order, asked.arguments)
        case Step.INVOICE:
            return _invoice_before(order, asked.arguments)
    return ""


def _shipment_before(order: PurchaseOrder, given: Mapping[str, Any]) -> str:
    shipment = order.shipments.filter(number=given["number"]).first()
    if shipment is None:
        return ""
    goods = shipment.lines.select_related("order_line")
    told = {line.order_line.position: line.quantity for line in goods}
    if given["quantities"] and told != given["quantities"]:
        return ""
    return f"Shipment {shipment} is recorded already."


def _invoice_before(order: PurchaseOrder, given: Mapping[str, Any]) -> str:
    known = SupplierInvoice.objects.filter(
        order=order, number__iexact=given["invoice_number"], amount=given["amount"]
    ).first()
    return f"Invoice {known} is recorded already." if known else ""


def _delivery_before(order: PurchaseOrder, given: Mapping[str, Any]) -> str:
    note = given["document"]
    rows = GoodsReceiptLine.objects.filter(
        receipt__order=order, receipt__document=note
    ).select_related("order_line")
    counted: dict[int, Decimal] = {}
    for row in rows:
        position = row.order_line.position
        counted[position] = counted.get(position, Decimal(0)) + row.quantity
    wanted = given["quantities"]
    if all(counted.get(position) == each for position, each in wanted.items()):
        return f"Delivery note {note} is counted in already."
    errors = {
        f"quantities.{position}": (
            f"By delivery note {note}, {plain(counted[position])} of line {position} "
            "is counted in already. Count the rest in on the order's page."
        )
        for position in wanted
        if position in counted
    }
    if errors:
        raise InvalidInput(errors)
    return ""


def cell_of(
    step: Step, rows: Sequence[Row], asked: Asked, name: str
) -> tuple[Row, str]:
    """The row and column that an error of the operation is about."""
    field, _, position = name.partition(".")
    column = _CELLS.get(field, field)
    if step is Step.DELIVERY and field == "document":
        column = "number"
    row = asked.by_position.get(int(position)) if position.isdigit() else None
    return row or rows[0], column

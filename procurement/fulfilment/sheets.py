"""A CSV file of steps: from its bytes to typed rows, with every bad cell named.

Nothing is guessed: a number or a day that can be read in two ways is a bad cell.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext

from procurement.sheets import cells
from procurement.sheets.csvfile import decode, lines
from procurement.sheets.faults import Fault, unreadable
from procurement.sheets.headers import column_names
from procurement.texts import gettext_lazy

MAX_BYTES = 1_000_000
MAX_ROWS = 500


class Step(StrEnum):
    CONFIRMATION = "confirmation"
    SHIPMENT = "shipment"
    DELIVERY = "delivery"
    INVOICE = "invoice"
    CANCELLATION = "cancellation"


COLUMNS: Mapping[str, str] = {
    "step": gettext_lazy("confirmation, shipment, delivery, invoice or cancellation"),
    "order": gettext_lazy("our order number, or the supplier's"),
    "position": gettext_lazy(
        "the line, by its number in the order; empty for the whole order"
    ),
    "item_number": gettext_lazy("or the line, by its item number"),
    "quantity": gettext_lazy(
        "confirmed, shipped, counted in or cancelled, of that line"
    ),
    "date": gettext_lazy(
        "promised for; shipped, received or invoiced on: 2031-04-09 or 9.4.2031"
    ),
    "number": (
        gettext_lazy(
            "of the shipment, delivery note or invoice; of a confirmation: "
            "the supplier's order number"
        )
    ),
    "amount": gettext_lazy("of an invoice, without VAT"),
    "price": gettext_lazy("of a line of a confirmation, without VAT"),
    "carrier": gettext_lazy("of a shipment"),
    "parcels": gettext_lazy("parcel numbers of a shipment, with spaces between them"),
    "final": gettext_lazy("yes, if no other invoice will come"),
    "evidence": gettext_lazy("where it is told: a mail, a call, a document"),
    "document": gettext_lazy("the number of the confirmation or of the answer"),
}
NEEDED = ("step", "order", "evidence")
TEMPLATE_ROWS = (
    "confirmation;PO-2031-000042;1;;6;2031-04-09;SO-70012;;41,50;;;;"
    "Mail from Lisa, 30 March;OC-5512",
    "shipment;PO-2031-000042;1;;4;2031-04-08;DN-8841;;;PostNord;373400112233445566;;"
    "Despatch mail;",
    "delivery;PO-2031-000042;1;;4;2031-04-09;DN-8841;;;;;;Counted by the goods desk;",
    "invoice;PO-2031-000042;;;;2031-04-10;F-20991;166,00;;;;no;Mail of 10 April;",
    "cancellation;PO-2031-000042;1;;2;;;;;;;;Eva on the phone, 12 April;",
)


def template() -> bytes:
    """A file to begin from; with the mark that makes Excel read it as UTF-8."""
    lines = [";".join(COLUMNS), *TEMPLATE_ROWS, ""]
    return "\r\n".join(lines).encode("utf-8-sig")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row; an empty cell is an empty text or None."""

    line: int
    step: Step
    order: str
    position: int | None
    item_number: str
    quantity: Decimal | None
    date: date | None
    number: str
    amount: Decimal | None
    price: Decimal | None
    carrier: str
    parcels: tuple[str, ...]
    final: bool
    evidence: str
    document: str

    @property
    def names_a_line(self) -> bool:
        return self.position is not None or bool(self.item_number)


@dataclass
class Sheet:
    rows: list[Row] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def read_sheet(content: bytes) -> Sheet:
    """Read a file of steps.

    Raises:
        InvalidInput: it can't be read as a whole; bad cells are in the sheet instead.
    """
    if len(content) > MAX_BYTES:
        raise unreadable(
            gettext("The file has more than %(max_bytes)s bytes. Split it.")
            % {"max_bytes": f"{MAX_BYTES:,}"}
        )
    text, _ = decode(content)
    rows = list(lines(text))
    if not rows:
        raise unreadable(gettext("The file is empty."))
    (_, header), *body = rows
    names = column_names(header, COLUMNS, NEEDED)
    if len(body) > MAX_ROWS:
        raise unreadable(
            gettext(
                "The file has %(body)s rows; %(max_rows)s are taken at a time. "
                "Split it."
            )
            % {"body": len(body), "max_rows": MAX_ROWS}
        )
    if not body:
        raise unreadable(gettext("There is no row below the names of the columns."))
    sheet = Sheet()
    for number, parts in body:
        _read_row(sheet, number, names, parts)
    return sheet


def _read_row(sheet: Sheet, number: int, names: list[str], parts: list[str]) -> None:
    if any(cell.strip() for cell in parts[len(names) :]):
        text = gettext(
            "The row has %(parts)s cells, and there are %(names)s columns."
        ) % {"parts": len(parts), "names": len(names)}
        sheet.faults.append(Fault(number, "", text))
        return
    given = dict(zip(names, parts, strict=False))
    values: dict[str, Any] = {}
    faults = []
    for name in COLUMNS:
        try:
            cell = given.get(name, "").strip()
            values[name] = READERS.get(name, cells.text)(cells.checked(cell))
        except ValueError as wrong:
            faults.append(Fault(number, name, str(wrong)))
    for name in NEEDED:
        if name in values and not values[name]:
            faults.append(
                Fault(
                    number,
                    name,
                    gettext("Fill it in: %(value)s.") % {"value": COLUMNS[name]},
                )
            )
    if not faults:
        row = Row(line=number, **values)
        faults = [Fault(number, *each) for each in _misplaced(row)]
        sheet.rows.append(row)
    sheet.faults += faults


def _step(cell: str) -> Step:
    try:
        return Step(cell.lower())
    except ValueError:
        raise ValueError(
            gettext("Write %(value)s.") % {"value": COLUMNS["step"]}
        ) from None


READERS: Mapping[str, Callable[[str], Any]] = {
    "step": _step,
    "position": cells.position,
    "quantity": cells.number(3),
    "date": cells.day,
    "amount": cells.number(3),
    "price": cells.number(4),
    "parcels": cells.words,
    "final": cells.yes,
}


# --- what a step needs, and what it has no use for --------------------------------

_USES: Mapping[Step, frozenset[str]] = {
    Step.CONFIRMATION: frozenset({"lines", "date", "number", "price", "document"}),
    Step.SHIPMENT: frozenset(
        {"lines", "date", "number", "carrier", "parcels", "document"}
    ),
    Step.DELIVERY: frozenset({"lines", "date", "number"}),
    Step.INVOICE: frozenset({"date", "number", "amount", "final"}),
    Step.CANCELLATION: frozenset({"lines", "document"}),
}
_NEEDS: Mapping[Step, tuple[str, ...]] = {
    Step.CONFIRMATION: (),
    Step.SHIPMENT: ("number",),
    Step.DELIVERY: ("number", "quantity"),
    Step.INVOICE: ("number", "date", "amount"),
    Step.CANCELLATION: (),
}
_OPTIONAL = ("date", "number", "amount", "price", "carrier", "parcels", "final")
_OF_LINES = ("position", "item_number", "quantity")


def _misplaced(row: Row) -> Iterator[tuple[str, str]]:
    """Cells that are missing, or filled though the step has no use for them."""
    uses = _USES[row.step]
    for name in (*_OPTIONAL, "document"):
        if getattr(row, name) not in ("", None, (), False) and name not in uses:
            yield (
                name,
                gettext("Leave it empty: it says nothing of a %(step)s.")
                % {"step": row.step},
            )
    for name in _OF_LINES:
        if getattr(row, name) not in ("", None) and "lines" not in uses:
            yield (
                name,
                gettext("Leave it empty: a %(step)s is of the whole order.")
                % {"step": row.step},
            )
    for name in _NEEDS[row.step]:
        if getattr(row, name) in ("", None):
            yield name, gettext("Fill it in: %(value)s.") % {"value": COLUMNS[name]}
    if "lines" in uses and not row.names_a_line:
        for name in ("quantity", "price"):
            if getattr(row, name) is not None:
                yield (
                    "position",
                    gettext("Say of which line the %(name)s is.") % {"name": name},
                )
    needs_quantity = row.step in (Step.SHIPMENT, Step.CANCELLATION)
    if needs_quantity and row.names_a_line and row.quantity is None:
        yield (
            "quantity",
            gettext("Fill it in: %(value)s.") % {"value": COLUMNS["quantity"]},
        )

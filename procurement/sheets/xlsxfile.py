"""An XLSX file as rows of cells, each of the type the sheet gave it."""

import io
import re
import warnings
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from openpyxl import load_workbook

from procurement.errors import InvalidInput
from procurement.sheets.faults import unreadable
from procurement.sheets.packed import require_harmless
from procurement.sheets.templates import HELP_SHEET
from procurement.sheets.typed import Odd, Value

MOST_DIGITS = 15
"""Excel keeps no more of a number."""
MOST_CELLS = 2_000_000
LAST_ROW = 1_048_576

Row = tuple[int, list[Value]]


def rows(content: bytes, notes: list[str]) -> Iterator[Row]:
    """Rows of the first sheet that are not empty, each with its number.

    Args:
        notes: what is worth knowing about the reading is added to them.

    Raises:
        InvalidInput: it is no XLSX, is damaged or too large, or holds programs.
    """
    file = io.BytesIO(content)
    require_harmless(file)
    with warnings.catch_warnings():
        # Of what is in the workbook beside its cells.
        warnings.simplefilter("ignore")
        try:
            yield from _rows_of(file, notes)
        except (InvalidInput, MemoryError):
            raise
        except Exception:
            # Whatever a library stumbles over in a file from outside is the file's.
            raise unreadable(
                "The workbook can't be read. Save it again with Excel, or as CSV."
            ) from None


def _rows_of(file: io.BytesIO, notes: list[str]) -> Iterator[Row]:
    book = load_workbook(file, read_only=True, data_only=False, keep_links=False)
    try:
        seen = [each for each in book.worksheets if each.sheet_state == "visible"]
        if not seen:
            raise unreadable("There is no sheet in the workbook that can be seen.")
        sheet: Any = seen[0]
        if any(other.title != HELP_SHEET for other in seen[1:]):
            notes.append(f"Only the first sheet, “{sheet.title}”, is read.")
        # What the file says of its own size need not be true.
        sheet.reset_dimensions()
        cell_count = 0
        for number, cells in enumerate(sheet.iter_rows(), start=1):
            cell_count += len(cells)
            if cell_count > MOST_CELLS or number > LAST_ROW:
                raise unreadable(f"The sheet has more than {MOST_CELLS:,} cells.")
            values = [_value(cell) for cell in cells]
            if any(value != "" for value in values):
                yield number, values
    finally:
        book.close()


def _value(cell: Any) -> Value:
    value = cell.value
    if value is None:
        return ""
    match cell.data_type:
        case "f":
            return Odd("There is a formula. Paste the column in as values.")
        case "e":
            return Odd(f"The sheet shows the error {str(value)[:20]}. Put it right.")
    match value:
        case str():
            return value.strip()
        case bool():
            return value
        case int() | float():
            return _number(value, str(cell.number_format))
        case datetime():
            if value.time() == time.min:
                return value.date()
            return Odd("There is a time beside the day. Leave the day alone.")
        case date():
            return value
        case time() | timedelta():
            return Odd("The sheet has made it a time. Make the cell text.")
    return Odd("The sheet holds something here that is neither text nor number.")


def _number(value: int | float, shown_as: str) -> Value:
    """The number as the sheet's author saw it, if they can have seen it whole."""
    if "%" in shown_as:
        return Odd("The cell is a percentage. Make it a plain number, such as 25.")
    if re.fullmatch(r"0{2,}", shown_as):
        return Odd("The sheet adds zeros before the number. Make the cell text.")
    if not abs(value) < 10**MOST_DIGITS:
        return Odd(
            f"Excel keeps {MOST_DIGITS} digits of a number, and this has more. Make "
            "the cell text and type it anew."
        )
    # Excel writes 1.1 as 1.1000000000000001: more digits than it keeps.
    return Decimal(format(value, f".{MOST_DIGITS}g"))

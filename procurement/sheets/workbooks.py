"""Workbooks to begin from; apart, since few processes ever write one."""

import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from procurement.sheets.tables import Column
from procurement.sheets.templates import HELP_SHEET, Example

AS_TEXT = "@"
WIDTH = 18
ROWS_PREPARED = 500
"""So many rows have cells of the right type to type into."""


def as_xlsx(
    title: str, columns: Sequence[Column], examples: Sequence[Example]
) -> bytes:
    """Text columns are text cells: no zero is lost there, and nothing becomes a day."""
    book = Workbook()
    sheet: Any = book.active
    sheet.title = title
    sheet.freeze_panes = "A2"
    sheet.append([column.name for column in columns])
    for row in examples:
        sheet.append([row.get(column.name) for column in columns])
    for position, column in enumerate(columns, start=1):
        head = sheet.cell(row=1, column=position)
        head.font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(position)].width = WIDTH
        example = next((row[column.name] for row in examples if column.name in row), "")
        shown_as = {Decimal: "General", date: "yyyy-mm-dd"}.get(type(example), AS_TEXT)
        for line in range(2, ROWS_PREPARED + 2):
            sheet.cell(row=line, column=position).number_format = shown_as
    _explain(book.create_sheet(HELP_SHEET), columns)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _explain(sheet: Any, columns: Sequence[Column]) -> None:
    for column in columns:
        sheet.append([column.name, str(column.help)])
    sheet.column_dimensions["A"].width = WIDTH
    sheet.column_dimensions["B"].width = 90
    for line in range(1, len(columns) + 1):
        sheet.cell(row=line, column=1).font = Font(bold=True)
        sheet.cell(row=line, column=2).alignment = Alignment(wrap_text=True)

"""Rows as the cells of a sheet. Numbers stay exact numbers.

Apart from the rest, since openpyxl is large: what writes a sheet loads it then.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from tempfile import TemporaryFile
from typing import Any, BinaryIO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font

from procurement.documents.exports.columns import Column, Row, Value
from procurement.documents.exports.writing import moment_text


class Sheet:
    """A workbook of one sheet that is written row by row; only one row is in memory."""

    def __init__(self, title: str, columns: Sequence[Column]) -> None:
        self._columns = columns
        self._is_saved = False
        self._book = Workbook(write_only=True)
        self._sheet: Any = self._book.create_sheet(title)
        self._sheet.freeze_panes = "A2"
        self._sheet.append([self._title(str(column.label)) for column in columns])

    def write(self, rows: Iterable[Row]) -> None:
        for row in rows:
            self._sheet.append([self._cell(each.of(row)) for each in self._columns])

    @contextmanager
    def open(self) -> Iterator["Sheet"]:
        """Leaves nothing on the disk, also where the work is broken off."""
        try:
            yield self
        finally:
            if not self._is_saved:
                self._sheet.close()
                self._sheet._writer.cleanup()

    @contextmanager
    def saved(self) -> Iterator[BinaryIO]:
        """The whole file, on disk as long as it is used."""
        with TemporaryFile() as file:
            self._book.save(file)
            self._is_saved = True
            yield file

    def _title(self, text: str) -> Any:
        cell = WriteOnlyCell(self._sheet, value=text)
        cell.font = Font(bold=True)
        return cell

    def _cell(self, value: Value) -> Any:
        match value:
            case bool():
                return int(value)
            case datetime():
                # A sheet's own times have no zone.
                return moment_text(value)
            case str() if value:
                return self._text_cell(value)
        return value

    def _text_cell(self, value: str) -> Any:
        text = ILLEGAL_CHARACTERS_RE.sub("", value)
        if not text.startswith("="):
            return text
        # Else it would be written as a formula.
        cell = WriteOnlyCell(self._sheet, value=text)
        cell.data_type = "s"
        return cell

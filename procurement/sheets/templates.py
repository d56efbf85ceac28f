"""Files to begin from: the columns with a few rows to be written over."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from procurement.money import plain
from procurement.sheets.tables import Column

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HELP_SHEET = "Columns"
"""The sheet of a workbook to begin from that explains the other one."""

Example = dict[str, str | Decimal | date]


def as_csv(columns: Sequence[Column], examples: Sequence[Example]) -> bytes:
    """Parted by semicolons, with the mark that makes Excel read it as UTF-8."""
    names = [column.name for column in columns]
    lines = [";".join(names)]
    lines += [";".join(_text(row.get(name, "")) for name in names) for row in examples]
    return "\r\n".join([*lines, ""]).encode("utf-8-sig")


def _text(value: str | Decimal | date) -> str:
    if isinstance(value, Decimal):
        return plain(value).replace(".", ",")
    return str(value)

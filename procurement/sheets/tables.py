"""A file of either kind as one table: the names of its columns, and its rows."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from procurement.sheets import csvfile
from procurement.sheets.faults import Fault, unreadable
from procurement.sheets.headers import column_names
from procurement.sheets.packed import is_sheet
from procurement.sheets.typed import Reader, Value, is_empty
from procurement.texts import Text

LOOK_EVERY = 500


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: what people are told of it, and how a cell is read."""

    name: str
    help: "Text"
    read: Reader
    is_needed: bool = False
    is_of_order: bool = False
    """The same in all rows of an order; it may be left empty after the first."""


@dataclass
class Row:
    """One row with the values that could be read; a bad cell is not among them."""

    line: int
    values: dict[str, Any] = field(default_factory=dict)
    is_bad: bool = False

    def get(self, name: str) -> Any:
        """The value; empty where the file has no such column."""
        return self.values.get(name, "")


@dataclass
class Table:
    rows: list[Row] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_table(
    content: bytes,
    columns: Sequence[Column],
    *,
    most_rows: int,
    look: Callable[[], None] = lambda: None,
) -> Table:
    """Read a file; bad cells are in the table's faults.

    Args:
        look: called now and then; it may raise to break the reading off.

    Raises:
        InvalidInput: it can't be read as a whole.
    """
    table = Table()
    by_name = {column.name: column for column in columns}
    body = iter(_rows(content, table.notes))
    first = next(body, None)
    if first is None:
        raise unreadable("The file is empty.")
    needed = [column.name for column in columns if column.is_needed]
    header = [name if isinstance(name, str) else "?" for name in first[1]]
    names = column_names(header, by_name, needed)
    for count, (line, cells) in enumerate(body, start=1):
        if count > most_rows:
            raise unreadable(
                f"The file has more than {most_rows:,} rows below the names of the "
                "columns. Split it."
            )
        if count % LOOK_EVERY == 0:
            look()
        table.rows.append(_read_row(line, cells, names, by_name, table.faults))
    if not table.rows:
        raise unreadable("There is no row below the names of the columns.")
    return table


def _rows(content: bytes, notes: list[str]) -> Iterable[tuple[int, Sequence[Value]]]:
    if is_sheet(content):
        # Few processes ever open one.
        from procurement.sheets import xlsxfile

        return xlsxfile.rows(content, notes)
    return _csv_rows(content, notes)


def _csv_rows(
    content: bytes, notes: list[str]
) -> Iterator[tuple[int, Sequence[Value]]]:
    text, encoding = csvfile.decode(content)
    if encoding != "UTF-8":
        notes.append(
            f"The file is not UTF-8; it was read as {encoding}. Look whether letters "
            "such as å, ø and ü are right."
        )
    yield from csvfile.lines(text)


def _read_row(
    line: int,
    cells: Sequence[Value],
    names: Sequence[str],
    columns: Mapping[str, Column],
    faults: list[Fault],
) -> Row:
    row = Row(line)
    if any(not is_empty(cell) for cell in cells[len(names) :]):
        text = f"The row has {len(cells)} cells, and there are {len(names)} columns."
        faults.append(Fault(line, "", text))
        row.is_bad = True
        return row
    for position, name in enumerate(names):
        column = columns[name]
        cell = cells[position] if position < len(cells) else ""
        try:
            if column.is_needed and is_empty(cell):
                raise ValueError(f"Fill it in: {column.help}.")
            row.values[name] = column.read(cell)
        except ValueError as wrong:
            faults.append(Fault(line, name, str(wrong)))
            row.is_bad = True
    return row

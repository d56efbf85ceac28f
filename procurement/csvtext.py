"""Tables of text for spreadsheets, made line by line."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

CONTENT_TYPE = "text/csv; charset=utf-8"
BYTE_ORDER_MARK = "\ufeff"
"""Without it a spreadsheet takes UTF-8 for something older."""


class _Echo:
    """What a CSV writer writes to, so that lines can go out one by one."""

    def write(self, text: str) -> str:
        return text


class Digits(str):
    """A number written out: it is exact, and no text."""

    __slots__ = ()


def csv_lines(titles: Sequence[Any], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    yield BYTE_ORDER_MARK + csv_line(titles)
    for row in rows:
        yield csv_line(row)


def csv_line(row: Sequence[Any]) -> str:
    line: str = _writer.writerow([_harmless(value) for value in row])
    return line


# An empty text is in every other, so these are no strings.
_FORMULAS = tuple("=+-@\uff1d\uff0b\uff0d\uff20")
_BREAKS = ("\t", "\r", "\n")
_writer: Any = csv.writer(_Echo())


def _harmless(value: Any) -> Any:
    """A text that a spreadsheet would not take for a formula.

    Some pass over blanks before they look, and some read the wide forms of East Asian
    keyboards as the plain ones.
    """
    is_text = isinstance(value, str) and not isinstance(value, Digits)
    if is_text and (value[:1] in _BREAKS or value.lstrip()[:1] in _FORMULAS):
        return f"'{value}"
    return value

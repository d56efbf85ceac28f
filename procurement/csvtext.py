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


def csv_lines(titles: Sequence[Any], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield BYTE_ORDER_MARK + writer.writerow(titles)
    for row in rows:
        yield writer.writerow([_harmless(value) for value in row])


def _harmless(value: Any) -> Any:
    """A text that a spreadsheet would not take for a formula."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return value

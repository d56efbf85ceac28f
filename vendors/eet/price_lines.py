"""The lines of a table of text, and its numbers, as EET's price files write them."""

import contextlib
import csv
import io
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import BinaryIO, TextIO

LONGEST_LINE = 256 * 1024
"""Characters; a longer line is read in pieces, none of which fits the titles."""

_LONGEST_NUMBER = 24
_BLANK = re.compile(r"[\s\u00a0\u202f']")
_BLANK_GROUPS = re.compile(r"-?[1-9]\d{0,2}( \d{3})+([.,]\d+)?", re.ASCII)
_USUAL = re.compile(r"\d+(,\d+)?", re.ASCII)
_CONVENTIONS = (
    # The decimal sign, the other sign, and what a number of that convention is.
    (",", ".", re.compile(r"-?(\d+|[1-9]\d{0,2}(\.\d{3})+)(,\d+)?", re.ASCII)),
    (".", ",", re.compile(r"-?(\d+|[1-9]\d{0,2}(,\d{3})+)(\.\d+)?", re.ASCII)),
)


@dataclass(frozen=True)
class Record:
    """One record of a table; `line` is its first line, from 1."""

    line: int
    fields: list[str] = field(default_factory=list)
    fault: str = ""

    @property
    def is_blank(self) -> bool:
        return not self.fault and not any(self.fields)


def records(file: BinaryIO) -> Iterator[Record]:
    """Yield the records of a table, `;` between fields; the file stays open.

    A quote that is not closed costs its own line and no other: what it seems to
    enclose is read again, line by line. Were it believed, the price of a later line
    would stand with the item of this one.
    """
    text = io.TextIOWrapper(file, "utf-8-sig", errors="replace", newline="")
    try:
        lines = _Lines(text)
        reader = csv.reader(lines, delimiter=";")
        while (found := _next(reader, lines)) is not None:
            yield found
    finally:
        # Or it would close the file when it goes; who opened it may have done so.
        with contextlib.suppress(ValueError):
            text.detach()


class _Lines:
    """The lines of a file, of which some may be given back."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._given_back: deque[str] = deque()
        self.number = 0
        self.taken: list[str] = []

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if self._given_back:
            line = self._given_back.popleft()
        else:
            line = self._text.readline(LONGEST_LINE)
        if not line:
            raise StopIteration
        self.number += 1
        self.taken.append(line)
        return line

    def give_back(self, lines: list[str]) -> None:
        self._given_back.extendleft(reversed(lines))
        self.number -= len(lines)


def _next(reader: Iterator[list[str]], lines: _Lines) -> Record | None:
    lines.taken = []
    try:
        fields = next(reader, None)
    except csv.Error:
        # A field beyond all reason: nobody closed a quote.
        fields, is_whole = [], False
    else:
        if fields is None:
            return None
        # A text may go on in the next line, but not over the end of its field.
        is_whole = len(lines.taken) == 1 or not any(
            ";" in part and "\n" in part for part in fields
        )
    first = lines.number - len(lines.taken) + 1
    if is_whole:
        return Record(first, fields)
    lines.give_back(lines.taken[1:])
    return Record(first, fault="A quote in the line is not closed.")


def decimal(text: str) -> Decimal | None:
    """Return a number that is not below nothing, read with a decimal comma.

    A point may be a decimal point or stand between thousands; where it may be
    either, as in 1.234, there is no telling, and None is returned.
    """
    if _USUAL.fullmatch(text) and len(text) <= _LONGEST_NUMBER:
        return Decimal(text.replace(",", "."))
    found = _readings(text)
    number = found.pop() if len(found) == 1 else None
    return None if number is None or number < 0 else number


def whole(text: str) -> int | None:
    """Return a whole number, if just one reading of the text is one."""
    found = {
        number for number in _readings(text) if number == number.to_integral_value()
    }
    return int(found.pop()) if len(found) == 1 else None


def _readings(text: str) -> set[Decimal]:
    """Return every number a text may mean, by either convention."""
    text = _BLANK.sub(" ", text.strip())
    if _BLANK_GROUPS.fullmatch(text):
        text = text.replace(" ", "")
    if len(text) > _LONGEST_NUMBER:
        return set()
    return {
        Decimal(text.replace(other, "").replace(sign, "."))
        for sign, other, pattern in _CONVENTIONS
        if pattern.fullmatch(text)
    }

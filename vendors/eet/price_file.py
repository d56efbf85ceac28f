"""EET's price files: the whole range of one customer as a table of text.

Source: programs of others that read such files; EET describes them nowhere. Fields
are separated by `;` and may be quoted, the title line is in the customer's language,
prices are ordinary decimals with a comma (and not hundredths, as in the API). Columns
are found by their titles, which stand in `mapping.py`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import BinaryIO

from vendors.contracts import Account, Offer, PriceFileFault, PriceFileRow, Product
from vendors.eet.mapping import MAPPING
from vendors.eet.price_lines import Record, decimal, records, whole
from vendors.eet.products import MOST_PIECES
from vendors.eet.settings import OPTIONS
from vendors.errors import Kind, Refused
from vendors.options import read_option

_MANDATORY = ("item_number", "price")
_TITLES_SHOWN = 20
_FIRST_YEAR = 2000
"""Older dates are what systems write for "none"."""

_DAY = re.compile(r"\d{2}-\d{2}-\d{4}", re.ASCII)
_LOST = "\ufffd"
"""Stands for bytes that are no UTF-8."""


def read_price_file(
    account: Account, file: BinaryIO
) -> Iterator[PriceFileRow | PriceFileFault]:
    """Read a price file line by line; the file stays open.

    The titles are read at once, the lines when they are asked for. A line that can't
    be read becomes a fault that names its column, as does the second line of an item.
    Bytes that are no UTF-8 are replaced, and the row says so.

    Raises:
        Refused: it is no price file, or lacks a column it must have.
    """
    lines = records(file)
    names = {key: name.value for key, name in MAPPING.items()}
    names.update((key, word) for key, word in account.mapping.items() if word.strip())
    titles = next((found for found in lines if not found.is_blank), None)
    if titles is None or titles.fault:
        raise Refused("This is no price file: it has no line of titles.")
    columns = _columns(titles.fields, names)
    currency = read_option(OPTIONS, account.options, "currency")
    return _Reader(columns, titles.fields, currency).read(lines)


def _columns(titles: list[str], names: Mapping[str, str]) -> dict[str, int]:
    """Return where each member stands, by its title; the first of twins counts."""
    known = {
        _plain(title): key.removeprefix("file.")
        for key, listed in names.items()
        if key.startswith("file.")
        for title in listed.split("|")
    }
    found: dict[str, int] = {}
    for at, title in enumerate(titles):
        if member := known.get(_plain(title)):
            found.setdefault(member, at)
    missing = [name for name in _MANDATORY if name not in found]
    if missing:
        shown = ", ".join(title[:40] for title in titles[:_TITLES_SHOWN])
        wanted = " and ".join(name.replace("_", " ") for name in missing)
        raise Refused(
            f"This is no price file that can be read: no column is known as {wanted}. "
            f"The titles found: {shown}.",
            kind=Kind.DATA,
        )
    return found


def _plain(title: str) -> str:
    """Return a title without what differs from file to file: dots, case, blanks."""
    return " ".join(re.findall(r"\w+", title.casefold()))


class _FaultError(Exception):
    """A line can't be read; the text is for a person."""


@dataclass
class _Reader:
    """Translates the lines of one file."""

    columns: Mapping[str, int]
    titles: list[str]
    currency: str
    as_of: datetime = field(default_factory=lambda: datetime.now(UTC))
    first_lines: dict[str, int] = field(default_factory=dict)

    def read(self, lines: Iterator[Record]) -> Iterator[PriceFileRow | PriceFileFault]:
        for found in lines:
            if found.is_blank:
                continue
            try:
                yield self._row(found)
            except _FaultError as fault:
                yield PriceFileFault(line=found.line, text=str(fault))

    def _row(self, found: Record) -> PriceFileRow:
        if found.fault:
            raise _FaultError(found.fault)
        fields = found.fields
        if len(fields) != len(self.titles):
            self._check_width(fields)
        item_number = self._item_number(fields, found.line)
        unit_price, warning = self._price(fields)
        available, odd_stock = self._stock(fields)
        texts = (self._text(fields, "description"), self._text(fields, "description_2"))
        description = " ".join(filter(None, texts))
        brand, mpn = self._text(fields, "brand"), self._text(fields, "mpn")
        gtin = self._text(fields, "gtin")
        lost = _LOST in f"{description}{brand}{mpn}{gtin}"
        warnings = (warning, odd_stock, "some letters can't be read" if lost else "")
        return PriceFileRow(
            line=found.line,
            product=Product(
                item_number=item_number,
                brand=brand,
                description=description,
                mpn=mpn,
                gtin=gtin,
            ),
            offer=Offer(
                item_number=item_number,
                description=description,
                mpn=mpn,
                gtin=gtin,
                unit_price=unit_price,
                currency=self.currency,
                quantity_available=available,
                next_receiving_on=self._day(fields),
                as_of=self.as_of,
                warning="; ".join(filter(None, warnings)),
            ),
        )

    def _text(self, fields: list[str], member: str) -> str:
        at = self.columns.get(member)
        return "" if at is None else fields[at].strip()

    def _fault(self, fields: list[str], member: str, problem: str) -> _FaultError:
        title = self.titles[self.columns[member]].strip()
        return _FaultError(f"{title}: {self._text(fields, member)[:40]!r} {problem}.")

    def _check_width(self, fields: list[str]) -> None:
        # What is empty beyond the last title is no column.
        if len(fields) < len(self.titles) or any(fields[len(self.titles) :]):
            raise _FaultError(
                f"The line has {len(fields)} columns, the titles {len(self.titles)}."
            )

    def _item_number(self, fields: list[str], line: int) -> str:
        number = self._text(fields, "item_number")
        if not number or _LOST in number or not number.isprintable():
            raise self._fault(fields, "item_number", "is no item number")
        first = self.first_lines.setdefault(number.casefold(), line)
        if first != line:
            raise self._fault(fields, "item_number", f"was in line {first} already")
        return number

    def _price(self, fields: list[str]) -> tuple[Decimal | None, str]:
        text = self._text(fields, "price")
        if not text:
            return None, "no price"
        price = decimal(text)
        if price is None:
            raise self._fault(fields, "price", "is no price, or may be two")
        return price, "" if price else "the price is nothing"

    def _stock(self, fields: list[str]) -> tuple[Decimal | None, str]:
        text = self._text(fields, "stock")
        if not text:
            return None, ""
        pieces = whole(text)
        if pieces is None:
            raise self._fault(fields, "stock", "is no whole number")
        if not 0 <= pieces <= MOST_PIECES:
            return None, f"a stock of {pieces} can't be right"
        return Decimal(pieces), ""

    def _day(self, fields: list[str]) -> date | None:
        text = self._text(fields, "delivery")
        if not text:
            return None
        try:
            if not _DAY.fullmatch(text):
                raise ValueError(text)
            day, month, year = map(int, text.split("-"))
            found = date(year, month, day)
        except ValueError:
            raise self._fault(fields, "delivery", "is no day") from None
        return found if found.year >= _FIRST_YEAR else None

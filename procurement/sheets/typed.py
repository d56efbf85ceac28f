"""From one cell, of text or of a sheet's own types, to the value a column wants.

A sheet's number is exact and its date is a date; only text is read with the doubt of
`cells`. Every reader raises `ValueError` with what would be right.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from procurement.money import is_currency, plain
from procurement.sheets import cells


@dataclass(frozen=True)
class Odd:
    """A cell of a sheet that can't be taken as it is; the text says why."""

    text: str


Value = str | Decimal | date | bool | Odd
Reader = Callable[[Value], Any]


def is_empty(value: Value) -> bool:
    return isinstance(value, str) and not value.strip()


def _taken(value: Value) -> str | Decimal | date | bool:
    if isinstance(value, Odd):
        raise ValueError(value.text)
    return cells.checked(value.strip()) if isinstance(value, str) else value


def text(most: int) -> Reader:
    def read(value: Value) -> str:
        found = _as_text(_taken(value))
        if len(found) > most:
            raise ValueError(f"Give at most {most} characters, not {len(found)}.")
        return found

    return read


_DISARMED = re.compile(r"'(\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n])")


def _as_text(value: str | Decimal | date | bool) -> str:
    match value:
        case str():
            # What our own exports and others put before text that looks like a formula.
            return value[1:] if _DISARMED.match(value) else value
        case bool():
            raise ValueError("The sheet holds yes or no here. Make the cell text.")
        case Decimal() if value == value.to_integral_value():
            return plain(value)
        case Decimal():
            raise ValueError(
                f"The sheet holds the number {plain(value)}; zeros at its end would be "
                "lost. Make the cell text and type it anew."
            )
    raise ValueError(
        f"The sheet has made it the day {value.isoformat()}. Make the cell text and "
        "type it anew."
    )


def number(places: int) -> Reader:
    read_text = cells.number(places)

    def read(value: Value) -> Decimal | None:
        found = _taken(value)
        match found:
            case str():
                return read_text(found)
            case Decimal() if found >= 0:
                return cells.within(found, places)
            case Decimal():
                raise ValueError(f"Write a number of 0 or more, not {plain(found)}.")
        raise ValueError("Write a number, such as 12.5; this is something else.")

    return read


def above_zero(places: int) -> Reader:
    read_number = number(places)

    def read(value: Value) -> Decimal | None:
        found: Decimal | None = read_number(value)
        if found == 0:
            raise ValueError("Give a quantity above 0.")
        return found

    return read


def percent(value: Value) -> Decimal | None:
    """A percentage; below one it may as well be a share, so it is neither."""
    if isinstance(value, str):
        value = value.strip().removesuffix("%").strip()
    found: Decimal | None = number(2)(value)
    if found is not None and 0 < found < 1:
        whole = plain(found * 100)
        raise ValueError(f"{plain(found)} may mean {whole} %. Write {whole}.")
    if found is not None and found > 100:
        raise ValueError("Give a percentage from 0 to 100.")
    return found


def day(value: Value) -> date | None:
    found = _taken(value)
    if isinstance(found, str):
        return cells.day(found)
    if isinstance(found, date):
        return found
    raise ValueError("Write the day as 2031-04-09, or make the cell a date.")


def currency(value: Value) -> str:
    found = _as_text(_taken(value)).upper()
    if found and not is_currency(found):
        raise ValueError("Give a currency by its three letters, such as SEK.")
    return found


def country(value: Value) -> str:
    found = _as_text(_taken(value)).upper()
    if found and not re.fullmatch(r"[A-Z]{2}", found):
        raise ValueError("Give the country by its two letters, such as SE.")
    return found


GTIN_LENGTHS = (8, 12, 13, 14)


def gtin(value: Value) -> str:
    """An EAN, UPC or GTIN whose last digit is right."""
    found = _as_text(_taken(value))
    if not found:
        return ""
    if not re.fullmatch(r"\d+", found, re.ASCII) or len(found) not in GTIN_LENGTHS:
        raise ValueError(
            "Write 8, 12, 13 or 14 digits. If zeros at the beginning are lost, make "
            "the cell text."
        )
    right = check_digit(found[:-1])
    if found[-1] != right:
        raise ValueError(
            f"The last digit would have to be {right}: one of the digits is wrong."
        )
    return found


def check_digit(digits: str) -> str:
    """The digit that closes a GTIN: from the right, every other digit counts three."""
    weighed = (
        int(digit) * (3 if place % 2 == 0 else 1)
        for place, digit in enumerate(reversed(digits))
    )
    return str(-sum(weighed) % 10)

"""From one cell of a table to a value, where it can mean one thing only.

Every reader raises `ValueError` with what would be right.
"""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext

from procurement.money import MAX_DIGITS, plain

MAX_CELL = 1000


def checked(cell: str) -> str:
    if len(cell) > MAX_CELL:
        raise ValueError(
            gettext("Give at most %(max_cell)s characters.") % {"max_cell": MAX_CELL}
        )
    if any(ord(sign) < 32 and sign not in "\t\r\n" for sign in cell):
        raise ValueError(gettext("There is a control character in it; type it anew."))
    return cell


def text(cell: str) -> str:
    return cell


def position(cell: str) -> int | None:
    if not cell:
        return None
    if not re.fullmatch(r"[1-9]\d{0,8}", cell, re.ASCII):
        raise ValueError(gettext("Write the number of the line, such as 1."))
    return int(cell)


_PLAIN = re.compile(r"(\d+)(?:([.,])(\d+))?", re.ASCII)
_GROUPED = re.compile(
    r"(\d{1,3}(?:([.,\u0020\u00a0\u202f])\d{3})(?:\2\d{3})*)(?:([.,])(\d+))?", re.ASCII
)


def read_number(cell: str) -> Decimal:
    """A number with a decimal comma or point, where it can mean one thing only.

    Raises:
        ValueError: it is none, or `1.234`, which may be 1234 or a little over 1.
    """
    if found := _PLAIN.fullmatch(cell):
        whole, sign, fraction = found[1], found[2], found[3] or ""
        if len(fraction) == 3 and len(whole) <= 3 and not whole.startswith("0"):
            raise ValueError(
                gettext(
                    "%(cell)s may mean %(whole)s%(fraction)s or %(whole)s and a "
                    "fraction. Write %(whole)s%(fraction)s, or "
                    "%(whole)s%(sign)s%(fraction)s0."
                )
                % {"cell": cell, "whole": whole, "fraction": fraction, "sign": sign}
            )
        return Decimal(f"{whole}.{fraction or 0}")
    found = _GROUPED.fullmatch(cell)
    if found and found[2] != found[3] and not cell.startswith("0"):
        whole = "".join(sign for sign in found[1] if sign.isdigit())
        return Decimal(f"{whole}.{found[4] or 0}")
    raise ValueError(
        gettext("Write a number, such as 12,5 or 12.5, not “%(value)s”.")
        % {"value": cell[:40]}
    )


def number(places: int) -> Callable[[str], Decimal | None]:
    def read(cell: str) -> Decimal | None:
        if not cell:
            return None
        return within(read_number(cell), places)

    return read


def within(number: Decimal, places: int) -> Decimal:
    """The number without zeros at its end, if a column of so many decimals holds it."""
    number = Decimal(plain(number))
    whole, _, fraction = format(number, "f").partition(".")
    if len(whole) > MAX_DIGITS - places or len(fraction) > places:
        raise ValueError(
            gettext("Give at most %(value)s digits and %(places)s decimals.")
            % {"value": MAX_DIGITS - places, "places": places}
        )
    return number


def day(cell: str) -> date | None:
    if not cell:
        return None
    iso = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", cell, re.ASCII)
    dotted = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", cell, re.ASCII)
    try:
        if iso:
            return date(*map(int, iso.groups()))
        if dotted:
            day, month, year = map(int, dotted.groups())
            return date(year, month, day)
    except ValueError:
        raise ValueError(
            gettext("There is no day %(cell)s.") % {"cell": cell}
        ) from None
    raise ValueError(
        gettext("Write the day as 2031-04-09 or 9.4.2031, not “%(value)s”.")
        % {"value": cell[:40]}
    )


def words(cell: str) -> tuple[str, ...]:
    return tuple(cell.replace(",", " ").replace(";", " ").split())


def yes(cell: str) -> bool:
    if cell.lower() in ("yes", "y", "true", "1", "x"):
        return True
    if cell.lower() in ("", "no", "n", "false", "0"):
        return False
    raise ValueError(gettext("Write yes or no."))

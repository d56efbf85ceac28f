"""Tolerant reading of what vendors answer.

Names are read in any letter case, numbers out of strings, lists with or without
an object around them. What can't be read is None or empty, never an exception:
one odd member must not hide the rest of an answer.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any

_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d{1,3})?", re.ASCII)
_UNKEEPABLE = re.compile(r"[\x00\ud800-\udfff]")
_LARGEST_EXPONENT = 18
_FIRST_YEAR = 2000


def member(data: Any, *names: str) -> Any:
    """Return the first of these members that is there and not null.

    An exact name wins over one in another letter case.
    """
    if not isinstance(data, dict):
        return None
    folded: dict[str, Any] | None = None
    for name in names:
        found = data.get(name)
        if found is None:
            if folded is None:
                folded = {str(key).casefold(): value for key, value in data.items()}
            found = folded.get(name.casefold())
        if found is not None:
            return found
    return None


def objects(data: Any, *list_names: str) -> list[dict[str, Any]] | None:
    """Return the objects of a list, also where an object stands around the list.

    One object in the place of a list counts as a list of one. None means that
    there is no list at all, which differs from an empty one.
    """
    found = data
    if isinstance(data, dict) and list_names:
        found = member(data, *list_names)
    if isinstance(found, dict):
        found = [found]
    if not isinstance(found, list):
        return None
    return [entry for entry in found if isinstance(entry, dict)]


def text(value: Any) -> str:
    """Return text, or a number as text; anything else is empty.

    What no database takes, NUL and halves of characters, is replaced.
    """
    if isinstance(value, str):
        return _UNKEEPABLE.sub("\N{REPLACEMENT CHARACTER}", value).strip()
    if isinstance(value, bool):
        return ""
    return str(value) if isinstance(value, int | Decimal) else ""


def number(value: Any) -> Decimal | None:
    """Return a number, also out of a string; None for everything else.

    A number too long to be a price or a quantity (1E+400) counts as none.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        value = value.strip()
        if not _NUMBER.fullmatch(value):
            return None
    elif not isinstance(value, int | Decimal):
        return None
    found = Decimal(value)
    is_usable = found.is_finite() and abs(found.adjusted()) <= _LARGEST_EXPONENT
    return found if is_usable else None


def whole(value: Any) -> int | None:
    """Return a whole number; None where there is none, or a fraction."""
    found = number(value)
    if found is None or found != found.to_integral_value():
        return None
    return int(found)


def moment(value: Any, zone: tzinfo) -> datetime | None:
    """Return an ISO 8601 moment, aware.

    Args:
        zone: holds for a moment that names none.
    """
    try:
        found = datetime.fromisoformat(text(value))
        if found.tzinfo is None:
            found = found.replace(tzinfo=zone)
        found = found.astimezone(zone)
    except (ValueError, OverflowError):
        return None
    # .NET writes an unset date as 0001-01-01.
    return found if found.year >= _FIRST_YEAR else None


def day(value: Any, zone: tzinfo) -> date | None:
    """Return the calendar day of a moment, as it is called in `zone`."""
    found = moment(value, zone)
    return found.date() if found else None


def scalars(data: Any) -> Iterator[str]:
    """Yield every text and number inside, in order, however deep."""
    waiting = [data]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(reversed(value.values()))
        elif isinstance(value, list):
            waiting.extend(reversed(value))
        elif found := text(value):
            yield found

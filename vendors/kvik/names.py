"""Members by the names of the mapping, where nobody knows their place for sure."""

import re
from collections.abc import Mapping
from typing import Any

from vendors import reading
from vendors.kvik.mapping import NOT_THERE

_MOST_LISTED = 20
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def found(data: Any, names: str) -> Any:
    """Return the first of several members that is there and not null.

    Args:
        names: separated by blanks; dots lead into objects.
    """
    for name in names.split():
        value = reading.member(data, name)
        if value is None and "." in name:
            value = data
            for part in name.split("."):
                value = reading.member(value, part)
        if value is not None:
            return value
    return None


def text(data: Any, names: str) -> str:
    """Return the first of several members as one line of text fit to be kept.

    Control characters and halves of characters, which no database takes, are lost.
    """
    return one_line(reading.text(found(data, names)))


def one_line(value: str) -> str:
    whole = value.encode(errors="replace").decode()
    return " ".join(_CONTROL.sub(" ", whole).split())


def rows(answer: Any, names: str, of_one: str) -> list[Any] | None:
    """Return the entries of a list, bare or inside an object; None if it is none.

    Args:
        names: of the list inside an object.
        of_one: a member an entry has; without a list, the answer may be one itself.
    """
    listed = answer if isinstance(answer, list) else found(answer, names)
    if isinstance(listed, list):
        return listed
    return [answer] if found(answer, of_one) is not None else None


def put(payload: dict[str, Any], names: str, value: Any) -> None:
    """Add a member under the first of its names, unless it has none."""
    name = names.split()[0]
    if name != NOT_THERE:
        payload[name] = value


def comma_separated(names: Mapping[str, str], key: str) -> list[str]:
    """Return the words of a mapping key, fit to be compared."""
    return [folded(word) for word in names[key].split(",") if word.strip()]


def folded(word: str) -> str:
    """Return a word without its letter case and its outer and double blanks."""
    return " ".join(word.split()).casefold()


def listed(data: Any) -> str:
    """Name the members of an object, for a person to choose the right one from."""
    members = data if isinstance(data, dict) else {}
    named = [one_line(str(name))[:40] for name in members]
    return ", ".join(named[:_MOST_LISTED]) or "no members"

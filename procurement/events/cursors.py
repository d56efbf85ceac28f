"""Where a reader of the feed is: the last id behind it in each stream."""

import re
from collections.abc import Mapping

from procurement.errors import InvalidInput
from procurement.events.streams import MAX_DIGITS, STREAMS

Position = Mapping[str, int]
"""The letter of each stream to the last id behind the reader."""

BEGINNING: Position = dict.fromkeys(STREAMS, 0)
MAX_LENGTH = 200
_PART = re.compile(rf"([a-z])(\d{{1,{MAX_DIGITS}}})", re.ASCII)
_ORDERS_ALONE = re.compile(rf"\d{{1,{MAX_DIGITS}}}", re.ASCII)


def parse_cursor(text: str) -> Position:
    """What a cursor says; an empty one is the beginning.

    A stream that it does not name is read from its first event on.

    Raises:
        InvalidInput: it is none of ours.
    """
    parts = text.split(".") if text and len(text) <= MAX_LENGTH else []
    found = [_PART.fullmatch(part) for part in parts]
    position = {part[1]: int(part[2]) for part in found if part}
    is_whole = len(position) == len(parts) and position.keys() <= STREAMS.keys()
    if text and not (parts and is_whole):
        raise InvalidInput({"after": "Take it from `cursor` of the page read last."})
    return {**BEGINNING, **position}


def orders_alone(text: str) -> int | None:
    """The id in a cursor of the days when the feed was of orders alone."""
    return int(text) if _ORDERS_ALONE.fullmatch(text) else None


def cursor_text(position: Position) -> str:
    """`o123.s4.c5.u6.l7`"""
    return ".".join(f"{letter}{position[letter]}" for letter in STREAMS)

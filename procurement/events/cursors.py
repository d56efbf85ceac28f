"""Where a reader of the feed is: the last id it has behind it in each stream."""

import re
from collections.abc import Mapping

from procurement.errors import InvalidInput
from procurement.events.streams import STREAMS

MAX_DIGITS = 18
"""So many always fit the database."""
MAX_LENGTH = 200
_PART = re.compile(rf"([a-z])(\d{{1,{MAX_DIGITS}}})", re.ASCII)
_OLD = re.compile(rf"\d{{1,{MAX_DIGITS}}}", re.ASCII)

Position = Mapping[str, int]
"""The letter of each stream to the last id behind the reader."""

BEGINNING: Position = dict.fromkeys(STREAMS, 0)


def parse_cursor(text: str) -> Position:
    """What a cursor says; an empty one is the beginning.

    A stream that it does not name is read from its first event on. The digits alone of
    earlier versions name the orders' stream only: see `is_old`.

    Raises:
        InvalidInput: it is none of ours.
    """
    if not text:
        return BEGINNING
    if is_old(text):
        return {**BEGINNING, "o": int(text)}
    parts = text.split(".") if len(text) <= MAX_LENGTH else []
    found = [_PART.fullmatch(part) for part in parts]
    position = {part[1]: int(part[2]) for part in found if part}
    is_whole = parts and len(position) == len(parts)
    if not is_whole or not position.keys() <= STREAMS.keys():
        raise InvalidInput({"after": "Take it from `cursor` of the page read last."})
    return {**BEGINNING, **position}


def is_old(text: str) -> bool:
    return _OLD.fullmatch(text) is not None


def cursor_text(position: Position) -> str:
    """`o123.s4.c5.u6.l7`"""
    return ".".join(f"{letter}{position[letter]}" for letter in STREAMS)

"""What a Kvik shop says of the availability of a product, in whatever form.

Source: that availability can be read is documented; whether as a number, a flag or
a text is not, so all three are read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from vendors import reading
from vendors.kvik import names

_LONGEST_WORD = 80


class Level(StrEnum):
    IN_STOCK = "in stock"
    LIMITED = "limited"
    ON_ORDER = "on order"
    NONE = "none in stock"
    UNKNOWN = "not in our words"


_KEYS = {
    "availability.none": Level.NONE,
    "availability.on_order": Level.ON_ORDER,
    "availability.limited": Level.LIMITED,
    "availability.in_stock": Level.IN_STOCK,
}


@dataclass(frozen=True)
class Availability:
    """How much there is. `raw` is the shop's own word, `doubt` says what is odd."""

    level: Level
    quantity: Decimal | None = None
    raw: str = ""
    doubt: str = ""

    @property
    def remark(self) -> str:
        """A sentence for the buyer where a quantity does not say it all."""
        if self.doubt:
            return self.doubt
        if self.raw:
            return f"availability: “{self.raw}” ({self.level})"
        if self.level is Level.IN_STOCK and self.quantity is None:
            return "in stock; the shop does not say how many"
        return ""


def read_availability(product: Any, mapping: Mapping[str, str]) -> Availability:
    """Derive the level, and the quantity where there is one."""
    whole = names.found(product, mapping["product.availability"])
    quantity = reading.number(names.found(product, mapping["product.quantity"]))
    flag = names.found(product, mapping["product.in_stock"])
    word = names.text(product, mapping["product.availability_text"])
    if isinstance(whole, bool):
        flag = whole
    elif quantity is None and reading.number(whole) is not None:
        quantity = reading.number(whole)
    elif not word:
        word = names.one_line(reading.text(whole))
    return _judged(quantity, _as_flag(flag), word[:_LONGEST_WORD], mapping)


def _judged(
    quantity: Decimal | None, flag: bool | None, word: str, mapping: Mapping[str, str]
) -> Availability:
    if quantity is not None and quantity < 0:
        return Availability(
            Level.UNKNOWN, raw=word, doubt=f"a stock of {quantity} can't be right"
        )
    told = {level for level in (_of_word(word, mapping), _of_flag(flag)) if level}
    told -= {Level.UNKNOWN} if len(told) > 1 else set()
    if quantity is not None:
        by_number = Level.IN_STOCK if quantity > 0 else Level.NONE
        contrary = Level.NONE if quantity > 0 else Level.IN_STOCK
        doubt = ""
        if contrary in told:
            doubt = f"a stock of {quantity}, and yet {contrary}"
        elif by_number is Level.IN_STOCK and Level.LIMITED in told:
            by_number = Level.LIMITED
        is_said_twice = _of_word(word, mapping) is by_number
        return Availability(by_number, quantity, "" if is_said_twice else word, doubt)
    if {Level.IN_STOCK, Level.NONE} <= told:
        return Availability(Level.UNKNOWN, raw=word, doubt="in stock, and not in stock")
    # A flag says no more than a word does, and mostly less.
    for level in (_of_word(word, mapping), _of_flag(flag)):
        if level in told:
            none = Decimal(0) if level is Level.NONE else None
            return Availability(level, none, word)
    return Availability(Level.UNKNOWN)


def _of_word(word: str, mapping: Mapping[str, str]) -> Level | None:
    if not word:
        return None
    for key, level in _KEYS.items():
        if names.folded(word) in names.comma_separated(mapping, key):
            return level
    return Level.UNKNOWN


def _of_flag(flag: bool | None) -> Level | None:
    if flag is None:
        return None
    return Level.IN_STOCK if flag else Level.NONE


def _as_flag(value: Any) -> bool | None:
    """Return a flag, also out of the texts and numbers flags are written as."""
    if isinstance(value, bool):
        return value
    return {"true": True, "1": True, "false": False, "0": False}.get(
        reading.text(value).casefold()
    )

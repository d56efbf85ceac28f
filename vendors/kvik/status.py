"""Kvik's processing status in our words, by the table of the mapping.

Source: that an order has a processing status and a payment status is documented; no
value of either is. Merchants name their states themselves, and rename them. A word
that is not in the table is kept and moves nothing. The payment status never does.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from vendors.contracts import Fulfilment
from vendors.kvik.mapping import ATTENTION
from vendors.kvik.names import folded

_PREFIX = "processing_status."

RANK = {
    Fulfilment.NONE: 0,
    Fulfilment.CONFIRMED: 1,
    Fulfilment.PICKING: 2,
    Fulfilment.PARTIALLY_SHIPPED: 3,
    Fulfilment.SHIPPED: 4,
    Fulfilment.DELIVERED: 5,
    Fulfilment.CANCELLED: -1,
}


@dataclass(frozen=True)
class Meaning:
    """What one word of the shop says; `level` is None where it moves nothing."""

    raw: str
    level: Fulfilment | None = None
    attention: str = ""
    is_known: bool = True

    def has_reached(self, level: Fulfilment) -> bool:
        return self.level is not None and RANK[self.level] >= RANK[level]


def key_of(word: str) -> str:
    """Return the key under which a word is explained."""
    return f"{_PREFIX}{folded(word)}"


class Words:
    """Looks up processing words, in any letter case and spacing."""

    def __init__(self, mapping: Mapping[str, str]) -> None:
        self._meanings = {
            folded(key.removeprefix(_PREFIX)): folded(meaning)
            for key, meaning in mapping.items()
            if key.startswith(_PREFIX)
        }

    def meaning(self, word: str) -> Meaning:
        """Return what a word says; no word at all says nothing, and is known."""
        if not word:
            return Meaning("")
        meaning = self._meanings.get(folded(word), "")
        if meaning == ATTENTION:
            return Meaning(word, attention=f"The shop says “{word}”: look at it there.")
        try:
            return Meaning(word, Fulfilment(meaning))
        except ValueError:
            return Meaning(word, is_known=False)

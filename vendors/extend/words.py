"""Extend's status words in ours, by the mapping table."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from vendors.contracts import Fulfilment
from vendors.extend import mapping

_LEVELS: Mapping[str, Fulfilment | None] = {
    **{word.value: word for word in Fulfilment},
    mapping.ATTENTION: Fulfilment.NONE,
    mapping.ATTENTION_PICKING: Fulfilment.PICKING,
    mapping.BY_ROWS: None,
    mapping.IGNORED: None,
}


@dataclass(frozen=True)
class Meaning:
    """What one status word says."""

    raw: str
    level: Fulfilment | None = None
    needs_attention: bool = False
    is_by_rows: bool = False


@dataclass
class Words:
    """Looks words up, in any letter case, and remembers those nobody explained."""

    names: Mapping[str, str]
    unknown: dict[str, None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._known = {key.casefold(): word for key, word in self.names.items()}

    def order(self, word: str) -> Meaning:
        return self._meaning("order_status", word)

    def row(self, word: str) -> Meaning:
        return self._meaning("row_status", word)

    def allocation(self, word: str) -> Meaning:
        return self._meaning("allocation_status", word)

    def _meaning(self, kind: str, word: str) -> Meaning:
        if not word:
            return Meaning("")
        found = self._known.get(f"{kind}.{word}".casefold(), "")
        if found not in _LEVELS:
            self.unknown[f"{kind}.{word}"] = None
            return Meaning(word)
        return Meaning(
            word,
            _LEVELS[found],
            needs_attention=found in (mapping.ATTENTION, mapping.ATTENTION_PICKING),
            is_by_rows=found == mapping.BY_ROWS,
        )

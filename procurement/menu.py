"""Entries of the side bar that are no lists of a model; apps register theirs.

Those that are stand in `adminshow`. Badges come from tiles (`tiles.Tile.badge_on`).
"""

from collections.abc import Callable
from dataclasses import dataclass

from procurement.texts import Text

TOP, BUYING, APPROVAL = "top", "buying", "approval"
SUPPLIERS, HISTORY, ACCESS = "suppliers", "done", "access"
"""The groups, by what people do."""


@dataclass(frozen=True)
class Entry:
    """One line of the menu.

    Args:
        key: what a tile names to lend the entry its figure.
        icon: the name of a Material symbol.
        permission: `app.codename`; without it the entry is not there.
        position: below 0 it stands before the lists of its group, else after them.
    """

    key: str
    title: Text
    icon: str
    link: Callable[[], str]
    permission: str
    group: str = TOP
    position: int = 0


_entries: dict[str, Entry] = {}


def register_entry(entry: Entry) -> None:
    """Add an entry; one of the same key is replaced."""
    _entries[entry.key] = entry


def entries_of(group: str) -> tuple[list[Entry], list[Entry]]:
    """A group's entries: those before its lists, and those after them."""
    ours = sorted(
        (entry for entry in _entries.values() if entry.group == group),
        key=lambda entry: (entry.position, entry.key),
    )
    before = [entry for entry in ours if entry.position < 0]
    return before, [entry for entry in ours if entry.position >= 0]

"""What else calls suppliers in the background: asked for here, written elsewhere.

An app that has such work registers a source; the carriers run it beside the sends.
Each errand takes its own claim, for the same one may be offered to two carriers.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import count


@dataclass(frozen=True, eq=False)
class Errand:
    """One call or a few at one supplier; `run` opens no transaction around them."""

    what: str
    supplier_id: int
    run: Callable[[], object]


Source = Callable[[int], Iterable[Errand]]
"""Errands that are due now, the most urgent first, at most so many."""

_sources: dict[str, Source] = {}
_turns = count()


def register(name: str, source: Source) -> None:
    _sources[name] = source


def due(limit: int) -> list[Errand]:
    """Errands of the sources, another of which comes first at each call.

    Each source is asked for no more than still fits, since what it hands out counts
    as begun.
    """
    found: list[Errand] = []
    first = next(_turns)
    sources = list(_sources.values())
    for n in range(len(sources)):
        if len(found) < limit:
            source = sources[(first + n) % len(sources)]
            found += source(limit - len(found))
    return found

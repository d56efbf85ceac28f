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


@dataclass(frozen=True)
class Source:
    """One kind of errands.

    `claim` hands out what is due now, the most urgent first and at most so many; what
    it hands out counts as begun for a while. `is_due` looks without taking anything.
    """

    claim: Callable[[int], Iterable[Errand]]
    is_due: Callable[[], bool]


_sources: dict[str, Source] = {}
_turns = count()


def register(name: str, source: Source) -> None:
    _sources[name] = source


def are_due() -> bool:
    """Whether any source has an errand."""
    return any(source.is_due() for source in _sources.values())


def claim(limit: int) -> list[Errand]:
    """Take errands of the sources, another of which comes first at each call.

    Each source is asked for no more than still fits.
    """
    taken: list[Errand] = []
    first = next(_turns)
    sources = list(_sources.values())
    for n in range(len(sources)):
        if len(taken) < limit:
            source = sources[(first + n) % len(sources)]
            taken += source.claim(limit - len(taken))
    return taken

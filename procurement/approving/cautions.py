"""One warning on the approval screen, and how heavy it weighs."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum


class Weight(IntEnum):
    """Heavier ones come first."""

    RED = 1
    AMBER = 2
    NOTE = 3
    """Nothing is wrong; the approver should still have it in mind."""


@dataclass(frozen=True, kw_only=True)
class Caution:
    """One warning: its kind as a stable word, and in words what to look at."""

    code: str
    weight: Weight
    label: str
    text: str
    position: int | None = None
    """The line to look at."""
    order_id: int | None = None
    """The other order to look at."""
    number: str = ""

    @property
    def tone(self) -> str:
        return "red" if self.weight is Weight.RED else "amber"


def counts(cautions: Iterable[Caution]) -> tuple[int, int]:
    """How many are red, and how many amber."""
    weights = [each.weight for each in cautions]
    return weights.count(Weight.RED), weights.count(Weight.AMBER)

"""What was measured, against what has to be reached."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Figure:
    """One row of the table.

    Attributes:
        value: what is held against the goal: a ratio, seconds, MiB or a number.
        goal: the limit; None where the figure is only for information.
        at_least: whether the value has to be as large as the goal, or no larger.
        detail: the figures behind the value, for people.
    """

    name: str
    value: float
    goal: float | None = None
    at_least: bool = False
    unit: str = "x"
    detail: str = ""
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def is_missed(self) -> bool:
        if self.goal is None:
            return False
        return self.value < self.goal if self.at_least else self.value > self.goal

    @property
    def verdict(self) -> str:
        if self.goal is None:
            return ""
        return "MISSED" if self.is_missed else "ok"

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "is_missed": self.is_missed}


def ratio(
    name: str,
    ours: float,
    other: float,
    goal: float | None,
    *,
    at_least: bool = False,
    unit: str = "ms",
    against: str = "floor",
) -> Figure:
    return Figure(
        name,
        ours / other,
        goal,
        at_least,
        detail=f"ours {ours:.1f} {unit}, {against} {other:.1f} {unit}",
        data={"ours": ours, against: other},
    )


def table(figures: Iterable[Figure]) -> str:
    rows = [("Work", "Figure", "Goal", "", "Behind it")]
    for figure in figures:
        sign = "≥" if figure.at_least else "≤"
        goal = "" if figure.goal is None else f"{sign} {figure.goal:g}"
        value = f"{figure.value:.2f} {figure.unit}"
        rows.append((figure.name, value, goal, figure.verdict, figure.detail))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False))
        + f"  {row[-1]}"
        for row in rows
    )

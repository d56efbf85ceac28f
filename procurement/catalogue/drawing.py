"""A line of prices over time as SVG: steps, since a price holds until the next one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

WIDTH, HEIGHT, MARGIN = 600, 90, 6
TENTH = Decimal("0.1")


@dataclass(frozen=True)
class Chart:
    """`points` is what a polyline takes."""

    width: int
    height: int
    points: str
    lowest: Decimal
    highest: Decimal


def chart(told: Sequence[tuple[datetime, Decimal]], until: datetime) -> Chart | None:
    """The chart of two prices or more; of fewer there is nothing to be seen."""
    if len(told) < 2:
        return None
    prices = [price for _, price in told]
    lowest, highest = min(prices), max(prices)
    begin = told[0][0]
    span = Decimal(max(int((until - begin).total_seconds()), 1))
    range_ = (highest - lowest) or Decimal(1)

    def across(at: datetime) -> Decimal:
        passed = Decimal(int((at - begin).total_seconds()))
        return MARGIN + passed * (WIDTH - 2 * MARGIN) / span

    def down(price: Decimal) -> Decimal:
        return HEIGHT - MARGIN - (price - lowest) * (HEIGHT - 2 * MARGIN) / range_

    corners: list[tuple[Decimal, Decimal]] = []
    for at, price in told:
        if corners:
            corners.append((across(at), corners[-1][1]))
        corners.append((across(at), down(price)))
    corners.append((across(until), corners[-1][1]))
    points = " ".join(f"{x.quantize(TENTH)},{y.quantize(TENTH)}" for x, y in corners)
    return Chart(WIDTH, HEIGHT, points, lowest, highest)

"""What a soak prints and keeps: times of calls, ratios to the floor, the verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Times:
    """Of all calls of one name: how many a second, and how long they took in ms."""

    count: int
    per_second: float
    p50: float
    p95: float
    p99: float

    @classmethod
    def of(cls, milliseconds: Sequence[float], seconds: float) -> "Times":
        return cls(
            count=len(milliseconds),
            per_second=len(milliseconds) / seconds,
            p50=percentile(milliseconds, 50),
            p95=percentile(milliseconds, 95),
            p99=percentile(milliseconds, 99),
        )


def percentile(values: Sequence[float], percent: int) -> float:
    """The least value that so many percent of the values don't exceed."""
    ordered = sorted(values)
    # Rounded up without floats: of 100 values the 99th is the one in place 98.
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(rank, 1) - 1]


def times_of(
    milliseconds: Mapping[str, Sequence[float]], seconds: float
) -> dict[str, Times]:
    return {
        name: Times.of(values, seconds)
        for name, values in sorted(milliseconds.items())
        if values
    }


def lives_table(times: Mapping[str, Times]) -> str:
    rows = [("Call", "calls", "per s", "p50 ms", "p95 ms", "p99 ms")]
    rows += [
        (
            name,
            str(each.count),
            f"{each.per_second:.1f}",
            *(f"{value:.0f}" for value in (each.p50, each.p95, each.p99)),
        )
        for name, each in times.items()
    ]
    return _table(rows)


def ratios(
    ours: Mapping[str, Times], floor: Mapping[str, Times]
) -> dict[str, dict[str, float]]:
    """Ours to the floor's: of throughput more is better, of times less."""
    return {
        name: {
            "throughput": ours[name].per_second / floor[name].per_second,
            "p50": ours[name].p50 / floor[name].p50,
            "p95": ours[name].p95 / floor[name].p95,
            "p99": ours[name].p99 / floor[name].p99,
        }
        for name in ours
        if name in floor
    }


def ratio_table(ours: Mapping[str, Times], floor: Mapping[str, Times]) -> str:
    rows = [("Mix", "throughput", "p50", "p95", "p99", "ours p50 ms", "floor p50 ms")]
    for name, found in ratios(ours, floor).items():
        shown = (f"{found[key]:.2f} x" for key in ("throughput", "p50", "p95", "p99"))
        both = (f"{side[name].p50:.1f}" for side in (ours, floor))
        rows.append((name, *shown, *both))
    return _table(rows)


def _table(rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for first, *others in rows:
        cells = [
            cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)
        ]
        lines.append("  ".join([first.ljust(widths[0]), *cells]))
    return "\n".join(lines)


def judge(
    *,
    entered: Mapping[str, bool],
    ours: Mapping[str, str],
    references: Sequence[str],
    booked: Sequence[str],
) -> list[str]:
    """Orders that are there twice, or lost.

    Args:
        entered: numbers that clients were given, and whether they asked to send it.
        ours: every order in the database with its transmission.
        references: every external reference in the database.
        booked: our numbers in the vendors' books, as often as they stand there.
    """
    found = []
    for number in sorted(entered.keys() - ours.keys()):
        found.append(f"LOST {number}: a client was given it, and it is not there")
    for number in sorted(ours.keys() - entered.keys()):
        found.append(f"TWICE {number}: it is there, and no client was given it")
    for name, values in (("reference", references), ("order in the books", booked)):
        for value in sorted({each for each in values if values.count(each) > 1}):
            found.append(f"TWICE {value}: {values.count(value)} times, as {name}")
    at_vendors = set(booked)
    for number, state in sorted(ours.items()):
        if entered.get(number) and state in ("none", "queued", "sending"):
            found.append(f"LOST {number}: `send` was accepted, and it is {state}")
        if (state == "sent") != (number in at_vendors):
            there = "has" if number in at_vendors else "does not have"
            found.append(f"LOST {number}: it is {state}, and the vendor {there} it")
        if number in at_vendors and not entered.get(number, False):
            found.append(f"UNASKED {number}: nobody asked to send it")
    return found


def to_json(times: Mapping[str, Times]) -> dict[str, Any]:
    return {name: vars(each) for name, each in times.items()}

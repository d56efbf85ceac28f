"""A goal that is missed is told, and one that is met is not."""

import pytest

from tests.bench.goals import Figure, ratio, table


@pytest.mark.parametrize(
    ("value", "goal", "at_least", "is_missed"),
    [
        (1.4, 1.5, False, False),
        (1.6, 1.5, False, True),
        (0.8, 0.7, True, False),
        (0.6, 0.7, True, True),
        (99.0, None, False, False),
    ],
)
def test_value_is_held_against_its_goal(
    value: float, goal: float | None, at_least: bool, is_missed: bool
) -> None:
    assert Figure("work", value, goal, at_least).is_missed is is_missed


def test_table_names_the_missed_goal() -> None:
    late = ratio("REST list", 30, 20, 1.2)

    text = table([late])

    assert "REST list  1.50 x  ≤ 1.2  MISSED" in text

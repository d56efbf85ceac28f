"""When a single order is looked at next."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procurement.fulfilment.timetable import SPREAD_PERCENT, OrderFacts, next_look

NOON = datetime(2031, 4, 2, 12, tzinfo=UTC)
TODAY = date(2031, 4, 2)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LONGEST = 7 * DAY


def facts(
    age: timedelta, *, due_in: int | None = None, quiet: int = 0, order_id: int = 1
) -> OrderFacts:
    return OrderFacts(
        order_id=order_id,
        sent_at=NOON - age,
        due_on=None if due_in is None else TODAY + timedelta(days=due_in),
        quiet_looks=quiet,
    )


def assert_about(wait: timedelta, expected: timedelta) -> None:
    spread = expected * SPREAD_PERCENT / 100
    assert expected - spread <= wait <= expected + spread


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (facts(MINUTE), 10 * MINUTE),
        (facts(MINUTE, quiet=1), 20 * MINUTE),
        (facts(MINUTE, quiet=5), 30 * MINUTE),
        (facts(3 * HOUR), HOUR),
        (facts(3 * HOUR, quiet=9), 4 * HOUR),
        (facts(2 * DAY), 4 * HOUR),
        (facts(2 * DAY, quiet=9), DAY),
        (facts(30 * DAY), DAY),
        (facts(30 * DAY, quiet=3), 7 * DAY),
        (facts(30 * DAY, due_in=2), DAY),
        (facts(30 * DAY, due_in=1), HOUR),
        (facts(30 * DAY, due_in=0), HOUR),
        (facts(30 * DAY, due_in=-14), HOUR),
        (facts(30 * DAY, due_in=-14, quiet=9), 8 * HOUR),
        (facts(30 * DAY, due_in=-15), DAY),
        (facts(MINUTE, due_in=0), 10 * MINUTE),
    ],
)
def test_young_and_due_orders_are_looked_at_often_and_quiet_ones_rarely(
    order: OrderFacts, expected: timedelta
) -> None:
    assert_about(next_look(order, NOON), expected)


ages = st.timedeltas(timedelta(), timedelta(days=400))
dues = st.one_of(st.none(), st.integers(-400, 400))


@given(ages, dues, st.integers(0, 10_000), st.integers(1, 10**9))
def test_a_look_is_never_at_once_and_never_more_than_about_a_week_away(
    age: timedelta, due_in: int | None, quiet: int, order_id: int
) -> None:
    wait = next_look(facts(age, due_in=due_in, quiet=quiet, order_id=order_id), NOON)

    assert 8 * MINUTE <= wait <= LONGEST * 1.2


@given(ages, dues, st.integers(0, 30))
def test_two_more_quiet_looks_never_make_the_next_one_come_sooner(
    age: timedelta, due_in: int | None, quiet: int
) -> None:
    """Two doublings outweigh what the spread may take off."""
    order = facts(age, due_in=due_in, quiet=quiet)
    later = facts(age, due_in=due_in, quiet=quiet + 2)

    least = next_look(order, NOON) * (100 - SPREAD_PERCENT) / (100 + SPREAD_PERCENT)
    assert next_look(later, NOON) >= least


@given(ages, st.integers(-14, 1), st.integers(0, 30))
def test_what_is_due_is_looked_at_at_least_every_ten_hours(
    age: timedelta, due_in: int, quiet: int
) -> None:
    assert next_look(facts(age, due_in=due_in, quiet=quiet), NOON) <= 10 * HOUR


def test_ten_thousand_orders_do_not_fall_due_together() -> None:
    waits = [
        next_look(facts(30 * DAY, order_id=number), NOON) for number in range(10_000)
    ]

    in_one_hour = Counter(wait // HOUR for wait in waits)
    assert len(in_one_hour) >= 9
    assert max(in_one_hour.values()) < 2_000

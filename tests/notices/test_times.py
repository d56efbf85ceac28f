"""When the mail of the day is due, by the clock of the person."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from procurement.notices.times import next_digest


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "now", "due"),
    [
        # Stockholm is an hour ahead in winter, two in summer.
        ("Europe/Stockholm", "2031-01-15 05:59", "2031-01-15 06:00"),
        ("Europe/Stockholm", "2031-01-15 06:00", "2031-01-16 06:00"),
        ("Europe/Stockholm", "2031-07-15 04:00", "2031-07-15 05:00"),
        # The night the clock goes forward: the 30th of March 2031.
        ("Europe/Stockholm", "2031-03-29 06:00", "2031-03-30 05:00"),
        # And back: the 26th of October 2031.
        ("Europe/Stockholm", "2031-10-25 05:00", "2031-10-26 06:00"),
        # It is the next day there already.
        ("Pacific/Auckland", "2031-07-15 18:59", "2031-07-15 19:00"),
        ("Pacific/Auckland", "2031-07-15 19:00", "2031-07-16 19:00"),
        # It is still yesterday there.
        ("America/Los_Angeles", "2031-07-15 03:00", "2031-07-15 14:00"),
        ("Asia/Kathmandu", "2031-07-15 00:00", "2031-07-15 01:15"),
    ],
)
def test_seven_o_clock_is_that_of_the_zone(zone: str, now: str, due: str) -> None:
    assert next_digest(utc(now), ZoneInfo(zone), 7) == utc(due)


def test_hour_that_is_skipped_is_the_moment_after_the_gap() -> None:
    # At 02:00 it becomes 03:00.
    due = next_digest(utc("2031-03-29 12:00"), ZoneInfo("Europe/Stockholm"), 2)

    assert due == utc("2031-03-30 01:00")


def test_hour_that_comes_twice_is_due_once() -> None:
    zone = ZoneInfo("Europe/Stockholm")
    first = next_digest(utc("2031-10-25 12:00"), zone, 2)

    assert first == utc("2031-10-26 00:00")
    assert next_digest(first, zone, 2) == utc("2031-10-27 01:00")


@pytest.mark.parametrize("hour", range(24))
def test_one_a_day_all_year_round(hour: int) -> None:
    zone, moment, days = ZoneInfo("America/New_York"), utc("2031-01-01 12:00"), []
    for _ in range(366):
        moment = next_digest(moment, zone, hour)
        days.append(moment.astimezone(zone).date())

    first = days[0]
    assert days == [first + timedelta(days=number) for number in range(366)]

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from vendors import reading

STOCKHOLM = ZoneInfo("Europe/Stockholm")


def test_an_exact_name_wins_over_another_letter_case():
    assert reading.member({"NAME": 1, "Name": 2}, "Name") == 2
    assert reading.member({"NAME": 1}, "Name") == 1


def test_a_null_member_is_not_there():
    assert reading.member({"Token": None, "jwt": "x"}, "Token", "jwt") == "x"


@pytest.mark.parametrize("data", [None, 5, "Name", ["Name"]])
def test_a_member_of_no_object_is_none(data):
    assert reading.member(data, "Name") is None


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ([{"a": 1}, "odd", None], [{"a": 1}]),
        ({"items": [{"a": 1}]}, [{"a": 1}]),
        ({"Items": {"a": 1}}, [{"a": 1}]),
        ([], []),
        ({"Items": []}, []),
        ({}, None),
        ("text", None),
    ],
)
def test_a_list_is_found_with_or_without_an_object_around_it(data, found):
    assert reading.objects(data, "Items") == found


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (5, Decimal(5)),
        (Decimal("1.50"), Decimal("1.50")),
        (" 12950 ", Decimal(12950)),
        ("-1.5e2", Decimal(-150)),
        ("129,50", None),
        ("1_000", None),
        ("٣", None),
        ("many", None),
        (True, None),
        (None, None),
        ([], None),
        (Decimal("1E+400"), None),
        ("1e999", None),
    ],
)
def test_a_number_is_read_or_left(value, found):
    assert reading.number(value) == found


@pytest.mark.parametrize(("value", "found"), [("7", 7), ("7.0", 7), ("7.5", None)])
def test_a_whole_number_has_no_fraction(value, found):
    assert reading.whole(value) == found


@pytest.mark.parametrize(
    ("value", "found"), [(" x ", "x"), (7, "7"), (True, ""), (None, ""), ({}, "")]
)
def test_text_is_read_from_texts_and_numbers(value, found):
    assert reading.text(value) == found


@pytest.mark.parametrize(
    "value",
    [
        "2031-04-02T10:15:00+02:00",
        "2031-04-02T08:15:00Z",
        "2031-04-02T10:15:00.0000000",
    ],
)
def test_a_moment_is_read_with_and_without_a_zone(value):
    found = reading.moment(value, STOCKHOLM)

    assert found == datetime(2031, 4, 2, 8, 15, tzinfo=UTC)
    assert found.utcoffset() == timedelta(hours=2)


@pytest.mark.parametrize(
    "value", ["0001-01-01T00:00:00", "9999-12-31T23:59:59-12:00", "soon", 5, None]
)
def test_what_is_no_moment_is_none(value):
    assert reading.moment(value, STOCKHOLM) is None


def test_a_day_is_the_day_in_the_zone():
    assert reading.day("2031-04-08T22:00:00Z", STOCKHOLM) == date(2031, 4, 9)
    assert reading.day("", STOCKHOLM) is None


def test_scalars_come_in_order_from_any_depth():
    deep = "inner"
    for _ in range(10_000):
        deep = [deep]

    assert list(reading.scalars({"a": ["x", {"b": 2}], "c": deep, "d": None})) == [
        "x",
        "2",
        "inner",
    ]


@pytest.mark.parametrize("value", ["SO\x0017", "SO\ud80017"])
def test_what_no_database_takes_is_replaced(value):
    assert reading.text(value) == "SO\N{REPLACEMENT CHARACTER}17"

"""The soak sees what is lost, twice or out of order, and counts as it says."""

import pytest

from tests.soak import report
from tests.soak.following import can_wait, faults


def judged(**changes: object) -> list[str]:
    facts = {
        "entered": {"PO-1": True, "PO-2": False},
        "ours": {"PO-1": "sent", "PO-2": "none"},
        "references": ["api:shop A", "api:shop B"],
        "booked": ["PO-1"],
    }
    return report.judge(**{**facts, **changes})  # type: ignore[arg-type]


def test_nothing_is_wrong_where_both_sides_agree() -> None:
    assert judged() == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"ours": {"PO-1": "sent"}}, ["LOST PO-2"]),
        (
            {"ours": {"PO-1": "sent", "PO-2": "none", "PO-3": "none"}},
            ["TWICE PO-3"],
        ),
        ({"references": ["api:shop A", "api:shop A"]}, ["TWICE api:shop A"]),
        ({"booked": ["PO-1", "PO-1"]}, ["TWICE PO-1"]),
        ({"booked": []}, ["LOST PO-1"]),
        ({"booked": ["PO-1", "PO-2"]}, ["LOST PO-2", "UNASKED PO-2"]),
        ({"ours": {"PO-1": "queued", "PO-2": "none"}, "booked": []}, ["LOST PO-1"]),
    ],
)
def test_what_is_lost_or_twice_is_named(
    changes: dict[str, object], words: list[str]
) -> None:
    found = judged(**changes)

    assert len(found) == len(words)
    assert all(text.startswith(word) for text, word in zip(found, words, strict=True))


@pytest.mark.parametrize(
    ("ids", "orders", "there", "text"),
    [
        (["1", "2"], {"PO-1": [1, 2]}, [1, 2], None),
        (["1", "1"], {"PO-1": [1, 1]}, [1], "1 events came twice"),
        (["1"], {"PO-1": [1]}, [1, 2], "1 events never came: [2]"),
        (["1", "9"], {"PO-1": [1, 9]}, [1], "1 events came and are not there"),
        (["2", "1"], {"PO-1": [2, 1]}, [1, 2], "the events of ['PO-1'] came out of"),
        # Of two orders, whichever comes first.
        (["2", "1"], {"PO-1": [1], "PO-2": [2]}, [1, 2], None),
    ],
)
def test_follower_is_held_to_what_is_there(
    ids: list[str], orders: dict[str, list[int]], there: list[int], text: str | None
) -> None:
    found = faults("follower 1", ids, orders, there, there)

    assert len(found) == (text is not None)
    assert all(f"follower 1: {text}" in each for each in found)


def test_event_that_came_after_the_count_is_no_ghost() -> None:
    assert faults("follower 1", ["1", "2"], {"PO-1": [1, 2]}, [1], [1, 2]) == []


def test_percentiles_are_values_that_were_measured() -> None:
    values = [float(number) for number in range(100, 0, -1)]

    assert [report.percentile(values, p) for p in (50, 95, 99)] == [50.0, 95.0, 99.0]
    assert report.percentile([7.0], 99) == 7.0


def test_ratio_is_ours_to_the_floors() -> None:
    ours = report.times_of({"list": [10.0, 20.0], "send": [5.0]}, 10)
    floor = report.times_of({"list": [20.0, 40.0]}, 5)

    assert report.ratios(ours, floor) == {
        "list": {"throughput": 0.5, "p50": 0.5, "p95": 0.5, "p99": 0.5}
    }
    assert "0.50 x" in report.ratio_table(ours, floor)


@pytest.mark.parametrize(("names", "can"), [(["after"], False), (["wait"], True)])
def test_waiting_is_used_where_it_is_offered(names: list[str], can: bool) -> None:
    call = {"parameters": [{"name": name} for name in names]}

    assert can_wait({"paths": {"/api/v1/events/": {"get": call}}}) is can

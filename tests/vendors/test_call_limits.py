"""How often a vendor may be called, with what a supplier says otherwise."""

import pytest

from vendors.contracts import CallLimits

LIMITS = CallLimits(
    per_minute=240, at_once=2, groups={"low": 30}, group_of={"report": "low"}
)


def test_calls_belong_to_their_group_and_others_to_none() -> None:
    assert (LIMITS.group("report"), LIMITS.group("place_order")) == ("low", "")
    assert (LIMITS.rate("low"), LIMITS.rate("")) == (30, 240)


@pytest.mark.parametrize(
    ("options", "per_minute", "at_once", "low"),
    [
        ({}, 240, 2, 30),
        ({"calls_per_minute": "", "calls_at_once": None}, 240, 2, 30),
        ({"calls_per_minute": 480}, 480, 2, 60),
        ({"calls_per_minute": 1}, 1, 2, 1),
        ({"calls_per_minute": "120", "calls_at_once": "5"}, 120, 5, 15),
        ({"calls_per_minute": 0}, None, 2, None),
        ({"calls_at_once": 0}, 240, None, 30),
        ({"calls_per_minute": "many"}, 240, 2, 30),
    ],
)
def test_options_of_a_supplier_take_the_place_of_the_vendors_limits(
    options: dict[str, object], per_minute: int | None, at_once: int | None, low: object
) -> None:
    changed = LIMITS.changed_by(options)

    assert (changed.per_minute, changed.at_once) == (per_minute, at_once)
    assert changed.rate("low") == low

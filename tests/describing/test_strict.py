"""A value of another JSON type is refused, and told which would be right."""

from typing import Any

import pytest
from rest_framework import serializers

from procurement.access.fields import StrictSerializer

TEXT = "Give a text of at most 80 characters, and not an empty one."


class Body(StrictSerializer):
    name = serializers.CharField(required=False, allow_null=True, max_length=80)
    is_ready = serializers.BooleanField(required=False)
    count = serializers.IntegerField(required=False)
    day = serializers.DateField(required=False)
    words = serializers.ListField(
        child=serializers.CharField(max_length=80), required=False
    )
    options = serializers.DictField(
        child=serializers.CharField(max_length=80), required=False
    )


@pytest.mark.parametrize(
    ("name", "value", "path", "text"),
    [
        ("name", 0, "name", TEXT),
        ("is_ready", 0, "is_ready", "Give true or false, without quotes."),
        ("is_ready", "true", "is_ready", "Give true or false, without quotes."),
        ("count", "12", "count", "Give a whole number."),
        ("count", True, "count", "Give a whole number."),
        ("day", 20310409, "day", "Give a day, such as 2031-04-09."),
        ("words", ["a", 1], "words.1", TEXT),
        ("options", {"a": 1}, "options.a", TEXT),
    ],
)
def test_another_type_is_refused(name: str, value: Any, path: str, text: str) -> None:
    body = Body(data={name: value})

    assert not body.is_valid()
    assert body.errors[path] == [text]


@pytest.mark.parametrize(
    "data",
    [
        {"name": "0"},
        {"name": None},
        {"is_ready": False},
        {"count": 12},
        {"day": "2031-04-09"},
        {"words": ["a"]},
    ],
)
def test_the_right_type_is_taken(data: dict[str, Any]) -> None:
    assert Body(data=data).is_valid()

"""A value of another JSON type is refused, and told which would be right."""

from typing import Any

import pytest
from rest_framework import serializers

from procurement.access.fields import StrictSerializer


class Body(StrictSerializer):
    name = serializers.CharField(required=False, allow_null=True)
    is_ready = serializers.BooleanField(required=False)
    count = serializers.IntegerField(required=False)
    day = serializers.DateField(required=False)
    words = serializers.ListField(child=serializers.CharField(), required=False)
    options = serializers.DictField(child=serializers.CharField(), required=False)


@pytest.mark.parametrize(
    ("name", "value", "path", "text"),
    [
        ("name", 0, "name", "Give a text, in quotes."),
        ("is_ready", 0, "is_ready", "Give true or false, without quotes."),
        ("is_ready", "true", "is_ready", "Give true or false, without quotes."),
        ("count", "12", "count", "Give a whole number, without quotes."),
        ("count", True, "count", "Give a whole number, without quotes."),
        ("day", 20310409, "day", "Give a text, in quotes."),
        ("words", ["a", 1], "words.1", "Give a text, in quotes."),
        ("options", {"a": 1}, "options.a", "Give a text, in quotes."),
    ],
)
def test_another_type_is_refused(name: str, value: Any, path: str, text: str) -> None:
    body = Body(data={name: value})

    assert not body.is_valid()
    assert str(body.errors[path]) == text


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

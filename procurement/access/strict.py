"""Values have to be of the JSON type that the description names.

REST framework takes `0` for a text and `"yes"` for true. A program that sends those has
a mistake in it, and finds out at once rather than by what was entered.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from rest_framework import serializers

from procurement.access.wording import remedy

TEXTS = (
    serializers.CharField,
    serializers.ChoiceField,
    serializers.DateField,
    serializers.DateTimeField,
    serializers.SlugRelatedField,
)
NUMBERS = (serializers.IntegerField, serializers.PrimaryKeyRelatedField)


def wrong_types(serializer: Any, data: Mapping[str, Any]) -> dict[str, str]:
    """What of a body is of another JSON type than its field, by name.

    Null is left to the field, and so is what lies in serializers of their own.
    """
    found: dict[str, str] = {}
    for name, field in serializer.fields.items():
        if name in data and not field.read_only:
            found.update(_faults(name, field, data[name]))
    return found


def _faults(path: str, field: Any, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(field, serializers.ListField) and isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _faults(f"{path}.{index}", field.child, inner)
    elif isinstance(field, serializers.DictField) and isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _faults(f"{path}.{name}", field.child, inner)
    elif not (value is None or _is_of_its_type(field, value)):
        yield path, remedy(field)


def _is_of_its_type(field: Any, value: Any) -> bool:
    if isinstance(field, serializers.BooleanField):
        return isinstance(value, bool)
    if isinstance(field, TEXTS):
        return isinstance(value, str)
    if isinstance(field, NUMBERS):
        return isinstance(value, int | Decimal) and not isinstance(value, bool)
    return True

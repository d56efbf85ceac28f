"""What serializers of the API are made of: strict names, exact numbers, UTC."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.db import models
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.fields import empty
from rest_framework.request import Request
from rest_framework.settings import api_settings

from procurement.access.strict import wrong_types
from procurement.access.wording import remedy, worded
from procurement.money import MAX_DIGITS, plain
from procurement.scoping import scoped

LONGEST_NAME = 200
"""No slug or user name is longer."""
_PLAIN_NUMBER = re.compile(r"-?\d{1,30}(\.\d{1,30})?", re.ASCII)


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses names it does not know, together with what else is wrong.

    Whatever won't do is told what would be right; see `wording`.
    """

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        declared = cls._declared_fields
        cls._declared_fields = {name: worded(field) for name, field in declared.items()}

    def run_validation(self, data: Any = empty) -> Any:
        is_first = isinstance(self.parent, serializers.ListSerializer | None)
        if data is None and is_first and not self.allow_null:
            raise self._no_object()
        return super().run_validation(data)

    def _no_object(self) -> ValidationError:
        return ValidationError({api_settings.NON_FIELD_ERRORS_KEY: [remedy(self)]})

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, Mapping):
            raise self._no_object()
        unknown = self._unknown(data)
        try:
            value = super().to_internal_value(data)
        except ValidationError as invalid:
            if unknown and isinstance(invalid.detail, dict):
                raise ValidationError({**invalid.detail, **unknown}) from None
            raise
        if unknown:
            raise ValidationError(unknown)
        return value

    def _unknown(self, data: Mapping[str, Any]) -> dict[str, list[str]]:
        names = [name for name, field in self.fields.items() if not field.read_only]
        there_are = ", ".join(names) or "none"
        unknown = {
            str(name): f"There is no such field; there are {there_are}."
            for name in data
            if name not in names
        }
        found = unknown | wrong_types(self, data)
        return {name: [text] for name, text in found.items()}


class NothingInput(StrictSerializer):
    """The body of a call that takes no values: none, or an empty object."""


@extend_schema_field(
    {
        "oneOf": [
            {"type": "string", "format": "decimal", "examples": ["41.50"]},
            {"type": "number"},
        ]
    }
)
class ExactDecimal(serializers.Field[Decimal, Any, str, Any]):
    """A decimal from text or a JSON number, as exact as it was written."""

    default_error_messages = {
        "invalid": "Give a decimal number, as text such as '41.50' or as a number.",
        "digits": "Give at most {whole} digits before and {places} after the point.",
    }
    remedy = default_error_messages["invalid"]

    def __init__(
        self, *, decimal_places: int, max_digits: int = MAX_DIGITS, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.decimal_places = decimal_places
        self.whole_digits = max_digits - decimal_places

    def to_internal_value(self, data: Any) -> Decimal:
        if isinstance(data, str) and _PLAIN_NUMBER.fullmatch(data.strip()):
            number = Decimal(data.strip())
        elif isinstance(data, int | Decimal) and not isinstance(data, bool):
            number = Decimal(data)
        else:
            self.fail("invalid")
        # Without the zeros at the end, 6.0000 has no decimals to object to.
        number = Decimal(plain(number))
        whole, _, fraction = format(abs(number), "f").partition(".")
        if len(whole) > self.whole_digits or len(fraction) > self.decimal_places:
            self.fail("digits", whole=self.whole_digits, places=self.decimal_places)
        return number

    def to_representation(self, value: Decimal) -> str:
        return plain(value)


def longest(model: type[models.Model], name: str) -> int:
    """How many characters a column takes."""
    column: Any = model._meta.get_field(name)
    most: int = column.max_length
    return most


def seen_by(request: Request) -> dict[str, Any]:
    """The context of a serializer that takes only what the key's user may see."""
    return {"user": request.user}


class SeenOnly:
    """Of a neighbour that may not be seen it is said that there is none."""

    context: dict[str, Any]

    def get_queryset(self) -> Any:
        rows = super().get_queryset()  # type: ignore[misc]
        user = self.context.get("user")
        return rows if user is None else scoped(rows, user)


class SeenSlugField(SeenOnly, serializers.SlugRelatedField[Any]):
    """A neighbour by its name."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid")
        if len(data) > LONGEST_NAME:
            self.fail("does_not_exist", value=f"{data[:LONGEST_NAME]}…")
        return super().to_internal_value(data)


class SeenKeyField(SeenOnly, serializers.PrimaryKeyRelatedField[Any]):
    """A neighbour by its id."""


class UtcDateTimeField(serializers.DateTimeField):
    """A moment in UTC, whatever the time zone of the installation."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(default_timezone=UTC, **kwargs)


class ReadSerializer(serializers.ModelSerializer[Any]):
    """Shows columns of a model; moments in UTC."""

    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.DateTimeField: UtcDateTimeField,
    }


def utc_text(moment: datetime | None) -> str | None:
    """`2031-04-09T08:00:00Z`."""
    if moment is None:
        return None
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def day_text(day: date | None) -> str | None:
    return day.isoformat() if day else None

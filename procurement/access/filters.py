"""Filters of lists: a parameter nobody knows is refused, not passed over.

Every text of a refusal says what would be right, since whoever reads it is writing a
program and has nobody to ask.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any, ClassVar

from django import forms
from django.http import QueryDict
from django_filters import rest_framework as filters
from rest_framework.exceptions import ValidationError

from procurement.access.pagination import PARAMETERS

_LOST_PLUS = re.compile(r"(T\d\d:\d\d(?::\d\d(?:\.\d+)?)?) (\d\d:?\d\d)", re.ASCII)
MAX_TEXT = 80


class StrictFilterSet(filters.FilterSet):  # type: ignore[misc]
    """A misspelt filter would otherwise answer with every row there is.

    Only the filters that were asked for are made: each is a copy with a form field of
    its own, and making all of them costs more than most lists do.
    """

    base_filters: Any
    parameters: ClassVar[tuple[str, ...]] = PARAMETERS
    """What the call takes besides the filters."""

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        known = type(self).base_filters
        given = data if data is not None else {}
        self.base_filters = {name: known[name] for name in known if name in given}
        super().__init__(data, *args, **kwargs)

    def is_valid(self) -> bool:
        known = type(self).base_filters
        several = {n for n, one in known.items() if isinstance(one, AnyOfFilter)}
        refuse_parameters(self.data, (*known, *self.parameters), several=several)
        valid: bool = super().is_valid()
        return valid

    def filter_queryset(self, queryset: Any) -> Any:
        return super().filter_queryset(queryset) if self.filters else queryset


def refuse_parameters(
    given: Mapping[str, Any], known: Iterable[str], *, several: Iterable[str] = ()
) -> None:
    """Refuse parameters that are not there, say nothing, or contradict each other.

    An empty filter is nearly always a variable somebody forgot to fill, and would
    show every row; of one given twice, the first would count for nothing.

    Args:
        several: the names that may come more than once.

    Raises:
        ValidationError: there is such a one.
    """
    names = tuple(known)
    errors: dict[str, str] = {}
    for name in sorted(given):
        values = given.getlist(name) if isinstance(given, QueryDict) else [given[name]]
        if name not in names:
            there_are = ", ".join(names)
            errors[name] = f"There is no such parameter; there are {there_are}."
        elif len(values) > 1 and name not in several:
            errors[name] = "Give it once."
        elif name not in PARAMETERS and any(value == "" for value in values):
            errors[name] = "Give a value, or leave the parameter out."
    if errors:
        raise ValidationError(errors)


# --- kinds of filters -------------------------------------------------------------


class TextFilter(filters.CharFilter):  # type: ignore[misc]
    """A whole text, or what a text begins with."""

    def __init__(
        self, *args: Any, max_length: int = MAX_TEXT, help_text: str = "", **kwargs: Any
    ) -> None:
        super().__init__(*args, max_length=max_length, help_text=help_text, **kwargs)
        shape = {"type": "string", "minLength": 1, "maxLength": max_length}
        # Where `extend_schema_field` puts it; that one decorates classes alone.
        described = {**shape, "description": help_text}
        self._spectacular_annotation = {"field": described}


class _AnyOfField(forms.MultipleChoiceField):
    def to_python(self, value: Any) -> list[str]:
        texts = super().to_python(value)
        return [part.strip() for text in texts for part in text.split(",")]

    def validate(self, value: list[str]) -> None:
        choices: Any = self.choices
        names = [str(name) for name, _ in choices]
        for part in value:
            if part not in names:
                raise forms.ValidationError(
                    f"There is no {part[:MAX_TEXT]!r}; give one or more of "
                    f"{', '.join(names)}."
                )


class AnyOfFilter(filters.MultipleChoiceFilter):  # type: ignore[misc]
    """One value or several, repeated or with commas; rows that have any of them."""

    field_class = _AnyOfField

    def filter(self, queryset: Any, values: Any) -> Any:
        if not values:
            return queryset
        return queryset.filter(**{f"{self.field_name}__in": sorted(set(values))})


class NeighbourFilter(filters.ModelChoiceFilter):  # type: ignore[misc]
    """What belongs to one row of another model, named as the API names it.

    It is looked up first, so that the list itself goes by the index on its id.

    Args:
        where: the list that names all of them, such as `suppliers/`.
    """

    def __init__(self, *args: Any, where: str, **kwargs: Any) -> None:
        text = f"There is none that you may see; {where} shows those there are."
        kwargs["error_messages"] = {"invalid_choice": text}
        super().__init__(*args, **kwargs)


class _MomentField(forms.Field):
    def to_python(self, value: Any) -> datetime | None:
        if not value:
            return None
        # A plus that was not written as %2B arrives as a space.
        text = _LOST_PLUS.sub(r"\1+\2", str(value).strip())
        try:
            moment = datetime.fromisoformat(text)
            aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            return aware.astimezone(UTC)
        except (ValueError, OverflowError):
            raise forms.ValidationError(
                "Give a moment in ISO 8601, such as 2031-04-09T08:00:00Z."
            ) from None


class MomentFilter(filters.IsoDateTimeFilter):  # type: ignore[misc]
    """A moment in ISO 8601; in UTC where it names no offset."""

    field_class = _MomentField


class _DayField(forms.Field):
    def to_python(self, value: Any) -> date | None:
        if not value:
            return None
        try:
            return date.fromisoformat(str(value).strip())
        except ValueError:
            raise forms.ValidationError(
                "Give a day in ISO 8601, such as 2031-04-09."
            ) from None


class DayFilter(filters.DateFilter):  # type: ignore[misc]
    field_class = _DayField


class _YesNoField(forms.Field):
    def to_python(self, value: Any) -> bool | None:
        if value in (None, ""):
            return None
        if value not in ("true", "false"):
            raise forms.ValidationError("Give true or false.")
        return bool(value == "true")


class YesNoFilter(filters.BooleanFilter):  # type: ignore[misc]
    field_class = _YesNoField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # Its own widget takes whatever it does not know for no filter at all.
        super().__init__(*args, widget=forms.TextInput, **kwargs)


def since(column: str) -> MomentFilter:
    return MomentFilter(
        field_name=column, lookup_expr="gte", help_text="ISO 8601; this or later."
    )


def before(column: str) -> MomentFilter:
    return MomentFilter(
        field_name=column, lookup_expr="lt", help_text="ISO 8601; earlier than this."
    )

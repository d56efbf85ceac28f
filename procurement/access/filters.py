"""Filters of lists: a parameter nobody knows is refused, not passed over."""

from typing import Any

from django_filters import rest_framework as filters
from rest_framework.exceptions import ValidationError

from procurement.access.pagination import PARAMETERS


class StrictFilterSet(filters.FilterSet):  # type: ignore[misc]
    """A misspelt filter would otherwise answer with every row there is.

    Only the filters that were asked for are made: each is a copy with a form field of
    its own, and making all of them costs more than most lists do.
    """

    base_filters: Any

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        known = type(self).base_filters
        given = data if data is not None else {}
        self.base_filters = {name: known[name] for name in known if name in given}
        super().__init__(data, *args, **kwargs)

    def is_valid(self) -> bool:
        known = type(self).base_filters
        unknown = set(self.data) - set(known) - set(PARAMETERS)
        if unknown:
            names = ", ".join((*known, *PARAMETERS))
            text = f"There is no such parameter; there are {names}."
            raise ValidationError(dict.fromkeys(sorted(unknown), text))
        valid: bool = super().is_valid()
        return valid

    def filter_queryset(self, queryset: Any) -> Any:
        return super().filter_queryset(queryset) if self.filters else queryset


class AnyOfFilter(filters.MultipleChoiceFilter):  # type: ignore[misc]
    """One value or several; rows that have any of them."""

    def filter(self, queryset: Any, values: Any) -> Any:
        if not values:
            return queryset
        return queryset.filter(**{f"{self.field_name}__in": sorted(values)})

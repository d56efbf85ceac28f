"""Filters of lists: a parameter nobody knows is refused, not passed over."""

from typing import Any

from django_filters import rest_framework as filters
from rest_framework.exceptions import ValidationError

from procurement.access.pagination import PARAMETERS


class StrictFilterSet(filters.FilterSet):  # type: ignore[misc]
    """A misspelt filter would otherwise answer with every row there is."""

    def is_valid(self) -> bool:
        unknown = set(self.data) - set(self.filters) - set(PARAMETERS)
        if unknown:
            names = ", ".join((*self.filters, *PARAMETERS))
            text = f"There is no such parameter; there are {names}."
            raise ValidationError(dict.fromkeys(sorted(unknown), text))
        valid: bool = super().is_valid()
        return valid


class AnyOfFilter(filters.MultipleChoiceFilter):  # type: ignore[misc]
    """One value or several; rows that have any of them."""

    def filter(self, queryset: Any, values: Any) -> Any:
        if not values:
            return queryset
        return queryset.filter(**{f"{self.field_name}__in": sorted(values)})

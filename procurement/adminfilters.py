"""Filters in the bar above a list: plain form fields, at home on the keyboard."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone


class SelectFilter(admin.SimpleListFilter):
    """A filter shown as a select in the bar above a list."""

    template = "admin/parts/select_filter.html"

    def options(self) -> list[tuple[str, str, bool]]:
        chosen = self.value()
        return [
            (str(key), str(label), str(key) == chosen)
            for key, label in self.lookup_choices
        ]


def field_filter(
    field: str, name: str, options: Sequence[tuple[Any, Any]]
) -> type[SelectFilter]:
    """A select for one column with a known set of values."""

    class FieldFilter(SelectFilter):
        title = name
        parameter_name = field

        def lookups(
            self, request: HttpRequest, model_admin: Any
        ) -> list[tuple[Any, str]]:
            return list(options)

        def queryset(
            self, request: HttpRequest, queryset: QuerySet[Any]
        ) -> QuerySet[Any]:
            known = {str(key) for key, _ in self.lookup_choices}
            if self.value() not in known:
                return queryset
            return queryset.filter(**{field: self.value()})

    return FieldFilter


class DayRangeFilter(admin.ListFilter):
    """Two days, both included; either may be left out."""

    template = "admin/parts/day_range_filter.html"
    field: ClassVar[str]

    def __init__(
        self,
        request: HttpRequest,
        params: dict[str, list[str]],
        model: type[Model],
        model_admin: Any,
    ) -> None:
        super().__init__(request, params, model, model_admin)
        self.days: dict[str, Any] = {}
        for name in self._names():
            given = params.pop(name, [""])[-1]
            try:
                self.days[name] = forms.DateField(required=False).clean(given)
            except forms.ValidationError:
                raise IncorrectLookupParameters from None

    def has_output(self) -> bool:
        return True

    def expected_parameters(self) -> list[str | None]:
        return [*self._names()]

    def _names(self) -> tuple[str, str]:
        return f"{self.field}_from", f"{self.field}_to"

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        return iter(())

    def inputs(self) -> list[tuple[str, str, str]]:
        labels = (f"{self.title} from", "to")
        return [
            (name, label, day.isoformat() if day else "")
            for label, (name, day) in zip(labels, self.days.items(), strict=True)
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        first, last = self.days.values()
        if first:
            queryset = queryset.filter(**{f"{self.field}__gte": _midnight(first)})
        if last:
            after = _midnight(last + timedelta(days=1))
            queryset = queryset.filter(**{f"{self.field}__lt": after})
        return queryset


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day))  # noqa: DTZ001

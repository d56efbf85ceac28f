"""Filters in the bar above a list: plain form fields, at home on the keyboard."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from procurement.money import MAX_DIGITS
from procurement.texts import Text


class SelectFilter(admin.SimpleListFilter):
    """A filter shown as a select in the bar above a list."""

    template = "admin/parts/select_filter.html"
    nothing: Text = gettext_lazy("All")
    """The option that filters nothing."""
    is_more = False
    """It stands behind “More filters”."""

    def options(self) -> list[tuple[str, str, bool]]:
        chosen = self.value()
        return [
            (str(key), str(label), str(key) == chosen)
            for key, label in self.lookup_choices
        ]

    def is_known(self) -> bool:
        """Whether the chosen value is one of the choices, or none is chosen."""
        value = self.value()
        return not value or any(
            str(key) == value for key, _label in self.lookup_choices
        )

    def is_set(self) -> bool:
        return bool(self.value())


class HiddenFilter(SelectFilter):
    """Kept by the form of the bar, and chosen somewhere else."""

    template = "admin/parts/hidden_filter.html"


def field_filter(
    field: str,
    name: Text,
    options: Sequence[tuple[Any, Any]],
    *,
    column: str = "",
    more: bool = False,
) -> type[SelectFilter]:
    """A select for one column with a known set of values."""

    class FieldFilter(SelectFilter):
        title = name
        parameter_name = field
        is_more = more

        def lookups(
            self, request: HttpRequest, model_admin: Any
        ) -> list[tuple[Any, str]]:
            return list(options)

        def queryset(
            self, request: HttpRequest, queryset: QuerySet[Any]
        ) -> QuerySet[Any]:
            if not self.value() or not self.is_known():
                return queryset
            return queryset.filter(**{column or field: self.value()})

    return FieldFilter


class NamesFilter(SelectFilter):
    """A select of neighbours by name; the value is their key."""

    column: str

    def neighbours(self, user: Any) -> QuerySet[Any]:
        """Keys and names a person may see, in the order in which they are offered."""
        raise NotImplementedError

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        return list(self.neighbours(request.user))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not self.value() or not self.is_known():
            return queryset
        return queryset.filter(**{self.column: self.value()})


class _FieldsFilter(admin.ListFilter):
    """Fields of its own in the bar, each read by a form field."""

    template = "admin/parts/range_filter.html"
    is_more = False
    input_type: ClassVar[str]

    def __init__(
        self,
        request: HttpRequest,
        params: dict[str, list[str]],
        model: type[Model],
        model_admin: Any,
    ) -> None:
        super().__init__(request, params, model, model_admin)
        self.values: dict[str, Any] = {}
        for name in self.parameter_names():
            given = params.pop(name, [""])[-1]
            try:
                self.values[name] = self.form_field().clean(given)
            except forms.ValidationError:
                raise IncorrectLookupParameters from None

    @classmethod
    def parameter_names(cls) -> tuple[str, ...]:
        raise NotImplementedError

    @classmethod
    def form_field(cls) -> forms.Field:
        raise NotImplementedError

    def labels(self) -> tuple[str, ...]:
        return (_("%(title)s from") % {"title": self.title}, _("to"))

    def inputs(self) -> list[tuple[str, str, str]]:
        return [
            (name, label, "" if value is None else str(value))
            for label, (name, value) in zip(
                self.labels(), self.values.items(), strict=True
            )
        ]

    def has_output(self) -> bool:
        return True

    def is_set(self) -> bool:
        return any(value is not None for value in self.values.values())

    def expected_parameters(self) -> list[str | None]:
        return [*self.parameter_names()]

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        return iter(())


class DayRangeFilter(_FieldsFilter):
    """Two days, both included; either may be left out."""

    input_type = "date"
    field: ClassVar[str]
    column: ClassVar[str] = ""
    """The lookup, where it is not the field; the field names the parameters."""
    is_moment: ClassVar[bool] = True
    """The column holds moments rather than days."""

    @classmethod
    def parameter_names(cls) -> tuple[str, ...]:
        return f"{cls.field}_from", f"{cls.field}_to"

    @classmethod
    def form_field(cls) -> forms.Field:
        return forms.DateField(required=False)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        first, last = self.values.values()
        column = self.column or self.field
        if first:
            start = _midnight(first) if self.is_moment else first
            queryset = queryset.filter(**{f"{column}__gte": start})
        if last:
            after = last + timedelta(days=1)
            end = _midnight(after) if self.is_moment else after
            queryset = queryset.filter(**{f"{column}__lt": end})
        return queryset


class TextFilter(_FieldsFilter):
    """A text to be found in one column, as it is or as `column` looks it up."""

    template = "admin/parts/text_filter.html"
    input_type = "text"
    parameter_name: ClassVar[str]
    column: ClassVar[str]

    @classmethod
    def parameter_names(cls) -> tuple[str, ...]:
        return (cls.parameter_name,)

    @classmethod
    def form_field(cls) -> forms.Field:
        return forms.CharField(required=False, max_length=200, empty_value=None)

    def labels(self) -> tuple[str, ...]:
        return (str(self.title),)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        text = self.values[self.parameter_name]
        return queryset.filter(self.wanted(text)) if text else queryset

    def wanted(self, text: str) -> Q:
        return Q(**{self.column: text})


class AmountRangeFilter(_FieldsFilter):
    """Two amounts, both included; they mean something in one currency only."""

    input_type = "text"
    field: ClassVar[str]
    column: ClassVar[str]

    @classmethod
    def parameter_names(cls) -> tuple[str, ...]:
        return f"{cls.field}_from", f"{cls.field}_to"

    @classmethod
    def form_field(cls) -> forms.Field:
        return forms.DecimalField(
            required=False, max_digits=MAX_DIGITS, decimal_places=3
        )

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        least, most = self.values.values()
        if least is not None:
            queryset = queryset.filter(**{f"{self.column}__gte": least})
        if most is not None:
            queryset = queryset.filter(**{f"{self.column}__lte": most})
        return queryset


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day))  # noqa: DTZ001

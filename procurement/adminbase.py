"""What every admin screen is built on.

The theme is imported here and nowhere else, so that another one, or none, can be
put underneath. Lists read the rows of one page and one more; nothing counts a table.
"""

from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import EmptyPage, InvalidPage, Page, Paginator
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from unfold import fields as theme_fields
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget as CheckboxesWidget,
)
from unfold.widgets import UnfoldAdminFileFieldWidget as FileWidget
from unfold.widgets import UnfoldAdminPasswordWidget as PasswordWidget
from unfold.widgets import UnfoldAdminRadioSelectWidget as RadioWidget
from unfold.widgets import UnfoldAdminSelectWidget as SelectWidget
from unfold.widgets import UnfoldAdminTextareaWidget as LongTextWidget
from unfold.widgets import UnfoldBooleanWidget as CheckboxWidget

if TYPE_CHECKING:
    # The theme has no types: to the checker its classes are those they extend.
    ThemeModelAdmin = admin.ModelAdmin[Any]
    ThemeTabularInline = admin.TabularInline[Any, Any]
    ThemeChangeList = ChangeList
    TextWidget = forms.TextInput
    AnyModelForm = forms.ModelForm[Any]
    AnyInlineFormSet = forms.BaseInlineFormSet[Any, Any, Any]
    AnyPaginator = Paginator[Any]
else:
    from unfold.admin import ModelAdmin as ThemeModelAdmin
    from unfold.admin import TabularInline as ThemeTabularInline
    from unfold.views import ChangeList as ThemeChangeList
    from unfold.widgets import UnfoldAdminTextInputWidget as TextWidget

    AnyModelForm = forms.ModelForm
    AnyInlineFormSet = forms.BaseInlineFormSet
    AnyPaginator = Paginator

from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.scoping import scoped, sight_of

__all__ = [
    "AdminPasswordChangeForm",
    "AnyInlineFormSet",
    "AnyModelForm",
    "CheckboxWidget",
    "CheckboxesWidget",
    "DateWidget",
    "FileWidget",
    "LongTextWidget",
    "ModelAdmin",
    "NumberWidget",
    "OperationAdmin",
    "OperationForm",
    "PasswordWidget",
    "RadioWidget",
    "ReadOnlyAdmin",
    "SelectWidget",
    "TabularInline",
    "TextWidget",
    "UserChangeForm",
    "UserCreationForm",
]

PAGE_SIZE = 50

# It colours JSON by `style=`, which the pages' policy refuses, where Pygments happens
# to be installed; without it the text is shown as it is.
theme_fields.prettify_json = lambda data, encoder: None


# --- lists ------------------------------------------------------------------------


class WindowPaginator(AnyPaginator):
    """Reads a page and one row more: enough to know whether there is a next one.

    `count` is therefore the number of rows known of, not of all there are. `before`
    and `after` are the neighbours of the page, where it has any.
    """

    before: Any = None
    after: Any = None
    template_name = "admin/parts/window_pagination.html"

    def validate_number(self, number: Any) -> int:
        try:
            wanted = int(number)
        except (TypeError, ValueError):
            raise EmptyPage(_("That is no page number.")) from None
        if wanted < 1:
            raise EmptyPage(_("Pages begin at 1."))
        return wanted

    def page(self, number: Any) -> "Page[Any]":
        number = self.validate_number(number)
        start = (number - 1) * self.per_page
        first = max(start - 1, 0)
        window = list(self.object_list[first : start + self.per_page + 1])
        if start:
            self.before = window.pop(0) if window else None
        if not window and number > 1:
            raise EmptyPage(_("That page is empty."))
        self.count = start + len(window)
        self.after = next(iter(window[self.per_page :]), None)
        return Page(window[: self.per_page], number, self)

    @cached_property
    def count(self) -> int:
        return len(self.object_list[: self.per_page + 1])


class WindowChangeList(ThemeChangeList):
    """A list page that needs one query for its rows, or two: first for their keys.

    `row_before` and `row_after` are the neighbours of the rows shown.
    """

    row_before: Any = None
    row_after: Any = None

    def get_results(self, request: HttpRequest) -> None:
        chosen = getattr(request, "preferences", None)
        if chosen and chosen.page_size:
            self.list_per_page = chosen.page_size
        is_keys_first = getattr(self.model_admin, "list_keys_first", False)
        columns = getattr(self.model_admin, "list_only", ())
        rows: Any = self.queryset
        if is_keys_first:
            rows = rows.values_list("pk", flat=True)
        elif columns:
            rows = rows.only(*columns)
        self.paginator = self.model_admin.get_paginator(
            request, rows, self.list_per_page
        )
        try:
            page = self.paginator.page(self.page_num)
        except InvalidPage:
            raise IncorrectLookupParameters from None
        self.result_list = page.object_list
        if is_keys_first:
            self._read_rows(columns)
        self.result_count = self.full_result_count = self.paginator.count
        self.show_full_result_count = False
        self.show_admin_actions = bool(self.result_list)
        self.can_show_all = False
        self.multi_page = page.has_next() or self.page_num > 1

    def _read_rows(self, columns: tuple[str, ...]) -> None:
        """Put the rows in the place of their keys.

        Sorting keys alone costs a database a fraction of sorting whole rows.
        """
        before, after = self.paginator.before, self.paginator.after
        keys = [before, *self.result_list, after]
        rows = self.model._default_manager.select_related(*self.list_select_related)  # type: ignore[misc]
        found = rows.only(*columns).in_bulk([key for key in keys if key is not None])
        self.result_list = [found[key] for key in keys[1:-1] if key in found]
        self.row_before, self.row_after = found.get(before), found.get(after)

    @property
    def first_filters(self) -> list[Any]:
        return [each for each in self.filter_specs if not _is_more(each)]

    @property
    def more_filters(self) -> list[Any]:
        return [each for each in self.filter_specs if _is_more(each)]

    @property
    def more_is_set(self) -> bool:
        return any(each.is_set() for each in self.more_filters)

    @property
    def next_page(self) -> str:
        has_next = self.paginator.count > self.page_num * self.list_per_page
        return self.get_query_string({"p": self.page_num + 1}) if has_next else ""

    @property
    def previous_page(self) -> str:
        if self.page_num <= 1:
            return ""
        return self.get_query_string({"p": self.page_num - 1})

    @property
    def kept_parameters(self) -> list[tuple[str, str]]:
        """What the filter bar hands on: all but the page and its own fields."""
        own: set[str | None] = {"p", "e", "q"}
        for spec in self.filter_specs:
            own.update(spec.expected_parameters())
        return [
            (name, value)
            for name, values in self.filter_params.items()
            for value in values
            if name not in own
        ]


def _is_more(spec: Any) -> bool:
    return bool(getattr(spec, "is_more", False))


# --- admin classes ----------------------------------------------------------------


class SeenOnly:
    """Rows, and choices of a form, end where the person's reach ends."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return scoped(super().get_queryset(request), request.user)  # type: ignore[misc]

    def get_field_queryset(self, db: Any, db_field: Any, request: Any) -> Any:
        sorted_rows = super().get_field_queryset(db, db_field, request)  # type: ignore[misc]
        rows = sorted_rows or db_field.remote_field.model._default_manager.using(db)
        return scoped(rows.all(), request.user)


class ModelAdmin(SeenOnly, ThemeModelAdmin):
    """The base of every screen."""

    paginator = WindowPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = PAGE_SIZE
    list_max_show_all = 0
    list_fullwidth = True
    change_list_template = "admin/list.html"
    # Rows are deleted one by one, each on a page that shows what hangs on it.
    actions = None
    list_only: tuple[str, ...] = ()
    list_keys_first = False
    """Find the keys of a page first, then its rows: for lists that are sorted."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody of limited reach: what hangs on a row may be beyond it."""
        may: bool = super().has_delete_permission(request, obj)
        return may and sight_of(request.user) is None

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type:
        return WindowChangeList

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: Any, object_id: str
    ) -> HttpResponse:
        # Django shows the first page with a message; a 404 is what other screens say.
        raise Http404(_("There is no such page."))

    def object_url(self, pk: Any) -> str:
        opts = self.opts
        return reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[pk])


class TabularInline(SeenOnly, ThemeTabularInline):
    extra = 0


class ReadOnlyAdmin(ModelAdmin):
    """Records of what happened: nobody adds, changes or deletes them here."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class OperationForm(AnyModelForm):
    """A form whose values go to an operation, which checks them.

    Nothing is put into the instance here. `refusal` is what the operation said the
    first time round; its texts stand at the fields they are about.
    """

    refusal: ClassVar[Exception | None] = None

    def _post_clean(self) -> None:
        if isinstance(self.refusal, OperationNotAllowed):
            self.add_error(None, self.refusal.text)
        elif isinstance(self.refusal, InvalidInput):
            for name, text in self.refusal.errors.items():
                field = self.field_of(name)
                if field is not None:
                    self.add_error(field or None, text)

    def field_of(self, name: str) -> str | None:
        """The form's field for one of the operation's.

        Empty where it has none: the text then stands above the form. None where the
        text is shown elsewhere.
        """
        if name in self.fields:
            return name
        parent = name.partition(".")[0]
        return parent if parent in self.fields else ""


class OperationAdmin(ModelAdmin):
    """Saves through an operation, and shows at the fields what it refuses.

    Django writes only after the form was found valid, so a refusal comes too late
    for it. The request is then taken a second time with the refusal at hand: the
    form fails, says why, and keeps everything that was typed.
    """

    def save_by_operation(
        self,
        request: HttpRequest,
        form: Any,
        formsets: list[Any],
        change: bool,
    ) -> Model:
        raise NotImplementedError

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context = {"show_history": False, **(extra_context or {})}
        try:
            return super().changeform_view(request, object_id, form_url, context)
        except (InvalidInput, OperationNotAllowed) as refusal:
            request.refusal = refusal  # type: ignore[attr-defined]
            return super().changeform_view(request, object_id, form_url, context)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[AnyModelForm]:
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.refusal = getattr(request, "refusal", None)
        made: type[AnyModelForm] = form
        return made

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: Any
    ) -> None:
        """Leave it to `save_related`, which knows the formsets as well."""

    def save_related(
        self, request: HttpRequest, form: Any, formsets: Any, change: bool
    ) -> None:
        saved = self.save_by_operation(request, form, formsets, change)
        form.instance.__dict__.update(saved.__dict__)

    # The operation writes an event that says more; two logs would disagree one day.
    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> list[Any]:
        return []

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        pass

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        pass


class DateWidget(TextWidget):
    """The browser's own calendar."""

    input_type = "date"

    def format_value(self, value: Any) -> str | None:
        return value.isoformat() if isinstance(value, date) else value or None


class NumberWidget(TextWidget):
    """Text, so that no browser turns a price into a float or scrolls it away."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(
            {"inputmode": "decimal", "autocomplete": "off", **(attrs or {})}
        )

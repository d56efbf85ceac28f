"""The screens of files of orders and items: bring one, look at it, import it."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from procurement.adminbase import FileWidget, ReadOnlyAdmin
from procurement.adminfilters import field_filter
from procurement.adminshow import badge, list_url
from procurement.csvtext import CONTENT_TYPE, csv_lines
from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.imports import operations, queries
from procurement.imports.kinds import ITEMS, ORDERS, Kind
from procurement.imports.models import FileImport, ImportState, ItemImport, OrderImport
from procurement.imports.showing import context_of
from procurement.sheets import templates

TONES = {
    ImportState.NEW: "grey",
    ImportState.UNREADABLE: "red",
    ImportState.FAULTY: "red",
    ImportState.READY: "blue",
    ImportState.DONE: "green",
}


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("CSV or Excel file (.xlsx)"),
        widget=FileWidget({"accept": ".csv,.tsv,.txt,.xlsx"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = _(
            "At most %(rows)s rows and %(megabytes)s MB."
        ) % {
            "rows": f"{operations.MAX_ROWS:,}",
            "megabytes": operations.MAX_BYTES // 1_000_000,
        }

    def read(self) -> tuple[str, bytes]:
        """The file's name and content; no more of it than is too much."""
        uploaded = self.cleaned_data["file"]
        return uploaded.name, uploaded.read(operations.MAX_BYTES + 1)


class FileImportAdmin(ReadOnlyAdmin):
    kind: ClassVar[Kind]
    list_display = ["name", "badge", "uploaded_by", "uploaded_at", "applied_at"]
    list_only = (
        "name",
        "state",
        "uploaded_by__username",
        "uploaded_at",
        "applied_at",
        "run__state",
        "run__ended_at",
    )
    list_select_related = ["uploaded_by", "run"]
    list_filter = [field_filter("state", gettext_lazy("State"), ImportState.choices)]
    sortable_by = ()
    ordering = ["-pk"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.kind.may(request.user)

    @property
    def _name(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}"

    def get_urls(self) -> list[URLPattern]:
        wrap, name = self.admin_site.admin_view, self._name
        template = wrap(self.template_view)
        key = f"<int:{self.opts.model_name}_id>"
        return [
            path("template.<slug:ending>", template, name=f"{name}_template"),
            path(f"{key}/apply/", wrap(self.apply_view), name=f"{name}_apply"),
            path(f"{key}/rows/", wrap(self.rows_view), name=f"{name}_rows"),
            *super().get_urls(),
        ]

    # --- bringing a file ---

    def template_view(self, request: HttpRequest, ending: str) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        kind = self.kind
        if ending == "csv":
            content, of_type = (
                templates.as_csv(kind.columns, kind.examples),
                templates.CSV_TYPE,
            )
        elif ending == "xlsx":
            # Few processes ever write one.
            from procurement.sheets.workbooks import as_xlsx

            content, of_type = (
                as_xlsx(str(kind.label), kind.columns, kind.examples),
                templates.XLSX_TYPE,
            )
        else:
            raise Http404("There is no such template.")
        name = f'attachment; filename="{kind.name}.{ending}"'
        return HttpResponse(
            content, content_type=of_type, headers={"Content-Disposition": name}
        )

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Take a file in; what it would make is shown on its own page."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        is_sent = request.method == "POST"
        form = UploadForm(request.POST, request.FILES) if is_sent else UploadForm()
        if form.is_valid():
            name, content = form.read()
            try:
                stored = operations.bring_import(
                    kind=self.kind,
                    actor=request.user,  # type: ignore[arg-type]
                    name=name,
                    content=content,
                )
            except (InvalidInput, OperationNotAllowed) as refusal:
                form.add_error("file", refusal.text)
            else:
                return HttpResponseRedirect(self.object_url(stored.pk))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Orders from a file")
            if self.kind is ORDERS
            else _("Items from a file"),
            "is_orders": self.kind is ORDERS,
            "form": form,
            "columns": self.kind.columns,
            "templates": [
                (label, reverse(f"admin:{self._name}_template", args=[ending]))
                for label, ending in ((_("Excel (XLSX)"), "xlsx"), ("CSV", "csv"))
            ],
            "back": list_url(self._name),
        }
        return TemplateResponse(request, "admin/imports/upload.html", context)

    # --- looking and importing ---

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """What the file would make, or what became of it."""
        stored = self._stored(request, object_id)
        if not self.has_view_permission(request, stored):
            raise PermissionDenied
        is_own = stored.uploaded_by_id == request.user.pk
        context = {
            **self.admin_site.each_context(request),
            **context_of(self.kind, stored, request.user),
            "opts": self.opts,
            "title": str(stored),
            "state": state_badge(stored),
            "is_orders": self.kind is ORDERS,
            "is_own": is_own,
            "may_apply": is_own
            and stored.state == ImportState.READY
            and not stored.is_in_work
            and self.has_add_permission(request),
            "apply_url": reverse(f"admin:{self._name}_apply", args=[stored.pk]),
            "rows_url": reverse(f"admin:{self._name}_rows", args=[stored.pk]),
            "add_url": reverse(f"admin:{self._name}_add"),
            "back": list_url(self._name),
        }
        return TemplateResponse(request, "admin/imports/import.html", context)

    def apply_view(self, request: HttpRequest, **key: int) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        stored = self._stored(request, *key.values())
        try:
            stored = operations.ask_to_apply(
                kind=self.kind,
                import_id=stored.pk,
                sha256=request.POST.get("sha256", ""),
                actor=request.user,  # type: ignore[arg-type]
            )
        except OperationNotAllowed as refusal:
            self.message_user(request, refusal.text, messages.WARNING)
        else:
            self._tell(request, stored)
        return HttpResponseRedirect(self.object_url(stored.pk))

    def _tell(self, request: HttpRequest, stored: FileImport) -> None:
        if stored.state == ImportState.DONE:
            self.message_user(request, _("Imported."), messages.SUCCESS)
        elif stored.is_in_work:
            text = _("It is imported in the background; nothing is there by halves.")
            self.message_user(request, text, messages.INFO)
        else:
            text = _("Nothing was imported: something stands against it now.")
            self.message_user(request, text, messages.WARNING)

    def rows_view(self, request: HttpRequest, **key: int) -> Any:
        """What became of each order or item, as a table of text."""
        stored = self._stored(request, *key.values())
        if not self.has_view_permission(request, stored):
            raise PermissionDenied
        name = f'attachment; filename="import-{self.kind.name}-{stored.pk}.csv"'
        titles, rows = queries.made_rows(self.kind, stored, request.user)
        lines: Iterator[str] = csv_lines(titles, rows)
        return StreamingHttpResponse(
            lines, content_type=CONTENT_TYPE, headers={"Content-Disposition": name}
        )

    def _stored(self, request: HttpRequest, object_id: Any) -> FileImport:
        known: QuerySet[Any] = self.get_queryset(request)
        known = known.select_related("uploaded_by", "run").defer("content")
        found: FileImport | None = (
            known.filter(pk=object_id).first() if str(object_id).isdigit() else None
        )
        if found is None:
            raise Http404("There is no such import.")
        return found

    @admin.display(description=gettext_lazy("State"))
    def badge(self, stored: FileImport) -> SafeString:
        return state_badge(stored)


def state_badge(stored: FileImport) -> SafeString:
    if stored.is_in_work:
        return badge(_("Being worked at"), "blue")
    state = ImportState(stored.state)
    return badge(state.label, TONES[state])


@admin.register(OrderImport)
class OrderImportAdmin(FileImportAdmin):
    kind = ORDERS


@admin.register(ItemImport)
class ItemImportAdmin(FileImportAdmin):
    kind = ITEMS

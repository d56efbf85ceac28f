"""The screens of files with steps: bring one, look at it, record it, see what came."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from procurement.adminbase import FileWidget, ReadOnlyAdmin
from procurement.adminshow import badge, list_url
from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.fulfilment.imports import (
    Outcome,
    apply_import,
    preview_import,
    store_import,
)
from procurement.fulfilment.models import StepImport
from procurement.fulfilment.sheets import COLUMNS, MAX_BYTES, MAX_ROWS, template
from procurement.texts import gettext_lazy

WORDS = {"done": "green", "skipped": "amber", "failed": "red"}
"""How a row fared, and its colour."""


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        help_text=gettext_lazy("At most %(max_rows)s rows and %(max_bytes)s bytes.")
        % {"max_rows": MAX_ROWS, "max_bytes": f"{MAX_BYTES:,}"},
        widget=FileWidget({"accept": ".csv,text/csv"}),
    )

    def read(self) -> tuple[str, bytes]:
        """The file's name and content; no more of it than is too much."""
        uploaded = self.cleaned_data["file"]
        return uploaded.name, uploaded.read(MAX_BYTES + 1)


@admin.register(StepImport)
class StepImportAdmin(ReadOnlyAdmin):
    list_display = ["name", "uploaded_by", "uploaded_at", "state"]
    list_only = ("name", "uploaded_by__username", "uploaded_at", "applied_at")
    list_select_related = ["uploaded_by"]
    search_fields = ["name"]
    search_help_text = gettext_lazy("Name of the file")
    sortable_by = ()
    ordering = ["-pk"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("fulfilment.add_stepimport")

    def get_urls(self) -> list[URLPattern]:
        wrap, name = self.admin_site.admin_view, "fulfilment_stepimport"
        return [
            path("template/", wrap(self.template_view), name=f"{name}_template"),
            path("<int:import_id>/record/", wrap(self.record_view), name=f"{name}_run"),
            *super().get_urls(),
        ]

    def template_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        headers = {"Content-Disposition": 'attachment; filename="steps.csv"'}
        return HttpResponse(template(), content_type="text/csv", headers=headers)

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Take a file in; what it would do is shown on its own page."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        is_sent = request.method == "POST"
        form = UploadForm(request.POST, request.FILES) if is_sent else UploadForm()
        if form.is_valid():
            name, content = form.read()
            try:
                stored = store_import(actor=request.user, name=name, content=content)  # type: ignore[arg-type]
            except (InvalidInput, OperationNotAllowed) as refusal:
                form.add_error("file", refusal.text)
            else:
                return HttpResponseRedirect(self.object_url(stored.pk))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Record steps from a file"),
            "form": form,
            "columns": COLUMNS.items(),
            "back": list_url("fulfilment_stepimport"),
        }
        return TemplateResponse(request, "admin/fulfilment/upload.html", context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """What the file would do, or what became of it."""
        stored = self._stored(request, object_id)
        if not self.has_view_permission(request, stored):
            raise PermissionDenied
        is_own = stored.uploaded_by_id == request.user.pk
        may_record = (
            is_own and stored.applied_at is None and self.has_add_permission(request)
        )
        outcomes: Sequence[Outcome] = [Outcome(**row) for row in stored.result]
        if may_record:
            outcomes = preview_import(stored, actor=request.user)  # type: ignore[arg-type]
        counts = Counter(outcome.how for outcome in outcomes)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": str(stored),
            "stored": stored,
            "is_preview": may_record,
            "may_record": may_record and counts["done"] and not counts["failed"],
            "counts": counts,
            "rows": [_shown(outcome, may_record) for outcome in outcomes],
            "record_url": reverse("admin:fulfilment_stepimport_run", args=[stored.pk]),
            "back": list_url("fulfilment_stepimport"),
        }
        return TemplateResponse(request, "admin/fulfilment/import.html", context)

    def record_view(self, request: HttpRequest, import_id: int) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        stored = self._stored(request, import_id)
        if request.method == "POST":
            try:
                stored = apply_import(
                    import_id=import_id,
                    sha256=request.POST.get("sha256", ""),
                    actor=request.user,  # type: ignore[arg-type]
                )
            except OperationNotAllowed as refusal:
                self.message_user(request, refusal.text, messages.WARNING)
            else:
                self._tell(request, stored)
        return HttpResponseRedirect(self.object_url(stored.pk))

    def _tell(self, request: HttpRequest, stored: StepImport) -> None:
        if stored.applied_at is None:
            text = _("Nothing was recorded: not every row can be. See which.")
            self.message_user(request, text, messages.WARNING)
            return
        counts = Counter(row["how"] for row in stored.result)
        self.message_user(
            request,
            _("Rows recorded: %(value)s. Skipped: %(value_2)s.")
            % {"value": counts["done"], "value_2": counts["skipped"]},
            messages.SUCCESS,
        )

    def _stored(self, request: HttpRequest, object_id: Any) -> StepImport:
        known: QuerySet[StepImport] = self.get_queryset(request).select_related(
            "uploaded_by"
        )
        stored = (
            known.filter(pk=object_id).first() if str(object_id).isdigit() else None
        )
        if stored is None:
            raise Http404(_("There is no such import."))
        return stored

    @admin.display(description=gettext_lazy("State"))
    def state(self, stored: StepImport) -> SafeString:
        if stored.applied_at is None:
            return badge(_("Not recorded"), "grey")
        return badge(_("Recorded"), "green")


def _shown(outcome: Outcome, is_preview: bool) -> tuple[Outcome, SafeString]:
    word = {"done": _("Would be recorded")}.get(outcome.how) if is_preview else None
    return outcome, badge(word or outcome.how.capitalize(), WORDS[outcome.how])

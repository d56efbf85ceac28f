"""The screens of price files: bring one, watch it, decide what was held back."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

import vendors
from procurement.adminbase import ReadOnlyAdmin, SelectWidget
from procurement.adminfilters import field_filter
from procurement.adminshow import badge, list_url
from procurement.catalogue.files import operations
from procurement.catalogue.files.loading import MOST_FAULTS
from procurement.catalogue.models import FileState, PriceFile
from procurement.csvtext import CONTENT_TYPE, csv_lines
from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.suppliers.admin_exchanges import SupplierFilter
from procurement.suppliers.models import Supplier
from procurement.texts import gettext_lazy
from vendors.contracts import Capability

FAULTS_SHOWN = 50
REFRESH_SECONDS = 3
TONES = {
    FileState.WAITING: "grey",
    FileState.LOADING: "blue",
    FileState.QUARANTINED: "red",
    FileState.APPLYING: "blue",
    FileState.DONE: "green",
    FileState.DISCARDED: "grey",
    FileState.FAILED: "red",
}


def suppliers_with_files() -> QuerySet[Supplier]:
    codes = [
        code
        for code in vendors.CODES
        if vendors.get(code).offers(Capability.READ_PRICE_FILE)
    ]
    return Supplier.objects.filter(vendor__in=codes).defer("credentials")


class UploadForm(forms.Form):
    supplier = forms.ModelChoiceField(
        queryset=Supplier.objects.none(), widget=SelectWidget
    )
    file = forms.FileField(label=gettext_lazy("Price file"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["supplier"].queryset = suppliers_with_files()  # type: ignore[attr-defined]
        most = settings.PRICE_FILE_MAX_BYTES
        self.fields["file"].help_text = _("At most %(most)s bytes.") % {
            "most": f"{most:,}"
        }


@admin.register(PriceFile)
class PriceFileAdmin(ReadOnlyAdmin):
    list_display = ["name", "supplier", "badge", "rows", "uploaded_by", "uploaded_at"]
    list_only = (
        "name",
        "supplier__name",
        "state",
        "row_count",
        "fault_count",
        "read_bytes",
        "total_bytes",
        "applied_count",
        "uploaded_by__username",
        "uploaded_at",
    )
    list_select_related = ["supplier", "uploaded_by"]
    list_filter = [
        SupplierFilter,
        field_filter("state", gettext_lazy("State"), FileState.choices),
    ]
    ordering = ["-pk"]
    sortable_by = ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("catalogue.add_pricefile")

    def get_urls(self) -> list[URLPattern]:
        name = "catalogue_pricefile"
        faults = self.admin_site.admin_view(self.faults_view)
        decide = self.admin_site.admin_view(self.decide_view)
        return [
            path("<int:file_id>/faults/", faults, name=f"{name}_faults"),
            path(
                "<int:file_id>/decide/<slug:decision>/", decide, name=f"{name}_decide"
            ),
            *super().get_urls(),
        ]

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Take a file in; what becomes of it is shown on its own page."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        initial = {"supplier": request.GET.get("supplier")}
        form = UploadForm(request.POST or None, request.FILES or None, initial=initial)
        if form.is_valid():
            upload = form.cleaned_data["file"]
            try:
                file = operations.take_in_file(
                    supplier_id=form.cleaned_data["supplier"].pk,
                    actor=request.user,  # type: ignore[arg-type]
                    name=upload.name,
                    upload=upload,
                )
            except (InvalidInput, OperationNotAllowed) as refusal:
                form.add_error("file", refusal.text)
            else:
                return HttpResponseRedirect(self.object_url(file.pk))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Bring a price file"),
            "form": form,
            "back": list_url("catalogue_pricefile"),
        }
        return TemplateResponse(request, "admin/catalogue/upload.html", context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """How far the file is, or what became of it."""
        file = self._file(object_id)
        if not self.has_view_permission(request, file):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": str(file),
            "subtitle": str(file.supplier),
            "file": file,
            "state": state_badge(file),
            "refresh_seconds": REFRESH_SECONDS if file.is_in_work else 0,
            "faults": file.faults.all()[:FAULTS_SHOWN],
            "most_faults": min(file.fault_count, MOST_FAULTS),
            "faults_url": reverse("admin:catalogue_pricefile_faults", args=[file.pk]),
            "may_decide": file.state == FileState.QUARANTINED
            and request.user.has_perm("catalogue.release_pricefile"),
            "back": list_url("catalogue_pricefile"),
        }
        return TemplateResponse(request, "admin/catalogue/file.html", context)

    def decide_view(
        self, request: HttpRequest, file_id: int, decision: str
    ) -> HttpResponse:
        decide = _DECISIONS.get(decision)
        if decide is None:
            raise Http404(_("There is no such decision."))
        file = self._file(file_id)
        if not request.user.has_perm("catalogue.release_pricefile"):
            raise PermissionDenied
        if request.method == "POST":
            evidence = request.POST.get("evidence", "")[:2000]
            try:
                decided = decide(file_id=file.pk, actor=request.user, evidence=evidence)
            except (InvalidInput, OperationNotAllowed) as refusal:
                self.message_user(request, refusal.text, messages.WARNING)
            else:
                self.message_user(
                    request,
                    _("%(file)s: %(state)s.")
                    % {"file": file, "state": decided.get_state_display()},
                    messages.SUCCESS,
                )
        return HttpResponseRedirect(self.object_url(file.pk))

    def faults_view(self, request: HttpRequest, file_id: int) -> Any:
        """The faults that were kept, as a table of text."""
        file = self._file(file_id)
        if not self.has_view_permission(request, file):
            raise PermissionDenied
        name = f'attachment; filename="faults-{file.pk}.csv"'
        faults = file.faults.values_list("line", "text")
        return StreamingHttpResponse(
            csv_lines(("line", "fault"), faults.iterator(chunk_size=500)),
            content_type=CONTENT_TYPE,
            headers={"Content-Disposition": name},
        )

    def _file(self, object_id: Any) -> PriceFile:
        known = PriceFile.objects.select_related(
            "supplier", "uploaded_by", "decided_by"
        ).defer("supplier__credentials")
        file = known.filter(pk=object_id).first() if str(object_id).isdigit() else None
        if file is None:
            raise Http404(_("There is no such price file."))
        return file

    @admin.display(description=gettext_lazy("State"))
    def badge(self, file: PriceFile) -> SafeString:
        return state_badge(file)

    @admin.display(description=gettext_lazy("Lines"))
    def rows(self, file: PriceFile) -> str:
        faults = (
            _(", %(fault_count)s unreadable") % {"fault_count": file.fault_count}
            if file.fault_count
            else ""
        )
        return f"{file.row_count}{faults}"


_DECISIONS: dict[str, Callable[..., PriceFile]] = {
    "release": operations.release_file,
    "discard": operations.discard_file,
}


def state_badge(file: PriceFile) -> SafeString:
    state = FileState(file.state)
    is_moving = state in (FileState.LOADING, FileState.APPLYING)
    words = f"{state.label}: {file.percent} %" if is_moving else state.label
    return badge(words, TONES[state])

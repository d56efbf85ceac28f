"""The screens of runs: one's own list, and the page of one as it goes."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    JsonResponse,
    StreamingHttpResponse,
)
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from procurement.adminbase import ReadOnlyAdmin
from procurement.adminfilters import field_filter
from procurement.adminshow import list_url
from procurement.csvtext import CONTENT_TYPE, csv_lines
from procurement.errors import OperationNotAllowed
from procurement.parts import StoredFile
from procurement.runs import operations
from procurement.runs.kinds import get_kind, label_of
from procurement.runs.models import Run, RunState
from procurement.runs.showing import Row, as_json, groups, said, state_badge, took
from procurement.texts import gettext_lazy

READ_BYTES = 256 * 1024


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    list_display = ["title"]
    list_select_related = ["asked_by"]
    list_only = (
        "title",
        "kind",
        "state",
        "stop_asked_at",
        "total",
        "done",
        "skipped",
        "failed",
        "asked_at",
        "started_at",
        "ended_at",
        "asked_by__username",
    )
    list_filter = [field_filter("state", gettext_lazy("State"), RunState.choices)]
    ordering = ["-pk"]
    sortable_by = ()
    change_list_template = "admin/runs/list.html"

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A run asked for is seen, whatever became of the right to ask for it."""
        if obj is not None and obj.asked_by_id == request.user.pk:
            return True
        return super().has_view_permission(request, obj)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Run]:
        return Run.objects.visible_to(request.user)  # type: ignore[arg-type]

    def get_urls(self) -> list[URLPattern]:
        wrap, name = self.admin_site.admin_view, "runs_run"
        progress = wrap(self.progress_view)
        return [
            path("<int:run_id>/progress/", progress, name=f"{name}_progress"),
            path("<int:run_id>/stop/", wrap(self.stop_view), name=f"{name}_stop"),
            path("<int:run_id>/file/", wrap(self.file_view), name=f"{name}_file"),
            path("<int:run_id>/items/", wrap(self.items_view), name=f"{name}_items"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        answer = super().changelist_view(request, extra_context)
        if isinstance(answer, TemplateResponse) and answer.context_data:
            runs = answer.context_data["cl"].result_list
            answer.context_data["rows"] = [Row.of(run) for run in runs]
            answer.context_data["title"] = _("Background runs")
            answer.context_data["shows_people"] = request.user.has_perm(
                "runs.view_all_runs"
            )
        return answer

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """How far the run is, or what became of each of its items."""
        run = self._run(request, object_id)
        kind = get_kind(run.kind)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": run.title,
            "subtitle": label_of(run.kind),
            "run": run,
            "state": state_badge(run),
            "said": said(run),
            "took": took(run),
            "groups": groups(run),
            "may_stop": run.is_in_work
            and run.stop_asked_at is None
            and self._may_stop(request, run),
            "has_file": self._may_have_file(request, run),
            "come_from": kind.back() if kind and kind.back else None,
            "back": list_url("runs_run"),
        }
        return TemplateResponse(request, "admin/runs/run.html", context)

    def progress_view(self, request: HttpRequest, run_id: int) -> HttpResponse:
        return JsonResponse(as_json(self._run(request, run_id)))

    def stop_view(self, request: HttpRequest, run_id: int) -> HttpResponse:
        run = self._run(request, run_id)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self._may_stop(request, run):
            raise PermissionDenied
        try:
            operations.stop_run(run_id=run.pk, actor=request.user)  # type: ignore[arg-type]
        except OperationNotAllowed as refusal:
            self.message_user(request, refusal.text, messages.WARNING)
        else:
            text = _("It stops after what it is at. What was done stays done.")
            self.message_user(request, text)
        return HttpResponseRedirect(run.url)

    def file_view(self, request: HttpRequest, run_id: int) -> Any:
        """The file a run made, for the person who asked for it."""
        run = self._run(request, run_id)
        if not self._may_have_file(request, run):
            raise Http404(_("There is no file to fetch."))
        kind = get_kind(run.kind)
        if kind and kind.fetched and request.method == "GET":
            kind.fetched(run, request.user)  # type: ignore[arg-type]
        return StreamingHttpResponse(
            _chunks(run),
            content_type=run.file_type,
            headers={
                "Content-Disposition": content_disposition_header(True, run.file_name)
                or "attachment",
                "Content-Length": str(run.file_size),
                "Cache-Control": "private, no-store",
            },
        )

    def items_view(self, request: HttpRequest, run_id: int) -> Any:
        """What became of every item, as a table of text."""
        run = self._run(request, run_id)
        items = run.items.order_by("position").iterator(chunk_size=500)
        rows = ((each.label, each.get_state_display(), each.text) for each in items)
        return StreamingHttpResponse(
            csv_lines((_("What"), _("State"), _("Reason or result")), rows),
            content_type=CONTENT_TYPE,
            headers={"Content-Disposition": f'attachment; filename="run-{run.pk}.csv"'},
        )

    # --- rights -------------------------------------------------------------------

    def _run(self, request: HttpRequest, run_id: Any) -> Run:
        """The run, if there is one this person may see."""
        seen = Run.objects.visible_to(request.user)  # type: ignore[arg-type]
        known = seen.select_related("asked_by", "stop_asked_by")
        run = known.filter(pk=run_id).first() if str(run_id).isdigit() else None
        if run is None:
            raise Http404(_("There is no such run."))
        return run

    def _may_stop(self, request: HttpRequest, run: Run) -> bool:
        is_own = run.asked_by_id == request.user.pk
        return is_own or request.user.has_perm("runs.stop_all_runs")

    def _may_have_file(self, request: HttpRequest, run: Run) -> bool:
        """Made with the rights of one person, a file is for that person alone, and
        only as long as they have those rights."""
        kind = get_kind(run.kind)
        return bool(
            run.file_size
            and run.state == RunState.DONE
            and run.asked_by_id == request.user.pk
            and kind
            and kind.may(request.user, run)
        )


def _chunks(run: Run) -> Iterator[bytes]:
    reader = StoredFile(run.parts).reader
    while chunk := reader.read(READ_BYTES):
        yield chunk

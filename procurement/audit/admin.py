"""The screen of the audit trail, and the file of it."""

from collections.abc import Iterator
from datetime import UTC
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import Q, QuerySet
from django.http import (
    HttpRequest,
    HttpResponseNotAllowed,
    QueryDict,
    StreamingHttpResponse,
)
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from procurement import trail
from procurement.adminbase import ReadOnlyAdmin
from procurement.adminfilters import DayRangeFilter, SelectFilter, TextFilter
from procurement.adminshow import badge
from procurement.audit.listing import history_url, in_words, titles
from procurement.audit.models import Entry
from procurement.csvtext import CONTENT_TYPE, csv_lines
from procurement.orders.admin_lists import begins
from procurement.scoping import sight_of
from procurement.texts import gettext_lazy
from procurement.trail import Outcome

READ_AT_ONCE = 2000


class KindFilter(SelectFilter):
    """One kind, or all kinds of a group."""

    title, parameter_name = gettext_lazy("What"), "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        found: list[tuple[Any, str]] = []
        for group, title in trail.groups().items():
            found.append((f"{group}:", _("%(group)s: all") % {"group": title}))
            found += [
                (kind.code, f"· {kind.label}")
                for kind in trail.kinds()
                if kind.group == group
            ]
        return found

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value() or ""
        if not value or not self.is_known():
            return queryset
        if not value.endswith(":"):
            return queryset.filter(kind=value)
        codes = [kind.code for kind in trail.kinds() if f"{kind.group}:" == value]
        return queryset.filter(kind__in=codes)


class OutcomeFilter(SelectFilter):
    """Only failures are looked for: nearly everything else went well."""

    title, parameter_name = gettext_lazy("Outcome"), "outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        return [(Outcome.FAILED.value, str(Outcome.FAILED.label))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() != Outcome.FAILED:
            return queryset
        return queryset.filter(outcome=Outcome.FAILED)


class PersonFilter(TextFilter):
    title, parameter_name = gettext_lazy("Who (user name)"), "who"
    column: ClassVar[str] = "actor_name"


class SubjectFilter(TextFilter):
    title, parameter_name = gettext_lazy("About (begins with)"), "about"

    def wanted(self, text: str) -> Q:
        return begins("subject", text)


class SpanFilter(DayRangeFilter):
    title, field = gettext_lazy("Day"), "at"


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin):
    list_display = ["when", "what", "who", "address", "about", "told"]
    list_display_links = None
    list_filter = [KindFilter, OutcomeFilter, PersonFilter, SubjectFilter, SpanFilter]
    ordering = ("-at", "-pk")
    sortable_by = ()
    change_list_template = "admin/audit/trail.html"
    fields = [
        "at",
        "kind",
        "outcome",
        "actor_name",
        "address",
        "door",
        "subject",
        "details",
    ]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody of limited reach: what others did is beyond it."""
        may: bool = super().has_view_permission(request, obj)
        return may and sight_of(request.user) is None

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.export_view)
        return [path("export/", view, name="audit_entry_export"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        context = {
            "title": _("Audit trail"),
            "export_url": reverse("admin:audit_entry_export"),
            "export_query": request.GET.urlencode(),
            **(extra_context or {}),
        }
        return super().changelist_view(request, context)

    def export_view(self, request: HttpRequest) -> Any:
        """What the list shows as it is filtered, whole, as a file; that is an entry."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        request.GET = QueryDict(request.POST.get("query", ""))
        try:
            rows = self.get_changelist_instance(request).queryset
        except IncorrectLookupParameters:
            raise BadRequest(_("Filter the list anew: its address won't do.")) from None
        asked = {name: value for name, value in request.GET.items() if value}
        trail.record("audit.exported", details={"filters": asked})
        # Its own entry, and what comes while it is read, is not in it.
        entries = rows.filter(at__lte=timezone.now()).iterator(READ_AT_ONCE)
        day = f"{timezone.now():%Y-%m-%d}"
        return StreamingHttpResponse(
            csv_lines(titles(), _lines(entries)),
            content_type=CONTENT_TYPE,
            headers={
                "Content-Disposition": f'attachment; filename="audit-{day}.csv"',
                "Cache-Control": "private, no-store",
            },
        )

    # --- columns ------------------------------------------------------------------

    @admin.display(description=gettext_lazy("When"))
    def when(self, entry: Entry) -> SafeString:
        local = timezone.localtime(entry.at)
        return format_html(
            '<time class="unbroken" datetime="{}">{}</time>',
            local.isoformat(),
            f"{local:%Y-%m-%d %H:%M:%S}",
        )

    @admin.display(description=gettext_lazy("What"))
    def what(self, entry: Entry) -> Any:
        label = trail.label_of(entry.kind)
        if entry.outcome == Outcome.FAILED:
            return badge(label, "red", entry.kind)
        return format_html('<span title="{}">{}</span>', entry.kind, label)

    @admin.display(description=gettext_lazy("Who"))
    def who(self, entry: Entry) -> str:
        return entry.actor_name or "–"

    @admin.display(description=gettext_lazy("About"))
    def about(self, entry: Entry) -> Any:
        if url := history_url(entry):
            return format_html('<a href="{}">{}</a>', url, entry.subject)
        return entry.subject or "–"

    @admin.display(description=gettext_lazy("Details"))
    def told(self, entry: Entry) -> SafeString:
        text = in_words(entry.details)
        return format_html('<span class="small quiet wrap">{}</span>', text)


def _lines(entries: Any) -> Iterator[list[Any]]:
    for entry in entries:
        yield [
            entry.at.astimezone(UTC).isoformat(timespec="seconds"),
            str(trail.label_of(entry.kind)),
            entry.kind,
            entry.get_outcome_display(),
            entry.actor_name,
            entry.address or "",
            entry.get_door_display(),
            entry.subject,
            in_words(entry.details),
        ]

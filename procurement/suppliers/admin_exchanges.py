"""What was said to a supplier and what it answered, secrets masked before storing."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import simplejson
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from procurement.adminbase import ReadOnlyAdmin
from procurement.adminfilters import SelectFilter
from procurement.adminshow import age, badge, list_url
from procurement.suppliers.models import Exchange, Supplier
from procurement.texts import gettext_lazy

MOST_IN_ONE_TALK = 200


class SupplierFilter(SelectFilter):
    title, parameter_name = gettext_lazy("Supplier"), "supplier"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        return list(Supplier.objects.order_by("name").values_list("pk", "name"))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value() or ""
        return queryset.filter(supplier_id=value) if value.isdigit() else queryset


@dataclass(frozen=True)
class Talk:
    """One exchange as it is shown: bodies made readable, nothing left out."""

    exchange: Exchange
    status: SafeString
    request_headers: str
    request_body: str
    response_headers: str
    response_body: str

    @classmethod
    def of(cls, exchange: Exchange) -> "Talk":
        return cls(
            exchange=exchange,
            status=status_badge(exchange),
            request_headers=_headers(exchange.request_headers),
            request_body=_readable(exchange.request_body),
            response_headers=_headers(exchange.response_headers),
            response_body=_readable(exchange.response_body),
        )


def status_badge(exchange: Exchange) -> SafeString:
    if exchange.status is None:
        return badge(exchange.error or _("No answer"), "red")
    tone = "green" if exchange.status < 300 else "amber"
    return badge(exchange.status, "red" if exchange.status >= 400 else tone)


def _order_url(request: HttpRequest, subject: str) -> str:
    """Where the order is found, if that is what was talked about."""
    if not subject.startswith("PO-") or not request.user.has_perm(
        "orders.view_purchaseorder"
    ):
        return ""
    return list_url("orders_purchaseorder", q=subject)


def _headers(headers: dict[str, str]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in headers.items())


def _readable(body: str) -> str:
    """JSON indented, its numbers exact; anything else as it is."""
    try:
        parsed = simplejson.loads(body, use_decimal=True)
        return simplejson.dumps(parsed, indent=2, ensure_ascii=False, use_decimal=True)
    except (ValueError, RecursionError):
        return body


@admin.register(Exchange)
class ExchangeAdmin(ReadOnlyAdmin):
    list_display = ["call", "supplier", "subject", "answer", "took", "when"]
    list_only = (
        "conversation",
        "supplier__name",
        "subject",
        "purpose",
        "method",
        "status",
        "error",
        "started_at",
        "duration_ms",
    )
    list_select_related = ["supplier"]
    list_display_links = None
    list_filter = [SupplierFilter]
    search_fields = ["subject"]
    search_help_text = gettext_lazy("An order number, exactly")
    ordering = ["-started_at", "-pk"]
    sortable_by = ()

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.conversation_view)
        name = "suppliers_exchange_conversation"
        return [path("talk/<uuid:talk>/", view, name=name), *super().get_urls()]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        text = search_term.strip()
        return (queryset.filter(subject=text) if text else queryset), False

    def conversation_view(self, request: HttpRequest, talk: UUID) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        said = self.get_queryset(request).filter(conversation=talk)
        said = said.order_by("started_at", "pk").select_related("supplier")
        talks = [
            Talk.of(each)
            for each in said.defer("supplier__credentials")[:MOST_IN_ONE_TALK]
        ]
        if not talks:
            raise Http404(_("Nothing is kept of this conversation."))
        return self._page(request, talks)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        seen = self.get_queryset(request).select_related("supplier")
        rows = seen.defer("supplier__credentials")
        exchange = rows.filter(pk=object_id).first() if object_id.isdigit() else None
        if exchange is None:
            raise Http404(_("There is no such exchange."))
        return self._page(request, [Talk.of(exchange)])

    def _page(self, request: HttpRequest, talks: list[Talk]) -> HttpResponse:
        first = talks[0].exchange
        context = {
            **self.admin_site.each_context(request),
            "title": f"{first.supplier}: {first.subject or first.purpose}",
            "opts": self.opts,
            "talks": talks,
            "about_url": _order_url(request, first.subject),
        }
        return TemplateResponse(request, "admin/suppliers/talk.html", context)

    @admin.display(description=gettext_lazy("Call"))
    def call(self, exchange: Exchange) -> SafeString:
        address = reverse(
            "admin:suppliers_exchange_conversation", args=[exchange.conversation]
        )
        return format_html(
            '<a class="link strong" href="{}">{} {}</a>',
            address,
            exchange.method,
            exchange.purpose,
        )

    @admin.display(description=gettext_lazy("Answer"))
    def answer(self, exchange: Exchange) -> SafeString:
        return status_badge(exchange)

    @admin.display(description=gettext_lazy("Took"))
    def took(self, exchange: Exchange) -> str:
        return f"{exchange.duration_ms} ms"

    @admin.display(description=gettext_lazy("When"))
    def when(self, exchange: Exchange) -> Any:
        return age(exchange.started_at)

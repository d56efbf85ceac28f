"""What vendors sent to us, as it came."""

from typing import Any

import simplejson
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from procurement.adminbase import ReadOnlyAdmin
from procurement.adminfilters import SelectFilter
from procurement.adminshow import age, badge
from procurement.inbound.models import DeliveryState, WebhookDelivery
from procurement.suppliers.admin_exchanges import SupplierFilter
from procurement.texts import gettext_lazy


class ShowFilter(SelectFilter):
    title, parameter_name = gettext_lazy("Show"), "show"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        return [
            ("unknown", _("With unknown triggers")),
            ("unreadable", _("Not understood")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "unknown":
            return queryset.filter(has_unknown=True)
        if self.value() == "unreadable":
            return queryset.filter(state=DeliveryState.UNREADABLE)
        return queryset


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnlyAdmin):
    list_display = ["call", "supplier", "told", "times", "when"]
    list_select_related = ["supplier"]
    list_only = (
        "supplier__name",
        "actions",
        "delivery_id",
        "state",
        "has_unknown",
        "times",
        "received_at",
    )
    list_filter = [SupplierFilter, ShowFilter]
    search_fields = ["delivery_id"]
    search_help_text = gettext_lazy("The vendor's id of the delivery, exactly")
    ordering = ["-received_at", "-pk"]
    sortable_by = ()
    fields = [
        "supplier",
        "delivery_id",
        "actions",
        "times",
        "received_at",
        "last_received_at",
        "text",
        "as_it_came",
    ]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        text = search_term.strip()
        return (queryset.filter(delivery_id=text) if text else queryset), False

    @admin.display(description=gettext_lazy("Triggers"))
    def call(self, delivery: WebhookDelivery) -> str:
        return delivery.actions or _("Not understood")

    @admin.display(description=gettext_lazy("State"))
    def told(self, delivery: WebhookDelivery) -> SafeString:
        if delivery.state == DeliveryState.UNREADABLE:
            return badge(_("Not understood"), "red")
        if delivery.has_unknown:
            return badge(_("Unknown trigger"), "amber")
        return badge(_("Taken in"), "green")

    @admin.display(description=gettext_lazy("When"))
    def when(self, delivery: WebhookDelivery) -> Any:
        return age(delivery.received_at)

    @admin.display(description=gettext_lazy("As it came"))
    def as_it_came(self, delivery: WebhookDelivery) -> SafeString:
        try:
            parsed = simplejson.loads(delivery.body, use_decimal=True)
            text = simplejson.dumps(
                parsed, indent=2, ensure_ascii=False, use_decimal=True
            )
        except (ValueError, RecursionError):
            text = delivery.body
        return format_html('<pre class="body">{}</pre>', text)

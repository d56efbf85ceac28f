"""The screens of alarms: what is silent, who looks after it, and the clocks."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from procurement.adminbase import (
    LongTextWidget,
    ModelAdmin,
    ReadOnlyAdmin,
    SelectWidget,
)
from procurement.adminfilters import SelectFilter, field_filter
from procurement.adminshow import list_url
from procurement.alarms import operations
from procurement.alarms.models import Alarm, AlarmRule, Kind
from procurement.alarms.queries import SHOWN
from procurement.alarms.runbook import section_url
from procurement.alarms.showing import Row, names_shown
from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.orders.models import PurchaseOrder
from procurement.suppliers.admin_exchanges import SupplierFilter
from procurement.texts import gettext_lazy

EARLIER_SHOWN = 10
QUIET_HOURS = {
    "": gettext_lazy("until it is over"),
    "4": gettext_lazy("for 4 hours"),
    "24": gettext_lazy("for a day"),
    "72": gettext_lazy("for 3 days"),
    "168": gettext_lazy("for a week"),
}


class StandingFilter(SelectFilter):
    title, parameter_name = gettext_lazy("Standing"), "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        return [("open", _("Going on")), ("over", _("Over"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "open":
            return queryset.filter(cleared_at=None)
        if self.value() == "over":
            return queryset.filter(cleared_at__isnull=False)
        return queryset


class AcknowledgeForm(forms.Form):
    comment = forms.CharField(
        label=gettext_lazy("What is being done about it"),
        max_length=400,
        widget=LongTextWidget(attrs={"rows": 2}),
    )
    quiet = forms.ChoiceField(
        label=gettext_lazy("Send no more mails about it"),
        choices=list(QUIET_HOURS.items()),
        required=False,
        widget=SelectWidget,
    )

    @property
    def quiet_for(self) -> timedelta | None:
        hours = self.cleaned_data["quiet"]
        return timedelta(hours=int(hours)) if hours else None


@admin.register(Alarm)
class AlarmAdmin(ReadOnlyAdmin):
    list_display = ["kind"]
    list_select_related = ["supplier", "acknowledged_by"]
    list_only = SHOWN
    list_filter = [
        StandingFilter,
        field_filter("kind", gettext_lazy("What"), Kind.choices),
        SupplierFilter,
    ]
    ordering = [F("cleared_at").desc(nulls_first=True), "-pk"]
    sortable_by = ()
    change_list_template = "admin/alarms/list.html"

    def get_urls(self) -> list[URLPattern]:
        acknowledge = self.admin_site.admin_view(self.acknowledge_view)
        name = "alarms_alarm_acknowledge"
        return [
            path("<int:alarm_id>/acknowledge/", acknowledge, name=name),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        answer = super().changelist_view(request, extra_context)
        if isinstance(answer, TemplateResponse) and answer.context_data:
            alarms = answer.context_data["cl"].result_list
            answer.context_data["rows"] = self._rows(request, alarms)
            answer.context_data["title"] = _("Alarms")
        return answer

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """One alarm: what it is about, who looks after it, and when it was before."""
        alarm = self._alarm(object_id)
        if not self.has_view_permission(request, alarm):
            raise PermissionDenied
        return self._page(request, alarm, AcknowledgeForm())

    def acknowledge_view(self, request: HttpRequest, alarm_id: int) -> HttpResponse:
        alarm = self._alarm(alarm_id)
        if not request.user.has_perm("alarms.acknowledge_alarm"):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseRedirect(self.object_url(alarm.pk))
        form = AcknowledgeForm(request.POST)
        if not form.is_valid():
            return self._page(request, alarm, form)
        try:
            operations.acknowledge_alarm(
                alarm_id=alarm.pk,
                actor=request.user,  # type: ignore[arg-type]
                comment=form.cleaned_data["comment"],
                quiet_for=form.quiet_for,
            )
        except (InvalidInput, OperationNotAllowed) as refusal:
            self.message_user(request, refusal.text, messages.WARNING)
        else:
            self.message_user(
                request,
                _("You look after it. It stays on the list until it is over."),
                messages.SUCCESS,
            )
        return HttpResponseRedirect(self.object_url(alarm.pk))

    # --- what is shown ---

    def _page(
        self, request: HttpRequest, alarm: Alarm, form: AcknowledgeForm
    ) -> HttpResponse:
        user: Any = request.user
        may_acknowledge = alarm.is_open and user.has_perm("alarms.acknowledge_alarm")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": alarm.get_kind_display(),
            "subtitle": alarm.supplier.name
            if alarm.supplier
            else _("This installation"),
            "alarm": alarm,
            "row": Row.of(alarm, user, timezone.now()),
            "sample": _sample(alarm, user),
            "form": form if may_acknowledge else None,
            "acknowledge_url": reverse(
                "admin:alarms_alarm_acknowledge", args=[alarm.pk]
            ),
            "earlier": self._earlier(request, alarm),
            "runbook_url": section_url(alarm.kind),
            "back": list_url("alarms_alarm"),
        }
        return TemplateResponse(request, "admin/alarms/alarm.html", context)

    def _alarm(self, object_id: Any) -> Alarm:
        known = Alarm.objects.select_related("supplier", "acknowledged_by").defer(
            "supplier__credentials"
        )
        alarm = known.filter(pk=object_id).first() if str(object_id).isdigit() else None
        if alarm is None:
            raise Http404(_("There is no such alarm."))
        return alarm

    def _earlier(self, request: HttpRequest, alarm: Alarm) -> list[Row]:
        """The same silence before this one, the latest first."""
        same = Alarm.objects.filter(
            kind=alarm.kind,
            supplier=alarm.supplier_id,
            pk__lt=alarm.pk,
            cleared_at__isnull=False,
        )
        rows = same.select_related("acknowledged_by").order_by("-pk")
        return self._rows(request, rows[:EARLIER_SHOWN])

    def _rows(self, request: HttpRequest, alarms: Any) -> list[Row]:
        now = timezone.now()
        return [Row.of(alarm, request.user, now) for alarm in alarms]  # type: ignore[arg-type]


def _sample(alarm: Alarm, user: Any) -> list[tuple[str, str]]:
    """Names of what it is about; those of orders with the address of their page."""
    pages = {}
    sample = names_shown(alarm, user)
    if user.has_perm("orders.view_purchaseorder"):
        orders = PurchaseOrder.objects.visible_to(user).filter(number__in=alarm.sample)
        pages = {
            number: reverse("admin:orders_purchaseorder_change", args=[pk])
            for pk, number in orders.order_by().values_list("pk", "number")
        }
    shown = [name for name in alarm.sample if name in pages or name in sample]
    return [(name, pages.get(name, "")) for name in shown]


@admin.register(AlarmRule)
class AlarmRuleAdmin(ModelAdmin):
    """Another clock for one supplier. What the settings say holds for the others."""

    list_display = ["supplier", "kind", "clock_text", "reason"]
    list_display_links = ["supplier", "kind"]
    list_select_related = ["supplier"]
    list_only = ("kind", "supplier__name", "is_on", "after", "unit", "reason")
    list_filter = [SupplierFilter]
    sortable_by = ()
    fields = ["supplier", "kind", "is_on", ("after", "unit"), "reason"]

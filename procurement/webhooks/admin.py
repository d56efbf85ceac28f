"""The screens of outgoing webhooks: who is told, how that goes, and trying again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from procurement.adminbase import ModelAdmin, ReadOnlyAdmin
from procurement.adminfilters import NamesFilter, SelectFilter, field_filter
from procurement.adminshow import age, badge, list_url
from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.texts import Text, gettext_lazy
from procurement.webhooks import operations, queries
from procurement.webhooks.admin_forms import AgainForm, EndpointForm, RotationForm
from procurement.webhooks.models import Delivery, DeliveryState, Endpoint
from procurement.webhooks.redelivering import redeliver_all

CHANGE = "webhooks.change_endpoint"
HEALTH: dict[str, tuple[Text, str]] = {
    "ok": (gettext_lazy("In order"), "green"),
    "failing": (gettext_lazy("Failing"), "red"),
    "paused": (gettext_lazy("Owner inactive"), "amber"),
    "disabled": (gettext_lazy("Disabled"), "grey"),
}
TONES = {
    DeliveryState.WAITING: "blue",
    DeliveryState.DELIVERED: "green",
    DeliveryState.FAILED: "red",
    DeliveryState.WITHHELD: "grey",
}
ATTEMPTS_SHOWN = 50


def health_badge(endpoint: Endpoint) -> SafeString:
    text, tone = HEALTH[queries.health(endpoint)]
    return badge(text, tone)


def state_badge(delivery: Delivery) -> SafeString:
    return badge(delivery.get_state_display(), TONES[DeliveryState(delivery.state)])


def figure(count: int) -> str:
    most = queries.COUNTED_AT_MOST
    return f"{most}+" if count > most else str(count)


class TroubleFilter(SelectFilter):
    title, parameter_name = gettext_lazy("Show"), "show"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        return [("trouble", _("In trouble")), ("disabled", _("Disabled"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "trouble":
            return queryset & Endpoint.objects.in_trouble()
        if self.value() == "disabled":
            return queryset.filter(is_active=False)
        return queryset


Act = Callable[[Endpoint, HttpRequest], str]


def _test(endpoint: Endpoint, request: HttpRequest) -> str:
    operations.send_test(endpoint_id=endpoint.pk, actor=request.user)  # type: ignore[arg-type]
    return _("A test message is on its way; its delivery shows what comes of it.")


def _enable(endpoint: Endpoint, request: HttpRequest) -> str:
    operations.enable_endpoint(endpoint_id=endpoint.pk, actor=request.user)  # type: ignore[arg-type]
    return _("It is enabled and goes on where it stopped.")


def _enable_now(endpoint: Endpoint, request: HttpRequest) -> str:
    operations.enable_endpoint(
        endpoint_id=endpoint.pk,
        actor=request.user,  # type: ignore[arg-type]
        skip=True,
    )
    return _("It is enabled; what happened meanwhile is left out.")


def _disable(endpoint: Endpoint, request: HttpRequest) -> str:
    operations.disable_endpoint(endpoint_id=endpoint.pk, actor=request.user)  # type: ignore[arg-type]
    return _("It is disabled and is sent nothing more.")


def _delete(endpoint: Endpoint, request: HttpRequest) -> str:
    operations.delete_endpoint(endpoint_id=endpoint.pk, actor=request.user)  # type: ignore[arg-type]
    return _("It is deleted and is sent nothing more.")


ACTS: dict[str, Act] = {
    "test": _test,
    "enable": _enable,
    "enable-now": _enable_now,
    "disable": _disable,
    "delete": _delete,
}


@admin.register(Endpoint)
class EndpointAdmin(ModelAdmin):
    list_display = ["name", "owner", "shop", "state", "success", "failing", "added"]
    list_select_related = ["owner", "shop"]
    list_only = (
        *("url", "description", "is_active", "failing_since", "last_success_at"),
        *("created_at", "owner__username", "owner__is_active", "shop__name"),
    )
    list_filter = [TroubleFilter]
    ordering = ["-pk"]
    sortable_by = ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody by this way: what was sent stays on record."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Endpoint]:
        return Endpoint.objects.visible_to(request.user)  # type: ignore[arg-type]

    def get_urls(self) -> list[URLPattern]:
        wrap, name = self.admin_site.admin_view, "webhooks_endpoint"
        one = "<int:endpoint_id>"
        return [
            path(f"{one}/edit/", wrap(self.edit_view), name=f"{name}_edit"),
            path(f"{one}/secret/", wrap(self.secret_view), name=f"{name}_secret"),
            path(f"{one}/again/", wrap(self.again_view), name=f"{name}_again"),
            path(f"{one}/do/<slug:name>/", wrap(self.act_view), name=f"{name}_act"),
            *super().get_urls(),
        ]

    # --- the list -----------------------------------------------------------------

    @admin.display(description=gettext_lazy("Endpoint"))
    def name(self, endpoint: Endpoint) -> str:
        return str(endpoint)

    @admin.display(description=gettext_lazy("State"))
    def state(self, endpoint: Endpoint) -> SafeString:
        return health_badge(endpoint)

    @admin.display(description=gettext_lazy("Last success"))
    def success(self, endpoint: Endpoint) -> Any:
        return age(endpoint.last_success_at)

    @admin.display(description=gettext_lazy("Failing since"))
    def failing(self, endpoint: Endpoint) -> Any:
        return age(endpoint.failing_since)

    @admin.display(description=gettext_lazy("Made"))
    def added(self, endpoint: Endpoint) -> Any:
        return age(endpoint.created_at)

    # --- one endpoint -------------------------------------------------------------

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """How an endpoint is doing, and what can be done about it."""
        endpoint = self._endpoint(request, object_id)
        if not self.has_view_permission(request, endpoint):
            raise PermissionDenied
        deliveries = list_url("webhooks_delivery", endpoint=endpoint.pk)
        return self._page(
            request,
            "endpoint",
            endpoint,
            state=health_badge(endpoint),
            waiting=figure(queries.waiting_count(endpoint)),
            failed=figure(queries.failed_count(endpoint)),
            deliveries_url=deliveries,
            failed_url=f"{deliveries}&state=failed",
            may_change=request.user.has_perm(CHANGE),
            rotation=RotationForm(),
            again=AgainForm(),
        )

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Make an endpoint, and show its secret this once."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = EndpointForm(request.POST or None, user=request.user)
        if form.is_valid():
            try:
                endpoint = operations.create_endpoint(
                    actor=request.user,  # type: ignore[arg-type]
                    data=form.cleaned_data,
                )
            except (InvalidInput, OperationNotAllowed) as refusal:
                _show(refusal, form)
            else:
                return self._secret_page(request, endpoint)
        return self._form_page(request, form, None)

    def edit_view(self, request: HttpRequest, endpoint_id: int) -> HttpResponse:
        endpoint = self._to_change(request, endpoint_id)
        form = EndpointForm(
            request.POST or None,
            user=request.user,
            initial=EndpointForm.values_of(endpoint),
        )
        if form.is_valid():
            changed = {name: form.cleaned_data[name] for name in form.changed_data}
            try:
                operations.change_endpoint(
                    endpoint_id=endpoint.pk,
                    actor=request.user,  # type: ignore[arg-type]
                    data=changed,
                )
            except (InvalidInput, OperationNotAllowed) as refusal:
                _show(refusal, form)
            else:
                return HttpResponseRedirect(self.object_url(endpoint.pk))
        return self._form_page(request, form, endpoint)

    def secret_view(self, request: HttpRequest, endpoint_id: int) -> HttpResponse:
        """Make a new secret, and show it this once."""
        endpoint = self._to_change(request, endpoint_id)
        form = RotationForm(request.POST or None)
        if request.method != "POST" or not form.is_valid():
            return HttpResponseRedirect(self.object_url(endpoint.pk))
        overlap = timedelta(hours=form.cleaned_data["overlap_hours"])
        rotated = operations.rotate_secret(
            endpoint_id=endpoint.pk,
            actor=request.user,  # type: ignore[arg-type]
            overlap=overlap,
        )
        return self._secret_page(request, rotated)

    def again_view(self, request: HttpRequest, endpoint_id: int) -> HttpResponse:
        """Send many deliveries again, in the background."""
        endpoint = self._to_change(request, endpoint_id)
        form = AgainForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                run = redeliver_all(
                    endpoint_id=endpoint.pk,
                    actor=request.user,  # type: ignore[arg-type]
                    since=form.cleaned_data["since"],
                    until=form.cleaned_data["until"],
                    only_failed=not form.cleaned_data["all_of_them"],
                )
            except (InvalidInput, OperationNotAllowed) as refusal:
                self.message_user(request, refusal.text, messages.WARNING)
            else:
                return HttpResponseRedirect(run.url)
        return HttpResponseRedirect(self.object_url(endpoint.pk))

    def act_view(
        self, request: HttpRequest, endpoint_id: int, name: str
    ) -> HttpResponse:
        act = ACTS.get(name)
        if act is None:
            raise Http404(_("There is no such page."))
        endpoint = self._to_change(request, endpoint_id)
        if request.method != "POST":
            return HttpResponseRedirect(self.object_url(endpoint.pk))
        try:
            self.message_user(request, act(endpoint, request), messages.SUCCESS)
        except OperationNotAllowed as refusal:
            self.message_user(request, refusal.text, messages.WARNING)
        if name == "delete":
            return HttpResponseRedirect(list_url("webhooks_endpoint"))
        return HttpResponseRedirect(self.object_url(endpoint.pk))

    # --- pages --------------------------------------------------------------------

    def _endpoint(self, request: HttpRequest, key: Any) -> Endpoint:
        """The endpoint, if there is one this person may see."""
        seen = self.get_queryset(request).select_related("owner", "shop", "disabled_by")
        found = seen.filter(pk=key).first() if str(key).isdigit() else None
        if found is None:
            raise Http404(_("There is no such endpoint."))
        return found

    def _to_change(self, request: HttpRequest, endpoint_id: int) -> Endpoint:
        if not request.user.has_perm(CHANGE):
            raise PermissionDenied
        return self._endpoint(request, endpoint_id)

    def _page(
        self, request: HttpRequest, name: str, endpoint: Endpoint | None, **more: Any
    ) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": str(endpoint) if endpoint else _("New webhook endpoint"),
            "endpoint": endpoint,
            "back": list_url("webhooks_endpoint"),
            **more,
        }
        return TemplateResponse(request, f"admin/webhooks/{name}.html", context)

    def _form_page(
        self, request: HttpRequest, form: EndpointForm, endpoint: Endpoint | None
    ) -> HttpResponse:
        back = self.object_url(endpoint.pk) if endpoint else None
        more = {"back": back} if back else {}
        return self._page(request, "endpoint_form", endpoint, form=form, **more)

    def _secret_page(self, request: HttpRequest, endpoint: Endpoint) -> HttpResponse:
        page = self._page(
            request,
            "secret_once",
            endpoint,
            secret=endpoint.secret,
            back=self.object_url(endpoint.pk),
        )
        page["Cache-Control"] = "no-store"
        return page


def _show(refusal: InvalidInput | OperationNotAllowed, form: Any) -> None:
    if isinstance(refusal, OperationNotAllowed):
        form.add_error(None, refusal.text)
    else:
        for name, text in refusal.errors.items():
            form.add_error(name if name in form.fields else None, text)


# --- deliveries -------------------------------------------------------------------


class EndpointFilter(NamesFilter):
    title, parameter_name = gettext_lazy("Endpoint"), "endpoint"
    column = "endpoint"

    def neighbours(self, user: Any) -> QuerySet[Any]:
        seen = Endpoint.objects.visible_to(user).order_by("-pk")
        return seen.values_list("pk", "url")


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ["what", "endpoint", "state_shown", "attempt_count", "text", "when"]
    list_select_related = ["endpoint"]
    list_only = (
        *("message_id", "type", "state", "attempt_count", "text", "created_at"),
        *("endpoint__url", "endpoint__description"),
    )
    list_filter = [
        EndpointFilter,
        field_filter("state", gettext_lazy("State"), DeliveryState.choices),
    ]
    search_fields = ["message_id"]
    search_help_text = gettext_lazy("The id of the message, exactly")
    ordering = ["-pk"]
    sortable_by = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        seen = Endpoint.objects.visible_to(request.user)  # type: ignore[arg-type]
        return Delivery.objects.filter(endpoint__in=seen.order_by().values("pk"))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        text = search_term.strip()
        return (queryset.filter(message_id=text) if text else queryset), False

    def get_urls(self) -> list[URLPattern]:
        again = self.admin_site.admin_view(self.again_view)
        name = "webhooks_delivery_again"
        return [
            path("<int:delivery_id>/again/", again, name=name),
            *super().get_urls(),
        ]

    @admin.display(description=gettext_lazy("Event"))
    def what(self, delivery: Delivery) -> str:
        return str(delivery)

    @admin.display(description=gettext_lazy("State"))
    def state_shown(self, delivery: Delivery) -> SafeString:
        return state_badge(delivery)

    @admin.display(description=gettext_lazy("When"))
    def when(self, delivery: Delivery) -> Any:
        return age(delivery.created_at)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """What was sent, each try of it, and what was answered."""
        delivery = self._delivery(request, object_id)
        if not self.has_view_permission(request, delivery):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": str(delivery),
            "delivery": delivery,
            "state": state_badge(delivery),
            "attempts": delivery.attempts.order_by("-number")[:ATTEMPTS_SHOWN],
            "may_send": request.user.has_perm(CHANGE),
            "endpoint_url": reverse(
                "admin:webhooks_endpoint_change", args=[delivery.endpoint_id]
            ),
            "back": list_url("webhooks_delivery"),
        }
        return TemplateResponse(request, "admin/webhooks/delivery.html", context)

    def again_view(self, request: HttpRequest, delivery_id: int) -> HttpResponse:
        delivery = self._delivery(request, delivery_id)
        if not request.user.has_perm(CHANGE):
            raise PermissionDenied
        if request.method == "POST":
            try:
                operations.redeliver(delivery_id=delivery.pk, actor=request.user)  # type: ignore[arg-type]
            except OperationNotAllowed as refusal:
                self.message_user(request, refusal.text, messages.WARNING)
            else:
                text = _("It is sent again within moments.")
                self.message_user(request, text, messages.SUCCESS)
        return HttpResponseRedirect(self.object_url(delivery.pk))

    def _delivery(self, request: HttpRequest, key: Any) -> Delivery:
        rows = self.get_queryset(request).select_related("endpoint")
        found = rows.filter(pk=key).first() if str(key).isdigit() else None
        if found is None:
            raise Http404(_("There is no such delivery."))
        return found

"""The supplier screens."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

import vendors
from procurement.adminbase import OperationAdmin, ReadOnlyAdmin
from procurement.adminfilters import SelectFilter, field_filter
from procurement.adminshow import age, list_url
from procurement.errors import OperationNotAllowed
from procurement.suppliers import admin_sections, operations
from procurement.suppliers.admin_actions import ACTIONS, actions_for, may
from procurement.suppliers.admin_exchanges import ExchangeAdmin, SupplierFilter
from procurement.suppliers.admin_forms import OPTIONS, credential_fields, form_for
from procurement.suppliers.admin_health import (
    CAN,
    Health,
    capabilities,
    paused_by,
    supplier_mode,
)
from procurement.suppliers.admin_names import NamesForm, history
from procurement.suppliers.models import (
    Mode,
    Supplier,
    SupplierEvent,
    vendor_choices,
)
from procurement.texts import gettext_lazy
from vendors.contracts import Capability
from vendors.errors import VendorError

__all__ = ["ExchangeAdmin"]

LATEST = 20


def environment(request: HttpRequest) -> list[str]:
    """The mark in the head of every page: can anything here cost real money?"""
    if Supplier.objects.filter(mode=Mode.LIVE, is_paused=False).exists():
        return [_("Real purchases"), "danger"]
    return [_("Test only"), "info"]


class PausedFilter(SelectFilter):
    title, parameter_name = gettext_lazy("Paused"), "paused"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", _("Paused")), ("0", _("Not paused"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() in ("0", "1"):
            return queryset.filter(is_paused=self.value() == "1")
        return queryset


@admin.register(Supplier)
class SupplierAdmin(OperationAdmin):
    list_display = ["name", "vendor", "state", "in_mode", "currency", "last_good_call"]
    list_only = (
        "name",
        "vendor",
        "mode",
        "is_paused",
        "currency",
        "health__last_success_at",
        "health__last_failure_at",
        "health__last_failure_kind",
        "health__last_failure_text",
        "health__failures_in_a_row",
        "health__blocked_until",
        "health__throttled_until",
        "health__breaker",
        "health__breaker_failures",
        "health__breaker_until",
    )
    list_select_related = ["health"]
    list_filter = [
        field_filter("vendor", gettext_lazy("Vendor"), vendor_choices()),
        field_filter("mode", gettext_lazy("Test / live"), Mode.choices),
        PausedFilter,
    ]
    search_fields = ["name", "slug"]
    search_help_text = gettext_lazy("Name")
    sortable_by = ()
    change_form_template = "admin/suppliers/supplier.html"
    warn_unsaved_form = True

    # --- form ---

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        code = obj.vendor if obj else request.GET.get("vendor", "")
        api = vendors.get(code)
        currency = ("currency", "language")
        head = ["name", "slug", "base_url", "auth_url", currency, "mode"]
        if obj is None or not obj.is_live:
            head.append("confirm_live")
        if obj is not None and not self.has_change_permission(request, obj):
            return [(None, {"fields": head[:-1]})]
        return [
            (None, {"fields": head}),
            (
                _("Credentials at %(api_name)s") % {"api_name": api.name},
                {"fields": credential_fields(obj, api)},
            ),
            (
                _("Options"),
                {"fields": [f"{OPTIONS}.{each.name}" for each in api.options]},
            ),
        ]

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        code = obj.vendor if obj else request.GET.get("vendor", "")
        kwargs["form"] = form_for(code)
        return super().get_form(request, obj, change=change, **kwargs)

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return {} if obj else {"slug": ["name"]}

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        # Tokens, polls and other systems know the supplier by it.
        return ["slug"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody: what was said and changed hangs on it. Pause it instead."""
        return False

    def save_by_operation(
        self, request: HttpRequest, form: Any, formsets: Any, change: bool
    ) -> Supplier:
        actor: User = request.user  # type: ignore[assignment]
        data = form.given_values()
        if not change:
            return operations.create_supplier(actor=actor, data=data)
        if not data:
            unchanged: Supplier = form.instance
            return unchanged
        return operations.change_supplier(
            supplier_id=form.instance.pk,
            actor=actor,
            data=data,
            version=form.cleaned_data["version"],
        )

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Ask for the vendor first: it decides which fields there are."""
        if request.GET.get("vendor") in vendors.CODES:
            return super().add_view(request, form_url, extra_context)
        if not self.has_add_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": _("New supplier: at which vendor?"),
            "opts": self.opts,
            "vendors": [_offer(code) for code in vendors.CODES],
        }
        return TemplateResponse(request, "admin/suppliers/choose_vendor.html", context)

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        context["show_save_and_add_another"] = False
        if obj is None:
            api = vendors.get(request.GET["vendor"])
            context["title"] = _("New supplier at %(api_name)s") % {
                "api_name": api.name
            }
        else:
            context |= self._supplier_page(request, obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def _supplier_page(self, request: HttpRequest, obj: Supplier) -> dict[str, Any]:
        user: User = request.user  # type: ignore[assignment]
        context: dict[str, Any] = {
            "title": str(obj),
            "subtitle": obj.api.name,
            "health": Health.of(obj),
            "capabilities": capabilities(obj),
            "paused_by": paused_by(obj),
            "supplier_actions": actions_for(user, obj),
            "sections": admin_sections.shown_to(user, obj),
            "names_url": reverse("admin:suppliers_supplier_names", args=[obj.pk]),
            "hook_url": request.build_absolute_uri(reverse("hook", args=[obj.slug])),
            "has_hooks": obj.api.offers(Capability.WEBHOOKS),
            "unknown_words": list(obj.unknown_words.all()[:LATEST]),
            "orders_url": list_url("orders_purchaseorder", supplier=obj.pk),
        }
        if request.user.has_perm("suppliers.view_supplierevent"):
            context["events"] = obj.events.select_related("actor")[:LATEST]
        if request.user.has_perm("suppliers.view_exchange"):
            context["exchanges_url"] = list_url("suppliers_exchange", supplier=obj.pk)
        return context

    # --- actions ---

    def get_urls(self) -> list[URLPattern]:
        act = self.admin_site.admin_view(self.action_view)
        names = self.admin_site.admin_view(self.names_view)
        return [
            path(
                "<int:supplier_id>/do/<slug:name>/",
                act,
                name="suppliers_supplier_action",
            ),
            path("<int:supplier_id>/names/", names, name="suppliers_supplier_names"),
            *super().get_urls(),
        ]

    def action_view(
        self, request: HttpRequest, supplier_id: int, name: str
    ) -> HttpResponse:
        supplier = self.get_queryset(request).filter(pk=supplier_id).first()
        action = next((each for each in ACTIONS if each.name == name), None)
        if supplier is None or action is None:
            raise Http404(
                _("There is no such supplier, or nothing of that name to do.")
            )
        actor: User = request.user  # type: ignore[assignment]
        if not may(action, actor):
            raise PermissionDenied
        if request.method == "POST":
            try:
                reason = request.POST.get("reason", "")
                text = action.run(supplier, actor, reason)
            except (VendorError, OperationNotAllowed) as failure:
                self.message_user(request, failure.text, messages.ERROR)
            else:
                self.message_user(request, text, messages.SUCCESS)
        return HttpResponseRedirect(self._back(request, supplier))

    def _back(self, request: HttpRequest, supplier: Supplier) -> str:
        """The page of ours with the button that was pressed."""
        given = request.POST.get("back", "")
        is_ours = url_has_allowed_host_and_scheme(
            given, {request.get_host()}, require_https=request.is_secure()
        )
        return given if is_ours else self.object_url(supplier.pk)

    def names_view(self, request: HttpRequest, supplier_id: int) -> HttpResponse:
        """The vendor's names and words, to be looked at and to be overridden."""
        supplier = self.get_queryset(request).filter(pk=supplier_id).first()
        if supplier is None:
            raise Http404(_("There is no such supplier."))
        if not self.has_view_permission(request, supplier):
            raise PermissionDenied
        may_change = self.has_change_permission(request, supplier)
        form = NamesForm(supplier, request.POST or None)
        if request.method == "POST":
            if not may_change:
                raise PermissionDenied
            if form.is_valid() and self._save_names(request, supplier, form):
                address = reverse("admin:suppliers_supplier_names", args=[supplier.pk])
                return HttpResponseRedirect(address)
        context = {
            **self.admin_site.each_context(request),
            "title": _("%(supplier)s: the vendor's names") % {"supplier": supplier},
            "subtitle": supplier.api.name,
            "opts": self.opts,
            "original": supplier,
            "form": form,
            "may_change": may_change,
            "history": history(supplier),
        }
        return TemplateResponse(request, "admin/suppliers/names.html", context)

    def _save_names(
        self, request: HttpRequest, supplier: Supplier, form: NamesForm
    ) -> bool:
        names = form.changed_names()
        if not names:
            self.message_user(request, _("Nothing was changed."), messages.INFO)
            return True
        try:
            operations.change_names(
                supplier_id=supplier.pk,
                actor=request.user,  # type: ignore[arg-type]
                names=names,
                version=form.cleaned_data["version"],
            )
        except OperationNotAllowed as refusal:
            form.add_error(None, refusal.text)
            return False
        self.message_user(
            request,
            _(
                "Saved: %(names)s. Orders that used an unknown word are read "
                "again with the next poll."
            )
            % {"names": ", ".join(names)},
            messages.SUCCESS,
        )
        return True

    # --- columns ---

    @admin.display(description=gettext_lazy("State"))
    def state(self, supplier: Supplier) -> str:
        return Health.of(supplier).word

    @admin.display(description=gettext_lazy("Test / live"))
    def in_mode(self, supplier: Supplier) -> SafeString:
        return supplier_mode(supplier)

    @admin.display(description=gettext_lazy("Last good call"))
    def last_good_call(self, supplier: Supplier) -> Any:
        return Health.of(supplier).last_success


def _offer(code: str) -> dict[str, Any]:
    """A vendor as the page of choices shows it."""
    api = vendors.get(code)
    return {
        "code": code,
        "name": api.name,
        "can": [label for name, label in CAN.items() if api.offers(name)],
        "cannot": [label for name, label in CAN.items() if not api.offers(name)],
    }


@admin.register(SupplierEvent)
class SupplierEventAdmin(ReadOnlyAdmin):
    """What was changed at suppliers, and by whom."""

    list_display = ["when", "supplier", "kind", "actor", "text"]
    list_select_related = ["supplier", "actor"]
    list_only = ("at", "supplier__name", "kind", "actor__username", "text")
    list_filter = [SupplierFilter]
    sortable_by = ()
    fields = ["supplier", "kind", "at", "actor", "text", "data"]

    @admin.display(description=gettext_lazy("When"))
    def when(self, event: SupplierEvent) -> Any:
        return age(event.at)

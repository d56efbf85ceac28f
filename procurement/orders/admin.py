"""The order screens."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from procurement.adminbase import ReadOnlyAdmin, TabularInline
from procurement.adminfilters import field_filter
from procurement.adminshow import age
from procurement.orders import operations
from procurement.orders.admin_actions import OrderActionsMixin, buttons
from procurement.orders.admin_bulk import BulkActionsMixin
from procurement.orders.admin_changelist import OrderListAdmin
from procurement.orders.admin_forms import LineForm, LineFormSet, OrderForm
from procurement.orders.admin_lines import OrderLineAdmin
from procurement.orders.admin_page import order_page
from procurement.orders.models import OrderEvent, OrderLine, PurchaseOrder
from procurement.orders.states import Approval, Status
from procurement.texts import gettext_lazy

__all__ = ["OrderEventAdmin", "OrderLineAdmin", "PurchaseOrderAdmin"]

EDITED_AT_ONCE = {Approval.DRAFT, Approval.RETURNED}
"""In other states editing costs an approval, so it takes a click of its own."""


class LineInline(TabularInline):
    model = OrderLine
    form = LineForm
    formset = LineFormSet
    fields = LineForm.Meta.fields
    verbose_name_plural = gettext_lazy("Lines")
    hide_title = True

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        return 0 if obj else 3

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset: Any = super().get_formset(request, obj, **kwargs)
        formset.refusal = getattr(request, "refusal", None)
        return formset

    # Lines are part of the order: whoever may change it may change them.
    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True


@admin.register(PurchaseOrder)
class PurchaseOrderAdmin(BulkActionsMixin, OrderActionsMixin, OrderListAdmin):
    form = OrderForm
    inlines = [LineInline]
    autocomplete_fields = ["shop", "customer"]
    warn_unsaved_form = True
    compressed_fields = False
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("supplier", "currency"),
                    ("shop", "customer"),
                    ("buyer", "requested_date"),
                    ("external_reference", "is_test"),
                    "note",
                ]
            },
        ),
        (
            gettext_lazy("Deliver to"),
            {
                "fields": [
                    "delivery_name",
                    ("delivery_street", "delivery_street_number"),
                    ("delivery_entrance", "delivery_zip_code"),
                    ("delivery_city", "delivery_country_code"),
                ]
            },
        ),
    ]

    change_form_template = "admin/orders/order.html"

    def response_post_save_add(
        self, request: HttpRequest, obj: Any
    ) -> HttpResponseRedirect:
        """Open the order: what comes next is asking for approval."""
        return HttpResponseRedirect(self.object_url(obj.pk))

    response_post_save_change = response_post_save_add

    # --- the page of one order ---

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Show the form while the content may change.

        What was typed into it before the order went off is still taken, so that the
        operation can refuse it on a page where nothing of it is lost.
        """
        may = super().has_change_permission(request, obj)
        return may and (obj is None or request.method == "POST" or obj.is_changeable)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody: an order is cancelled, and stays to be seen."""
        return False

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        initial = {"buyer": request.user.pk, "is_test": False}
        return {**initial, **super().get_changeform_initial_data(request)}

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        may_change = change and self.has_change_permission(request, obj)
        is_editing = add or (
            may_change
            and (
                request.method == "POST"
                or "edit" in request.GET
                or obj.approval in EDITED_AT_ONCE
            )
        )
        context |= {
            "is_editing": is_editing,
            "may_edit": may_change and not is_editing,
            "title": _("New order") if add else str(obj),
            "subtitle": None if add else str(obj.supplier),
            "show_save_and_add_another": False,
        }
        if obj is not None:
            context |= order_page(obj, request.user)  # type: ignore[arg-type]
            context["buttons"] = buttons(obj, request.user)  # type: ignore[arg-type]
        return super().render_change_form(request, context, add, change, form_url, obj)

    def save_by_operation(
        self, request: HttpRequest, form: Any, formsets: Any, change: bool
    ) -> PurchaseOrder:
        data = form.changed_values()
        (lines,) = formsets
        if not change:
            return operations.create_order(
                actor=request.user,  # type: ignore[arg-type]
                data={**data, "lines": lines.entered_lines()},
            )
        if lines.has_changed():
            data["lines"] = lines.entered_lines()
        if not data:
            unchanged: PurchaseOrder = form.instance
            return unchanged
        return operations.change_order(
            order_id=form.instance.pk,
            actor=request.user,  # type: ignore[arg-type]
            data=data,
            version=form.cleaned_data["version"],
        )


@admin.register(OrderEvent)
class OrderEventAdmin(ReadOnlyAdmin):
    """Everything that happened to orders, in order."""

    list_display = ["when", "order", "kind", "actor_name", "said"]
    list_select_related = ["order"]
    list_filter = [
        field_filter("status", gettext_lazy("Status after it"), Status.choices)
    ]
    search_fields = ["order__number"]
    search_help_text = gettext_lazy("Our order number")
    ordering = ["-pk"]
    sortable_by = ()
    fields = ["order", "kind", "at", "actor_name", "text", "status", "data"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        text = search_term.strip().upper()
        return (queryset.filter(order__number=text) if text else queryset), False

    @admin.display(description=gettext_lazy("When"))
    def when(self, event: OrderEvent) -> Any:
        return age(event.at)

    @admin.display(description=gettext_lazy("Text"))
    def said(self, event: OrderEvent) -> str:
        return event.text[:120]

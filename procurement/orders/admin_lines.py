"""The line list: what buyers chase, one line of an order at a time."""

from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from procurement import clock
from procurement.adminbase import ReadOnlyAdmin
from procurement.adminfilters import HiddenFilter, field_filter
from procurement.adminshow import age, figure
from procurement.lists.admin import ChosenViewFilter, SavedViewsMixin
from procurement.money import plain
from procurement.orders import queries
from procurement.orders.admin_changelist import ALL, ignored, view_links
from procurement.orders.admin_filters import order_filters
from procurement.orders.admin_lists import SEARCH_LIMIT, begins, status_badge
from procurement.orders.line_views import LINE_VIEWS, lines_visible_to
from procurement.orders.models import OrderLine
from procurement.orders.states import Fulfilment, Sending

COLUMNS = (
    "position",
    "item_number",
    "brand",
    "description",
    "quantity",
    "unit",
    "unit_price",
    "is_confirmed",
    "quantity_shipped",
    "quantity_received",
    "quantity_cancelled",
    "fulfilment",
    "supplier_status",
    "promised_date",
    "first_promised_date",
    *(
        f"order__{name}"
        for name in (
            "number",
            "currency",
            "approval",
            "transmission",
            "fulfilment",
            "attention",
            "supplier_order_number",
            "requested_date",
            "sent_at",
            "created_at",
            "supplier__name",
            "buyer__username",
        )
    ),
)


class LineViewFilter(HiddenFilter):
    """The ready views, shown as links above the bar."""

    title, parameter_name = _("View"), "show"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, str(view.label)) for name, view in LINE_VIEWS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        view = LINE_VIEWS.get(self.value() or "")
        return view.narrow(queryset) if view else queryset


@dataclass(frozen=True)
class LineListRow:
    """An order line as the line list shows it."""

    line: OrderLine
    url: str
    status: SafeString
    ordered: str
    confirmed: str
    shipped: str
    received: str
    still_open: str
    price: str
    is_late: bool
    is_put_off: bool
    is_past_wish: bool
    age: SafeString | str

    @classmethod
    def of(cls, line: OrderLine) -> "LineListRow":
        order = line.order
        page = reverse("admin:orders_purchaseorder_change", args=[order.pk])
        promised, first = line.promised_date, line.first_promised_date
        is_over = line.fulfilment in (Fulfilment.DELIVERED, Fulfilment.CANCELLED)
        confirmed = line.quantity - line.quantity_cancelled
        wanted = order.requested_date
        return cls(
            line=line,
            url=f"{page}#line-{line.position}",
            status=status_badge(order),
            ordered=plain(line.quantity),
            confirmed=plain(confirmed) if line.is_confirmed else "–",
            shipped=plain(line.quantity_shipped) if line.quantity_shipped else "–",
            received=plain(line.quantity_received) if line.quantity_received else "–",
            still_open="–" if is_over else plain(line.quantity_open),
            price=figure(line.unit_price, order.currency),
            is_late=bool(promised and promised < clock.today() and not is_over),
            is_put_off=bool(promised and first and promised > first),
            is_past_wish=bool(promised and wanted and promised > wanted),
            age=age(order.sent_at or order.created_at),
        )


@admin.register(OrderLine)
class OrderLineAdmin(SavedViewsMixin, ReadOnlyAdmin):
    """Lines are shown here and changed on the page of their order."""

    list_display = ["item_number"]
    list_only = COLUMNS
    list_keys_first = True
    list_select_related = ["order__supplier", "order__buyer"]
    list_filter = (
        LineViewFilter,
        ChosenViewFilter,
        *order_filters("order__"),
        field_filter("fulfilment", _("Line"), Fulfilment.choices, more=True),
        field_filter(
            "transmission",
            _("Sending"),
            Sending.choices,
            column="order__transmission",
            more=True,
        ),
    )
    sortable_by = ()
    search_fields = ["item_number"]
    search_help_text = _("An item, an order, a shipment or a parcel")
    change_list_template = "admin/orders/line_list.html"

    def get_ordering(self, request: HttpRequest) -> Any:
        view = LINE_VIEWS.get(request.GET.get("show", ""))
        if view and view.by_date:
            return ["promised_date", "pk"]
        # By the order's own key, so that its indexes give the rows in this order.
        return ["order", "position"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        text = search_term.strip()
        if text:
            queryset = queryset.filter(pk__in=found_by(text, request.user))
        return queryset, False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if self.has_view_permission(request) and (
            address := self.default_address(request)
        ):
            return HttpResponseRedirect(address)
        answer = super().changelist_view(request, extra_context)
        if isinstance(answer, TemplateResponse) and answer.context_data:
            changelist = answer.context_data["cl"]
            view = LINE_VIEWS.get(request.GET.get("show", ""))
            answer.context_data |= {
                **self.saved_views(request),
                "rows": [LineListRow.of(line) for line in changelist.result_list],
                "views": view_links(request, LINE_VIEWS),
                "hint": view.hint if view else "",
                "all_url": ALL,
                "notes": ignored(changelist),
            }
        return answer

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """A line has no page of its own: it is looked at within its order."""
        lines = self.get_queryset(request).select_related("order")
        line = lines.filter(pk=object_id).first() if object_id.isdigit() else None
        if line is None or not self.has_view_permission(request, line):
            return super().change_view(request, object_id, form_url, extra_context)
        return HttpResponseRedirect(LineListRow.of(line).url)


def found_by(text: str, user: Any) -> list[int]:
    """Keys of lines with such an item, of such an order, or in such a parcel."""
    lines = lines_visible_to(user).order_by()
    keys = _keys(lines.filter(item_number=text))
    for parcels in (
        Q(shipment_lines__shipment__number=text),
        Q(shipment_lines__shipment__packages__number=text),
    ):
        keys |= _keys(lines.filter(parcels))
    if keys:
        return sorted(keys)
    carrying = queries.orders_carrying(text).order_by("-pk")[:SEARCH_LIMIT]
    if orders := [row["pk"] for row in carrying]:
        return sorted(_keys(lines.filter(order__in=orders)))
    return sorted(_keys(lines.filter(begins("item_number", text))))


def _keys(lines: QuerySet[OrderLine]) -> set[int]:
    return set(lines.values_list("pk", flat=True)[:SEARCH_LIMIT])

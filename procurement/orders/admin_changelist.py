"""The order list: ready and saved views, rows under headings, sums at the foot."""

from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from procurement.adminbase import OperationAdmin
from procurement.adminfilters import SelectFilter
from procurement.lists.admin import SavedViewsMixin
from procurement.orders.admin_filters import ORDER_FILTERS
from procurement.orders.admin_groups import GROUPINGS, sections, sum_of_all, sums_of
from procurement.orders.admin_lists import COLUMNS, found_by, orders_beginning_with
from procurement.orders.admin_rows import list_rows
from procurement.orders.ready_views import VIEWS
from procurement.texts import Text

ALL = "?show="
"""Says that it wants all rows, so that no default view comes in its place."""


class OrderListAdmin(SavedViewsMixin, OperationAdmin):
    list_display = ["number"]
    list_only = COLUMNS
    list_keys_first = True
    list_select_related = ["supplier", "shop", "buyer"]
    list_filter = ORDER_FILTERS
    sortable_by = ()
    search_fields = ["number"]
    search_help_text = gettext_lazy(
        "Our number, the supplier's, a reference, an item, a shipment or a parcel"
    )
    change_list_template = "admin/orders/list.html"

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            return super().changelist_view(request, extra_context)
        if address := self.default_address(request):
            return HttpResponseRedirect(address)
        if text := request.GET.get("q", "").strip():
            request.carrying = found_by(text, _user(request))  # type: ignore[attr-defined]
            if len(request.carrying) == 1:  # type: ignore[attr-defined]
                return HttpResponseRedirect(self.object_url(request.carrying[0]))  # type: ignore[attr-defined]
        answer = super().changelist_view(request, extra_context)
        if isinstance(answer, TemplateResponse) and answer.context_data:
            changelist = answer.context_data["cl"]
            answer.context_data |= {
                **self.saved_views(request),
                **_rows(request, changelist),
                "views": view_links(request, VIEWS),
                "all_url": ALL,
                "notes": ignored(changelist),
                **self.bulk_context(request),  # type: ignore[attr-defined]
            }
        return answer

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        text = search_term.strip()
        if not text:
            return queryset, False
        found = getattr(request, "carrying", None)
        found = found or orders_beginning_with(text, _user(request))
        return queryset.filter(pk__in=found), False

    def get_ordering(self, request: HttpRequest) -> Any:
        # The longest overdue first; everything else newest first, as it is indexed.
        view = VIEWS.get(request.GET.get("show", ""))
        grouping = GROUPINGS.get(request.GET.get("group", ""))
        by_date = any(each and each.by_date for each in (view, grouping))
        ordering = ["promised_date", "-pk"] if by_date else ["-pk"]
        if grouping and grouping.column not in ordering:
            ordering = [grouping.column, *ordering]
        return ordering


def _rows(request: HttpRequest, changelist: Any) -> dict[str, Any]:
    rows = list_rows(changelist.result_list)
    grouping = GROUPINGS.get(request.GET.get("group", ""))
    wants_all = request.GET.get("sum") == "all"
    return {
        "rows": rows,
        "sections": sections(
            rows, grouping, changelist.row_before, changelist.row_after
        ),
        "is_grouped": grouping is not None,
        "page_sums": sums_of(row.order for row in rows),
        "sum_of_all": sum_of_all(changelist.queryset) if wants_all else "",
        "sum_url": changelist.get_query_string({"sum": "all"}, remove=["p"]),
    }


def view_links(request: HttpRequest, views: Any) -> list[tuple[Text, str, bool]]:
    """The ready views as label, address, and whether it is the one on the screen."""
    chosen = request.GET.get("show", "")
    is_saved = bool(request.GET.get("view"))
    links: list[tuple[Text, str, bool]] = [(_("All"), ALL, not chosen and not is_saved)]
    return links + [
        (view.label, f"?show={name}", name == chosen and not is_saved)
        for name, view in views.items()
    ]


def ignored(changelist: Any) -> list[str]:
    """A word on each filter that could not be followed."""
    notes = [
        _("“%(filter)s” was left out: its value is not there any more.")
        % {"filter": spec.title}
        for spec in changelist.filter_specs
        if isinstance(spec, SelectFilter) and not spec.is_known()
    ]
    given = changelist.filter_params
    if (given.get("total_from") or given.get("total_to")) and not any(
        given.get("currency", [])
    ):
        notes.append(_("The total was left out: choose its currency as well."))
    return notes


def _user(request: HttpRequest) -> User:
    """The person at the screen; the admin lets nobody else in."""
    return request.user  # type: ignore[return-value]

"""The filters of the order list and of the line list.

The line list asks the same things of a line's order, so each filter is made for the
path from the rows to their order: empty, or `order__`.
"""

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

import vendors
from procurement.adminfilters import (
    AmountRangeFilter,
    DayRangeFilter,
    HiddenFilter,
    NamesFilter,
    SelectFilter,
    field_filter,
)
from procurement.lists.admin import ChosenViewFilter
from procurement.orders.admin_groups import GROUPINGS
from procurement.orders.expecting import expected_between
from procurement.orders.ready_views import VIEWS
from procurement.orders.states import Approval, Fulfilment, Sending, Status
from procurement.scoping import scoped
from procurement.shops.models import Shop
from procurement.suppliers.models import Supplier


class ViewFilter(HiddenFilter):
    """The ready views, shown as links above the bar."""

    title, parameter_name = _("View"), "show"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, str(view.label)) for name, view in VIEWS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        view = VIEWS.get(self.value() or "")
        return view.narrow(queryset, request.user) if view else queryset  # type: ignore[arg-type]


class SumFilter(HiddenFilter):
    """Asks for the sum of all that match; it narrows nothing."""

    title, parameter_name = _("Sum"), "sum"
    template = "admin/parts/nothing.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("all", "all")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset


def neighbour_filters(path: str) -> tuple[type[SelectFilter], ...]:
    """By whom and for whom it is bought."""

    class SupplierFilter(NamesFilter):
        title, parameter_name = _("Supplier"), "supplier"
        column = f"{path}supplier_id"

        def neighbours(self, user: Any) -> QuerySet[Any]:
            return Supplier.objects.order_by("name").values_list("pk", "name")

    class BuyerFilter(NamesFilter):
        title, parameter_name = _("Buyer"), "buyer"
        column = f"{path}buyer_id"

        def neighbours(self, user: Any) -> QuerySet[Any]:
            staff = User.objects.filter(is_staff=True).order_by("username")
            return staff.values_list("pk", "username")

    class ShopFilter(NamesFilter):
        title, parameter_name, is_more = _("Shop"), "shop", True
        column = f"{path}shop_id"

        def neighbours(self, user: Any) -> QuerySet[Any]:
            shops = scoped(Shop.objects.order_by("name"), user)
            return shops.values_list("pk", "name")

    class VendorFilter(SelectFilter):
        title, parameter_name, is_more = _("Vendor"), "vendor", True

        def lookups(
            self, request: HttpRequest, model_admin: Any
        ) -> list[tuple[str, str]]:
            return [(code, vendors.get(code).name) for code in vendors.CODES]

        def queryset(
            self, request: HttpRequest, queryset: QuerySet[Any]
        ) -> QuerySet[Any]:
            if not self.value() or not self.is_known():
                return queryset
            # Accounts are few; with their keys the rows go by an index.
            accounts = Supplier.objects.filter(vendor=self.value())
            keys = list(accounts.values_list("pk", flat=True))
            return queryset.filter(**{f"{path}supplier_id__in": keys})

    return SupplierFilter, BuyerFilter, ShopFilter, VendorFilter


def order_filters(path: str) -> tuple[type[admin.ListFilter], ...]:
    """What both lists have, for the path to the order."""

    class EnteredFilter(DayRangeFilter):
        title, field, is_more = _("Entered"), "created_at", True
        column = f"{path}created_at"

    class ExpectedFilter(DayRangeFilter):
        title, field, is_more, is_moment = _("Expected"), "promised_date", True, False

    kinds = [(1, _("Test")), (0, _("Live"))]
    return (
        field_filter("headline", _("Status"), Status.choices, column=f"{path}headline"),
        *neighbour_filters(path),
        field_filter(
            "is_test", _("Test / live"), kinds, column=f"{path}is_test", more=True
        ),
        EnteredFilter,
        ExpectedFilter if path else OrdersExpectedFilter,
    )


class OrdersExpectedFilter(DayRangeFilter):
    """By the promised day, else the requested one, of what is still to come."""

    title, field, is_more = _("Expected"), "expected", True

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        first, last = self.values.values()
        return expected_between(queryset, first, last) if first or last else queryset


class CurrencyFilter(SelectFilter):
    """Those the suppliers sell in; other ones are too rare to be offered."""

    title, parameter_name, is_more = _("Currency"), "currency", True

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        used = Supplier.objects.order_by("currency").values_list("currency", flat=True)
        codes = set(used.distinct()) | {request.GET.get("currency", "")}
        return [(code, code) for code in sorted(codes - {""})]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        code = self.value()
        return queryset.filter(currency=code) if code else queryset


class TotalFilter(AmountRangeFilter):
    """Amounts of different currencies can't be compared, so one has to be chosen."""

    title, field, column, is_more = _("Total"), "total", "total", True

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not request.GET.get("currency"):
            return queryset
        return super().queryset(request, queryset)


class GroupFilter(SelectFilter):
    """How the rows are grouped; `admin_groups` says by what."""

    title, parameter_name, nothing = _("Group by"), "group", _("Nothing")

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, str(each.label)) for name, each in GROUPINGS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        grouping = GROUPINGS.get(self.value() or "")
        return queryset.filter(grouping.only) if grouping else queryset


ORDER_FILTERS: tuple[type[admin.ListFilter], ...] = (
    ViewFilter,
    ChosenViewFilter,
    SumFilter,
    *order_filters(""),
    field_filter("approval", _("Approval"), Approval.choices, more=True),
    field_filter("transmission", _("Sending"), Sending.choices, more=True),
    field_filter("fulfilment", _("Fulfilment"), Fulfilment.choices, more=True),
    CurrencyFilter,
    TotalFilter,
    GroupFilter,
)

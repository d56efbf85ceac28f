"""The order list: its ready views, its filters, and finding an order by any number."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString

from procurement.adminfilters import DayRangeFilter, SelectFilter, field_filter
from procurement.adminshow import age, amount, badge
from procurement.orders import queries
from procurement.orders.models import IS_OPEN, PurchaseOrder
from procurement.orders.states import Approval, Fulfilment, Sending, Status
from procurement.scoping import scoped, sight_of
from procurement.shops.models import Shop
from procurement.suppliers.models import Supplier

SEARCH_LIMIT = 200
"""More orders than that can't be told apart by what was searched for."""

COLUMNS = (
    "number",
    "external_reference",
    "source",
    "currency",
    "total",
    "is_test",
    "approval",
    "transmission",
    "fulfilment",
    "attention",
    "supplier_order_number",
    "promised_date",
    "state_since",
    "version",
    "supplier__name",
    "shop__name",
    "buyer__username",
)
"""All a row shows. A supplier's credentials are neither read nor opened for a list."""

TONES = {
    Status.DRAFT: "grey",
    Status.PENDING_APPROVAL: "amber",
    Status.APPROVED: "violet",
    Status.SENDING: "blue",
    Status.SENT: "blue",
    Status.CONFIRMED: "blue",
    Status.PARTIALLY_SHIPPED: "green",
    Status.SHIPPED: "green",
    Status.DELIVERED: "green",
    Status.CANCELLED: "grey",
    Status.REJECTED: "grey",
    Status.NEEDS_ATTENTION: "red",
}


def status_badge(order: PurchaseOrder) -> SafeString:
    return badge(order.status.label, TONES[order.status], order.attention)


def mode_badge(is_test: bool) -> SafeString:
    if is_test:
        return badge("Test", "amber", "Not a real purchase")
    return badge("Live", "green", "A real purchase")


def axes(order: PurchaseOrder) -> str:
    """The three axes, as far as they have been entered on."""
    is_over = order.fulfilment == Fulfilment.CANCELLED
    was_approved = order.approval == Approval.APPROVED
    parts = [order.get_approval_display()] if was_approved or not is_over else []
    if order.transmission != Sending.NONE:
        parts.append(order.get_transmission_display())
    if order.fulfilment != Fulfilment.NONE:
        parts.append(order.get_fulfilment_display())
    return " · ".join(parts)


@dataclass(frozen=True)
class Row:
    """One order as a list shows it."""

    order: PurchaseOrder
    status: SafeString
    axes: str
    mode: SafeString
    total: str
    in_state: SafeString | str

    @classmethod
    def of(cls, order: PurchaseOrder) -> "Row":
        return cls(
            order=order,
            status=status_badge(order),
            axes=axes(order),
            mode=mode_badge(order.is_test),
            total=amount(order.total, order.currency),
            in_state=age(order.state_since),
        )


# --- ready views ------------------------------------------------------------------

Narrow = Callable[[QuerySet[PurchaseOrder], User], QuerySet[PurchaseOrder]]


def to_approve(orders: QuerySet[PurchaseOrder], user: User) -> QuerySet[PurchaseOrder]:
    """What waits for somebody's approval and is not the person's own."""
    return orders.filter(headline=Status.PENDING_APPROVAL).exclude(
        Q(buyer=user) | Q(created_by=user)
    )


def late(orders: QuerySet[PurchaseOrder], user: User) -> QuerySet[PurchaseOrder]:
    return orders.filter(IS_OPEN, promised_date__lt=timezone.localdate())


VIEWS: dict[str, tuple[str, Narrow]] = {
    "mine": ("My orders", lambda orders, user: orders.filter(buyer=user)),
    "to_approve": ("To approve", to_approve),
    "to_send": (
        "Approved, not sent",
        lambda orders, user: orders.filter(headline=Status.APPROVED),
    ),
    "attention": (
        "Needs attention",
        lambda orders, user: orders.filter(headline=Status.NEEDS_ATTENTION),
    ),
    "unconfirmed": (
        "Sent, not confirmed",
        lambda orders, user: orders.filter(headline=Status.SENT),
    ),
    "late": ("Late", late),
}


class ViewFilter(SelectFilter):
    """The ready views, shown as links above the bar."""

    title = "View"
    parameter_name = "show"
    template = "admin/parts/nothing.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, label) for name, (label, _) in VIEWS.items()]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[PurchaseOrder]
    ) -> QuerySet[PurchaseOrder]:
        _, narrow = VIEWS.get(self.value() or "", ("", None))
        return narrow(queryset, request.user) if narrow else queryset  # type: ignore[arg-type]


# --- filters ----------------------------------------------------------------------


class _NamesFilter(SelectFilter):
    """A select of neighbours by name; the value is their key."""

    column: str

    def neighbours(self, user: Any) -> QuerySet[Any]:
        raise NotImplementedError

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        return list(self.neighbours(request.user))

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[PurchaseOrder]
    ) -> QuerySet[PurchaseOrder]:
        value = self.value() or ""
        return queryset.filter(**{self.column: value}) if value.isdigit() else queryset


class SupplierFilter(_NamesFilter):
    title, parameter_name, column = "Supplier", "supplier", "supplier_id"

    def neighbours(self, user: Any) -> QuerySet[Any]:
        return Supplier.objects.order_by("name").values_list("pk", "name")


class ShopFilter(_NamesFilter):
    title, parameter_name, column = "Shop", "shop", "shop_id"

    def neighbours(self, user: Any) -> QuerySet[Any]:
        shops = scoped(Shop.objects.order_by("name"), user)
        return shops.values_list("pk", "name")


class BuyerFilter(_NamesFilter):
    title, parameter_name, column = "Buyer", "buyer", "buyer_id"

    def neighbours(self, user: Any) -> QuerySet[Any]:
        staff = User.objects.filter(is_staff=True).order_by("username")
        return staff.values_list("pk", "username")


class EnteredFilter(DayRangeFilter):
    title, field = "Entered", "created_at"


FILTERS = (
    ViewFilter,
    field_filter("headline", "Status", Status.choices),
    field_filter("approval", "Approval", Approval.choices),
    field_filter("transmission", "Sending", Sending.choices),
    field_filter("fulfilment", "Fulfilment", Fulfilment.choices),
    SupplierFilter,
    ShopFilter,
    BuyerFilter,
    field_filter("is_test", "Test / live", [(1, "Test"), (0, "Live")]),
    EnteredFilter,
)


# --- search -----------------------------------------------------------------------


def found_by(text: str, user: User) -> list[int]:
    """Keys of the orders that carry a number; ours alone, if it is one of ours."""
    seen = PurchaseOrder.objects.visible_to(user).order_by()
    ours = seen.filter(number=text.upper())
    if keys := list(ours.values_list("pk", flat=True)):
        return keys
    if sight_of(user) is None:
        rows = queries.orders_carrying(text).order_by("-pk")[:SEARCH_LIMIT]
        return [row["pk"] for row in rows]
    carrying = seen.filter(pk__in=queries.orders_carrying(text)).order_by("-pk")
    return list(carrying.values_list("pk", flat=True)[:SEARCH_LIMIT])


def orders_beginning_with(text: str, user: User) -> list[int]:
    """Keys of orders with a number of which only the beginning was typed."""
    seen = PurchaseOrder.objects.visible_to(user)
    found: set[int] = set()
    for condition in (
        _begins("number", text.upper()),
        *(_begins("supplier_order_number", each) for each in {text, text.upper()}),
        *(
            _begins("external_reference", each) & ~Q(external_reference="")
            for each in {text, text.upper()}
        ),
    ):
        # One after another, each by its index: joined by OR they would read all orders.
        rows = seen.filter(condition).order_by("-pk")
        found.update(rows.values_list("pk", flat=True)[:SEARCH_LIMIT])
    return sorted(found, reverse=True)[:SEARCH_LIMIT]


def _begins(column: str, text: str) -> Q:
    if connection.vendor == "sqlite":
        # Its LIKE takes no index here; a range does.
        return Q(**{f"{column}__gte": text, f"{column}__lt": f"{text}\U0010ffff"})
    return Q(**{f"{column}__startswith": text})

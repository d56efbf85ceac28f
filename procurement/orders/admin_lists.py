"""How an order is shown in a list, and finding one by any number."""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Q
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from procurement.adminshow import age, amount, badge
from procurement.orders import queries
from procurement.orders.models import PurchaseOrder
from procurement.orders.states import Approval, Fulfilment, Sending, Status
from procurement.scoping import sight_of

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
    "requested_date",
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
        return badge(_("Test"), "amber", _("Not a real purchase"))
    return badge(_("Live"), "green", _("A real purchase"))


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
        begins("number", text.upper()),
        *(begins("supplier_order_number", each) for each in {text, text.upper()}),
        *(
            begins("external_reference", each) & ~Q(external_reference="")
            for each in {text, text.upper()}
        ),
    ):
        # One after another, each by its index: joined by OR they would read all orders.
        rows = seen.filter(condition).order_by("-pk")
        found.update(rows.values_list("pk", flat=True)[:SEARCH_LIMIT])
    return sorted(found, reverse=True)[:SEARCH_LIMIT]


def begins(column: str, text: str) -> Q:
    if connection.vendor == "sqlite":
        # Its LIKE takes no index here; a range does.
        return Q(**{f"{column}__gte": text, f"{column}__lt": f"{text}\U0010ffff"})
    return Q(**{f"{column}__startswith": text})

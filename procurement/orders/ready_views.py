"""The ready views of the order list: what people come back for, under a name."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from procurement import clock
from procurement.orders.models import (
    AWAITS_INVOICE,
    DEVIATES,
    IN_DOUBT,
    IS_OPEN,
    PurchaseOrder,
)
from procurement.orders.process import process
from procurement.orders.states import Approval, Fulfilment, Status
from procurement.texts import Text

Orders = QuerySet[PurchaseOrder]
Narrow = Callable[[Orders, User], Orders]


@dataclass(frozen=True)
class ReadyView:
    label: Text
    narrow: Narrow
    by_date: bool = False
    """The earliest promise first; otherwise the newest order."""


def to_approve(orders: Orders, user: User) -> Orders:
    """What the person may approve now, themselves or in another's place."""
    return process().waiting_for(orders, user)


def returned(orders: Orders, user: User) -> Orders:
    """The person's own that an approver sent back and that nobody has changed since."""
    return orders.filter(buyer=user, approval=Approval.RETURNED, headline=Status.DRAFT)


def late(orders: Orders, user: User) -> Orders:
    return orders.filter(IS_OPEN, promised_date__lt=clock.today())


def due_within(days: int) -> Narrow:
    """Open orders promised for today or one of so many days from now."""

    def narrow(orders: Orders, user: User) -> Orders:
        today = clock.today()
        last = today + timedelta(days=days)
        return orders.filter(IS_OPEN, promised_date__range=(today, last))

    return narrow


VIEWS: dict[str, ReadyView] = {
    "mine": ReadyView(_("My orders"), lambda orders, user: orders.filter(buyer=user)),
    "returned": ReadyView(_("Sent back to me"), returned),
    "to_approve": ReadyView(_("To approve"), to_approve),
    "to_send": ReadyView(
        _("Approved, not sent"),
        lambda orders, user: orders.filter(headline=Status.APPROVED),
    ),
    "attention": ReadyView(
        _("Needs attention"),
        lambda orders, user: orders.filter(headline=Status.NEEDS_ATTENTION),
    ),
    "trouble": ReadyView(
        _("Failed or unknown"), lambda orders, user: orders.filter(IN_DOUBT)
    ),
    "unconfirmed": ReadyView(
        _("Sent, not confirmed"),
        lambda orders, user: orders.filter(headline=Status.SENT),
    ),
    "deviations": ReadyView(
        _("With deviations"), lambda orders, user: orders.filter(DEVIATES)
    ),
    "late": ReadyView(_("Late"), late, by_date=True),
    "due_7": ReadyView(_("Due in 7 days"), due_within(7), by_date=True),
    "due_30": ReadyView(_("Due in 30 days"), due_within(30), by_date=True),
    "partly": ReadyView(
        _("Partly delivered"),
        lambda orders, user: orders.filter(fulfilment=Fulfilment.PARTIALLY_SHIPPED),
    ),
    "to_invoice": ReadyView(
        _("Waiting for invoice"), lambda orders, user: orders.filter(AWAITS_INVOICE)
    ),
}

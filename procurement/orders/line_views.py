"""The ready views of the line list, and which lines a person may see."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from procurement import clock
from procurement.orders.models import IS_OPEN, LINE_DEVIATES, OrderLine
from procurement.orders.states import Fulfilment, Sending
from procurement.scoping import scoped
from procurement.texts import Text

Lines = QuerySet[OrderLine]

# Driven by the orders, of which few are open; their indexes carry these terms.
_AT_SUPPLIER = (
    ~Q(order__fulfilment=Fulfilment.DELIVERED)
    & ~Q(order__fulfilment=Fulfilment.CANCELLED)
    & Q(order__transmission=Sending.SENT)
)


@dataclass(frozen=True)
class LineView:
    label: Text
    narrow: Callable[[Lines], Lines]
    hint: Text
    by_date: bool = False
    """The earliest promise first; otherwise the newest order."""


def _open(lines: Lines) -> Lines:
    return lines.filter(IS_OPEN).filter(_AT_SUPPLIER)


def _late(lines: Lines) -> Lines:
    return lines.filter(IS_OPEN, promised_date__lt=clock.today())


def _due(lines: Lines) -> Lines:
    today = clock.today()
    last = today + timedelta(days=7)
    return lines.filter(IS_OPEN, promised_date__range=(today, last))


def _backorder(lines: Lines) -> Lines:
    return lines.filter(
        IS_OPEN,
        ~Q(fulfilment=Fulfilment.SHIPPED),
        order__fulfilment=Fulfilment.PARTIALLY_SHIPPED,
    )


LINE_VIEWS: dict[str, LineView] = {
    "open": LineView(
        _("Open"), _open, _("The supplier has the order, and the goods are not here.")
    ),
    "late": LineView(
        _("Late"), _late, _("Promised for a day that is past."), by_date=True
    ),
    "due_7": LineView(
        _("Due in 7 days"),
        _due,
        _("Promised for today or the week after."),
        by_date=True,
    ),
    "unconfirmed": LineView(
        _("Not confirmed"),
        lambda lines: _open(lines).filter(is_confirmed=False),
        _("The supplier has the order and did not confirm this line."),
    ),
    "deviations": LineView(
        _("With deviations"),
        lambda lines: lines.filter(LINE_DEVIATES),
        _("Put off since it was first promised, or cancelled in part."),
    ),
    "backorder": LineView(
        _("Backorder"),
        _backorder,
        _("A part of the order was shipped, and this is still to come."),
    ),
}


def lines_visible_to(user: User) -> Lines:
    """The lines of the orders a person may see."""
    return scoped(OrderLine.objects.all(), user)

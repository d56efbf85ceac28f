"""Order rows under headings, and what they sum up to.

A group may go on over several pages. Its heading says so, and its sum is that of the
rows below it: whoever adds up the pages gets the whole.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext, gettext_lazy

from procurement.adminshow import amount
from procurement.orders.models import IS_OPEN, PurchaseOrder
from procurement.texts import Text

SUM_LIMIT = 10_000
"""So many orders are added up on request; of more, a page would keep people waiting."""


@dataclass(frozen=True)
class Grouping:
    """What rows are grouped by; `column` begins an index of the table."""

    label: Text
    column: str
    key: Callable[[PurchaseOrder], Any]
    heading: Callable[[PurchaseOrder], str]
    only: Q = field(default_factory=Q)
    by_date: bool = False


def monday_of(day: date | None) -> date | None:
    return None if day is None else day - timedelta(days=day.weekday())


def _week(order: PurchaseOrder) -> str:
    day = order.promised_date
    if day is None:
        return gettext("No day promised")
    year, week, _day = day.isocalendar()
    return gettext("Week %(week)d of %(year)d, from %(monday)s") % {
        "week": week,
        "year": year,
        "monday": monday_of(day),
    }


def _shop(order: PurchaseOrder) -> str:
    return order.shop.name if order.shop else gettext("No shop")


GROUPINGS = {
    "supplier": Grouping(
        gettext_lazy("Supplier"),
        "supplier_id",
        lambda order: order.supplier_id,
        lambda order: order.supplier.name,
    ),
    "buyer": Grouping(
        gettext_lazy("Buyer"),
        "buyer_id",
        lambda order: order.buyer_id,
        lambda order: order.buyer.get_username(),
    ),
    "shop": Grouping(
        gettext_lazy("Shop"), "shop_id", lambda order: order.shop_id, _shop
    ),
    "week": Grouping(
        gettext_lazy("Week promised (open orders)"),
        "promised_date",
        lambda order: monday_of(order.promised_date),
        _week,
        only=IS_OPEN & Q(promised_date__isnull=False),
        by_date=True,
    ),
}


@dataclass(frozen=True)
class Section:
    """Rows of one page that belong together; without a heading, all of them."""

    heading: str
    rows: Sequence[Any]
    sums: list[str]
    is_continued: bool = False
    """It began on the page before."""
    goes_on: bool = False


def sections(
    rows: Sequence[Any],
    grouping: Grouping | None,
    before: PurchaseOrder | None,
    after: PurchaseOrder | None,
) -> list[Section]:
    """The rows of a page under their headings.

    Args:
        rows: each with its `order`, in the order of the grouping.
        before: the order before the first row, on the page before.
        after: the order after the last row.
    """
    if grouping is None:
        return [Section("", rows, sums_of(row.order for row in rows))]
    key = grouping.key
    found: list[Section] = []
    for value, members in groupby(rows, lambda row: key(row.order)):
        group = list(members)
        found.append(
            Section(
                heading=grouping.heading(group[0].order),
                rows=group,
                sums=sums_of(row.order for row in group),
                is_continued=not found and before is not None and key(before) == value,
                goes_on=group[-1] is rows[-1]
                and after is not None
                and key(after) == value,
            )
        )
    return found


def sums_of(orders: Iterable[PurchaseOrder]) -> list[str]:
    """A sum for each currency."""
    return _texts((order.currency, order.total) for order in orders)


def sum_of_all(orders: QuerySet[PurchaseOrder]) -> str:
    """What all orders of a list sum up to, as far as they are added up."""
    values = orders.order_by().values_list("currency", "total")[: SUM_LIMIT + 1]
    found = list(values)
    texts = {
        "count": f"{min(len(found), SUM_LIMIT):,}".replace(",", "\N{NO-BREAK SPACE}"),
        "sums": " + ".join(_texts(found[:SUM_LIMIT])) or "0",
    }
    if len(found) > SUM_LIMIT:
        return gettext("More than %(count)s match: at least %(sums)s.") % texts
    return gettext("All %(count)s that match: %(sums)s.") % texts


def _texts(amounts: Iterable[tuple[str, Decimal]]) -> list[str]:
    totals: dict[str, Decimal] = defaultdict(Decimal)
    for currency, total in amounts:
        totals[currency] += total
    return [amount(total, currency) for currency, total in sorted(totals.items())]

"""The orders of some days, however many there are: two queries, bounded by the days."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet

from procurement.documents.calendars.narrowing import Narrowing
from procurement.orders.expecting import expected_on, only_requested, promised
from procurement.orders.models import PurchaseOrder

COLUMNS = (
    "number",
    "currency",
    "total",
    "is_test",
    "approval",
    "transmission",
    "fulfilment",
    "attention",
    "promised_date",
    "requested_date",
    "updated_at",
    "version",
    "supplier_order_number",
    "supplier__name",
    "shop__name",
    "buyer__username",
)
"""A supplier's credentials are neither read nor opened for a calendar."""


@dataclass
class Expected:
    """What is expected on one day; `has_more` if it is more than was read."""

    orders: list[PurchaseOrder] = field(default_factory=list)
    has_more: bool = False


def expected_by_day(
    user: User, narrowing: Narrowing, days: Sequence[date], most: int
) -> dict[date, Expected]:
    """For each day what is expected on it, at most so many orders of each."""
    seen = narrowing.orders(user).order_by()
    # A branch for each day and kind, and each stops by its index where it has enough.
    # One query over all days would read every order of a busy month.
    first, *others = _branches(seen, days, most + 1)
    keys = first.union(*others, all=True).values_list("pk", flat=True)
    found: dict[date, list[PurchaseOrder]] = defaultdict(list)
    for order in _rows(keys):
        day = expected_on(order)
        if day is not None:
            found[day].append(order)
    return {
        day: Expected(orders[:most], has_more=len(orders) > most)
        for day, orders in found.items()
    }


def _branches(
    seen: QuerySet[PurchaseOrder], days: Iterable[date], most: int
) -> Iterable[QuerySet[PurchaseOrder, Any]]:
    keys = PurchaseOrder.objects.order_by().values("pk")
    for day in days:
        for rows in (
            promised(seen).filter(promised_date=day),
            only_requested(seen).filter(requested_date=day),
        ):
            # SQLite takes a limit within a union only one level further down.
            yield keys.filter(pk__in=rows.order_by("pk").values("pk")[:most])


def expected_from(
    user: User, narrowing: Narrowing, first: date, last: date, most: int
) -> Expected:
    """What is expected between two days, the nearest after `first` first."""
    seen = narrowing.orders(user)
    found: list[PurchaseOrder] = []
    for rows, column in (
        (promised(seen), "promised_date"),
        (only_requested(seen), "requested_date"),
    ):
        days = {f"{column}__gte": first, f"{column}__lte": last}
        ordered = rows.filter(**days).order_by(column, "pk")
        found += _with_names(ordered)[: most + 1]
    found.sort(key=lambda order: (expected_on(order) or first, order.pk))
    return Expected(found[:most], has_more=len(found) > most)


def _rows(keys: Iterable[int]) -> Iterable[PurchaseOrder]:
    found = PurchaseOrder.objects.filter(pk__in=list(keys)).order_by(
        "promised_date", "pk"
    )
    return _with_names(found)


def _with_names(orders: QuerySet[PurchaseOrder]) -> QuerySet[PurchaseOrder]:
    return orders.select_related("supplier", "shop", "buyer").only(*COLUMNS)

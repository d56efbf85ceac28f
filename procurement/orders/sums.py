"""What orders come to: sums by currency, never over several of them."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.utils.functional import cached_property

from procurement.money import price_text, round_amount
from procurement.orders.models import PurchaseOrder

MOST = 100_000
"""What one sum takes; it costs a fraction of a second, whatever the filters leave."""
COLUMNS = ("currency", "is_test", "headline", "total")
THOUSANDTHS = 1000
"""A total has three decimals, so both of its parts are whole numbers."""


@dataclass(frozen=True)
class StatusSum:
    status: str
    orders: int
    total: Decimal


@dataclass(frozen=True)
class CurrencySum:
    """Orders in one currency; real purchases and tests apart.

    Attributes:
        by_status: one or more, by their names.
    """

    currency: str
    is_test: bool
    by_status: tuple[StatusSum, ...]

    @cached_property
    def orders(self) -> int:
        return sum(one.orders for one in self.by_status)

    @cached_property
    def total(self) -> Decimal:
        return sum((one.total for one in self.by_status), Decimal(0))

    def json(self) -> dict[str, Any]:
        return {
            "currency": self.currency,
            "test": self.is_test,
            "orders": self.orders,
            "total": self._text(self.total),
            "by_status": [
                {
                    "status": one.status,
                    "orders": one.orders,
                    "total": self._text(one.total),
                }
                for one in self.by_status
            ],
        }

    def _text(self, amount: Decimal) -> str:
        return price_text(round_amount(amount, self.currency), self.currency)


class TooMany(Exception):
    """There are more orders than one sum takes."""


def sum_orders(orders: QuerySet[PurchaseOrder]) -> list[CurrencySum]:
    """The sums of these orders, by currency.

    One statement; it stops reading at the first order too many, so that no filter
    makes it read a table of any size.

    Raises:
        TooMany: there are more than `MOST`.
    """
    by_currency: dict[tuple[str, bool], list[StatusSum]] = defaultdict(list)
    count = 0
    for currency, is_test, one in _groups(orders):
        by_currency[currency, is_test].append(one)
        count += one.orders
    if count > MOST:
        raise TooMany
    return [CurrencySum(*key, tuple(ones)) for key, ones in by_currency.items()]


def _groups(orders: QuerySet[PurchaseOrder]) -> Iterator[tuple[str, bool, StatusSum]]:
    chosen = orders.order_by().values_list(*COLUMNS)[: MOST + 1]
    try:
        inner, values = chosen.query.sql_with_params()
    except EmptyResultSet:
        return  # Django knows without asking that there are none.
    with connection.cursor() as cursor:
        cursor.execute(_BY_GROUP.format(inner=inner), [THOUSANDTHS, *values])
        for currency, is_test, status, count, whole, rest in cursor.fetchall():
            total = Decimal(int(whole)) + Decimal(int(rest)) / THOUSANDTHS
            yield currency, bool(is_test), StatusSum(status, count, total)


# SQLite adds decimals as binary numbers, and whole numbers exactly.
_BY_GROUP = """
SELECT currency, is_test, headline, COUNT(*),
    SUM(CAST(FLOOR(total) AS BIGINT)),
    SUM(CAST(ROUND((total - FLOOR(total)) * %s) AS BIGINT))
FROM ({inner}) AS chosen
GROUP BY currency, is_test, headline
ORDER BY currency, is_test, headline
"""

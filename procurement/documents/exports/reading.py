"""The orders of a list as it was filtered, read in batches by a worker."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from procurement.documents.exports.columns import (
    ALWAYS_READ,
    Column,
    Row,
    What,
)
from procurement.errors import OperationNotAllowed
from procurement.orders.admin_lists import found_by
from procurement.orders.models import OrderLine, PurchaseOrder, PurchaseOrderQuerySet

ORDERS_AT_ONCE = 500
Batch = tuple[int, int, list[Row]]
NOT_A_FILTER = ("p", "e", "o")


def listed_orders(user: User, query: str) -> PurchaseOrderQuerySet:
    """What the list of orders shows this person now, on all its pages.

    The list itself says what its filters mean: whatever one more filter it is given,
    a file has what was on the screen.

    Args:
        query: of the list's address.

    Raises:
        OperationNotAllowed: the list has no such filter.
    """
    request: Any = HttpRequest()
    request.method = "GET"
    request.user = user
    request.GET = QueryDict(query, mutable=True)
    for name in NOT_A_FILTER:
        request.GET.pop(name, None)
    if text := request.GET.get("q", "").strip():
        request.carrying = found_by(text, user)
    model_admin = admin.site.get_model_admin(PurchaseOrder)
    try:
        changelist = model_admin.get_changelist_instance(request)
    except IncorrectLookupParameters:
        raise OperationNotAllowed(_("The list has no such filter.")) from None
    rows = PurchaseOrder.objects.visible_to(user)
    listed: QuerySet[PurchaseOrder] = changelist.queryset
    return rows & listed.order_by().select_related(None)


def batches(
    orders: PurchaseOrderQuerySet, what: What, columns: Sequence[Column], after: int
) -> Iterator[Batch]:
    """Read the orders, newest first, in batches.

    Args:
        after: the key of the last order that was read before; 0 at the beginning.

    Yields:
        The key of the last order of the batch, how many there are, and its rows.
    """
    ids = orders.order_by("-pk").values_list("pk", flat=True)
    while keys := list((ids.filter(pk__lt=after) if after else ids)[:ORDERS_AT_ONCE]):
        yield keys[-1], len(keys), _rows(keys, what, columns)
        after = keys[-1]


def _rows(keys: Sequence[int], what: What, columns: Sequence[Column]) -> list[Row]:
    names = sorted({column.source for column in columns} | ALWAYS_READ[what])
    if what is What.LINES:
        lines = OrderLine.objects.filter(order__in=keys)
        return list(lines.order_by("-order_id", "position").values(*names))
    return list(
        PurchaseOrder.objects.filter(pk__in=keys).order_by("-pk").values(*names)
    )

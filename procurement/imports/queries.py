"""What became of the rows of a file, as far as somebody may see it."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import QuerySet

from procurement.imports.kinds import ORDERS, Kind
from procurement.imports.models import FileImport, ImportedItem, ImportedOrder
from procurement.orders.models import PurchaseOrder

AT_ONCE = 500


def orders_made(stored: FileImport, user: Any) -> QuerySet[ImportedOrder]:
    """The orders of a file, in its sequence, of those the person may see."""
    seen = PurchaseOrder.objects.visible_to(user).order_by().values("pk")
    made = ImportedOrder.objects.filter(order_import=stored.pk, order__in=seen)
    return made.select_related("order")


def made_rows(
    kind: Kind, stored: FileImport, user: Any
) -> tuple[Sequence[str], Iterator[Sequence[Any]]]:
    """A table of what was made: its titles, and its rows one by one."""
    if kind is ORDERS:
        orders = orders_made(stored, user).values_list(
            "line", "order__external_reference", "order__number"
        )
        return ("row", "order", "our_number"), orders.iterator(chunk_size=AT_ONCE)
    items = ImportedItem.objects.filter(item_import=stored.pk).values_list(
        "line", "item__supplier__slug", "item__item_number", "item__brand", "how"
    )
    titles = ("row", "supplier", "item_number", "brand", "how")
    return titles, items.iterator(chunk_size=AT_ONCE)

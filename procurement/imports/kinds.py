"""The two kinds of files that can be brought."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User

from procurement.imports import items, items_table, orders, orders_table
from procurement.imports.findings import Findings
from procurement.imports.models import ItemImport, OrderImport
from procurement.sheets.faults import Fault
from procurement.sheets.tables import Column, Table
from procurement.sheets.templates import Example
from procurement.texts import Text
from procurement.texts import gettext_lazy as _

Look = Callable[[], None]
Things = Sequence[Any]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of file.

    Attributes:
        permissions: it takes all of them to bring and to import one.
        judge: what the rows would make for a person; nothing is written.
        write: makes it, in the caller's transaction; returns what to consider.
        is_once: whether the same content may be imported once only.
    """

    name: str
    label: "Text"
    model: Any
    columns: Sequence[Column]
    examples: Sequence[Example]
    permissions: tuple[str, ...]
    judge: Callable[[Table, User, Look], tuple[Findings, Things]]
    write: Callable[[Any, Things, User, Look], list[Fault]]
    is_once: bool

    def may(self, user: Any) -> bool:
        return bool(user.has_perms(self.permissions))


def _write_orders(
    stored: OrderImport, drafts: Things, actor: User, look: Look
) -> list[Fault]:
    orders.write(stored, drafts, actor, look)
    return []


ORDERS = Kind(
    name="orders",
    label=_("Orders"),
    model=OrderImport,
    columns=orders_table.COLUMNS,
    examples=orders_table.EXAMPLES,
    permissions=("imports.add_orderimport", "orders.add_purchaseorder"),
    judge=orders.judge,
    write=_write_orders,
    is_once=True,
)
ITEMS = Kind(
    name="items",
    label=_("Items"),
    model=ItemImport,
    columns=items_table.COLUMNS,
    examples=items_table.EXAMPLES,
    permissions=("imports.add_itemimport",),
    judge=items.judge,
    write=items.write,
    is_once=False,
)
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (ORDERS, ITEMS)}

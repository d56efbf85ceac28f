"""What waits for a person among orders, and the latest they entered."""

from collections.abc import Callable

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from procurement.adminshow import list_url
from procurement.orders.admin_lists import COLUMNS, Row
from procurement.orders.models import PurchaseOrder
from procurement.orders.ready_views import VIEWS, Narrow
from procurement.texts import Text
from procurement.tiles import Tile, register_tile

LATEST = 10
ORDERS = "orders_purchaseorder"

_TILES: tuple[tuple[str, str, str, Text], ...] = (
    ("returned", "submit", "amber", _("an approver wants something changed")),
    ("attention", "view", "red", _("failed, refused, unknown or flagged")),
    ("late", "view", "red", _("promised for a day that is past")),
    ("deviations", "view", "amber", _("confirmed otherwise than ordered")),
    ("to_send", "send", "blue", _("nothing goes out by itself")),
    ("unconfirmed", "view", "blue", _("the supplier has not answered")),
    ("due_7", "view", "green", _("promised for these days")),
)
"""View of the order list, who works it off, tone while something waits, hint."""


def register_tiles() -> None:
    """Add a tile for each ready view of the order list that is work for somebody."""
    for position, (view, verb, tone, hint) in enumerate(_TILES, start=1):
        ready = VIEWS[view]
        register_tile(
            Tile(
                name=view,
                label=ready.label,
                hint=hint,
                permission=f"orders.{verb}_purchaseorder",
                rows=_rows(ready.narrow),
                url=_list_of(view),
                tone=tone,
                position=position * 10,
            )
        )


def _rows(narrow: Narrow) -> Callable[[User], QuerySet[PurchaseOrder]]:
    return lambda user: narrow(PurchaseOrder.objects.visible_to(user), user)


def _list_of(view: str) -> Callable[[], str]:
    return lambda: list_url(ORDERS, show=view)


def latest_of(user: User) -> list[Row]:
    """The orders a person bought last, the newest first."""
    orders = (
        PurchaseOrder.objects.visible_to(user)
        .filter(buyer=user)
        .select_related("supplier", "shop", "buyer")
        .only(*COLUMNS)
    )
    return [Row.of(order) for order in orders.order_by("-pk")[:LATEST]]

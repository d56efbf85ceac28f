"""The first page: what waits for the person who opened it.

Every figure stops counting at a hundred, so that the page costs the same however
many orders there are.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils import timezone

from procurement.adminshow import capped_count, list_url
from procurement.coordination.models import Heartbeat
from procurement.orders.admin_lists import COLUMNS, Row
from procurement.orders.models import PurchaseOrder
from procurement.orders.ready_views import VIEWS
from procurement.scoping import scoped
from procurement.suppliers.admin_health import Health
from procurement.suppliers.models import Supplier, UnknownWord

LATEST = 10
MOST_SUPPLIERS = 100


@dataclass(frozen=True)
class Tile:
    label: str
    figure: str
    url: str
    tone: str
    hint: str


_TILES = (
    ("to_approve", "approve_purchaseorder", "amber", "by somebody but you"),
    ("attention", "view_purchaseorder", "red", "failed, refused, unknown or flagged"),
    ("to_send", "send_purchaseorder", "blue", "nothing goes out by itself"),
    ("unconfirmed", "view_purchaseorder", "blue", "the supplier has not answered"),
    ("late", "view_purchaseorder", "red", "promised for a day that is past"),
)


def fill_home(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add what the first page shows to the theme's own context."""
    user = request.user
    context["title"] = "What waits for me"
    if user.has_perm("orders.view_purchaseorder"):
        context["tiles"] = _tiles(user)  # type: ignore[arg-type]
        context["latest"] = _latest(user)  # type: ignore[arg-type]
        context["orders_url"] = list_url("orders_purchaseorder")
    if user.has_perm("suppliers.view_supplier"):
        context["suppliers"] = [
            (supplier, Health.of(supplier))
            for supplier in Supplier.objects.select_related("health").defer(
                "credentials", "options", "mapping"
            )[:MOST_SUPPLIERS]
        ]
        context["puzzled"] = _puzzled(user)
        context["worker"] = _worker()
    return context


def _puzzled(user: Any) -> list[UnknownWord]:
    """Words of vendors that somebody has to explain; orders don't move on by them."""
    words = scoped(UnknownWord.objects.select_related("supplier"), user)
    return list(words.defer("supplier__credentials")[:LATEST])


def _tiles(user: User) -> list[Tile]:
    orders = PurchaseOrder.objects.visible_to(user)
    tiles = []
    for view, permission, tone, hint in _TILES:
        if not user.has_perm(f"orders.{permission}"):
            continue
        ready = VIEWS[view]
        figure = capped_count(ready.narrow(orders, user))
        url = list_url("orders_purchaseorder", show=view)
        tiles.append(
            Tile(str(ready.label), figure, url, tone if figure != "0" else "", hint)
        )
    return tiles


def _latest(user: User) -> list[Row]:
    orders = (
        PurchaseOrder.objects.visible_to(user)
        .filter(buyer=user)
        .select_related("supplier", "shop", "buyer")
        .only(*COLUMNS)
    )
    return [Row.of(order) for order in orders.order_by("-pk")[:LATEST]]


def _worker() -> dict[str, Any]:
    """The last sign of life of the queue; without one nothing is sent or polled."""
    last = Heartbeat.objects.order_by("-at").values_list("at", flat=True).first()
    limit = timedelta(seconds=settings.HEARTBEAT_LIMIT_SECONDS)
    is_alive = last is not None and timezone.now() - last < limit
    return {"at": last, "is_alive": is_alive}

"""The first page: what waits for me, which silences are alarms, how suppliers are.

Figures stop at a hundred and come in one query, so that the page costs the same
however much there is. Apps add what waits in them by `tiles.register_tile`.
"""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from procurement import tiles
from procurement.adminshow import list_url
from procurement.alarms.showing import home_card
from procurement.coordination.models import Heartbeat
from procurement.orders.admin_home import ORDERS, latest_of
from procurement.scoping import scoped
from procurement.suppliers.admin_health import Health
from procurement.suppliers.models import Supplier, UnknownWord

MOST_WORDS = 10
MOST_SUPPLIERS = 100


def fill(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add what the first page shows to the theme's own context."""
    user: Any = request.user
    context["title"] = _("What waits for me")
    context["tiles"] = tiles.shown_to(request)
    if user.has_perm("orders.view_purchaseorder"):
        context["latest"] = latest_of(user)
        context["orders_url"] = list_url(ORDERS)
    if user.has_perm("suppliers.view_supplier"):
        context |= _suppliers(user)
    context |= home_card(user)
    context["is_quiet"] = not (
        any(tile.waits for tile in context["tiles"])
        or context.get("alarm_rows")
        or context.get("puzzled")
    )
    return context


def _suppliers(user: User) -> dict[str, Any]:
    suppliers = Supplier.objects.select_related("health").defer(
        "credentials", "options", "mapping"
    )
    return {
        "suppliers": [(each, Health.of(each)) for each in suppliers[:MOST_SUPPLIERS]],
        "puzzled": _puzzled(user),
        "worker": _worker(),
    }


def _puzzled(user: User) -> list[UnknownWord]:
    """Words of vendors that somebody has to explain; orders don't move on by them."""
    words = scoped(UnknownWord.objects.select_related("supplier"), user)
    return list(words.defer("supplier__credentials")[:MOST_WORDS])


def _worker() -> dict[str, Any]:
    """The last sign of life of the queue; without one nothing is sent or polled."""
    last = Heartbeat.objects.order_by("-at").values_list("at", flat=True).first()
    limit = timedelta(seconds=settings.HEARTBEAT_LIMIT_SECONDS)
    is_alive = last is not None and timezone.now() - last < limit
    return {"at": last, "is_alive": is_alive}

"""How admin screens write moments, amounts and states, and what their side bar has."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince

from procurement.money import price_text


# --- what is shown ----------------------------------------------------------------


def badge(text: Any, tone: str = "grey", title: str = "") -> SafeString:
    """A word on a colour. Tones: grey, blue, green, amber, red, violet."""
    return format_html(
        '<span class="badge badge-{}" title="{}">{}</span>', tone, title, text
    )


def age(moment: datetime | None) -> SafeString | str:
    """How long ago, in one unit; the moment itself, with its zone, on hover."""
    if moment is None:
        return "–"
    local = timezone.localtime(moment)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        local.isoformat(),
        f"{local:%Y-%m-%d %H:%M:%S %Z}",
        timesince(moment, depth=1),
    )


def amount(value: Decimal, currency: str) -> str:
    """With thousands apart and as many decimals as the currency has."""
    whole, point, fraction = price_text(value, currency).partition(".")
    return f"{int(whole):,}".replace(",", "\N{NARROW NO-BREAK SPACE}") + (
        f"{point}{fraction}\N{NO-BREAK SPACE}{currency}"
    )


def capped_count(rows: QuerySet[Any], limit: int = 100) -> str:
    """The number of rows, read no further than needed to say `100+`."""
    found = len(rows.order_by().values_list("pk", flat=True)[: limit + 1])
    return f"{limit}+" if found > limit else str(found)


def list_url(model: str, **parameters: Any) -> str:
    """The address of a list: `list_url("orders_purchaseorder", show="late")`."""
    address = reverse(f"admin:{model}_changelist")
    return f"{address}?{urlencode(parameters)}" if parameters else address


def stylesheet(request: HttpRequest) -> str:
    return static("procurement/admin.css")


# --- the side bar -----------------------------------------------------------------

_NAVIGATION = (
    (
        "Buying",
        (
            ("Orders", "orders_purchaseorder", "inventory_2", "orders.view_purchaseorder"),
            ("Shops", "shops_shop", "storefront", "shops.view_shop"),
            ("Customers", "customers_customer", "groups", "customers.view_customer"),
        ),
    ),
    (
        "Suppliers",
        (
            ("Suppliers", "suppliers_supplier", "factory", "suppliers.view_supplier"),
            ("Items", "suppliers_supplieritem", "sell", "suppliers.view_supplieritem"),
        ),
    ),
    (
        "What happened",
        (
            (
                "Transmissions",
                "transmissions_transmission",
                "outgoing_mail",
                "transmissions.view_transmission",
            ),
            ("Exchanges", "suppliers_exchange", "swap_horiz", "suppliers.view_exchange"),
            (
                "Order events",
                "orders_orderevent",
                "history",
                "orders.view_orderevent",
            ),
            (
                "Supplier events",
                "suppliers_supplierevent",
                "manage_history",
                "suppliers.view_supplierevent",
            ),
        ),
    ),
    (
        "Access",
        (
            ("Users", "auth_user", "person", "auth.view_user"),
            ("Groups", "auth_group", "badge", "auth.view_group"),
            ("API keys", "access_apikey", "key", "access.view_apikey"),
        ),
    ),
)


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The side bar: only what this user may look at."""
    home = {"title": "What waits for me", "icon": "home", "link": reverse("admin:index")}
    groups: list[dict[str, Any]] = [{"items": [home]}]
    for title, entries in _NAVIGATION:
        items = [
            {"title": name, "icon": icon, "link": list_url(model)}
            for name, model, icon, permission in entries
            if request.user.has_perm(permission)
        ]
        if items:
            groups.append({"title": title, "separator": True, "items": items})
    return groups

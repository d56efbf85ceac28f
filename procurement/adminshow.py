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


def figure(value: Decimal, currency: str) -> str:
    """With thousands apart and as many decimals as the currency has."""
    whole, point, fraction = price_text(value, currency).partition(".")
    apart = f"{int(whole):,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
    return f"{apart}{point}{fraction}"


def amount(value: Decimal, currency: str) -> str:
    return f"{figure(value, currency)}\N{NO-BREAK SPACE}{currency}"


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


def keys(request: HttpRequest) -> str:
    return static("procurement/keys.js")


def icon(request: HttpRequest) -> str:
    return static("procurement/icon.svg")


# --- the side bar -----------------------------------------------------------------

_NAVIGATION = (
    (
        "Buying",
        (
            ("Orders", "orders_purchaseorder", "inventory_2"),
            ("Order lines", "orders_orderline", "list_alt"),
            ("Shops", "shops_shop", "storefront"),
            ("Customers", "customers_customer", "groups"),
            ("Shop logins", "logins_customerlogintoken", "login"),
            ("Steps from files", "fulfilment_stepimport", "upload_file"),
        ),
    ),
    (
        "Approval",
        (
            ("Approval rules", "approvals_approvalrule", "rule"),
            ("Automatic approvals", "approvals_autoapproval", "task_alt"),
            ("Stand-ins", "approvals_standin", "swap_calls"),
        ),
    ),
    (
        "Suppliers",
        (
            ("Suppliers", "suppliers_supplier", "factory"),
            ("Items", "suppliers_supplieritem", "sell"),
            ("Price files", "catalogue_pricefile", "price_change"),
            ("Alarm clocks", "alarms_alarmrule", "timer"),
        ),
    ),
    (
        "What happened",
        (
            ("Transmissions", "transmissions_transmission", "outgoing_mail"),
            ("Exchanges", "suppliers_exchange", "swap_horiz"),
            ("Webhooks", "inbound_webhookdelivery", "webhook"),
            ("Order events", "orders_orderevent", "history"),
            ("Supplier events", "suppliers_supplierevent", "manage_history"),
            ("Workers", "coordination_heartbeat", "memory"),
        ),
    ),
    (
        "Access",
        (
            ("Users", "auth_user", "person"),
            ("Groups", "auth_group", "badge"),
            ("API keys", "access_apikey", "key"),
        ),
    ),
)
"""Title, model, icon."""


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The side bar: only what this user may look at."""
    home = reverse("admin:index")
    waits = {"title": "What waits for me", "icon": "home", "link": home}
    first = [waits, *_troubles(request), *_alarms(request), *_runs(request)]
    groups: list[dict[str, Any]] = [{"items": first}]
    for title, entries in _NAVIGATION:
        items = [
            {"title": name, "icon": icon, "link": list_url(model)}
            for name, model, icon in entries
            if request.user.has_perm(_view_permission(model))
        ]
        if items:
            groups.append({"title": title, "separator": True, "items": items})
    return groups


def _troubles(request: HttpRequest) -> list[dict[str, Any]]:
    # Their screens are built on this module.
    from procurement.troubles.showing import navigation_entry

    if not request.user.has_perm("transmissions.view_transmission"):
        return []
    return [navigation_entry(request.user)]  # type: ignore[arg-type]


def _alarms(request: HttpRequest) -> list[dict[str, Any]]:
    # Their screens are built on this module.
    from procurement.alarms.showing import navigation_entry

    if not request.user.has_perm("alarms.view_alarm"):
        return []
    return [navigation_entry()]


def _runs(request: HttpRequest) -> list[dict[str, Any]]:
    # Their screens are built on this module.
    from procurement.runs.showing import navigation_entry

    if not request.user.has_perm("runs.view_run"):
        return []
    return [navigation_entry(request.user)]


def _view_permission(model: str) -> str:
    app, _, name = model.partition("_")
    return f"{app}.view_{name}"

"""How admin screens write moments, amounts and states, and what their side bar has."""

from datetime import datetime
from decimal import Decimal
from itertools import chain
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext_lazy as _

from procurement import VERSION, menu, tiles
from procurement.money import price_text
from procurement.texts import Text

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


def accessible(request: HttpRequest) -> str:
    return static("procurement/accessible.js")


def icon(request: HttpRequest) -> str:
    return static("procurement/icon.svg")


# --- the side bar -----------------------------------------------------------------

_NAVIGATION = (
    (
        menu.BUYING,
        _("Buying"),
        (
            (_("Orders"), "orders_purchaseorder", "inventory_2"),
            (_("Order lines"), "orders_orderline", "list_alt"),
            (_("Shops"), "shops_shop", "storefront"),
            (_("Customers"), "customers_customer", "groups"),
            (_("Shop logins"), "logins_customerlogintoken", "login"),
            (_("Orders from files"), "imports_orderimport", "playlist_add"),
            (_("Steps from files"), "fulfilment_stepimport", "upload_file"),
        ),
    ),
    (
        menu.APPROVAL,
        _("Approval"),
        (
            (_("Approval rules"), "approvals_approvalrule", "rule"),
            (_("Automatic approvals"), "approvals_autoapproval", "task_alt"),
            (_("Stand-ins"), "approvals_standin", "swap_calls"),
        ),
    ),
    (
        menu.SUPPLIERS,
        _("Suppliers"),
        (
            (_("Suppliers"), "suppliers_supplier", "factory"),
            (_("Items"), "suppliers_supplieritem", "sell"),
            (_("Items from files"), "imports_itemimport", "playlist_add"),
            (_("Price files"), "catalogue_pricefile", "price_change"),
            (_("Alarm clocks"), "alarms_alarmrule", "timer"),
        ),
    ),
    (
        menu.HISTORY,
        _("What happened"),
        (
            (_("Transmissions"), "transmissions_transmission", "outgoing_mail"),
            (_("Exchanges"), "suppliers_exchange", "swap_horiz"),
            (_("Webhooks"), "inbound_webhookdelivery", "webhook"),
            (_("Webhooks sent"), "webhooks_delivery", "outbound"),
            (_("Order events"), "orders_orderevent", "history"),
            (_("Supplier events"), "suppliers_supplierevent", "manage_history"),
            (_("Fetched exports"), "documents_exportfetch", "file_download"),
            (_("Audit trail"), "audit_entry", "policy"),
            (_("Erasures"), "persons_erasure", "person_off"),
            (_("Workers"), "coordination_heartbeat", "memory"),
        ),
    ),
    (
        menu.ACCESS,
        _("Access"),
        (
            (_("Users"), "auth_user", "person"),
            (_("Groups"), "auth_group", "badge"),
            (_("API keys"), "access_apikey", "key"),
            (_("Webhook endpoints"), "webhooks_endpoint", "send"),
        ),
    ),
)
"""The group, its title, and its lists: title, model, icon."""


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The side bar: only what this user may look at, by what people do."""
    home = _item(request, "home", _("What waits for me"), "home", "admin:index")
    groups: list[dict[str, Any]] = [
        {"items": [home, *_registered(request, *menu.entries_of(menu.TOP))]}
    ]
    for group, title, lists in _NAVIGATION:
        before, after = menu.entries_of(group)
        items = [
            *_registered(request, before),
            *(
                _item(request, model, name, icon, f"admin:{model}_changelist")
                for name, model, icon in lists
                if request.user.has_perm(_view_permission(model))
            ),
            *_registered(request, after),
        ]
        if items:
            groups.append({"title": title, "separator": True, "items": items})
    return groups


def _registered(
    request: HttpRequest, *entries: list[menu.Entry]
) -> list[dict[str, Any]]:
    return [
        _item(request, entry.key, entry.title, entry.icon, entry.link())
        for entry in chain(*entries)
        if request.user.has_perm(entry.permission)
    ]


def _item(
    request: HttpRequest, key: str, title: Text, icon: str, to: str
) -> dict[str, Any]:
    """One entry as the theme takes it; its badge is read when it is shown."""
    item: dict[str, Any] = {"title": title, "icon": icon, "link": resolve_url(to)}
    if key in tiles.badged():
        item["badge"] = lazy(tiles.badge_text, str)(request, key)
    return item


def account_links(request: HttpRequest) -> list[dict[str, Any]]:
    """What stands in the menu at a person's own name."""
    links = [
        {"title": _("My settings"), "link": reverse("my_settings")},
        {"title": _("My login"), "link": reverse("mfa_index")},
    ]
    if request.user.is_authenticated and request.user.has_usable_password():
        password = reverse("admin:password_change")
        links.append({"title": _("Change password"), "link": password})
    return links


def every_page(request: HttpRequest) -> dict[str, Any]:
    """What the foot of every page says."""
    return {
        "installation": {
            "name": settings.INSTALLATION_NAME,
            "version": VERSION,
            "zone": timezone.get_current_timezone_name(),
        }
    }


def _view_permission(model: str) -> str:
    app, name = model.split("_", 1)
    return f"{app}.view_{name}"

"""Every list page there is: how many queries it makes, and whether any counts a table.

Runs in a process with the product's settings and prints JSON: address to `queries`
(their number), `rows` (shown) and `counts` (those with a COUNT that no LIMIT holds
back).
"""

import json
import os
import re
from collections.abc import Iterator
from typing import Any

import django

COUNT = re.compile(r"\bCOUNT\(", re.IGNORECASE)
LIMIT = re.compile(r"\bLIMIT\b|\bFETCH\b", re.IGNORECASE)


def main() -> None:
    django.setup()
    from django.contrib.auth.models import User
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from procurement.access.models import SCOPES, ApiKey

    admin = User.objects.get(username="admin")
    _, key = ApiKey.make(
        name="pages", user=admin, scopes=list(SCOPES), calls_per_minute=0
    )
    client = Client()
    client.force_login(admin)
    found: dict[str, Any] = {}
    for address in [*admin_lists(), *rest_lists()]:
        client.get(address, headers={"Authorization": f"Bearer {key}"})
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = client.get(address, headers={"Authorization": f"Bearer {key}"})
        if answer.status_code != 200:
            raise SystemExit(
                f"{address}: {answer.status_code} {answer.content[:300]!r}"
            )
        texts = [query["sql"] for query in queries.captured_queries]
        found[address] = {
            "queries": len(texts),
            "rows": _rows(answer),
            "counts": [t for t in texts if COUNT.search(t) and not LIMIT.search(t)],
        }
    print(json.dumps(found))


def _rows(answer: Any) -> int:
    """How many rows the page shows; the same page over other data may be empty."""
    if answer["Content-Type"].startswith("application/json"):
        return len(answer.json().get("results", ()))
    changelist = (getattr(answer, "context_data", None) or {}).get("cl")
    return len(changelist.result_list) if changelist else 0


def admin_lists() -> Iterator[str]:
    """The list of every model the admin shows, the ready views of orders, the home."""
    from django.contrib import admin
    from django.urls import NoReverseMatch, reverse

    from procurement.orders.admin_groups import GROUPINGS
    from procurement.orders.ready_views import VIEWS

    yield reverse("admin:index")
    for model in admin.site._registry:
        opts = model._meta
        try:
            yield reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
        except NoReverseMatch:
            continue
    orders = reverse("admin:orders_purchaseorder_changelist")
    for view in VIEWS:
        yield f"{orders}?show={view}"
    for group in GROUPINGS:
        yield f"{orders}?group={group}"
    yield f"{orders}?p=3"
    yield f"{orders}?sum=all"
    yield f"{orders}?q=SKU-000777"


def rest_lists() -> Iterator[str]:
    """Every GET of the API that answers with a page of rows."""
    from django.urls import reverse

    from procurement.orders.models import PurchaseOrder
    from procurement.suppliers.models import Supplier

    number = PurchaseOrder.objects.order_by("-pk").values_list("number", flat=True)[0]
    supplier = Supplier.objects.order_by("pk")[0]
    values = {"number": number, "slug": supplier.slug, "pk": 1, "item_id": 1}
    from procurement.api_urls import v1

    for name, kwargs in sorted(_named(v1)):
        if name in _NO_LISTS:
            continue
        yield reverse(name, kwargs={key: values[key] for key in kwargs})


_NO_LISTS = {"supplier-availability", "supplier-item-offers"}
"""The first asks the supplier; the second wants an item with offers."""
_LIST_VIEWS = ("-list", "-events", "-attempts", "-shipments", "-items", "events")


def _named(patterns: Any) -> set[tuple[str, tuple[str, ...]]]:
    found = set()
    for each in patterns:
        name = each.name or ""
        methods = _methods(each.callback)
        if "get" in methods and name.endswith(_LIST_VIEWS):
            found.add((name, tuple(each.pattern.converters or _groups(each.pattern))))
    return found


def _methods(view: Any) -> set[str]:
    if hasattr(view, "actions"):
        return set(view.actions or ())
    made = getattr(view, "cls", None) or getattr(view, "view_class", None)
    return {name for name in ("get", "post") if hasattr(made, name)}


def _groups(pattern: Any) -> tuple[str, ...]:
    return tuple(getattr(getattr(pattern, "regex", None), "groupindex", ()))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "procurement.settings")
    main()

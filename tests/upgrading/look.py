"""Migrates a database of an earlier release and prints what the present code sees."""

import json
from collections import Counter
from typing import Any

import django

django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402

from procurement.access.models import ApiKey  # noqa: E402
from procurement.orders.models import PurchaseOrder  # noqa: E402
from procurement.orders.queries import content_hash  # noqa: E402
from procurement.suppliers.models import Supplier  # noqa: E402
from procurement.transmissions.claiming import claim_next  # noqa: E402
from procurement.transmissions.models import Transmission  # noqa: E402
from procurement.transmissions.sweeping import sweep  # noqa: E402

PAGES = (
    "/admin/",
    "/admin/orders/purchaseorder/",
    "/admin/customers/customer/1/change/",
    "/admin/suppliers/exchange/",
)


def main() -> None:
    call_command("migrate", verbosity=0)
    orders = PurchaseOrder.objects.order_by("pk").prefetch_related("lines")
    found: dict[str, Any] = {
        "orders": {
            order.external_reference: [
                order.status,
                order.approval,
                order.transmission,
                str(order.total),
            ]
            for order in orders
        },
        "approvals_stand": [
            order.external_reference
            for order in orders
            if order.approval == "approved"
            and content_hash(order) == order.approved_hash
        ],
        "events": {
            order.external_reference: list(
                order.events.order_by("pk").values_list("kind", flat=True)
            )
            for order in orders
        },
        "credentials": Supplier.objects.get(slug="extend-nord").credentials,
        "pages": _pages(),
        "rest": _rest(),
    }
    sweep()
    taken = claim_next(9, here=Counter(), elsewhere=Counter())
    found["claimed"] = [_called(each.transmission) for each in taken]
    after = Transmission.objects.order_by("pk")
    found["transmissions"] = {_called(each): each.state for each in after}
    print(json.dumps(found))


def _called(transmission: Transmission) -> str:
    order = PurchaseOrder.objects.get(number=transmission.subject)
    return order.external_reference


def _pages() -> dict[str, int]:
    client = Client()
    client.force_login(User.objects.get(username="admin"))
    order = PurchaseOrder.objects.latest("pk")
    pages = (*PAGES, f"/admin/orders/purchaseorder/{order.pk}/change/")
    return {page: client.get(page).status_code for page in pages}


def _rest() -> dict[str, Any]:
    admin = User.objects.get(username="admin")
    _, secret = ApiKey.make(name="look", user=admin, scopes=["orders:read"])
    order = PurchaseOrder.objects.get(external_reference="draft")
    answer = Client().get(
        f"/api/v1/orders/{order.number}/",
        headers={"Authorization": f"Bearer {secret}"},
    )
    body = answer.json()
    names = ("total", "status", "external_reference", "lines", "delivery_address")
    return {"http": answer.status_code, **{name: body.get(name) for name in names}}


main()

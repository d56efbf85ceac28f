"""Taking turns at endpoints, as a courier does, in the test's own thread."""

from typing import Any

from django.contrib.auth.models import User

from procurement.orders.models import PurchaseOrder
from procurement.webhooks import operations
from procurement.webhooks.models import Delivery, Endpoint
from procurement.webhooks.receivers import Transport
from procurement.webhooks.working import claim_endpoints, serve
from tests.api.clients import permit
from tests.factories import make_user

VIEWS = (
    "orders.view_purchaseorder",
    "orders.view_orderevent",
    "shops.view_shop",
    "webhooks.view_endpoint",
    "webhooks.view_delivery",
    "webhooks.add_endpoint",
    "webhooks.change_endpoint",
)


def make_owner(username: str = "shop", **attributes: Any) -> User:
    return permit(make_user(username, **attributes), *VIEWS)


def make_endpoint(url: str, owner: User | None = None, **data: Any) -> Endpoint:
    owner = owner or make_owner()
    return operations.create_endpoint(actor=owner, data={"url": url, **data})


def happen(order: PurchaseOrder, kind: str = "commented", **data: Any) -> str:
    """Have something happen to an order; return the event's id in the feed."""
    event = order.events.create(
        kind=kind, actor_name="buyer", text="Said.", data=data, status=order.status
    )
    return f"order-{event.pk}"


def take_turns(times: int = 1) -> int:
    """Serve whatever is to be served; return how many turns that took."""
    taken = 0
    transport = Transport()
    for _ in range(times):
        for endpoint_id, claim in claim_endpoints(10):
            serve(endpoint_id, claim, transport, lambda: False)
            taken += 1
    transport.close()
    return taken


def only_delivery() -> Delivery:
    return Delivery.objects.get()

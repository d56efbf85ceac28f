"""Reading the feed over REST, as another system would."""

from typing import Any

from rest_framework.test import APIClient

from tests.api.clients import V1, client_for, permit
from tests.factories import make_user

FEED = f"{V1}/events/"
EVERY_STREAM = (
    "orders.view_purchaseorder",
    "orders.view_orderevent",
    "shops.view_shop",
    "customers.view_customer",
    "suppliers.view_supplier",
    "suppliers.view_supplierevent",
    "logins.view_customerlogintoken",
)


def reader(username: str = "reader", *permissions: str) -> APIClient:
    """A system whose user may see everything, or what is named."""
    user = permit(make_user(username), *(permissions or EVERY_STREAM))
    return client_for(user, ["events:read"])


def read(client: APIClient, **parameters: Any) -> dict[str, Any]:
    answer = client.get(FEED, parameters)
    assert answer.status_code == 200, answer.content
    page: dict[str, Any] = answer.json()
    return page


def read_to_the_end(client: APIClient, **parameters: Any) -> list[dict[str, Any]]:
    """All events from a cursor on, page after page by `next`."""
    page = read(client, **parameters)
    events = list(page["results"])
    while page["next"]:
        page = client.get(page["next"]).json()
        events += page["results"]
    return events


def types(events: list[dict[str, Any]]) -> list[str]:
    return [event["type"] for event in events]

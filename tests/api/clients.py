"""Other systems, each with its key."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import Permission, User
from rest_framework.test import APIClient

from procurement.access.models import SCOPES, ApiKey
from procurement.orders.actions import all_actions
from tests.factories import make_user

V1 = "/api/v1"
ORDERS = f"{V1}/orders/"
SUPPLIERS = f"{V1}/suppliers/"
VIEWS = ("orders.view_purchaseorder", "orders.view_orderevent")
ALL = (
    *VIEWS,
    "orders.add_purchaseorder",
    "orders.change_purchaseorder",
    "suppliers.view_supplier",
    "suppliers.view_exchange",
    "suppliers.add_supplier",
    "suppliers.change_supplier",
    "suppliers.check_supplier",
    "suppliers.pause_supplier",
)


def permit(user: User, *permissions: str) -> User:
    for permission in permissions:
        app, _, codename = permission.partition(".")
        user.user_permissions.add(
            Permission.objects.get(content_type__app_label=app, codename=codename)
        )
    # Permissions are cached on the object they were asked of.
    return User.objects.get(pk=user.pk)


def client_for(
    user: User, scopes: Iterable[str] = SCOPES, *, system: str = "webshop"
) -> APIClient:
    """A system whose key belongs to the user; its source is `api:webshop`."""
    _, text = ApiKey.make(name=system, user=user, scopes=list(scopes))
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
    return client


def full_client(username: str = "buyer", **kwargs: Any) -> APIClient:
    """A system that may do everything."""
    actions = {action.whole_permission for action in all_actions()}
    return client_for(permit(make_user(username), *ALL, *actions), **kwargs)


def order_body(**changes: Any) -> dict[str, Any]:
    return {
        "supplier": "extend-nord",
        "currency": "SEK",
        "lines": [
            {
                "item_number": "SKU-4410",
                "description": "Filter",
                "quantity": "6",
                "unit": "ST",
                "unit_price": "41.50",
                "vat_percent": "25",
            }
        ],
        **changes,
    }

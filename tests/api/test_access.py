"""Who may call what: keys, scopes, permissions."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from rest_framework.test import APIClient

from procurement.access.models import SCOPES, ApiKey
from procurement.suppliers.models import Supplier
from tests.api.clients import ALL, ORDERS, SUPPLIERS, V1, client_for, permit
from tests.factories import make_order, make_user

pytestmark = pytest.mark.django_db

VIEW = "orders.view_purchaseorder"
VIEW_SUPPLIER = "suppliers.view_supplier"
CALLS = [
    ("get", ORDERS, "orders:read", [VIEW]),
    ("post", ORDERS, "orders:write", [VIEW, "orders.add_purchaseorder"]),
    ("get", "{order}", "orders:read", [VIEW]),
    ("patch", "{order}", "orders:write", [VIEW, "orders.change_purchaseorder"]),
    ("post", "{order}submit/", "orders:write", [VIEW, "orders.submit_purchaseorder"]),
    (
        "post",
        "{order}approve/",
        "orders:approve",
        [VIEW, "orders.approve_purchaseorder"],
    ),
    (
        "post",
        "{order}return/",
        "orders:approve",
        [VIEW, "orders.approve_purchaseorder"],
    ),
    (
        "post",
        "{order}reject/",
        "orders:approve",
        [VIEW, "orders.approve_purchaseorder"],
    ),
    ("post", "{order}send/", "orders:write", [VIEW, "orders.send_purchaseorder"]),
    ("post", "{order}cancel/", "orders:write", [VIEW, "orders.cancel_purchaseorder"]),
    ("post", "{order}refresh/", "orders:write", [VIEW, "orders.refresh_purchaseorder"]),
    ("post", "{order}resolve/", "orders:write", [VIEW, "orders.resolve_purchaseorder"]),
    ("post", "{order}confirm/", "orders:write", [VIEW, "orders.confirm_purchaseorder"]),
    ("post", "{order}receive/", "orders:write", [VIEW, "orders.receive_purchaseorder"]),
    ("post", "{order}dismiss/", "orders:write", [VIEW, "orders.resolve_purchaseorder"]),
    ("get", "{order}events/", "orders:read", [VIEW]),
    ("get", "{order}attempts/", "orders:read", [VIEW]),
    ("get", "{order}shipments/", "orders:read", [VIEW]),
    ("get", f"{V1}/events/", "events:read", [VIEW, "orders.view_orderevent"]),
    ("get", f"{V1}/vendors/", "suppliers:read", [VIEW_SUPPLIER]),
    ("get", SUPPLIERS, "suppliers:read", [VIEW_SUPPLIER]),
    ("post", SUPPLIERS, "suppliers:write", [VIEW_SUPPLIER, "suppliers.add_supplier"]),
    ("get", "{supplier}", "suppliers:read", [VIEW_SUPPLIER]),
    (
        "patch",
        "{supplier}",
        "suppliers:write",
        [VIEW_SUPPLIER, "suppliers.change_supplier"],
    ),
    (
        "post",
        "{supplier}check/",
        "suppliers:read",
        [VIEW_SUPPLIER, "suppliers.check_supplier"],
    ),
    ("get", "{supplier}health/", "suppliers:read", [VIEW_SUPPLIER]),
    ("get", "{supplier}availability/", "suppliers:read", [VIEW_SUPPLIER]),
]


def call(client: APIClient, method: str, url: str, supplier: Supplier) -> Any:
    """The answer to an empty call, which is refused later if it gets through."""
    order = make_order(supplier)
    url = url.format(
        order=f"{ORDERS}{order.number}/", supplier=f"{SUPPLIERS}{supplier.slug}/"
    )
    return getattr(client, method)(
        url, **({} if method == "get" else {"format": "json"})
    )


# --- keys -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "not_authenticated"),
        ("", "not_authenticated"),
        ("Basic YTpi", "not_authenticated"),
        ("Bearer", "key_refused"),
        ("Bearer nonsense", "key_refused"),
        ("Bearer 12345678.nonsense", "key_refused"),
        ("Bearer \x00", "key_refused"),
        ("Bearer schlüssel", "key_refused"),
    ],
)
def test_call_without_a_good_key_is_401_and_says_what_is_wanted(
    header: str | None, code: str
) -> None:
    client = APIClient()
    if header is not None:
        client.credentials(HTTP_AUTHORIZATION=header)

    answer = client.get(ORDERS)

    assert answer.status_code == 401
    assert answer.json()["code"] == code
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="api"'
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "change",
    [
        {"revoked_at": timezone.now()},
        {"expires_at": timezone.now() - timedelta(seconds=1)},
        {"secret_hash": "0" * 64},
    ],
)
def test_key_that_is_over_is_refused(api: APIClient, change: dict[str, Any]) -> None:
    ApiKey.objects.update(**change)

    assert api.get(ORDERS).status_code == 401


def test_key_of_a_user_who_left_is_refused(api: APIClient) -> None:
    user = ApiKey.objects.get().user
    user.is_active = False
    user.save()

    assert api.get(ORDERS).status_code == 401


def test_use_of_a_key_is_noted(api: APIClient) -> None:
    assert ApiKey.objects.get().last_used_at is None

    api.get(ORDERS)

    assert ApiKey.objects.get().last_used_at is not None


def test_login_session_is_not_accepted() -> None:
    client = APIClient()
    client.force_login(make_user("root", is_superuser=True))

    answer = client.get(ORDERS)

    assert answer.status_code == 401


# --- scopes and permissions -------------------------------------------------------


@pytest.mark.parametrize(("method", "url", "scope", "permissions"), CALLS)
def test_call_needs_its_scope(
    supplier: Supplier, method: str, url: str, scope: str, permissions: list[str]
) -> None:
    others = [other for other in SCOPES if other != scope]
    client = client_for(make_user("root", is_superuser=True), others)

    answer = call(client, method, url, supplier)

    assert answer.status_code == 403
    assert answer.json() == {
        "type": "/api/problems/scope_missing/",
        "title": "The key lacks the scope that `scope` names.",
        "status": 403,
        "detail": f"This key lacks the scope {scope}.",
        "code": "scope_missing",
        "scope": scope,
    }


@pytest.mark.parametrize(("method", "url", "scope", "permissions"), CALLS)
def test_call_needs_every_permission_the_admin_demands(
    supplier: Supplier, method: str, url: str, scope: str, permissions: list[str]
) -> None:
    for missing in permissions:
        held = [permission for permission in permissions if permission != missing]
        user = permit(make_user(f"without-{missing}"), *held)
        if missing.startswith(("orders.view", "suppliers.view")) and any(
            permission.partition(".")[2].startswith("change_") for permission in held
        ):
            continue  # who may change it may see it

        answer = call(client_for(user), method, url, supplier)

        assert answer.status_code == 403, missing
        assert answer.json()["code"] == "permission_missing"
        assert answer.json()["permission"] == missing


@pytest.mark.parametrize(("method", "url", "scope", "permissions"), CALLS)
def test_scope_and_permissions_are_enough(
    supplier: Supplier, method: str, url: str, scope: str, permissions: list[str]
) -> None:
    user = permit(make_user("clerk"), *permissions)

    answer = call(client_for(user, [scope]), method, url, supplier)

    assert answer.status_code not in (401, 403), answer.content


def test_permissions_of_a_group_count(supplier: Supplier) -> None:
    from django.contrib.auth.models import Group

    user = make_user("clerk")
    user.groups.add(Group.objects.get(name="Auditor"))
    client = client_for(user)

    assert client.get(ORDERS).status_code == 200
    assert client.post(ORDERS, {}, format="json").status_code == 403


def test_pausing_needs_its_own_permission_whatever_else_may_be_changed(
    supplier: Supplier,
) -> None:
    held = [permission for permission in ALL if "pause" not in permission]
    client = client_for(permit(make_user("clerk"), *held))
    url = f"{SUPPLIERS}{supplier.slug}/"

    answer = client.patch(url, {"is_paused": True}, format="json")

    assert answer.status_code == 403
    assert answer.json()["permission"] == "suppliers.pause_supplier"
    assert client.patch(url, {"is_paused": False}, format="json").status_code == 200


# --- the command ------------------------------------------------------------------


def test_command_prints_the_key_alone_and_it_works() -> None:
    permit(make_user("shop"), "orders.view_purchaseorder")
    out = StringIO()

    call_command(
        "create_api_key",
        "webshop",
        "--user",
        "shop",
        "--scopes",
        "orders:read, orders:write",
        stdout=out,
    )

    text = out.getvalue()
    assert text.count("\n") == 1
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {text.strip()}")
    assert client.get(ORDERS).status_code == 200
    key = ApiKey.objects.get()
    assert (key.name, key.scopes) == ("webshop", ["orders:read", "orders:write"])
    assert text.strip() not in str(key.__dict__)


@pytest.mark.parametrize(
    ("name", "user", "scopes", "text"),
    [
        ("webshop", "nobody", "orders:read", "There is no user nobody."),
        ("webshop", "gone", "orders:read", "The user gone is not active."),
        ("webshop", "shop", "orders:read,orders:all", "There is no scope orders:all;"),
        ("webshop", "shop", " , ", "Give one scope or more."),
        (" ", "shop", "orders:read", "Give a name of 1 to 80 characters."),
        ("x" * 81, "shop", "orders:read", "Give a name of 1 to 80 characters."),
    ],
)
def test_command_refuses_what_it_cannot_do(
    name: str, user: str, scopes: str, text: str
) -> None:
    make_user("shop")
    make_user("gone", is_active=False)

    with pytest.raises(CommandError, match=text):
        call_command("create_api_key", name, "--user", user, "--scopes", scopes)

    assert not ApiKey.objects.exists()

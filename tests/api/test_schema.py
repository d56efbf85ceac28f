"""The description of the API, and who may read it."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from rest_framework.test import APIClient

from procurement.access.models import ApiKey
from tests.api.clients import client_for
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    """The description, made without a warning and valid as OpenAPI."""
    out = StringIO()
    call_command(
        "spectacular",
        validate=True,
        fail_on_warn=True,
        format="openapi-json",
        stdout=out,
        skip_checks=True,
    )
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def test_description_is_openapi_3_1_and_names_every_call(
    schema: dict[str, Any],
) -> None:
    assert schema["openapi"].startswith("3.1")
    assert {
        "/api/v1/orders/",
        "/api/v1/orders/{number}/",
        "/api/v1/orders/{number}/approve/",
        "/api/v1/orders/{number}/dismiss/",
        "/api/v1/orders/{number}/events/",
        "/api/v1/orders/{number}/attempts/",
        "/api/v1/orders/{number}/shipments/",
        "/api/v1/suppliers/{slug}/availability/",
        "/api/v1/suppliers/{slug}/check/",
        "/api/v1/suppliers/{slug}/health/",
        "/api/v1/vendors/",
        "/api/v1/events/",
    } <= set(schema["paths"])


def test_every_call_names_its_key_its_scope_and_its_problems(
    schema: dict[str, Any],
) -> None:
    for path, methods in schema["paths"].items():
        for method, call in methods.items():
            where = f"{method} {path}"
            assert call["security"] == [{"apiKey": []}], where
            assert "Scope `" in call["description"], where
            content = call["responses"]["default"]["content"]
            assert list(content) == ["application/problem+json"], where
            names = [one["operationId"] for one in methods.values()]
            assert len(names) == len(set(names))


def test_lists_name_their_filters_and_their_cursor(schema: dict[str, Any]) -> None:
    call = schema["paths"]["/api/v1/orders/"]["get"]

    assert {one["name"] for one in call["parameters"]} == {
        "cursor",
        "page_size",
        "supplier",
        "shop",
        "customer",
        "status",
        "approval",
        "transmission",
        "fulfilment",
        "attention",
        "test",
        "buyer",
        "external_reference",
        "supplier_order_number",
        "created_since",
        "created_before",
        "updated_since",
        "updated_before",
        "requested_since",
        "requested_before",
        "search",
        "ordering",
        "fields",
    }


def test_sending_is_accepted_and_not_done(schema: dict[str, Any]) -> None:
    responses = schema["paths"]["/api/v1/orders/{number}/send/"]["post"]["responses"]

    assert set(responses) == {"202", "default"}


def test_credentials_go_in_and_never_out(schema: dict[str, Any]) -> None:
    components = schema["components"]["schemas"]

    assert "credentials" in components["SupplierInputRequest"]["properties"]
    assert "credentials" not in components["Supplier"]["properties"]


@pytest.mark.parametrize("url", ["/api/schema/", "/api/docs/"])
def test_description_is_closed_to_strangers(url: str) -> None:
    assert Client().get(url).status_code in (302, 401)
    customer = Client()
    customer.force_login(make_user("customer", is_staff=False))
    assert customer.get(url).status_code in (302, 403)


def test_any_good_key_may_read_the_description(api: APIClient) -> None:
    key = client_for(make_user("clerk"), [])

    assert key.get("/api/schema/").status_code == 200
    ApiKey.objects.all().delete()
    assert key.get("/api/schema/").status_code == 401


def test_staff_read_the_reference_in_the_browser() -> None:
    client = Client()
    client.force_login(make_user("clerk"))

    page = client.get("/api/docs/")

    assert page.status_code == 200
    assert b"swagger-ui" in page.content
    assert b"https://" not in page.content
    assert client.get("/api/schema/").status_code == 200

"""The description of the API, and who may read it."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import override_settings
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
            answers = call["responses"]
            assert {"400", "401", "403", "406", "429", "500", "503"} <= set(answers)
            assert ("404" in answers) == ("{" in path), where
            assert ("409" in answers) == (method != "get"), where
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

    assert [status for status in responses if status < "400"] == ["202"]


def test_credentials_go_in_and_never_out(schema: dict[str, Any]) -> None:
    components = schema["components"]["schemas"]

    assert "credentials" in components["SupplierInput"]["properties"]
    assert "credentials" not in components["Supplier"]["properties"]


@override_settings(API_DOCS_PUBLIC=False)
def test_any_good_key_may_read_the_description(api: APIClient) -> None:
    key = client_for(make_user("clerk"), [])

    assert key.get("/api/schema/").status_code == 200
    ApiKey.objects.all().delete()
    assert key.get("/api/schema/").status_code == 401

"""ETag, If-Match and If-None-Match of everything that has a version."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from procurement.orders.models import PurchaseOrder
from procurement.suppliers.models import Supplier
from tests.api.clients import ORDERS, SUPPLIERS, V1, order_body

pytestmark = pytest.mark.django_db
BODIES: dict[str, dict[str, Any]] = {
    ORDERS: order_body(),
    f"{V1}/shops/": {"slug": "nord", "name": "Nord"},
    f"{V1}/customers/": {"name": "Verkstad Nord"},
    SUPPLIERS: {
        "slug": "eet-nord",
        "name": "EET Nord",
        "vendor": "eet",
        "base_url": "https://host.example/api",
    },
}
CHANGES = {ORDERS: {"note": "Ring twice."}}


@pytest.fixture(params=BODIES, ids=lambda url: url.split("/")[-2])
def made(request: Any, root_api: APIClient, supplier: Supplier) -> tuple[str, Any]:
    """A new object's address, and a change to make."""
    created = root_api.post(request.param, BODIES[request.param], format="json")
    assert created.status_code == 201, created.content
    shown = created.json()
    assert created.headers["ETag"] == f'"{shown["version"]}"'
    key = shown.get("number") or shown.get("id") or shown["slug"]
    return f"{request.param}{key}/", CHANGES.get(request.param, {"name": "Changed"})


def test_reading_again_costs_nothing_until_it_changes(
    root_api: APIClient, made: tuple[str, Any]
) -> None:
    url, change = made
    first = root_api.get(url)
    tag = first.headers["ETag"]

    unchanged = root_api.get(url, HTTP_IF_NONE_MATCH=tag)
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert unchanged.headers["ETag"] == tag
    among = root_api.get(url, HTTP_IF_NONE_MATCH=f'"0-0", W/{tag}')
    assert among.status_code == 304

    root_api.patch(url, change, format="json")
    changed = root_api.get(url, HTTP_IF_NONE_MATCH=tag)
    assert changed.status_code == 200
    assert changed.headers["ETag"] != tag


def test_change_goes_by_the_tag_that_was_read(
    root_api: APIClient, made: tuple[str, Any]
) -> None:
    url, change = made
    tag = root_api.get(url).headers["ETag"]

    done = root_api.patch(url, change, format="json", HTTP_IF_MATCH=tag)
    late = root_api.patch(url, change, format="json", HTTP_IF_MATCH=tag)
    then = root_api.patch(
        url, change, format="json", HTTP_IF_MATCH=done.headers["ETag"]
    )

    assert (done.status_code, then.status_code) == (200, 200)
    assert (late.status_code, late.json()["code"]) == (412, "version_conflict")


@pytest.mark.parametrize(
    "given", ["", "  ", "seven", '"7', '"7-x y"', '"6", "7"', '"-1"', "7.0", '""']
)
def test_tag_that_is_none_is_refused_by_its_name(
    root_api: APIClient, made: tuple[str, Any], given: str
) -> None:
    """An empty one most of all: its sender counts on it."""
    url, change = made

    answer = root_api.patch(url, change, format="json", HTTP_IF_MATCH=given)

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["If-Match"]
    assert root_api.get(url).json()["version"] == 1


def test_calls_that_are_based_on_no_version_take_none(
    root_api: APIClient, supplier: Supplier
) -> None:
    for url in (*BODIES, f"{SUPPLIERS}extend-nord/check/"):
        answer = root_api.post(url, {}, format="json", HTTP_IF_MATCH='"1"')

        assert list(answer.json()["errors"]) == ["If-Match"], url


def test_what_counts_no_version_up_is_still_a_change(
    root_api: APIClient, supplier: Supplier
) -> None:
    """Whatever is shown otherwise has another tag, or a reader would not hear of it."""
    number = root_api.post(ORDERS, order_body(), format="json").json()["number"]
    tag = root_api.get(f"{ORDERS}{number}/").headers["ETag"]
    PurchaseOrder.objects.update(supplier_status="picking")

    answer = root_api.get(f"{ORDERS}{number}/", HTTP_IF_NONE_MATCH=tag)

    assert answer.status_code == 200
    assert answer.json()["supplier_status"] == "picking"


def test_two_versions_in_one_call_are_refused(
    root_api: APIClient, supplier: Supplier
) -> None:
    number = root_api.post(ORDERS, order_body(), format="json").json()["number"]
    root_api.post(f"{ORDERS}{number}/submit/")

    answer = root_api.post(
        f"{ORDERS}{number}/approve/", {"version": 1}, format="json", HTTP_IF_MATCH='"2"'
    )

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["version"]

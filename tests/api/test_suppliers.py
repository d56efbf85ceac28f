"""Suppliers and vendors over REST."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from rest_framework.test import APIClient

import vendors
from procurement.suppliers.models import (
    Supplier,
    SupplierEvent,
    SupplierHealth,
    SupplierHour,
)
from tests.api.clients import SUPPLIERS, V1
from tests.factories import make_supplier
from vendors.contracts import Capability, ItemKey, Offer
from vendors.errors import Kind, NotSent

pytestmark = pytest.mark.django_db
SECRET = "the-secret-of-this-test"
BODY = {
    "slug": "extend-nord",
    "name": "Extend Nord",
    "vendor": "extend",
    "mode": "test",
    "is_paused": False,
    "base_url": "https://host.example/RESTAPI",
    "auth_url": "",
    "credentials": {"username": "buyer", "password": SECRET, "webhook_secret": SECRET},
    "options": {
        "client": "NORD",
        "customer_number": "K-20417",
        "warehouse": "WH-SYD",
    },
}


def errors_of(answer: Any) -> dict[str, str]:
    assert answer.status_code == 400, answer.content
    found: dict[str, str] = answer.json()["errors"]
    return found


# --- suppliers --------------------------------------------------------------------


def test_supplier_is_created_from_the_body_of_the_contract(api: APIClient) -> None:
    answer = api.post(SUPPLIERS, BODY, format="json")

    assert answer.status_code == 201, answer.content
    shown = answer.json()
    assert shown == {
        "slug": "extend-nord",
        "name": "Extend Nord",
        "vendor": "extend",
        "mode": "test",
        "is_paused": False,
        "base_url": "https://host.example/RESTAPI",
        "auth_url": "",
        "credentials_set": ["password", "username", "webhook_secret"],
        "options": {
            "client": "NORD",
            "customer_number": "K-20417",
            "warehouse": "WH-SYD",
        },
        "mapping": {},
        "currency": "",
        "language": "en",
        "version": 1,
        "created_at": shown["created_at"],
        "updated_at": shown["updated_at"],
    }
    assert Supplier.objects.get().credentials["password"] == SECRET
    assert SupplierEvent.objects.get().actor.username == "buyer"  # type: ignore[union-attr]


def test_no_answer_ever_holds_a_secret(api: APIClient) -> None:
    answers = [
        api.post(SUPPLIERS, BODY, format="json"),
        api.post(SUPPLIERS, BODY, format="json"),
        api.get(SUPPLIERS),
        api.get(f"{SUPPLIERS}extend-nord/"),
        api.patch(
            f"{SUPPLIERS}extend-nord/",
            {"credentials": {"password": SECRET}},
            format="json",
        ),
        api.patch(
            f"{SUPPLIERS}extend-nord/",
            {"credentials": {"no_such": SECRET}},
            format="json",
        ),
        api.patch(
            f"{SUPPLIERS}extend-nord/",
            {"base_url": f"https://u:{SECRET}@host.example/"},
            format="json",
        ),
        api.get(f"{SUPPLIERS}extend-nord/health/"),
        api.get(f"{V1}/vendors/"),
    ]

    statuses = [answer.status_code for answer in answers]
    assert statuses == [201, 400, 200, 200, 200, 400, 400, 200, 200]
    for answer in answers:
        assert SECRET.encode() not in answer.content


def test_change_keeps_what_is_not_given(api: APIClient) -> None:
    api.post(SUPPLIERS, BODY, format="json")
    url = f"{SUPPLIERS}extend-nord/"

    answer = api.patch(
        url,
        {"name": "Nord", "credentials": {"username": "other", "webhook_secret": ""}},
        format="json",
        HTTP_IF_MATCH='"1"',
    )

    assert answer.status_code == 200, answer.content
    assert answer.json()["name"] == "Nord"
    assert answer.json()["credentials_set"] == ["password", "username"]
    assert answer.json()["options"] == BODY["options"]
    assert answer.headers["ETag"] == '"2"'
    assert Supplier.objects.get().credentials["password"] == SECRET


def test_language_is_one_that_papers_are_printed_in(api: APIClient) -> None:
    api.post(SUPPLIERS, BODY, format="json")
    url = f"{SUPPLIERS}extend-nord/"

    assert api.patch(url, {"language": "da"}, format="json").json()["language"] == "da"
    refused = api.patch(url, {"language": "tlh"}, format="json")
    assert refused.status_code == 400
    assert "language" in refused.json()["errors"]
    assert Supplier.objects.get().language == "da"


def test_change_of_an_old_version_is_refused(
    api: APIClient, supplier: Supplier
) -> None:
    url = f"{SUPPLIERS}extend-nord/"
    api.patch(url, {"name": "First"}, format="json")

    answer = api.patch(url, {"name": "Second"}, format="json", HTTP_IF_MATCH="1")

    assert answer.status_code == 412
    assert answer.json()["code"] == "version_conflict"


@pytest.mark.parametrize(
    ("change", "path", "text"),
    [
        ({"colour": "red"}, "colour", "There is no such field;"),
        ({"version": 3}, "version", "There is no such field;"),
        ({"vendor": "acme"}, "vendor", "Give one of eet, kvik, di"),
        ({"mode": "real"}, "mode", "Give one of test, live."),
        ({"base_url": "http://host.example"}, "base_url", "Give an address that begi"),
        ({"credentials": {"pin": "1"}}, "credentials.pin", "This vendor has no 'pin'"),
        ({"credentials": {"password": None}}, "credentials.password", "Give a text"),
        ({"credentials": "x"}, "credentials", "Give an object of names"),
        ({"options": {"colour": "red"}}, "options.colour", "This vendor has no 'colou"),
        ({"options": {"client": ["x"]}}, "options.client", "Give a text, a number, or"),
        ({"options": {"client": 5}}, "options.client", "Give a text."),
        ({"options": {"most_items": 1.5}}, "options.most_items", "Give a whole number"),
        ({"mapping": {"no.such": "x"}}, "mapping.no.such", ""),
        ({"currency": "XXQ"}, "currency", "Give a currency by its three letters"),
        ({"slug": "no slug"}, "slug", "Give letters, digits"),
    ],
)
def test_setting_that_will_not_do_is_named(
    api: APIClient, change: dict[str, Any], path: str, text: str
) -> None:
    found = errors_of(api.post(SUPPLIERS, {**BODY, **change}, format="json"))

    assert list(found) == [path]
    assert found[path].startswith(text)
    assert not Supplier.objects.exists()


def test_options_are_exact_and_of_their_kind(api: APIClient) -> None:
    body = {
        "slug": "eet-nord",
        "name": "EET Nord",
        "vendor": "eet",
        "base_url": "https://host.example/api",
        "options": {
            "price_divisor": 0.1,
            "batch_size": 100,
            "order_contract_confirmed": True,
            "currency": "DKK",
        },
    }

    shown = api.post(SUPPLIERS, body, format="json").json()

    assert shown["options"] == {
        "price_divisor": "0.1",
        "batch_size": 100,
        "order_contract_confirmed": True,
        "currency": "DKK",
    }


def test_slug_is_taken_once(api: APIClient, supplier: Supplier) -> None:
    found = errors_of(api.post(SUPPLIERS, BODY, format="json"))

    assert list(found) == ["slug"]


def test_supplier_keeps_its_vendor(api: APIClient, supplier: Supplier) -> None:
    answer = api.patch(f"{SUPPLIERS}extend-nord/", {"vendor": "eet"}, format="json")

    assert errors_of(answer) == {
        "vendor": "A supplier keeps its vendor; create another supplier."
    }


def test_list_has_pages(api: APIClient, supplier: Supplier) -> None:
    make_supplier("eet")

    page = api.get(f"{SUPPLIERS}?page_size=1").json()
    rest = api.get(page["next"]).json()

    assert [one["slug"] for one in page["results"]] == ["eet-nord"]
    assert [one["slug"] for one in rest["results"]] == ["extend-nord"]


@pytest.mark.parametrize("part", ["", "check/", "health/", "availability/?item=A"])
def test_supplier_that_is_not_there_is_404(api: APIClient, part: str) -> None:
    method = api.post if part == "check/" else api.get

    answer = method(f"{SUPPLIERS}nobody/{part}")

    assert answer.status_code == 404
    assert answer.json()["detail"] == "There is no supplier nobody."


# --- asking it --------------------------------------------------------------------


def offering(monkeypatch: pytest.MonkeyPatch, **functions: Any) -> None:
    """Let Extend answer from memory."""
    api = vendors.get("extend")
    for name, function in functions.items():
        monkeypatch.setitem(api.__dict__, name, function)


def test_check_says_what_was_learnt(
    api: APIClient, supplier: Supplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    offering(monkeypatch, check_connection=lambda client: "12 units.")

    answer = api.post(f"{SUPPLIERS}extend-nord/check/")

    assert (answer.status_code, answer.json()) == (200, {"text": "12 units."})
    health = api.get(f"{SUPPLIERS}extend-nord/health/").json()
    assert health["last_success_at"].endswith("Z")
    assert health["failures_in_a_row"] == 0


def test_check_that_fails_is_502_with_its_kind(
    api: APIClient, supplier: Supplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(client: Any) -> str:
        raise NotSent("Too many calls.", kind=Kind.THROTTLED, retry_after=30)

    offering(monkeypatch, check_connection=refuse)

    answer = api.post(f"{SUPPLIERS}extend-nord/check/")

    assert answer.status_code == 502
    assert answer.json() == {
        "type": "/api/problems/vendor_error/",
        "title": "The call to the supplier failed; `kind` says how.",
        "status": 502,
        "detail": "Too many calls.",
        "code": "vendor_error",
        "kind": "throttled",
    }
    assert answer.headers["Retry-After"] == "30"
    health = api.get(f"{SUPPLIERS}extend-nord/health/").json()
    assert health["failures_in_a_row"] == 1
    assert health["last_failure_kind"] == "throttled"
    assert health["last_failure_text"] == "Too many calls."


def test_health_is_read_without_a_call(api: APIClient, supplier: Supplier) -> None:
    SupplierHealth.objects.update(blocked_until=datetime(2031, 4, 9, 8, 0, tzinfo=UTC))

    health = api.get(f"{SUPPLIERS}extend-nord/health/").json()

    assert len(health.pop("hours")) == 24
    assert health == {
        "is_paused": False,
        "last_success_at": None,
        "last_failure_at": None,
        "last_failure_kind": "",
        "last_failure_text": "",
        "failures_in_a_row": 0,
        "blocked_until": "2031-04-09T08:00:00Z",
        "throttled_until": None,
        "paused_at": None,
        "paused_by": None,
        "pause_reason": "",
        "state": "Held: the account is in trouble",
        "breaker": "closed",
        "breaker_failures": 0,
        "breaker_until": None,
        "budgets": [
            {
                "group": "",
                "calls_per_minute": None,
                "source": "set for this supplier",
                "left": None,
                "closed_until": None,
                "closed_why": "",
            }
        ],
    }


def test_health_has_the_calls_of_each_hour(api: APIClient, supplier: Supplier) -> None:
    SupplierHour.objects.create(
        supplier=supplier,
        hour=datetime(2031, 4, 9, 7, tzinfo=UTC),
        calls=4,
        errors=2,
        throttled=1,
        milliseconds=840,
    )

    with time_machine.travel(datetime(2031, 4, 9, 8, 20, tzinfo=UTC), tick=False):
        hours = api.get(f"{SUPPLIERS}extend-nord/health/").json()["hours"]

    assert hours[-2:] == [
        {
            "begins": "2031-04-09T07:00:00Z",
            "calls": 4,
            "errors": 2,
            "throttled": 1,
            "average_ms": 210,
        },
        {
            "begins": "2031-04-09T08:00:00Z",
            "calls": 0,
            "errors": 0,
            "throttled": 0,
            "average_ms": None,
        },
    ]


def test_availability_is_asked_for_now_and_exact(
    api: APIClient, supplier: Supplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[ItemKey] = []

    def fetch(client: Any, items: list[ItemKey]) -> tuple[Offer, ...]:
        asked.extend(items)
        return (
            Offer(
                item_number="SKU-4410",
                description="Filter",
                unit="ST",
                unit_price=Decimal("41.50"),
                currency="SEK",
                price_breaks=((Decimal(10), Decimal("39.9")),),
                quantity_available=Decimal("12.000"),
                stock_by_kind={"shelf": Decimal("12.0")},
                lead_time_days=2,
                next_receiving_on=date(2031, 4, 9),
                as_of=datetime(2031, 4, 9, 8, 0, tzinfo=UTC),
            ),
            Offer(
                item_number="SKU-0",
                is_known=False,
                as_of=datetime(2031, 4, 9, 8, 0, tzinfo=UTC),
            ),
        )

    offering(monkeypatch, fetch_offers=fetch)

    answer = api.get(f"{SUPPLIERS}extend-nord/availability/?item=SKU-4410&item=SKU-0")

    assert asked == [ItemKey("SKU-4410"), ItemKey("SKU-0")]
    known, unknown = answer.json()["results"]
    assert known == {
        "item_number": "SKU-4410",
        "brand": "",
        "is_known": True,
        "description": "Filter",
        "mpn": "",
        "gtin": "",
        "unit": "ST",
        "unit_price": "41.50",
        "currency": "SEK",
        "price_breaks": [{"from_quantity": "10", "unit_price": "39.90"}],
        "quantity_available": "12",
        "stock_by_kind": {"shelf": "12"},
        "lead_time_days": 2,
        "next_receiving_on": "2031-04-09",
        "as_of": "2031-04-09T08:00:00Z",
        "warning": "",
    }
    assert unknown["is_known"] is False
    assert unknown["unit_price"] is None


def test_brands_go_with_their_items(
    api: APIClient, supplier: Supplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[ItemKey] = []

    def fetch(client: Any, items: list[ItemKey]) -> tuple[Offer, ...]:
        asked.extend(items)
        return ()

    offering(monkeypatch, fetch_offers=fetch)
    url = f"{SUPPLIERS}extend-nord/availability/"

    api.get(f"{url}?item=A&brand=Bosch&item=B&brand=")
    uneven = api.get(f"{url}?item=A&brand=Bosch&item=B")

    assert asked == [ItemKey("A", "Bosch"), ItemKey("B")]
    assert list(errors_of(uneven)) == ["brand"]


@pytest.mark.parametrize(
    "query", ["", "?item=", f"?item={'x' * 81}", "?item=%00", "?" + "item=A&" * 51]
)
def test_items_that_cannot_be_asked_about_are_refused(
    api: APIClient, supplier: Supplier, query: str
) -> None:
    answer = api.get(f"{SUPPLIERS}extend-nord/availability/{query}")

    assert list(errors_of(answer)) == ["item"]


def test_what_a_vendor_does_not_offer_is_refused_with_its_reason(
    api: APIClient, supplier: Supplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    reason = vendors.get("eet").why_not(Capability.CANCEL_ORDER)
    assert reason
    offering(monkeypatch, fetch_offers=vendors.get("eet").cancel_order)

    answer = api.get(f"{SUPPLIERS}extend-nord/availability/?item=A")

    assert answer.status_code == 409
    assert answer.json()["code"] == "not_offered"
    assert answer.json()["detail"] == reason


# --- vendors ----------------------------------------------------------------------


def test_vendors_say_what_they_can_do_and_what_they_want(api: APIClient) -> None:
    found = {one["code"]: one for one in api.get(f"{V1}/vendors/").json()["results"]}

    assert set(found) == set(vendors.CODES)
    eet = found["eet"]
    assert eet["name"] == "EET Group"
    assert eet["has_test_flag"] is True
    assert set(eet["capabilities"]) == {capability.value for capability in Capability}
    assert eet["capabilities"]["place_order"] == {"offered": True, "reason": ""}
    assert eet["capabilities"]["create_shop"] == {
        "offered": False,
        "reason": "EET's API has no shops.",
    }
    assert [field["name"] for field in eet["credentials"]] == ["username", "password"]
    password = eet["credentials"][1]
    assert password == {
        "name": "password",
        "label": "Password",
        "kind": "secret",
        "default": None,
        "is_required": True,
        "choices": [],
        "help": "",
    }
    divisor = next(
        field for field in eet["options"] if field["name"] == "price_divisor"
    )
    assert (divisor["kind"], divisor["default"]) == ("decimal", 100)
    assert divisor["help"].startswith("EET seems to send prices in hundredths")

"""What a call with a key is told, and what is written down of it."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from procurement.access.callers import client_address
from procurement.access.models import ApiKey
from procurement.access.operations import replace_key
from tests.api.clients import ORDERS, full_client, order_body
from tests.factories import make_supplier

pytestmark = pytest.mark.django_db
NOON = datetime(2031, 4, 9, 12, tzinfo=UTC)


def call(client: APIClient, address: str = "10.0.0.4", **headers: str) -> Any:
    return client.get(ORDERS, REMOTE_ADDR=address, **headers)


def noted(*names: str) -> tuple[Any, ...]:
    return ApiKey.objects.values_list(*names).get()


# --- where it comes from ----------------------------------------------------------


@pytest.mark.parametrize(
    ("proxies", "peer", "forwarded", "found"),
    [
        (0, "10.0.0.4", "", "10.0.0.4"),
        (0, "10.0.0.4", "1.1.1.1", "10.0.0.4"),
        (1, "10.0.0.1", "1.1.1.1", "1.1.1.1"),
        (1, "10.0.0.1", "6.6.6.6, 1.1.1.1", "1.1.1.1"),
        (1, "10.0.0.1", "", "10.0.0.1"),
        (2, "10.0.0.1", "6.6.6.6, 1.1.1.1, 10.0.0.2", "1.1.1.1"),
        (2, "10.0.0.1", "6.6.6.6", "10.0.0.1"),
        (1, "10.0.0.1", "1.1.1.1:40123", "1.1.1.1"),
        (1, "10.0.0.1", "[2001:db8::4]:443", "2001:db8::4"),
        (1, "10.0.0.1", "::ffff:192.0.2.4", "192.0.2.4"),
        (0, "fe80::1%eth0", "", "fe80::1"),
        (1, "10.0.0.1", "unknown", None),
        (0, "", "", None),
    ],
)
def test_address_is_what_our_own_proxies_wrote(
    settings: Any, proxies: int, peer: str, forwarded: str, found: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    request = RequestFactory().get("/", REMOTE_ADDR=peer, **headers)

    assert client_address(request) == (ip_address(found) if found else None)


def test_last_use_is_noted_with_its_address_once_a_minute(api: APIClient) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        call(api, "10.0.0.4")
        clock.shift(timedelta(seconds=59))
        call(api, "2001:db8::4")
        assert noted("last_used_at", "last_used_from") == (NOON, "10.0.0.4")
        clock.shift(timedelta(seconds=1))
        call(api, "2001:db8::4")

    assert noted("last_used_at", "last_used_from") == (
        NOON + timedelta(minutes=1),
        "2001:db8::4",
    )


@pytest.mark.parametrize(
    ("networks", "address", "status"),
    [
        ([], "203.0.113.9", 200),
        (["10.0.0.0/8"], "10.1.2.3", 200),
        (["10.0.0.0/8", "2001:db8::/32"], "2001:db8::9", 200),
        (["10.0.0.4/32"], "::ffff:10.0.0.4", 200),
        (["10.0.0.0/8"], "203.0.113.9", 403),
        (["10.0.0.0/8"], "2001:db8::9", 403),
        (["10.0.0.0/8"], "", 403),
    ],
)
def test_a_key_is_taken_from_its_networks_alone(
    api: APIClient, networks: list[str], address: str, status: int
) -> None:
    ApiKey.objects.update(networks=networks)

    assert call(api, address).status_code == status


def test_a_call_from_elsewhere_is_told_from_where_and_the_key_remembers(
    api: APIClient,
) -> None:
    ApiKey.objects.update(networks=["10.0.0.0/8"])
    with time_machine.travel(NOON, tick=False):
        answer = call(api, "203.0.113.9")

    assert answer.status_code == 403
    assert answer.json() == {
        "type": "/api/problems/address_refused/",
        "title": "The key is not taken from the address the call came from.",
        "status": 403,
        "detail": "This key is not taken from 203.0.113.9.",
        "code": "address_refused",
    }
    assert noted("refused_at", "refused_from", "refused_why", "last_used_at") == (
        NOON,
        "203.0.113.9",
        "address",
        None,
    )


def test_what_a_caller_says_of_its_address_opens_nothing(api: APIClient) -> None:
    ApiKey.objects.update(networks=["10.0.0.0/8"])

    answer = call(api, "203.0.113.9", HTTP_X_FORWARDED_FOR="10.0.0.4")

    assert answer.status_code == 403


# --- keys that are over -----------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"revoked_at": NOON}, "revoked"),
        ({"expires_at": NOON}, "ended"),
    ],
)
def test_a_dead_key_is_refused_as_any_and_its_page_learns_of_it(
    api: APIClient, change: dict[str, Any], why: str
) -> None:
    ApiKey.objects.update(**change)
    stranger = APIClient()
    stranger.credentials(HTTP_AUTHORIZATION="Bearer 12345678.nonsense")
    with time_machine.travel(NOON, tick=False) as clock:
        answer = call(api, "10.0.0.4")
        clock.shift(timedelta(seconds=59))
        with CaptureQueriesContext(connection) as queries:
            call(api, "10.0.0.5")
        # Before another call, which empties the log of queries.
        asked = len(queries)
        unknown = call(stranger)

    assert answer.status_code == unknown.status_code == 401
    assert answer.json() == unknown.json()
    assert answer.json()["code"] == "key_refused"
    assert told_by(answer) == told_by(unknown)
    assert noted("refused_at", "refused_from", "refused_why") == (
        NOON,
        "10.0.0.4",
        why,
    )
    assert asked == 1


def told_by(answer: Any) -> dict[str, str]:
    """The headers, but for the one by which an administrator finds the request."""
    headers = dict(answer.headers)
    assert headers.pop("X-Request-ID")
    return headers


def test_a_wrong_text_with_a_known_beginning_is_no_try_of_the_key(
    api: APIClient,
) -> None:
    stranger = APIClient()
    prefix = ApiKey.objects.get().prefix
    stranger.credentials(HTTP_AUTHORIZATION=f"Bearer {prefix}.guess")

    assert call(stranger).status_code == 401
    assert noted("refused_at", "last_used_at") == (None, None)


# --- keys that end, and their successors ------------------------------------------


@pytest.mark.parametrize(
    ("expires_at", "header"),
    [
        (None, None),
        (NOON + timedelta(days=14, seconds=1), None),
        (NOON + timedelta(days=14), "2031-04-23T12:00:00Z"),
        (NOON + timedelta(seconds=1), "2031-04-09T12:00:01Z"),
    ],
)
@time_machine.travel(NOON, tick=False)
def test_answers_say_when_a_key_ends_two_weeks_before(
    api: APIClient, expires_at: datetime | None, header: str | None
) -> None:
    ApiKey.objects.update(expires_at=expires_at)

    found = call(api)
    missing = api.get(f"{ORDERS}PO-2031-999999/")

    assert found.headers.get("Key-Expires") == header
    assert (missing.status_code, missing.headers.get("Key-Expires")) == (404, header)


def test_the_system_stays_who_it_is_with_its_new_key() -> None:
    make_supplier()
    old = full_client()
    body = order_body(external_reference="WEB-1")
    first = old.post(ORDERS, body, format="json", HTTP_IDEMPOTENCY_KEY="once")
    made = replace_key(key_id=ApiKey.objects.get().pk, actor=None)
    new = APIClient()
    new.credentials(HTTP_AUTHORIZATION=f"Bearer {made.text}")

    again = new.post(ORDERS, body, format="json", HTTP_IDEMPOTENCY_KEY="once")

    assert first.status_code == again.status_code == 201
    assert again.json()["number"] == first.json()["number"]
    assert again.headers["Idempotent-Replayed"] == "true"


def test_a_key_costs_a_call_one_query_whatever_it_is_bound_to(api: APIClient) -> None:
    call(api)
    with CaptureQueriesContext(connection) as plain:
        call(api)
    ApiKey.objects.update(
        networks=["10.0.0.0/8", "2001:db8::/32"],
        calls_per_minute=600,
        expires_at=datetime.now(UTC) + timedelta(days=1),
    )
    with CaptureQueriesContext(connection) as bound:
        call(api)

    assert len(bound) == len(plain)
    assert sum("access_apikey" in query["sql"] for query in bound) == 1

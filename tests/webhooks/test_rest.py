"""Endpoints and deliveries as other systems make and read them."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from procurement.access.models import ApiKey, IdempotencyRecord
from procurement.runs.working import work_off
from procurement.webhooks.models import Delivery, Endpoint
from tests.api.clients import V1, client_for
from tests.factories import make_order
from tests.parties import make_shop
from tests.webhooks.receiver import Receiver, receiving
from tests.webhooks.sending import happen, make_owner, take_turns

pytestmark = pytest.mark.django_db

ENDPOINTS = f"{V1}/webhook-endpoints/"
URL = "https://shop.example/hooks"


@pytest.fixture
def api() -> APIClient:
    return client_for(make_owner())


@pytest.fixture
def receiver() -> Any:
    with receiving() as receiver:
        yield receiver


def post(api: APIClient, address: str, body: Any = None, **headers: str) -> Any:
    return api.post(address, body or {}, format="json", headers=headers)


def test_from_making_an_endpoint_to_a_verified_message(
    api: APIClient, receiver: Receiver
) -> None:
    made = post(api, ENDPOINTS, {"url": receiver.url, "types": ["order.*"]})
    assert made.status_code == 201
    shown = made.json()
    secret = shown.pop("secret")
    event_id = happen(make_order(), "approved")

    take_turns()

    assert event_id in receiver.ids
    receiver.taken[-1].verified_with(secret)
    address = f"{ENDPOINTS}{shown['id']}/"
    read = api.get(address)
    assert read.headers["ETag"].startswith('"1-')
    assert "secret" not in read.json()
    assert read.json()["health"] == {
        "state": "ok",
        "last_success_at": read.json()["health"]["last_success_at"],
        "failing_since": None,
        "not_before": None,
        "waiting": 0,
        "failed": 0,
    }
    (delivery,) = [
        each
        for each in api.get(f"{address}deliveries/").json()["results"]
        if each["message_id"] == event_id
    ]
    assert (delivery["state"], delivery["type"]) == ("delivered", "order.approved")
    detail = api.get(f"{address}deliveries/{delivery['id']}/").json()
    assert detail["body"] == receiver.taken[-1].body.decode()
    (attempt,) = detail["attempts"]
    assert (attempt["number"], attempt["status"]) == (1, 204)


def test_what_is_shown_of_a_new_endpoint(api: APIClient) -> None:
    body = {"url": URL, "description": "Web shop", "types": ["order.sent"]}

    shown = post(api, ENDPOINTS, body).json()

    assert shown["secret"].startswith("whsec_")
    assert {name: shown[name] for name in body} == body
    assert (shown["shop"], shown["is_active"], shown["owner"]) == (None, True, "shop")
    assert (shown["version"], shown["old_secret_until"]) == (1, None)
    (listed,) = api.get(ENDPOINTS).json()["results"]
    assert listed["id"] == shown["id"]
    assert listed["health"]["waiting"] is None
    assert "secret" not in listed


def test_a_repeated_creation_makes_one_and_tells_no_secret_again(
    api: APIClient,
) -> None:
    first = post(api, ENDPOINTS, {"url": URL}, **{"Idempotency-Key": "a-1"})
    again = post(api, ENDPOINTS, {"url": URL}, **{"Idempotency-Key": "a-1"})

    assert again.status_code == 201
    assert again.headers["Idempotent-Replayed"] == "true"
    secret = first.json()["secret"]
    assert again.json() == {k: v for k, v in first.json().items() if k != "secret"}
    assert secret not in IdempotencyRecord.objects.get().body
    assert Endpoint.objects.count() == 1
    for answer in (first, again):
        assert answer.headers["Cache-Control"] == "no-store"


def test_a_rotation_tells_the_new_secret_once(api: APIClient) -> None:
    made = post(api, ENDPOINTS, {"url": URL}).json()
    address = f"{ENDPOINTS}{made['id']}/rotate-secret/"

    first = post(api, address, {"overlap_hours": 2}, **{"Idempotency-Key": "r"})
    again = post(api, address, {"overlap_hours": 2}, **{"Idempotency-Key": "r"})
    wrong = post(api, address, {"overlap_hours": 169})

    assert first.status_code == again.status_code == 200
    assert first.json()["secret"] not in (None, made["secret"])
    assert first.json()["old_secret_until"] is not None
    assert "secret" not in again.json()
    assert wrong.status_code == 400
    assert "overlap_hours" in wrong.json()["errors"]
    stored = Endpoint.objects.get()
    assert (stored.secret, stored.old_secret) == (
        first.json()["secret"],
        made["secret"],
    )


def test_refusals_name_the_field(api: APIClient) -> None:
    for body, field in (
        ({}, "url"),
        ({"url": "http://10.0.0.1/"}, "url"),
        ({"url": URL, "types": ["order.x y"]}, "types"),
        ({"url": URL, "shop": 404}, "shop"),
        ({"url": URL, "after": "wrong"}, "after"),
        ({"url": URL, "secret": "mine"}, "secret"),
    ):
        answer = post(api, ENDPOINTS, body)
        assert answer.status_code == 400, body
        assert field in answer.json()["errors"]
    assert not Endpoint.objects.exists()


def test_changing_disabling_and_enabling(api: APIClient) -> None:
    made = post(api, ENDPOINTS, {"url": URL}).json()
    address = f"{ENDPOINTS}{made['id']}/"

    changed = api.patch(
        address,
        {"types": ["order.*"], "is_active": False},
        format="json",
        headers={"If-Match": '"1"'},
    )
    late = api.patch(
        address, {"description": "B"}, format="json", headers={"If-Match": '"1"'}
    )
    enabled = api.patch(address, {"is_active": True}, format="json").json()

    assert changed.status_code == 200
    assert changed.json()["types"] == ["order.*"]
    assert changed.json()["is_active"] is False
    assert changed.json()["disabled_reason"] == "Disabled by shop."
    assert late.status_code == 412
    assert enabled["is_active"] is True
    assert enabled["health"]["state"] == "ok"


def test_a_deleted_endpoint_is_not_found_any_more(api: APIClient) -> None:
    made = post(api, ENDPOINTS, {"url": URL}).json()
    address = f"{ENDPOINTS}{made['id']}/"

    assert api.delete(address).status_code == 204
    for answer in (
        api.get(address),
        api.delete(address),
        api.get(f"{address}deliveries/"),
        post(api, f"{address}test/"),
    ):
        assert answer.status_code == 404
    assert api.get(ENDPOINTS).json()["results"] == []


def test_a_test_message_and_its_delivery(api: APIClient, receiver: Receiver) -> None:
    made = post(api, ENDPOINTS, {"url": receiver.url}).json()
    address = f"{ENDPOINTS}{made['id']}/"

    asked = post(api, f"{address}test/")
    take_turns()

    assert asked.status_code == 202
    assert asked.json()["state"] == "waiting"
    assert receiver.ids == [asked.json()["message_id"]]
    read = api.get(f"{address}deliveries/{asked.json()['id']}/").json()
    assert read["state"] == "delivered"


def test_one_and_many_are_sent_again(api: APIClient, receiver: Receiver) -> None:
    made = post(api, ENDPOINTS, {"url": receiver.url}).json()
    address = f"{ENDPOINTS}{made['id']}/"
    post(api, f"{address}test/")
    take_turns()
    delivery = Delivery.objects.get()

    one = post(api, f"{address}deliveries/{delivery.pk}/redeliver/")
    take_turns()
    many = post(api, f"{address}redeliver/", {"only_failed": False})
    work_off(run_id=many.json()["run"])
    take_turns()

    assert (one.status_code, many.status_code) == (202, 202)
    assert one.json()["state"] == "waiting"
    assert many.json()["only_failed"] is False
    assert receiver.ids == [delivery.message_id] * 3
    missing = post(api, f"{address}deliveries/{delivery.pk + 1}/redeliver/")
    assert missing.status_code == 404


def test_deliveries_are_found_by_state_and_type(
    api: APIClient, receiver: Receiver
) -> None:
    made = post(api, ENDPOINTS, {"url": receiver.url}).json()
    address = f"{ENDPOINTS}{made['id']}/deliveries/"
    order = make_order()
    take_turns()
    receiver.steps = [500]
    happen(order, "approved")
    take_turns()

    def found(**query: str) -> list[str]:
        return [each["type"] for each in api.get(address, query).json()["results"]]

    assert found(state="waiting") == ["order.approved"]
    assert found(type="order.approved") == ["order.approved"]
    assert found(created_since="2099-01-01T00:00:00Z") == []
    assert api.get(address, {"state": "lost"}).status_code == 400


def test_endpoints_of_others_are_not_there(api: APIClient) -> None:
    other = client_for(make_owner("other"), system="erp")
    made = post(other, ENDPOINTS, {"url": URL}).json()

    assert api.get(ENDPOINTS).json()["results"] == []
    assert api.get(f"{ENDPOINTS}{made['id']}/").status_code == 404


def test_a_key_of_a_shop_makes_and_sees_its_own(api: APIClient) -> None:
    user = make_owner()
    north, south = make_shop("north"), make_shop("south")
    _, text = ApiKey.make(
        name="north", user=user, scopes=["webhooks:write"], shop=north
    )
    bound = APIClient()
    bound.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
    post(api, ENDPOINTS, {"url": URL, "shop": south.pk})

    made = post(bound, ENDPOINTS, {"url": URL}).json()

    assert made["shop"] == north.pk
    assert post(bound, ENDPOINTS, {"url": URL, "shop": south.pk}).status_code == 400
    listed = bound.get(ENDPOINTS).json()["results"]
    assert [each["id"] for each in listed] == [made["id"]]


def test_the_scope_and_the_rights_are_demanded() -> None:
    without = client_for(make_owner(), scopes=["orders:read", "events:read"])
    powerless = client_for(make_owner("reader"))
    Endpoint.objects.all().delete()
    user = make_owner("reader")
    user.user_permissions.filter(codename="add_endpoint").delete()

    assert post(without, ENDPOINTS, {"url": URL}).json()["code"] == "scope_missing"
    refused = post(powerless, ENDPOINTS, {"url": URL})
    assert refused.json()["permission"] == "webhooks.add_endpoint"


def test_lists_take_as_many_queries_for_many_as_for_few(
    api: APIClient, django_assert_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            api.get(ENDPOINTS)
        return len(queries)

    post(api, ENDPOINTS, {"url": URL})
    api.get(ENDPOINTS)
    few = cost()
    for _ in range(10):
        post(api, ENDPOINTS, {"url": URL})

    assert cost() == few

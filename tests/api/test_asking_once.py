"""Calls that ask a supplier while the caller waits: repeated, at work, abandoned."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from procurement.access import asking
from procurement.access.models import SCOPES, ApiKey, IdempotencyRecord
from procurement.suppliers.models import Supplier
from tests.access.world import World, make_world
from tests.api.clients import ORDERS, SUPPLIERS, V1, client_for, order_body
from tests.api.test_every_problem import address_of, paths
from tests.factories import make_user
from tests.fakes import FakeVendor
from vendors.errors import Kind, NotSent

pytestmark = pytest.mark.django_db
CHECK = f"{SUPPLIERS}extend-nord/check/"


@pytest.fixture(autouse=True)
def short_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "WAIT_SECONDS", 0.2)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """With what the supplier was asked, each time it was."""
    times: list[Any] = []

    def check(**kwargs: Any) -> str:
        times.append(kwargs)
        return f"Asked {len(times)} times."

    monkeypatch.setattr("procurement.suppliers.operations.check_supplier", check)
    return times


def ask(api: APIClient, key: str = "k-1", url: str = CHECK, body: Any = None) -> Any:
    return api.post(url, body or {}, format="json", HTTP_IDEMPOTENCY_KEY=key)


def test_supplier_is_asked_once_for_one_key(
    api: APIClient, supplier: Supplier, asked: list[Any]
) -> None:
    first, again = ask(api), ask(api)

    assert first.status_code == again.status_code == 200
    assert first.json() == again.json() == {"text": "Asked 1 times."}
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert ask(api, "k-2").json() == {"text": "Asked 2 times."}


def test_supplier_is_asked_outside_of_every_transaction(
    api: APIClient, supplier: Supplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    depths = []

    def check(**kwargs: Any) -> str:
        depths.append(len(connection.savepoint_ids))
        return "Fine."

    monkeypatch.setattr("procurement.suppliers.operations.check_supplier", check)
    ask(api)
    api.post(CHECK)

    # What the test's own transaction holds open, and nothing besides.
    assert depths[0] == depths[1]


def test_same_key_with_another_body_is_refused(
    api: APIClient, supplier: Supplier, asked: list[Any]
) -> None:
    ask(api)

    other = ask(api, url=f"{SUPPLIERS}extend-nord/check/", body={"a": 1})

    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")


def test_call_that_is_at_work_is_told_to_wait(
    api: APIClient, supplier: Supplier, asked: list[Any]
) -> None:
    ask(api)
    at_work(leased_for=timedelta(minutes=1))

    answer = ask(api)

    assert (answer.status_code, answer.json()["code"]) == (409, "call_in_progress")
    assert answer.headers["Retry-After"] == "2"
    assert len(asked) == 1


def test_call_whose_process_died_is_made_again(
    api: APIClient, supplier: Supplier, asked: list[Any]
) -> None:
    ask(api)
    at_work(leased_for=timedelta(seconds=-1))

    answer = ask(api)

    assert answer.json() == {"text": "Asked 2 times."}
    assert ask(api).json() == {"text": "Asked 2 times."}


def at_work(leased_for: timedelta) -> None:
    """As the record of a call stands while its supplier is asked."""
    IdempotencyRecord.objects.update(
        status=None, body=None, leased_until=timezone.now() + leased_for
    )


def test_answer_that_comes_after_the_lease_changes_no_other_answer(
    api: APIClient, supplier: Supplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    def check(**kwargs: Any) -> str:
        # Meanwhile another call has taken it over, and was answered.
        IdempotencyRecord.objects.update(
            holder="another", status=200, body='{"text": "The other\'s."}'
        )
        return "Late."

    monkeypatch.setattr("procurement.suppliers.operations.check_supplier", check)

    assert ask(api).json() == {"text": "Late."}
    assert ask(api).json() == {"text": "The other's."}


def test_failure_of_the_supplier_leaves_nothing_to_repeat(
    api: APIClient, supplier: Supplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**kwargs: Any) -> str:
        raise NotSent("Too many calls.", kind=Kind.THROTTLED, retry_after=30)

    with monkeypatch.context() as failing:
        failing.setattr("procurement.suppliers.operations.check_supplier", fail)
        failed = ask(api)

    assert (failed.status_code, failed.json()["code"]) == (502, "vendor_error")
    assert not IdempotencyRecord.objects.exists()
    monkeypatch.setattr(
        "procurement.suppliers.operations.check_supplier", lambda **kwargs: "Fine."
    )
    assert ask(api).json() == {"text": "Fine."}


def test_what_would_not_do_leaves_nothing_either(
    api: APIClient, supplier: Supplier, asked: list[Any]
) -> None:
    assert ask(api, body={"a": 1}).status_code == 400
    assert ask(api).status_code == 200


def test_refusal_is_repeated_while_it_holds(
    api: APIClient, supplier: Supplier, fake_vendor: FakeVendor
) -> None:
    number = api.post(ORDERS, order_body(), format="json").json()["number"]
    refresh = f"{ORDERS}{number}/refresh/"

    first, again = ask(api, url=refresh), ask(api, url=refresh)

    assert (first.status_code, first.json()["code"]) == (409, "not_refreshable")
    assert again.json() == first.json()
    IdempotencyRecord.objects.update(created_at=timezone.now() - timedelta(minutes=3))
    assert ask(api, url=refresh).json() == first.json()
    assert IdempotencyRecord.objects.get().created_at > timezone.now() - timedelta(
        minutes=1
    )


# --- every POST -------------------------------------------------------------------

WITHOUT_KEY: dict[str, str] = {}
"""Calls that take no Idempotency-Key, and why that is right."""


def test_every_post_takes_a_key_or_has_a_reason() -> None:
    schema = SchemaGenerator().get_schema(public=True)
    without = set()
    for path, methods in schema["paths"].items():
        if "post" in methods:
            names = {each["name"] for each in methods["post"].get("parameters", [])}
            if "Idempotency-Key" not in names:
                without.add(path)

    assert without == set(WITHOUT_KEY)


def test_every_post_looks_at_its_key(fake_vendor: FakeVendor) -> None:
    """A key that came before with another call is refused before anything is done."""
    world: World = make_world()
    root = User.objects.create_superuser("root", password="a-password-for-tests")
    _, text = ApiKey.make(name="walker", user=root, scopes=list(SCOPES))
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
    IdempotencyRecord.objects.create(
        source="api:walker",
        key="key:k-1",
        path="POST /elsewhere/",
        status=200,
        body="{}",
    )
    for path, methods in paths().items():
        if "post" in methods and path not in WITHOUT_KEY:
            answer = ask(client, url=address_of(path, world))
            assert answer.status_code == 409, (path, answer.content)
            assert answer.json()["code"] == "idempotency_key_reused", path


@pytest.mark.parametrize("key", ["", "   "])
def test_empty_key_is_refused_everywhere(
    api: APIClient, supplier: Supplier, asked: list[Any], key: str
) -> None:
    """Its sender counts on a key that a fault of its own made empty."""
    for url in (CHECK, ORDERS, f"{V1}/shops/"):
        answer = ask(client_for(make_user(f"root{url}", is_superuser=True)), key, url)

        assert answer.status_code == 400, url
        assert list(answer.json()["errors"]) == ["Idempotency-Key"]
    assert not asked


def test_number_is_not_the_text_of_it(api: APIClient, supplier: Supplier) -> None:
    lines = order_body()["lines"]
    as_text = order_body(lines=[{**lines[0], "unit_price": "1.0"}])
    as_number = order_body(lines=[{**lines[0], "unit_price": 1.0}])

    first = ask(api, url=ORDERS, body=as_text)
    answer = ask(api, url=ORDERS, body=as_number)

    assert first.status_code == 201
    assert answer.json()["code"] == "idempotency_key_reused"


def test_replay_shows_no_shop_that_is_no_more_to_be_seen(root_api: APIClient) -> None:
    shops = f"{V1}/shops/"
    made = ask(root_api, url=shops, body={"slug": "nord", "name": "Nord"})
    bound = User.objects.get(username="root")
    User.objects.filter(pk=bound.pk).update(is_superuser=True)
    assert ask(root_api, url=shops, body={"slug": "nord", "name": "Nord"}).json() == (
        made.json()
    )

    from procurement.shops.models import Shop

    Shop.objects.all().delete()

    assert (
        ask(root_api, url=shops, body={"slug": "nord", "name": "Nord"}).status_code
        == 404
    )

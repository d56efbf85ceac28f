"""Every way to call wrongly, tried at every address of the description."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from procurement.access.codes import Code
from procurement.access.models import SCOPES, ApiKey
from procurement.access.views import ApiView
from procurement.bodies import MAX_BODY_BYTES
from procurement.orders.actions import all_actions
from tests.access.world import World, make_world
from tests.api.clients import V1
from tests.fakes import FakeVendor

pytestmark = pytest.mark.django_db
METHODS = ("get", "post", "put", "patch", "delete", "options", "trace")
JSON = "application/json"
NOBODYS = {
    "{number}": "PO-2031-999999",
    "{slug}": "nobodys",
    "{id}": "999999999",
    "{item_id}": "999999999",
    "{delivery_id}": "999999999",
}


@cache
def paths() -> dict[str, list[str]]:
    """Every address of the description, with the methods it takes."""
    schema = SchemaGenerator().get_schema(public=True)
    found = {
        path: [method for method in METHODS if method in methods]
        for path, methods in schema["paths"].items()
        if path.startswith(V1)
    }
    assert len(found) > 40
    return found


@pytest.fixture
def world(fake_vendor: FakeVendor) -> World:
    return make_world()


@pytest.fixture
def api(world: World) -> APIClient:
    """A system of somebody who may do everything, so that nothing else refuses."""
    root = User.objects.create_superuser("root", password="a-password-for-tests")
    _, text = ApiKey.make(name="walker", user=root, scopes=list(SCOPES))
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
    return client


def address_of(path: str, world: World) -> str:
    kinds = {"shops": "shops.shop", "webhook-endpoints": "webhooks.endpoint"}
    kind = kinds.get(
        path.removeprefix(f"{V1}/").partition("/")[0], "customers.customer"
    )
    values = {
        "{number}": world.ours["orders.number"],
        "{slug}": "extend-nord",
        "{id}": world.ours[kind],
        "{delivery_id}": world.ours["webhooks.delivery"],
        "{item_id}": world.ours["suppliers.supplieritem"],
    }
    for name, value in values.items():
        path = path.replace(name, str(value))
    assert "{" not in path, f"say in `values` what stands for {path}"
    return path


def calls(world: World, *methods: str) -> Iterator[tuple[str, str]]:
    """Each method and address, of those methods that the address takes."""
    for path, taken in paths().items():
        for method in methods:
            if method in taken:
                yield method, address_of(path, world)


def problem(answer: Any, status: int, code: str, where: object) -> dict[str, Any]:
    assert answer.status_code == status, (where, answer.status_code, answer.content)
    assert answer.headers["Content-Type"] == "application/problem+json", where
    found: dict[str, Any] = answer.json()
    assert found["code"] == code, where
    assert found["type"] == f"/api/problems/{code}/", where
    assert found["status"] == status, where
    assert found["title"] == Code(code).meaning, where
    assert found["detail"], where
    assert status in Code(code).statuses, where
    return found


def test_nothing_is_there_without_the_slash(api: APIClient, world: World) -> None:
    for method, address in calls(world, "get", "post", "patch"):
        answer = getattr(api, method)(address.rstrip("/"))

        found = problem(answer, 404, "not_found", (method, address))
        assert "end with a slash" in found["detail"]


def test_what_nobody_made_is_not_there(api: APIClient) -> None:
    for path, taken in paths().items():
        address = path
        for name, value in NOBODYS.items():
            address = address.replace(name, value)
        if address != path:
            for method in taken:
                answer = getattr(api, method)(address)
                problem(answer, 404, "not_found", (method, address))


def test_other_methods_are_told_the_right_ones(api: APIClient, world: World) -> None:
    for path, taken in paths().items():
        address = address_of(path, world)
        for method in set(METHODS) - set(taken):
            answer = api.generic(method.upper(), address)

            problem(answer, 405, "method_not_allowed", (method, address))
            allowed = {each.lower() for each in answer.headers["Allow"].split(", ")}
            assert allowed - {"head"} == set(taken), (method, address)


def test_answers_of_another_kind_are_not_to_be_had(
    api: APIClient, world: World
) -> None:
    for method, address in calls(world, "get", "post", "patch"):
        answer = getattr(api, method)(address, HTTP_ACCEPT="text/html")
        problem(answer, 406, "not_acceptable", (method, address))


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        ("{", JSON, 400, "malformed_json"),
        ('{"a": 1', JSON, 400, "malformed_json"),
        (b'{"a": "\xff\xfe"}', JSON, 400, "malformed_json"),
        (b'{"' + b"x" * MAX_BODY_BYTES + b'": 1}', JSON, 413, "payload_too_large"),
        ("<a/>", "text/xml", 415, "unsupported_media_type"),
        ("a=1", "application/x-www-form-urlencoded", 415, "unsupported_media_type"),
    ],
)
def test_body_that_cannot_be_read_is_refused_everywhere(
    api: APIClient, world: World, body: Any, kind: str, status: int, code: str
) -> None:
    for method, address in calls(world, "post", "patch"):
        answer = getattr(api, method)(address, body, content_type=kind)
        problem(answer, status, code, (method, address))


@pytest.mark.parametrize("body", ["[]", "null", '"text"', "5", "true", "[{}]"])
def test_body_that_is_no_object_is_told_what_goes_in(
    api: APIClient, world: World, body: str
) -> None:
    for method, address in calls(world, "post", "patch"):
        answer = getattr(api, method)(address, body, content_type=JSON)

        found = problem(answer, 400, "invalid", (method, address, answer.content))
        assert list(found["errors"]) == ["body"], (method, address)
        assert found["errors"]["body"].startswith("Give "), (method, address)


def test_reading_takes_no_body(api: APIClient, world: World) -> None:
    for method, address in calls(world, "get"):
        answer = api.generic("GET", address, "{}", content_type=JSON)
        problem(answer, 400, "bad_request", (method, address))


def test_parameter_that_is_not_there_is_refused_everywhere(
    api: APIClient, world: World
) -> None:
    for method, address in calls(world, "get", "post", "patch"):
        answer = api.generic(method.upper(), f"{address}?limt=5")

        found = problem(answer, 400, "invalid", (method, address))
        assert found["errors"]["limt"].startswith("There is no such parameter")


def test_no_text_of_an_address_holds_nul(api: APIClient, world: World) -> None:
    for name in ("supplier", "item", "search", "cursor", "after", "x%00y"):
        for method, address in calls(world, "get"):
            answer = api.get(f"{address}?{name}=a%00b")
            problem(answer, 400, "invalid", (name, method, address))


def test_very_long_addresses_are_answered(api: APIClient, world: World) -> None:
    for method, address in calls(world, "get"):
        answer = api.get(f"{address}?{'x' * 3000}={'y' * 3000}")
        problem(answer, 400, "invalid", (method, address))
    for path, taken in paths().items():
        long = path.replace("{", "9" * 3000 + "{")
        if long != path and "get" in taken:
            answer = api.get(long.replace("{", "").replace("}", ""))
            problem(answer, 404, "not_found", path)


def test_number_with_many_zeros_in_front_is_no_fault_of_ours(
    api: APIClient, world: World
) -> None:
    address = f"{V1}/customers/{'0' * 400}{world.ours['customers.customer']}/record/"
    answer = api.post(address, {}, format="json", HTTP_IDEMPOTENCY_KEY="k-1")

    problem(answer, 400, "invalid", address)


def test_our_faults_are_problems_everywhere(
    api: APIClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr(ApiView, "initial", break_down)
    for method, address in calls(world, "get", "post", "patch"):
        answer = getattr(api, method)(address)
        problem(answer, 500, "internal_error", (method, address))
        assert b"hunter2" not in answer.content


def test_database_that_is_away_asks_for_patience_everywhere(
    api: APIClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("password=hunter2")

    monkeypatch.setattr(ApiView, "initial", break_down)
    for method, address in calls(world, "get", "post", "patch"):
        answer = getattr(api, method)(address)
        problem(answer, 503, "try_again", (method, address))
        assert answer.headers["Retry-After"] == "5"
        assert b"hunter2" not in answer.content


def broken_middleware(get_response: Any) -> Any:
    def respond(request: HttpRequest) -> HttpResponse:
        raise RuntimeError("password=hunter2")

    return respond


def database_is_away(get_response: Any) -> Any:
    def respond(request: HttpRequest) -> HttpResponse:
        raise OperationalError("password=hunter2")

    return respond


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("broken_middleware", 500, "internal_error"),
        ("database_is_away", 503, "try_again"),
    ],
)
def test_fault_before_a_view_is_a_problem_too(
    name: str, status: int, code: str
) -> None:
    with override_settings(MIDDLEWARE=[f"{__name__}.{name}"]):
        answer = Client(raise_request_exception=False).get(f"{V1}/orders/")

    problem(answer, status, code, name)
    assert b"hunter2" not in answer.content


def test_fault_of_what_writes_the_answer_is_a_problem_too(
    api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "rest_framework.renderers.JSONRenderer.render", lambda *a: 1 / 0
    )

    problem(api.get(f"{V1}/vendors/"), 500, "internal_error", "renderer")


def test_misspelt_address_is_no_matter_of_csrf() -> None:
    """A POST to nowhere was answered with a page about cookies."""
    answer = Client(enforce_csrf_checks=True).post(f"{V1}/order/", {}, JSON)

    problem(answer, 404, "not_found", "order/")


# --- where the codes are explained ------------------------------------------------


@pytest.mark.parametrize("code", list(Code))
def test_type_of_every_problem_leads_to_what_to_do(code: Code) -> None:
    assert code.remedy, code

    found = Client().get(f"/api/problems/{code}/").json()

    assert found["code"] == code
    assert found["statuses"] == list(code.statuses)
    assert (found["title"], found["remedy"]) == (code.meaning, code.remedy)
    assert found["repeated"]


def test_browsers_are_shown_a_page() -> None:
    page = Client().get("/api/problems/own_order/", HTTP_ACCEPT="text/html,*/*;q=0.8")
    table = Client().get("/api/problems/", HTTP_ACCEPT="text/html")

    assert page.headers["Content-Type"].startswith("text/html")
    assert b"Somebody else has to approve it." in page.content
    assert table.content.count(b"<section>") == len(Code)
    assert Client().get("/api/problems/nothing/").status_code == 404


def test_every_action_is_among_the_addresses() -> None:
    """So that what is walked above is all there is."""
    for action in all_actions():
        assert f"{V1}/orders/{{number}}/{action.name}/" in paths()

"""Every refusal is a problem detail with a stable code."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client, override_settings
from rest_framework.test import APIClient

from procurement.access.codes import Code, reference
from procurement.bodies import MAX_BODY_BYTES
from procurement.orders.models import PurchaseOrder
from procurement.suppliers.models import Supplier
from tests.api.clients import ORDERS, V1, order_body

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"] == "application/problem+json"
    found: dict[str, Any] = json.loads(answer.content)
    assert found["status"] == status
    assert found["code"] == code
    assert found["type"] == f"/api/problems/{code}/"
    assert found["title"]
    assert found["detail"]
    return found


def post_raw(api: APIClient, body: str | bytes, **extra: Any) -> Any:
    return api.post(ORDERS, body, content_type="application/json", **extra)


# --- bodies -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ("{", "Line 1, column 2: Expecting property name enclosed in double quotes."),
        ('{"note": }', "Line 1, column 10: Expecting value."),
        ('{"a": NaN}', "NaN is not a number in JSON."),
        ('{"a": -Infinity}', "-Infinity is not a number in JSON."),
        ('{"a": 1e400}', "The number 1e400 is out of range."),
        ('{"a": 1e-400}', "The number 1e-400 is out of range."),
        ('{"a": 0e99}', "The number 0e99 is out of range."),
        (f'{{"a": {"1" * 5000}}}', f"The number {'1' * 40}… is too long."),
        ('{"a": 1, "a": 2}', "The name 'a' is there twice."),
        ('{"lines": [{"b": 1, "b": 1}]}', "The name 'b' is there twice."),
        (b'{"a": "\xff"}', "The body is not UTF-8."),
        ("[" * 100_000, "The body is nested too deeply."),
        ('{"note": "a\\u0000b"}', "A text holds the character NUL."),
        ('{"note": ["\\ud800"]}', "A text holds half of a surrogate pair."),
    ],
)
def test_body_that_cannot_be_taken_exactly_says_why(
    api: APIClient, body: str | bytes, detail: str
) -> None:
    assert problem(post_raw(api, body), 400, "malformed_json")["detail"] == detail


def test_characters_beyond_the_basic_plane_are_fine(
    api: APIClient, supplier: Supplier
) -> None:
    body = json.dumps(order_body(note="Gr\u00fc\u00dfe \U0001f69a"))
    assert "\\ud83d" in body

    shown = post_raw(api, body).json()

    assert shown["note"] == "Grüße \U0001f69a"


def test_body_of_more_than_1_mb_is_refused(api: APIClient) -> None:
    body = b'{"note": "' + b"x" * MAX_BODY_BYTES + b'"}'

    problem(post_raw(api, body), 413, "payload_too_large")


def test_empty_body_lacks_everything(api: APIClient) -> None:
    found = problem(post_raw(api, ""), 400, "invalid")

    assert set(found["errors"]) == {"supplier", "lines"}


def test_form_is_not_taken(api: APIClient) -> None:
    answer = api.post(ORDERS, {"supplier": "x"}, format="multipart")

    problem(answer, 415, "unsupported_media_type")


# --- addresses and methods --------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "/api/",
        "/api/nothing",
        "/api/v1/",
        "/api/v2/orders/",
        f"{ORDERS}po-1/",
        f"{ORDERS}{'9' * 21}/",
        f"{ORDERS}PO-1%00/",
        f"{V1}/suppliers/a%2Fb/",
    ],
)
@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_address_that_is_none_is_a_problem_too(url: str, method: str) -> None:
    problem(getattr(Client(), method)(url), 404, "not_found")


def test_address_without_its_slash_is_told_so() -> None:
    answer = Client().get("/api/v1/orders")

    assert "end with a slash" in problem(answer, 404, "not_found")["detail"]


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("put", ORDERS),
        ("delete", ORDERS),
        ("patch", ORDERS),
        ("options", ORDERS),
        ("post", f"{V1}/events/"),
        ("options", f"{V1}/events/"),
        ("delete", f"{V1}/suppliers/x/"),
        ("get", f"{V1}/suppliers/x/check/"),
    ],
)
def test_method_that_is_not_there_is_405(api: APIClient, method: str, url: str) -> None:
    answer = getattr(api, method)(url)

    problem(answer, 405, "method_not_allowed")


def test_head_is_answered_as_get(api: APIClient) -> None:
    assert api.head(ORDERS).status_code == 200
    assert api.head(f"{V1}/events/").status_code == 200


def test_answers_are_json_or_none(api: APIClient) -> None:
    problem(api.get(ORDERS, HTTP_ACCEPT="text/html"), 406, "not_acceptable")
    problem(api.get(f"{ORDERS}?format=xml"), 400, "invalid")


@override_settings(API_DOCS_PUBLIC=False)
def test_a_description_that_is_kept_to_keys_refuses_with_a_problem() -> None:
    problem(APIClient().get("/api/schema/"), 401, "not_authenticated")


def test_host_that_is_not_ours_is_a_problem_too() -> None:
    answer = Client(raise_request_exception=False).get(ORDERS, HTTP_HOST="evil.test")

    problem(answer, 400, "bad_request")


# --- our own faults ---------------------------------------------------------------


def test_fault_of_ours_shows_nothing_of_itself(
    api: APIClient,
    supplier: Supplier,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def break_down(**kwargs: Any) -> None:
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr("procurement.orders.operations.create_order", break_down)
    api.raise_request_exception = False

    answer = api.post(ORDERS, order_body(), format="json")

    found = problem(answer, 500, "internal_error")
    assert found["detail"] == "Something went wrong on our side. It was recorded."
    assert b"hunter2" not in answer.content
    assert "hunter2" in caplog.text
    assert not PurchaseOrder.objects.exists()


def test_fault_beside_the_views_shows_nothing_either(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def break_down(request: Any, path: str = "") -> None:
        raise RuntimeError("password=hunter2")

    from procurement import api_urls

    monkeypatch.setattr(api_urls.urlpatterns[-1], "callback", break_down)

    answer = Client(raise_request_exception=False).get("/api/none")

    problem(answer, 500, "internal_error")
    assert b"hunter2" not in answer.content


# --- codes ------------------------------------------------------------------------


BROWSERS_ALONE = {
    "accounts",
    "logins",
    "runs",
    "troubles",
    "approving",
    "imports",
    "persons",
}


def test_every_code_that_operations_use_is_in_the_table() -> None:
    used = set()
    for path in (ROOT / "procurement").rglob("*.py"):
        # Matters of browsers: no call of the API begins or ends one.
        if path.parent.name in BROWSERS_ALONE:
            continue
        used |= set(re.findall(r'\bcode="(\w+)"', path.read_text()))
    # A fault of a form field, and not of an operation.
    used -= {"float"}

    assert used <= set(Code), used - set(Code)


def test_table_of_codes_can_be_printed() -> None:
    table = reference()

    assert (
        "| `scope_missing` | 403 | The key lacks the scope that `scope` names. |"
        in table
    )
    assert len(table.splitlines()) == len(Code) + 2


def test_page_of_problems_is_the_table_of_codes() -> None:
    """Put `reference()` into docs/api/problems.md when a code is added or changed."""
    page = (ROOT / "docs" / "api" / "problems.md").read_text()

    assert reference() in page


def test_database_that_is_away_is_a_reason_to_repeat_and_no_fault(
    api: APIClient, supplier: Supplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(**kwargs: Any) -> None:
        raise OperationalError("password=hunter2 server closed the connection")

    monkeypatch.setattr("procurement.orders.operations.create_order", break_down)

    answer = api.post(ORDERS, order_body(), format="json")

    problem(answer, 503, "try_again")
    assert answer["Retry-After"] == "5"
    assert b"hunter2" not in answer.content

"""Each request has an id, and one line if it may have changed something."""

import logging
import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import path

from procurement.access.models import ApiKey
from procurement.logs.formats import formatter
from tests.factories import make_order, make_queued_order, make_user

pytestmark = pytest.mark.django_db
HEX = re.compile(r"[0-9a-f]{32}")


def fail(request: Any) -> None:
    raise ValueError("password=hunter2-and-more")


urlpatterns = [path("api/v1/fail/", fail), path("admin/fail/", fail)]
handler404 = "procurement.errorpages.not_found_page"
handler500 = "procurement.access.problems.server_error"


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Any:
    """The lines as they are written, by logger."""
    found: list[tuple[str, str]] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append((record.name, formatter("line").format(record)))

    keep = Keep()
    logging.getLogger().addHandler(keep)
    with caplog.at_level(logging.INFO):
        yield lambda name: [text for who, text in found if who == name]
    logging.getLogger().removeHandler(keep)


@pytest.mark.parametrize("url", ["/healthz", "/api/v1/orders/", "/admin/login/"])
def test_every_answer_names_its_request(url: str) -> None:
    first, second = Client().get(url), Client().get(url)

    assert HEX.fullmatch(first.headers["X-Request-ID"])
    assert first.headers["X-Request-ID"] != second.headers["X-Request-ID"]


@pytest.mark.parametrize(
    ("behind_proxy", "given", "is_taken"),
    [
        (True, "proxy-0123456789", True),
        (False, "proxy-0123456789", False),
        (True, "short", False),
        (True, "x" * 65, False),
        (True, "has blanks in it", False),
        (True, "forged\tline-0123", False),
        (True, "-0123456789", False),
    ],
)
def test_only_our_proxy_may_name_a_request(
    settings: Any, behind_proxy: bool, given: str, is_taken: bool
) -> None:
    settings.BEHIND_PROXY = behind_proxy
    settings.TRUSTED_PROXIES = int(behind_proxy)

    answer = Client().get("/healthz", headers={"X-Request-ID": given})

    assert (answer.headers["X-Request-ID"] == given) is is_taken


def key_of(user: User) -> tuple[ApiKey, str]:
    return ApiKey.make(
        name="web shop", user=user, scopes=["orders:write", "orders:read"]
    )


def test_change_over_rest_has_a_line_with_who_did_it(
    lines: Any, django_capture_on_commit_callbacks: Any
) -> None:
    buyer = make_user("buyer", "change_purchaseorder", "view_purchaseorder")
    order = make_order(actor=buyer)
    key, text = key_of(buyer)

    with django_capture_on_commit_callbacks(execute=True):
        answer = Client().post(
            f"/api/v1/orders/{order.number}/submit/",
            "{}",
            content_type="application/json",
            headers={"Authorization": f"Bearer {text}"},
        )

    request_id = answer.headers["X-Request-ID"]
    (line,) = lines("procurement.requests")
    assert f"POST /api/v1/orders/{order.number}/submit/: {answer.status_code}" in line
    for part in (
        f"request_id={request_id}",
        f"user={buyer.pk}",
        f"key={key.prefix}",
        f"order={order.number}",
        "duration_ms=",
    ):
        assert part in line
    assert text not in line


def test_what_happens_to_an_order_is_found_by_its_number(
    lines: Any, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        order, transmission = make_queued_order()

    told = [line for line in lines("procurement.orders") if order.number in line]
    kinds = [re.search(r"order \S+: (\w+), now", line)[1] for line in told]  # type: ignore[index]
    assert kinds[0] == "created"
    assert {"submitted", "approved"} <= set(kinds)
    assert f"transmission={transmission.pk}" in told[-1]
    assert f"actor={order.buyer_id}" in told[0]


def test_what_was_rolled_back_has_no_line(
    lines: Any, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=False):
        make_order()

    assert lines("procurement.orders") == []


def test_reads_have_no_line_unless_all_are_wanted(lines: Any, settings: Any) -> None:
    Client().get("/admin/login/")
    assert lines("procurement.requests") == []

    settings.LOG_REQUESTS = "all"
    Client().get("/admin/login/")
    assert len(lines("procurement.requests")) == 1

    settings.LOG_REQUESTS = "none"
    Client().post("/admin/login/", {"username": "x", "password": "hunter2-and"})
    (_only_the_first,) = lines("procurement.requests")


@pytest.mark.urls(__name__)
def test_fault_of_ours_is_found_by_the_id_in_the_problem(lines: Any) -> None:
    client = Client(raise_request_exception=False)

    answer = client.get("/api/v1/fail/")

    assert answer.status_code == 500
    assert answer.json()["request_id"] == answer.headers["X-Request-ID"]
    (line,) = lines("procurement.requests")
    assert f"request_id={answer.headers['X-Request-ID']}" in line
    (trace,) = lines("django.request")
    assert "ValueError" in trace
    assert "hunter2" not in trace


@pytest.mark.urls(__name__)
@pytest.mark.parametrize(
    ("url", "status", "says"),
    [("/admin/fail/", 500, "Something went wrong"), ("/nowhere/", 404, "Nothing here")],
)
def test_page_shows_what_to_tell_an_administrator(
    url: str, status: int, says: str, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        answer = Client(raise_request_exception=False).get(url)

    page = answer.content.decode()
    assert answer.status_code == status
    assert says in page
    assert f"<code>{answer.headers['X-Request-ID']}</code>" in page
    assert "style=" not in page


def test_refusals_of_rest_are_as_they_were() -> None:
    problem = Client().get("/api/v1/orders/").json()

    assert set(problem) == {"type", "title", "status", "detail", "code"}

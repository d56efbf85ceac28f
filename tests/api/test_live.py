"""Calls over real connections to a real gunicorn: many at once, and broken ones."""

import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
import requests

from procurement.access.models import SCOPES, ApiKey
from procurement.customers.models import Customer
from procurement.orders.models import OrderEvent, PurchaseOrder
from procurement.orders.operations import submit_order
from procurement.shops.models import Shop
from procurement.suppliers.models import Supplier
from procurement.transmissions.models import Transmission
from tests.api.clients import ALL, ORDERS, SUPPLIERS, V1, order_body, permit
from tests.factories import make_approved_order, make_order, make_supplier, make_user
from tests.processes import process, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
TIMES = 20
SUPPLIER = {
    "slug": "eet-nord",
    "name": "EET Nord",
    "vendor": "eet",
    "base_url": "https://host.example/api",
    "credentials": {"username": "u", "password": "a-secret-of-the-test"},
}


@pytest.fixture
def address(transactional_db: None, tmp_path: Path) -> Iterator[str]:
    log = tmp_path / "web.log"
    with process(
        *("-m", "gunicorn", "procurement.wsgi", "--no-control-socket"),
        *("--bind", "127.0.0.1:0", "--workers", "2", "--threads", "8"),
        log=log,
    ):
        listening = wait_until(
            "the web server listens",
            lambda: re.search(r"Listening at: (http://127\.0\.0\.1:\d+)", text(log)),
        )
        yield listening[1]
    print(text(log))


def text(log: Path) -> str:
    return log.read_text(errors="replace")


@pytest.fixture
def key() -> str:
    """Of a system whose user may do everything, and approve what others entered."""
    made = permit(make_user("root", is_superuser=True), *ALL)
    return ApiKey.make(name="webshop", user=made, scopes=list(SCOPES))[1]


def at_once(work: Callable[[], requests.Response]) -> list[requests.Response]:
    gate = threading.Barrier(TIMES)
    answers: list[requests.Response] = []

    def run() -> None:
        gate.wait()
        answers.append(work())

    threads = [threading.Thread(target=run) for _ in range(TIMES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def repeated(address: str, key: str, path: str, body: Any) -> list[requests.Response]:
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": f"once {path}"}
    return at_once(
        lambda: requests.post(
            f"{address}{path}", json=body, headers=headers, timeout=60
        )
    )


def assert_one_answer(answers: list[requests.Response], status: int) -> None:
    assert {answer.status_code for answer in answers} == {status}, answers[0].text
    assert len({answer.content for answer in answers}) == 1
    replayed = [a for a in answers if "Idempotent-Replayed" in a.headers]
    assert (len(answers), len(replayed)) == (TIMES, TIMES - 1)


def test_twenty_equal_calls_have_one_effect_and_one_answer(
    address: str, key: str
) -> None:
    """All of the calls that create or buy, one after the other."""
    supplier = make_supplier()
    waiting, ready = make_order(supplier), make_approved_order(supplier)
    submit_order(order_id=waiting.pk, actor=waiting.buyer)
    orders, suppliers = PurchaseOrder.objects.count(), Supplier.objects.count()

    assert_one_answer(repeated(address, key, ORDERS, order_body()), 201)
    assert PurchaseOrder.objects.count() == orders + 1

    approve = f"{ORDERS}{waiting.number}/approve/"
    assert_one_answer(repeated(address, key, approve, {}), 200)
    approvals = OrderEvent.objects.filter(order=waiting, kind="approved")
    assert approvals.count() == 1

    send = f"{ORDERS}{ready.number}/send/"
    assert_one_answer(repeated(address, key, send, {}), 202)
    assert Transmission.objects.filter(subject=ready.number).count() == 1

    shop = {"slug": "nord", "name": "Nord"}
    assert_one_answer(repeated(address, key, f"{V1}/shops/", shop), 201)
    assert Shop.objects.count() == 1

    customer = {"name": "Verkstad Nord"}
    assert_one_answer(repeated(address, key, f"{V1}/customers/", customer), 201)
    assert Customer.objects.count() == 1

    assert_one_answer(repeated(address, key, SUPPLIERS, SUPPLIER), 201)
    assert Supplier.objects.count() == suppliers + 1


def test_twenty_equal_calls_with_one_reference_enter_one_order(
    address: str, key: str
) -> None:
    make_supplier()
    body = order_body(external_reference="WEB-9911")
    headers = {"Authorization": f"Bearer {key}"}

    answers = at_once(
        lambda: requests.post(
            f"{address}{ORDERS}", json=body, headers=headers, timeout=60
        )
    )

    assert sorted(a.status_code for a in answers) == [200] * (TIMES - 1) + [201]
    assert len({a.json()["number"] for a in answers}) == 1
    assert PurchaseOrder.objects.count() == 1


# --- bodies in pieces -------------------------------------------------------------


def test_body_in_pieces_is_read_whole(address: str, key: str) -> None:
    make_supplier()
    pieces = iter(json.dumps(order_body(note="In pieces.")).encode().partition(b":"))

    answer = requests.post(
        f"{address}{ORDERS}",
        data=pieces,
        headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
        timeout=60,
    )

    assert answer.status_code == 201, answer.text
    assert answer.json()["note"] == "In pieces."


def test_body_in_pieces_may_be_no_larger_either(address: str, key: str) -> None:
    answer = requests.post(
        f"{address}{ORDERS}",
        data=iter([b'{"note": "', *[b"x" * 100_000] * 11, b'"}']),
        headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
        timeout=60,
    )

    assert answer.status_code == 413
    assert answer.json()["code"] == "payload_too_large"


# --- what gunicorn answers by itself ----------------------------------------------


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        (f"GET /api/v1/orders/?search={'x' * 9000} HTTP/1.1", 414, "address_too_long"),
        (
            f"GET /api/v1/orders/ HTTP/1.1\r\nX-Long: {'x' * 9000}",
            431,
            "headers_too_large",
        ),
        ("GET /api/v1/orders/ HTTP/1.1\r\nBad Header: x", 400, "bad_request"),
        ("GET /api/v1/orders/ HTTP/9.9", 400, "bad_request"),
    ],
)
def test_what_is_no_request_is_a_problem_too(
    address: str, said: str, status: int, code: str
) -> None:
    host, _, port = address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=60) as wire:
        wire.sendall(f"{said}\r\nHost: localhost\r\n\r\n".encode())
        answer = b"".join(iter(lambda: wire.recv(65536), b"")).decode()

    head, _, body = answer.partition("\r\n\r\n")
    assert head.splitlines()[0] == f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"
    assert "Content-Type: application/problem+json" in head
    assert json.loads(body)["code"] == code
    assert json.loads(body)["type"] == f"/api/problems/{code}/"
    assert "xxxx" not in body

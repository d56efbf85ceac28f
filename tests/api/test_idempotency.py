"""Calls that are repeated: one effect, the same answer."""

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.http import HttpResponse
from rest_framework.test import APIClient

from procurement.access.models import IdempotencyRecord
from procurement.approvals.operations import approve_order
from procurement.fulfilment.models import GoodsReceipt
from procurement.orders.models import OrderNumber, PurchaseOrder
from procurement.orders.operations import submit_order
from procurement.suppliers.models import Supplier
from tests.api.clients import ORDERS, SUPPLIERS, full_client, order_body
from tests.factories import (
    line,
    make_order,
    make_queued_order,
    make_supplier,
    make_user,
)
from tests.fakes import FakeVendor
from tests.sending import transmit

pytestmark = pytest.mark.django_db


def post(api: APIClient, body: Any, key: str = "", url: str = ORDERS) -> HttpResponse:
    headers = {"HTTP_IDEMPOTENCY_KEY": key} if key else {}
    return api.post(url, body, format="json", **headers)


# --- Idempotency-Key --------------------------------------------------------------


def test_same_key_and_body_again_is_the_same_answer_to_the_letter(
    api: APIClient, supplier: Supplier
) -> None:
    first = post(api, order_body(), "k-1")
    PurchaseOrder.objects.update(note="Changed since.")
    again = post(api, order_body(), "k-1")

    assert first.status_code == again.status_code == 201
    assert again.content == first.content
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert PurchaseOrder.objects.count() == 1


def test_body_counts_as_the_same_however_it_is_written(
    api: APIClient, supplier: Supplier
) -> None:
    body = order_body()
    post(api, body, "k-1")
    turned = json.dumps(dict(reversed(body.items())), indent=4)

    again = api.post(
        ORDERS, turned, content_type="application/json", HTTP_IDEMPOTENCY_KEY="k-1"
    )

    assert again.status_code == 201
    assert PurchaseOrder.objects.count() == 1


def test_same_key_with_another_body_is_refused(
    api: APIClient, supplier: Supplier
) -> None:
    post(api, order_body(), "k-1")

    answer = post(api, order_body(note="other"), "k-1")

    assert answer.status_code == 409
    assert answer.json()["code"] == "idempotency_key_reused"
    assert PurchaseOrder.objects.count() == 1


def test_same_key_at_another_address_is_refused(
    api: APIClient, supplier: Supplier
) -> None:
    post(api, {}, "k-1", f"{ORDERS}{make_order(supplier).number}/submit/")

    answer = post(api, {}, "k-1", f"{ORDERS}{make_order(supplier).number}/submit/")

    assert answer.status_code == 409
    assert answer.json()["code"] == "idempotency_key_reused"


def test_keys_of_two_systems_do_not_meet(api: APIClient, supplier: Supplier) -> None:
    other = full_client("anna", system="erp")

    post(api, order_body(), "k-1")
    answer = post(other, order_body(), "k-1")

    assert answer.status_code == 201
    assert PurchaseOrder.objects.count() == 2


def test_refused_call_leaves_no_record_and_may_be_repeated_with_its_key(
    api: APIClient, supplier: Supplier
) -> None:
    refused = post(api, order_body(lines=[]), "k-1")
    good = post(api, order_body(), "k-1")

    assert refused.status_code == 400
    assert good.status_code == 201
    assert IdempotencyRecord.objects.count() == 1


def test_call_that_came_twice_does_not_act_after_its_sender_heard_no(
    api: APIClient, fake_vendor: FakeVendor
) -> None:
    """The late twin arrives when the order has been approved meanwhile."""
    order = make_order()
    url = f"{ORDERS}{order.number}/send/"
    with time_machine.travel("2031-04-01T08:00:00Z", tick=False):
        refused = post(api, {}, "k-1", url)
        approve(order)
    with time_machine.travel("2031-04-01T08:00:20Z", tick=False):
        late = post(api, {}, "k-1", url)

    assert refused.status_code == late.status_code == 409
    assert late.json() == refused.json()
    assert "Idempotent-Replayed" not in refused.headers
    assert late.headers["Idempotent-Replayed"] == "true"
    assert late.headers["Retry-After"] == "100"
    assert refused.json()["code"] == "not_approved"
    order.refresh_from_db()
    assert order.transmission == "none"


def test_refused_call_is_tried_again_when_its_refusal_has_gone_by(
    api: APIClient, fake_vendor: FakeVendor
) -> None:
    order = make_order()
    url = f"{ORDERS}{order.number}/send/"
    with time_machine.travel("2031-04-01T08:00:00Z", tick=False):
        post(api, {}, "k-1", url)
        approve(order)
    with time_machine.travel("2031-04-01T08:02:01Z", tick=False):
        sent = post(api, {}, "k-1", url)
        again = post(api, {}, "k-1", url)

    assert sent.status_code == again.status_code == 202
    assert again.content == sent.content
    assert order.events.filter(kind="sending_asked").count() == 1


def approve(order: PurchaseOrder) -> None:
    submit_order(order_id=order.pk, actor=order.buyer)
    approve_order(order_id=order.pk, actor=make_user("approver"))


def test_call_that_fails_leaves_neither_record_nor_effect(
    api: APIClient, supplier: Supplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.raise_request_exception = False
    with monkeypatch.context() as broken:
        broken.setattr(
            "procurement.access.idempotency.save",
            lambda record, answer: 1 / 0,
        )
        failed = post(api, order_body(), "k-1")

    assert failed.status_code == 500
    assert not PurchaseOrder.objects.exists()
    assert not OrderNumber.objects.exists()
    assert not IdempotencyRecord.objects.exists()
    assert post(api, order_body(), "k-1").status_code == 201


@pytest.mark.parametrize("key", ["x" * 201, "schlüssel"])
def test_key_that_is_none_is_refused(
    api: APIClient, supplier: Supplier, key: str
) -> None:
    answer = post(api, order_body(), key)

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["Idempotency-Key"]


def test_goods_are_counted_once_however_often_the_call_is_repeated(
    api: APIClient, fake_vendor: FakeVendor
) -> None:
    order, transmission = make_queued_order()
    transmit(transmission_id=transmission.pk)
    url = f"{ORDERS}{order.number}/receive/"
    body = {"quantities": [{"position": 1, "quantity": "2"}]}

    first, again = post(api, body, "k-1", url), post(api, body, "k-1", url)

    assert first.status_code == 200, first.content
    assert again.content == first.content
    assert GoodsReceipt.objects.count() == 1


def test_supplier_is_created_once(api: APIClient) -> None:
    body = {
        "slug": "eet-nord",
        "name": "EET Nord",
        "vendor": "eet",
        "base_url": "https://host.example/api",
        "credentials": {"username": "u", "password": "a-secret-of-the-test"},
    }

    first, again = post(api, body, "k-1", SUPPLIERS), post(api, body, "k-1", SUPPLIERS)

    assert first.status_code == again.status_code == 201
    assert again.content == first.content
    stored = IdempotencyRecord.objects.get().body or ""
    assert "a-secret-of-the-test" not in stored


def test_refused_sending_keeps_what_it_wrote_although_a_key_was_given(
    api: APIClient, fake_vendor: FakeVendor
) -> None:
    """The approval falls with the refusal, in the same call."""
    order, _ = make_queued_order()
    PurchaseOrder.objects.filter(pk=order.pk).update(
        transmission="none", note="Slipped in behind the approval."
    )

    url = f"{ORDERS}{order.number}/send/"

    answer = post(api, {}, "k-1", url)

    order.refresh_from_db()
    assert answer.json()["code"] == "changed_since_approval"
    assert order.approval == "draft"
    assert post(api, {}, "k-1", url).json() == answer.json()


# --- external references ----------------------------------------------------------


def test_same_reference_and_body_answers_with_the_first_order(
    api: APIClient, supplier: Supplier
) -> None:
    body = order_body(external_reference="WEB-9911")
    first, again = post(api, body), post(api, body)

    assert first.status_code == 201
    assert again.status_code == 200
    assert again.json() == first.json()
    assert PurchaseOrder.objects.count() == 1


def test_repeated_reference_shows_the_order_as_it_is_now(
    api: APIClient, supplier: Supplier
) -> None:
    body = order_body(external_reference="WEB-9911")
    number = post(api, body).json()["number"]
    api.patch(f"{ORDERS}{number}/", {"note": "Since then."}, format="json")

    again = post(api, body).json()

    assert again["number"] == number
    assert again["note"] == "Since then."


def test_same_reference_with_another_body_is_refused(
    api: APIClient, supplier: Supplier
) -> None:
    post(api, order_body(external_reference="WEB-9911"))

    answer = post(api, order_body(external_reference="WEB-9911", note="other"))

    assert answer.status_code == 409
    assert answer.json()["code"] == "external_reference_taken"
    assert PurchaseOrder.objects.count() == 1


def test_reference_given_by_a_change_is_taken_too(
    api: APIClient, supplier: Supplier
) -> None:
    number = post(api, order_body()).json()["number"]
    url = f"{ORDERS}{number}/"
    api.patch(url, {"external_reference": "WEB-1"}, format="json")

    answer = post(api, order_body(external_reference="WEB-1"))

    assert answer.status_code == 409
    assert answer.json()["code"] == "external_reference_taken"


def test_reference_of_another_system_is_free(
    api: APIClient, supplier: Supplier
) -> None:
    other = full_client("anna", system="erp")
    body = order_body(external_reference="WEB-9911")

    assert post(api, body).status_code == 201
    assert post(other, body).status_code == 201


def test_key_and_reference_guard_the_same_call_together(
    api: APIClient, supplier: Supplier
) -> None:
    body = order_body(external_reference="WEB-9911")
    first, same_key = post(api, body, "k-1"), post(api, body, "k-1")
    other_key = post(api, body, "k-2")

    assert (first.status_code, same_key.status_code) == (201, 201)
    assert same_key.content == first.content
    assert other_key.status_code == 200
    assert other_key.json()["number"] == first.json()["number"]
    assert PurchaseOrder.objects.count() == 1


def test_key_cannot_be_mistaken_for_a_reference(
    api: APIClient, supplier: Supplier
) -> None:
    post(api, order_body(), "external_reference:WEB-1")

    answer = post(api, order_body(external_reference="WEB-1"))

    assert answer.status_code == 201


# --- at the same moment -----------------------------------------------------------


def at_once(count: int, call: Callable[[], HttpResponse]) -> list[HttpResponse]:
    gate = threading.Barrier(count)
    answers: list[HttpResponse] = []

    def run() -> None:
        gate.wait()
        try:
            answers.append(call())
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.django_db(transaction=True)
def test_twenty_equal_calls_with_one_key_have_one_effect_and_one_answer() -> None:
    make_supplier()
    api = full_client()
    body = order_body(lines=[line()])

    answers = at_once(20, lambda: post(api, body, "k-1"))

    assert [answer.status_code for answer in answers] == [201] * 20
    assert len({answer.content for answer in answers}) == 1
    assert PurchaseOrder.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_twenty_equal_calls_with_one_reference_have_one_effect() -> None:
    make_supplier()
    api = full_client()
    body = order_body(external_reference="WEB-9911")

    answers = at_once(20, lambda: post(api, body))

    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
    assert len({answer.json()["number"] for answer in answers}) == 1
    assert PurchaseOrder.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_different_bodies_at_once_with_one_key_end_in_one_order() -> None:
    make_supplier()
    api = full_client()
    notes = iter(range(10))

    answers = at_once(10, lambda: post(api, order_body(note=f"{next(notes)}"), "k-1"))

    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [201] + [409] * 9
    assert PurchaseOrder.objects.count() == 1

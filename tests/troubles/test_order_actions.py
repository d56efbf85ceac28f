"""A look-up and the next try, asked for at an order: in the admin and over REST."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from procurement.orders.models import PurchaseOrder
from procurement.transmissions.models import State, Transmission
from procurement.troubles.order_actions import look_up, try_now
from tests.admin.conftest import Browser, browser, member
from tests.admin.pages import order_page, text_of
from tests.api.clients import ORDERS, client_for
from tests.asserting import refusal
from tests.factories import make_approved_order, make_supplier
from tests.fakes import FakeVendor
from tests.troubles.world import state_of, unknown, waiting
from vendors.errors import Kind

__all__ = ["browser"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def operator() -> APIClient:
    return client_for(member("olle", "Operator"), ["orders:write"])


def post(client: APIClient, order: PurchaseOrder, name: str) -> Any:
    return client.post(f"{ORDERS}{order.number}/{name}/", {}, format="json")


def do(order: PurchaseOrder, name: str) -> str:
    return f"/admin/orders/purchaseorder/{order.pk}/do/{name}/"


def test_look_up_is_asked_for_over_rest(
    fake_vendor: FakeVendor, operator: APIClient
) -> None:
    order, asked = unknown(fake_vendor)

    answer = post(operator, order, "look_up")

    assert answer.status_code == 202
    assert answer.json()["transmission"] == "unknown"
    asked.refresh_from_db()
    assert asked.next_look_up_at is not None
    assert order.events.get(kind="look_up_asked").actor_name == "olle"

    again = post(operator, order, "look_up")

    assert (again.status_code, again.json()["code"]) == (409, "due_already")
    assert order.events.filter(kind="look_up_asked").count() == 1
    assert len(fake_vendor.books) == 1


def test_wait_is_ended_over_rest(fake_vendor: FakeVendor, operator: APIClient) -> None:
    order, asked = waiting(fake_vendor, Kind.CONNECTION)
    due = asked.next_attempt_at

    answer = post(operator, order, "try_now")

    assert answer.status_code == 202
    asked.refresh_from_db()
    assert asked.next_attempt_at < due
    assert order.events.get(kind="try_asked").actor_name == "olle"

    again = post(operator, order, "try_now")

    assert (again.status_code, again.json()["code"]) == (409, "not_now")


def test_wait_the_supplier_asked_for_is_kept(
    fake_vendor: FakeVendor, operator: APIClient
) -> None:
    order, asked = waiting(fake_vendor, Kind.THROTTLED)

    answer = post(operator, order, "try_now")

    assert answer.status_code == 409
    assert "has asked for the wait" in answer.json()["detail"]
    due = asked.next_attempt_at
    asked.refresh_from_db()
    assert asked.next_attempt_at == due


def test_what_may_have_landed_is_never_tried_and_what_waits_is_not_looked_up(
    fake_vendor: FakeVendor,
) -> None:
    olle = member("olle", "Operator")
    order, asked = unknown(fake_vendor)

    refused = refusal(try_now, order_id=order.pk, actor=olle)

    assert refused.code == "not_now"
    assert state_of(asked) == State.UNKNOWN
    waits, queued = waiting(fake_vendor, Kind.CONNECTION, order.supplier)
    refused = refusal(look_up, order_id=waits.pk, actor=olle)
    assert refused.code == "not_unknown"
    assert state_of(queued) == State.QUEUED


def test_order_that_was_never_to_be_sent_has_neither() -> None:
    order = make_approved_order()

    for act in (look_up, try_now):
        refusal(act, order_id=order.pk, actor=member("olle", "Operator"))

    assert not Transmission.objects.exists()


def test_supplier_that_cannot_be_asked_is_not(
    silent_vendor: FakeVendor, operator: APIClient
) -> None:
    order, _asked = unknown(silent_vendor, make_supplier("eet"))

    answer = post(operator, order, "look_up")

    assert (answer.status_code, answer.json()["code"]) == (409, "cannot_look_up")


def test_buttons_stand_on_the_order_page_of_whoever_handles_troubles(
    fake_vendor: FakeVendor, browser: Browser
) -> None:
    order, _asked = unknown(fake_vendor)
    olle, bea = browser("olle", "Operator"), browser("bea", "Approver")

    page = text_of(olle.get(order_page(order)))
    assert f'action="{do(order, "look_up")}"' in page
    assert f'action="{do(order, "try_now")}"' not in page
    assert do(order, "look_up") not in text_of(bea.get(order_page(order)))

    assert bea.post(do(order, "look_up")).status_code == 403
    assert not order.events.filter(kind="look_up_asked").exists()
    olle.post(do(order, "look_up"))
    assert order.events.get(kind="look_up_asked").actor_name == "olle"


def test_keys_need_the_scope_and_the_permission(fake_vendor: FakeVendor) -> None:
    order, _asked = unknown(fake_vendor)
    reader = client_for(member("olle", "Operator"), ["orders:read"])
    approver = client_for(member("anna", "Approver"), ["orders:write"])

    assert post(reader, order, "look_up").status_code == 403
    assert post(approver, order, "look_up").status_code == 403

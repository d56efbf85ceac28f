"""What happened to one order: events, attempts, shipments."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from procurement.fulfilment.models import Shipment, ShipmentLine
from procurement.orders.operations import submit_order
from procurement.suppliers.models import Supplier
from tests.api.clients import ORDERS, client_for, permit
from tests.factories import make_order, make_queued_order, make_user
from tests.fakes import FakeVendor
from tests.sending import transmit
from vendors.errors import Kind, NotSent

pytestmark = pytest.mark.django_db


# --- one order --------------------------------------------------------------------


def test_events_of_an_order_come_oldest_first(
    api: APIClient, supplier: Supplier
) -> None:
    order, other = make_order(supplier), make_order(supplier)
    submit_order(order_id=order.pk, actor=order.buyer)
    submit_order(order_id=other.pk, actor=order.buyer)

    page = api.get(f"{ORDERS}{order.number}/events/?page_size=1").json()
    rest = api.get(page["next"]).json()

    created, submitted = page["results"][0], rest["results"][0]
    assert (created["kind"], submitted["kind"]) == ("created", "submitted")
    assert submitted == {
        "id": submitted["id"],
        "order": order.number,
        "kind": "submitted",
        "at": submitted["at"],
        "actor": "buyer",
        "text": "",
        "data": {"total": "249.00", "currency": "SEK"},
        "status": "pending_approval",
    }
    assert rest["next"] is None
    assert api.get(rest["previous"]).json()["results"] == [created]


def test_attempts_show_what_was_said(api: APIClient, fake_vendor: FakeVendor) -> None:
    fake_vendor.answers = [NotSent("No connection.", kind=Kind.CONNECTION)]
    order, transmission = make_queued_order()
    transmit(transmission_id=transmission.pk)
    transmission.refresh_from_db()
    transmission.next_attempt_at = timezone.now()
    transmission.save()
    transmit(transmission_id=transmission.pk)

    first, second = api.get(f"{ORDERS}{order.number}/attempts/").json()["results"]

    assert (first["number"], first["outcome"], first["kind"], first["text"]) == (
        1,
        "not_sent",
        "connection",
        "No connection.",
    )
    assert (second["number"], second["outcome"]) == (2, "accepted")
    assert second["reference"] == order.number
    assert second["transmission"]["operation"] == "place_order"
    assert second["transmission"]["state"] == "sent"
    assert second["transmission"]["number"] == "SO-70012"
    (exchange,) = second["exchanges"]
    assert exchange["purpose"] == "place_order"
    assert exchange["url"] == "https://vendor.test/"
    assert exchange["status"] == 200
    assert exchange["started_at"].endswith("Z")


def test_more_attempts_cost_no_more_queries(
    api: APIClient, fake_vendor: FakeVendor
) -> None:
    fake_vendor.answers = [NotSent("No.", kind=Kind.CONNECTION)] * 5
    order, transmission = make_queued_order()
    for _ in range(5):
        transmission.refresh_from_db()
        transmission.next_attempt_at = timezone.now()
        transmission.save()
        transmit(transmission_id=transmission.pk)

    with CaptureQueriesContext(connection) as seen:
        answer = api.get(f"{ORDERS}{order.number}/attempts/")

    assert len(answer.json()["results"]) == 5
    # The key, two kinds of permissions, the order, its attempts, their exchanges.
    assert len(seen) <= 7


def test_exchanges_are_for_those_who_may_see_them(fake_vendor: FakeVendor) -> None:
    order, transmission = make_queued_order()
    transmit(transmission_id=transmission.pk)
    clerk = client_for(permit(make_user("clerk"), "orders.view_purchaseorder"))

    (attempt,) = clerk.get(f"{ORDERS}{order.number}/attempts/").json()["results"]

    assert attempt["outcome"] == "accepted"
    assert attempt["exchanges"] is None


def test_shipments_name_lines_and_parcels(api: APIClient, supplier: Supplier) -> None:
    order = make_order(supplier)
    shipment = Shipment.objects.create(order=order, number="DN-1", forwarder="Post")
    shipment.packages.create(number="373325380001234567")
    ShipmentLine.objects.create(
        shipment=shipment, order_line=order.lines.get(), quantity=Decimal("2.500")
    )

    answer = api.get(f"{ORDERS}{order.number}/shipments/").json()

    assert answer["results"] == [
        {
            "number": "DN-1",
            "shipped_at": None,
            "forwarder": "Post",
            "packages": ["373325380001234567"],
            "lines": [{"position": 1, "item_number": "SKU-4410", "quantity": "2.5"}],
            "is_manual": False,
            "evidence": "",
            "document": "",
        }
    ]

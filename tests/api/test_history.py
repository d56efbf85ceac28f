"""What happened: events, attempts, shipments, and the feed of everything."""

import threading
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from procurement.fulfilment.models import Shipment, ShipmentLine
from procurement.orders import feed
from procurement.orders.models import OrderEvent, PurchaseOrder
from procurement.orders.operations import submit_order
from procurement.suppliers.models import Supplier
from tests.api.clients import ORDERS, V1, client_for, full_client, permit
from tests.factories import make_order, make_queued_order, make_supplier, make_user
from tests.fakes import FakeVendor
from tests.sending import transmit
from vendors.errors import Kind, NotSent

pytestmark = pytest.mark.django_db
FEED = f"{V1}/events/"


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


# --- the feed ---------------------------------------------------------------------


def read(api: APIClient, **parameters: Any) -> dict[str, Any]:
    answer = api.get(FEED, parameters)
    assert answer.status_code == 200, answer.content
    page: dict[str, Any] = answer.json()
    return page


def make_events(supplier: Supplier, count: int) -> list[int]:
    for _ in range(count):
        make_order(supplier)
    return list(OrderEvent.objects.order_by("pk").values_list("pk", flat=True))


def settle() -> None:
    """Make all events old enough for the gaps between them to be final."""
    OrderEvent.objects.update(at=timezone.now() - timedelta(minutes=1))


def test_feed_shows_everything_in_order_and_can_be_read_again(
    api: APIClient, supplier: Supplier
) -> None:
    ids = make_events(supplier, 5)
    settle()

    first = read(api, page_size=2)
    second = api.get(first["next"]).json()
    third = api.get(second["next"]).json()

    pages = [[event["id"] for event in p["results"]] for p in (first, second, third)]
    assert pages == [ids[:2], ids[2:4], ids[4:]]
    assert third["next"] is None
    assert read(api, page_size=2) == first
    assert first["results"][0]["order"] == PurchaseOrder.objects.earliest("pk").number


def test_cursor_of_an_empty_page_leads_on_from_there(
    api: APIClient, supplier: Supplier
) -> None:
    assert read(api) == {"results": [], "cursor": "0", "next": None}
    make_events(supplier, 1)
    settle()
    cursor = read(api)["cursor"]
    assert read(api, after=cursor) == {"results": [], "cursor": cursor, "next": None}

    ids = make_events(supplier, 1)
    settle()

    assert [event["id"] for event in read(api, after=cursor)["results"]] == ids[1:]


def test_event_behind_one_that_may_still_come_is_held_back(
    api: APIClient, supplier: Supplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another transaction took the id between and has not committed yet."""
    monkeypatch.setattr(feed, "nobody_writes", lambda: False)
    ids = make_events(supplier, 3)
    settle()
    OrderEvent.objects.filter(pk=ids[2]).update(at=timezone.now())
    missing = OrderEvent.objects.get(pk=ids[1])
    OrderEvent.objects.filter(pk=ids[1]).delete()

    held = read(api)
    missing.save(force_insert=True)
    whole = read(api, after=held["cursor"])

    assert [event["id"] for event in held["results"]] == ids[:1]
    assert held["next"] is None
    assert [event["id"] for event in whole["results"]] == ids[1:]


def test_id_that_never_comes_holds_nothing_back_for_long(
    api: APIClient, supplier: Supplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "nobody_writes", lambda: False)
    ids = make_events(supplier, 3)
    OrderEvent.objects.filter(pk=ids[1]).delete()
    settle()

    assert [event["id"] for event in read(api)["results"]] == [ids[0], ids[2]]


@pytest.mark.django_db(transaction=True)
def test_slow_transaction_makes_no_reader_miss_its_event() -> None:
    """Its event has the lower id and appears after the one with the higher id."""
    supplier, api = make_supplier(), full_client()
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    first = make_order(supplier)
    start = first.events.get().pk - 1
    has_written, may_commit = threading.Event(), threading.Event()

    def write_slowly() -> None:
        with transaction.atomic():
            make_order(supplier)
            has_written.set()
            may_commit.wait(10)
        connection.close()

    slow = threading.Thread(target=write_slowly)
    slow.start()
    has_written.wait(10)
    make_order(supplier)

    during = read(api, after=start)
    may_commit.set()
    slow.join()
    afterwards = read(api, after=during["cursor"])

    assert [event["order"] for event in during["results"]] == [first.number]
    assert len(afterwards["results"]) == 2
    numbers = [event["id"] for event in afterwards["results"]]
    assert numbers == sorted(numbers)


@pytest.mark.parametrize("after", ["x", "-1", "1.5", "9" * 19, "９"])
def test_cursor_that_is_none_is_refused(api: APIClient, after: str) -> None:
    answer = api.get(FEED, {"after": after})

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["after"]

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from procurement.fulfilment.models import PollState
from procurement.inbound import reading
from procurement.inbound.models import DueRead, HookState, WebhookDelivery
from procurement.orders.models import PurchaseOrder
from procurement.retention.tasks import purge_webhooks
from procurement.suppliers.models import Supplier
from procurement.suppliers.operations import pause_supplier
from procurement.transmissions.models import Transmission
from tests.factories import make_queued_order, make_supplier, make_user
from tests.fakes import FakeVendor
from tests.sending import transmit
from vendors.contracts import Accepted, Fulfilment, VendorLine, VendorOrder
from vendors.errors import Kind, NotSent, OutcomeUnknown, Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def supplier(fake_vendor: FakeVendor) -> Supplier:
    return make_supplier()


def sent_order(fake: FakeVendor, supplier: Supplier, number: str) -> PurchaseOrder:
    order, transmission = make_queued_order(supplier)
    fake.answers = [Accepted(number=number)]
    transmit(transmission_id=transmission.pk)
    fake.orders[number] = VendorOrder(
        number=number,
        reference=order.number,
        raw_status="Incoming",
        fulfilment=Fulfilment.CONFIRMED,
        lines=(
            VendorLine(
                position=1,
                item_number="SKU-4410",
                quantity=order.lines.get().quantity,
                is_confirmed=True,
            ),
        ),
    )
    return order


def call(supplier: Supplier, *changed: tuple[str, str], id: str = "hook-1") -> Any:
    return post(supplier, json.dumps({"id": id, "changed": changed}).encode())


def post(supplier: Supplier, body: bytes, signed: str = "yes") -> Any:
    return Client().post(
        f"/hooks/{supplier.slug}/",
        data=body,
        content_type="application/json",
        headers={"X-Signed": signed},
    )


def work_off() -> int:
    DueRead.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    return sum(
        reading.read_due(due_id=pk)
        for pk in list(DueRead.objects.values_list("pk", flat=True))
    )


# --- taking in --------------------------------------------------------------------


def test_call_is_answered_before_anything_is_read(
    fake_vendor: FakeVendor, supplier: Supplier
) -> None:
    sent_order(fake_vendor, supplier, "SO-1")

    answer = call(supplier, ("order", "SO-1"))

    assert (answer.status_code, answer.content) == (200, b"Taken in.")
    assert fake_vendor.reads == []
    assert WebhookDelivery.objects.get().actions == "orderChanged"


@pytest.mark.parametrize("signed", ["", "no"])
def test_call_without_the_right_signature_counts_for_nothing(
    supplier: Supplier, signed: str
) -> None:
    body = b'{"id": "x", "changed": [["order", "SO-1"]]}'

    answer = post(supplier, body, signed)

    assert answer.status_code == 401
    assert not WebhookDelivery.objects.exists()
    assert not DueRead.objects.exists()
    assert HookState.objects.get().refused_count == 1


def test_signed_rubbish_is_kept_for_a_person_and_answered_well(
    supplier: Supplier,
) -> None:
    assert post(supplier, b"<html>\x00").status_code == 200
    assert post(supplier, b"<html>\x00").status_code == 200

    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.times) == ("unreadable", 2)
    assert delivery.body == "<html>\N{REPLACEMENT CHARACTER}"


def test_text_no_database_can_hold_is_taken_in(supplier: Supplier) -> None:
    body = rb'{"id": "a\u0000b", "changed": [["unknown", "SO\ud800\u0000"]]}'

    assert post(supplier, body).status_code == 200

    delivery = WebhookDelivery.objects.get()
    assert delivery.delivery_id == "a\N{REPLACEMENT CHARACTER}b"
    assert delivery.notifications[0]["number"].startswith("SO\N{REPLACEMENT CHARACTER}")


def test_repeat_of_a_delivery_asks_for_nothing_again(
    fake_vendor: FakeVendor, supplier: Supplier
) -> None:
    sent_order(fake_vendor, supplier, "SO-1")
    call(supplier, ("order", "SO-1"))
    work_off()

    assert call(supplier, ("order", "SO-1")).status_code == 200

    assert WebhookDelivery.objects.get().times == 2
    assert not DueRead.objects.exists()
    assert fake_vendor.reads == ["SO-1"]


def test_body_beyond_the_limit_is_not_read(supplier: Supplier, settings: Any) -> None:
    settings.HOOK_MAX_BYTES = 10

    assert call(supplier, ("order", "SO-1")).status_code == 413


def test_address_of_nobody_and_of_a_vendor_without_webhooks_look_the_same(
    silent_vendor: FakeVendor,
) -> None:
    silent = make_supplier("eet")

    nobody = Client().post("/hooks/nobody/", data=b"{}", content_type="text/plain")
    without = post(silent, b"{}")

    assert (nobody.status_code, without.status_code) == (404, 404)
    assert nobody.content == without.content


def test_echo_is_the_vendors_affair(supplier: Supplier) -> None:
    answer = Client().get(f"/hooks/{supplier.slug}/", {"echo": "abc123"})

    assert (answer.status_code, answer.content) == (200, b"abc123")
    assert answer["Content-Type"].startswith("text/plain")


def test_other_methods_are_refused(supplier: Supplier) -> None:
    assert Client().put(f"/hooks/{supplier.slug}/").status_code == 405


def test_unknown_trigger_is_kept_and_shown(
    supplier: Supplier, admin_client: Client
) -> None:
    assert call(supplier, ("unknown", "SO-1")).status_code == 200

    assert WebhookDelivery.objects.get().has_unknown
    assert not DueRead.objects.exists()
    page = admin_client.get("/admin/inbound/webhookdelivery/?show=unknown")
    assert "Unknown trigger" in page.content.decode()


# --- working off ------------------------------------------------------------------


def test_many_notifications_of_one_order_make_one_read(
    fake_vendor: FakeVendor, supplier: Supplier
) -> None:
    order = sent_order(fake_vendor, supplier, "SO-1")
    for number in range(5):
        call(supplier, ("order", "SO-1"), ("order", "SO-1"), id=f"hook-{number}")

    assert work_off() == 1

    order.refresh_from_db()
    assert order.status == "confirmed"
    assert fake_vendor.reads == ["SO-1"]
    assert not DueRead.objects.exists()


def test_news_that_comes_during_the_reading_is_read_again(
    fake_vendor: FakeVendor, supplier: Supplier
) -> None:
    sent_order(fake_vendor, supplier, "SO-1")
    call(supplier, ("order", "SO-1"))
    fake_vendor.on_read = lambda number: call(supplier, ("order", "SO-1"), id="hook-2")
    work_off()
    fake_vendor.on_read = None

    assert DueRead.objects.get().due_at <= timezone.now()
    work_off()
    assert fake_vendor.reads == ["SO-1", "SO-1"]
    assert not DueRead.objects.exists()


def test_two_workers_make_one_read(fake_vendor: FakeVendor, supplier: Supplier) -> None:
    sent_order(fake_vendor, supplier, "SO-1")
    call(supplier, ("order", "SO-1"))
    pk = DueRead.objects.get().pk
    fake_vendor.on_read = lambda number: reading.read_due(due_id=pk)
    DueRead.objects.update(due_at=timezone.now())

    assert reading.read_due(due_id=pk)

    assert fake_vendor.reads == ["SO-1"]


def test_failed_read_is_tried_again_and_left_to_the_poll_in_the_end(
    fake_vendor: FakeVendor, supplier: Supplier
) -> None:
    sent_order(fake_vendor, supplier, "SO-1")
    fake_vendor.orders["SO-1"] = NotSent("No answer.", kind=Kind.TIMEOUT)  # type: ignore[assignment]
    call(supplier, ("order", "SO-1"))

    work_off()
    row = DueRead.objects.get()
    wait = row.due_at - timezone.now()
    assert timedelta(seconds=28) < wait <= timedelta(seconds=30)
    assert row.text == "No answer."

    for _ in reading.WAITS:
        work_off()
    assert not DueRead.objects.exists()
    assert len(fake_vendor.reads) == 1 + len(reading.WAITS)


def test_order_that_cant_be_read_is_flagged(
    fake_vendor: FakeVendor, supplier: Supplier
) -> None:
    order = sent_order(fake_vendor, supplier, "SO-1")
    fake_vendor.orders["SO-1"] = Refused("There is none.", kind=Kind.NOT_FOUND)  # type: ignore[assignment]
    call(supplier, ("order", "SO-1"))

    work_off()

    order.refresh_from_db()
    assert order.attention == "It can't be read at the supplier: There is none."


def test_order_of_somebody_else_is_not_read(
    fake_vendor: FakeVendor, supplier: Supplier
) -> None:
    call(supplier, ("order", "SO-999"))

    work_off()

    assert fake_vendor.reads == []
    assert not DueRead.objects.exists()


def test_strange_number_has_lost_orders_looked_up_at_once(
    fake_vendor: FakeVendor, supplier: Supplier
) -> None:
    _, transmission = make_queued_order(supplier)
    fake_vendor.answers = [OutcomeUnknown("No answer.", kind=Kind.TIMEOUT)]
    transmit(transmission_id=transmission.pk)
    Transmission.objects.update(next_look_up_at=None)
    call(supplier, ("order", "SO-5"))

    work_off()

    transmission.refresh_from_db()
    assert transmission.next_look_up_at <= timezone.now()


def test_news_without_a_number_has_the_list_read_at_once(supplier: Supplier) -> None:
    later = timezone.now() + timedelta(hours=1)
    PollState.objects.create(supplier=supplier, next_poll_at=later)

    call(supplier, ("order", ""))

    assert PollState.objects.get().next_poll_at <= timezone.now()


def test_paused_supplier_is_taken_in_and_not_read(
    fake_vendor: FakeVendor, supplier: Supplier
) -> None:
    sent_order(fake_vendor, supplier, "SO-1")
    pause_supplier(supplier_id=supplier.pk, actor=make_user("operator"))

    assert call(supplier, ("order", "SO-1")).status_code == 200
    assert work_off() == 0

    assert DueRead.objects.count() == 1
    assert not reading.READS.is_due()


def test_read_is_handed_out_once_and_again_if_nothing_came_of_it(
    supplier: Supplier,
) -> None:
    call(supplier, ("order", "SO-1"))
    assert not reading.READS.is_due(), "more news of it may come in a moment"
    DueRead.objects.update(due_at=timezone.now())

    [errand] = reading.claim_due(9)
    assert errand.supplier_id == supplier.pk
    assert reading.claim_due(9) == []

    DueRead.objects.update(hinted_at=timezone.now() - timedelta(minutes=2))
    assert len(reading.claim_due(9)) == 1


def test_old_deliveries_are_deleted_and_young_ones_kept(
    supplier: Supplier, settings: Any
) -> None:
    call(supplier, ("other", ""), id="old")
    call(supplier, ("other", ""), id="young")
    long_ago = timezone.now() - timedelta(days=settings.EXCHANGE_RETENTION_DAYS + 1)
    WebhookDelivery.objects.filter(delivery_id="old").update(received_at=long_ago)

    purge_webhooks()

    assert WebhookDelivery.objects.get().delivery_id == "young"

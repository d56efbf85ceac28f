from typing import Any

import pytest

from procurement.approvals.operations import (
    approve_order,
)
from procurement.orders.models import OrderLine, PurchaseOrder
from procurement.orders.operations import (
    change_order,
    send_order,
    submit_order,
)
from procurement.queue import pause
from procurement.transmissions.models import Transmission
from tests.asserting import refusal
from tests.factories import (
    line,
    make_approved_order,
    make_order,
    make_queued_order,
    make_supplier,
    make_user,
)
from tests.fakes import FakeVendor
from tests.sending import transmit
from vendors.errors import Kind, NotSent, Refused

pytestmark = pytest.mark.django_db


def test_sending_writes_the_transmission_and_wakes_the_carriers_after_the_commit(
    django_capture_on_commit_callbacks: Any,
) -> None:
    from django_q.models import OrmQ

    pause.end()
    with django_capture_on_commit_callbacks(execute=True):
        order, transmission = make_queued_order()
        assert OrmQ.objects.count() == 0, "a rollback must leave no message"

    assert (order.transmission, order.status) == ("queued", "sending")
    assert transmission.reference == order.number
    assert transmission.content_hash == order.approved_hash
    assert OrmQ.objects.count() == 1


def test_unapproved_order_is_not_sent() -> None:
    refused = refusal(send_order, order_id=make_order().pk, actor=make_user("buyer"))

    assert refused.code == "not_approved"
    assert Transmission.objects.count() == 0


def test_order_is_sent_once() -> None:
    order, _ = make_queued_order()

    refused = refusal(send_order, order_id=order.pk, actor=order.buyer)

    assert refused.code == "already_sent"
    assert Transmission.objects.count() == 1


def test_change_through_a_shell_takes_the_approval_away_at_once(
    django_capture_on_commit_callbacks: Any,
) -> None:
    order = make_approved_order()
    found = OrderLine.objects.get(order=order)
    found.quantity = 60

    with django_capture_on_commit_callbacks(execute=True):
        found.save()

    order.refresh_from_db()
    assert order.approval == "draft"
    assert refusal(send_order, order_id=order.pk, actor=order.buyer).code == (
        "not_approved"
    )


@pytest.mark.parametrize("change", ["saved", "deleted", "order saved"])
def test_every_way_of_saving_is_noticed(
    change: str, django_capture_on_commit_callbacks: Any
) -> None:
    order = make_approved_order(lines=[line(), line("SKU-2")])
    with django_capture_on_commit_callbacks(execute=True):
        if change == "deleted":
            order.lines.last().delete()
        elif change == "saved":
            found = order.lines.last()
            found.item_number = "SKU-9"
            found.save()
        else:
            order.delivery_city = "Lund"
            order.save()

    order.refresh_from_db()
    assert order.approval == "draft"


def test_change_no_signal_sees_is_noticed_when_sending() -> None:
    order = make_approved_order()
    PurchaseOrder.objects.filter(pk=order.pk).update(delivery_city="Lund")

    refused = refusal(send_order, order_id=order.pk, actor=order.buyer)

    assert refused.code == "changed_since_approval"
    order.refresh_from_db()
    assert order.approval == "draft", "and it stays taken away"
    assert Transmission.objects.count() == 0


def test_supplier_that_went_to_test_mode_gets_no_real_purchase(
    fake_vendor: FakeVendor,
) -> None:
    supplier = make_supplier(mode="live")
    order = make_approved_order(supplier)
    supplier.mode = "test"
    supplier.save()

    assert (
        "real purchase"
        in refusal(send_order, order_id=order.pk, actor=order.buyer).text
    )


def test_test_order_is_not_sent_to_a_live_account_without_test_orders(
    fake_vendor: FakeVendor,
) -> None:
    supplier = make_supplier()
    order = make_approved_order(supplier)
    supplier.mode = "live"
    supplier.save()

    refused = refusal(send_order, order_id=order.pk, actor=order.buyer)

    assert "would be a real purchase" in refused.text


def test_what_the_vendor_could_not_take_is_refused_before_sending(
    fake_vendor: FakeVendor,
) -> None:
    fake_vendor.objections = ("Line 1: give a unit.",)
    order = make_approved_order()

    refused = refusal(send_order, order_id=order.pk, actor=order.buyer)

    assert (refused.code, refused.text) == ("supplier_objects", "Line 1: give a unit.")
    order.refresh_from_db()
    assert order.status == "approved"


def test_refused_order_is_corrected_approved_and_sent_again(
    fake_vendor: FakeVendor,
) -> None:
    order, transmission = make_queued_order()
    fake_vendor.answers = [Refused("No such product.")]
    transmit(transmission_id=transmission.pk)
    assert (
        "Change what it objects to"
        in refusal(send_order, order_id=order.pk, actor=order.buyer).text
    )

    change_order(order_id=order.pk, actor=order.buyer, data={"lines": [line("SKU-2")]})
    order.refresh_from_db()
    assert (order.transmission, order.approval, order.attention) == (
        "none",
        "draft",
        "",
    )

    submit_order(order_id=order.pk, actor=order.buyer)
    approve_order(order_id=order.pk, actor=make_user("approver"))
    again = send_order(order_id=order.pk, actor=order.buyer)
    transmit(transmission_id=again.pk)
    order.refresh_from_db()
    assert order.status == "sent"
    assert {request.reference for request in fake_vendor.books} == {order.number}


def test_order_that_could_not_be_sent_may_be_sent_as_it_is(
    fake_vendor: FakeVendor, settings: Any
) -> None:
    settings.MAX_ATTEMPTS = 1
    order, transmission = make_queued_order()
    fake_vendor.answers = [NotSent("No connection.", kind=Kind.CONNECTION)]
    transmit(transmission_id=transmission.pk)
    order.refresh_from_db()
    assert order.transmission == "failed"

    again = send_order(order_id=order.pk, actor=order.buyer)
    transmit(transmission_id=again.pk)

    order.refresh_from_db()
    assert (order.status, order.attention) == ("sent", "")


@pytest.mark.parametrize("state", ["queued", "sending", "unknown", "sent"])
def test_content_is_frozen_once_it_is_on_its_way(state: str) -> None:
    order, _ = make_queued_order()
    PurchaseOrder.objects.filter(pk=order.pk).update(transmission=state)

    refused = refusal(
        change_order, order_id=order.pk, actor=order.buyer, data={"note": "x"}
    )

    assert refused.code == "not_changeable"

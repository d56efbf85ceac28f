"""Signed webhooks over real HTTP, from the vendor's life cycle to the order's state."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from procurement.inbound import reading
from procurement.inbound.models import DueRead, HookState, WebhookDelivery
from procurement.orders.models import PurchaseOrder
from procurement.suppliers.models import Supplier
from procurement.suppliers.operations import change_supplier
from tests.processes import wait_until
from tests.sandboxed import connect, queue_order
from tests.sending import transmit
from vendors.sandbox import Sandbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

SECRET = "a-webhook-secret-of-more-than-32-letters"
STEP = 600


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(port=0, step_seconds=STEP, hook_retry_seconds=1) as running:
        yield running


@pytest.fixture
def supplier(sandbox: Sandbox, live_server: Any) -> Supplier:
    """An Extend supplier whose webhooks come to the running server."""
    made = connect(sandbox, "extend")
    change_supplier(
        supplier_id=made.pk,
        actor=None,
        data={"credentials": {"webhook_secret": SECRET}},
    )
    made.refresh_from_db()
    sandbox.set_webhook(
        vendor="extend",
        url=f"{live_server.url}/hooks/{made.slug}/",
        secret=SECRET,
        triggers=["OrderReserved", "OrderPicked", "OrderCancelled"],
    )
    return made


def sent(supplier: Supplier) -> PurchaseOrder:
    order, transmission = queue_order(supplier)
    transmit(transmission_id=transmission.pk)
    order.refresh_from_db()
    return order


def work_off() -> None:
    DueRead.objects.update(due_at=timezone.now())
    for pk in DueRead.objects.values_list("pk", flat=True):
        reading.read_due(due_id=pk)


def test_order_is_followed_by_webhooks_alone(
    sandbox: Sandbox, supplier: Supplier
) -> None:
    order = sent(supplier)
    for expected in ("OrderReserved", "OrderPicked"):
        sandbox.advance(3 * STEP)
        wait_until(
            f"{expected} to come",
            lambda name=expected: WebhookDelivery.objects.filter(
                actions__contains=name
            ).exists(),
            seconds=20,
        )
        work_off()

    order.refresh_from_db()
    assert order.status == "shipped"
    assert not DueRead.objects.exists()


@pytest.mark.parametrize(
    ("fault", "times", "refused"), [("duplicate", 2, 0), ("bad_signature", 0, 1)]
)
def test_webhook_that_plays_up(
    sandbox: Sandbox, supplier: Supplier, fault: str, times: int, refused: int
) -> None:
    sandbox.add_fault("extend", endpoint="webhook", fault=fault, times=1)
    sent(supplier)
    sandbox.advance(3 * STEP)

    def has_come() -> bool:
        state = HookState.objects.filter(refused_count=refused).exists()
        if not times:
            return state
        return state and WebhookDelivery.objects.filter(times=times).exists()

    wait_until(f"the {fault}", has_come, seconds=20)

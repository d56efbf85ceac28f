"""Fills a database with orders in every state. Run by an earlier release's own code.

So it may use only what all of the releases in `make_previous` have.
"""

import uuid
from datetime import timedelta

import django

django.setup()

from django.contrib.auth.models import Group, User  # noqa: E402
from django.utils import timezone  # noqa: E402

from procurement.access.models import ApiKey  # noqa: E402
from procurement.approvals.operations import reject_order, return_order  # noqa: E402
from procurement.orders.models import PurchaseOrder  # noqa: E402
from procurement.orders.operations import (  # noqa: E402
    cancel_order,
    change_order,
    submit_order,
)
from procurement.suppliers.models import Exchange  # noqa: E402
from procurement.transmissions.models import Attempt, Transmission  # noqa: E402
from tests.factories import (  # noqa: E402
    line,
    make_approved_order,
    make_order,
    make_queued_order,
    make_supplier,
    make_user,
)
from tests.parties import make_customer, make_shop  # noqa: E402


def main() -> None:
    now = timezone.now()
    supplier = make_supplier()
    make_supplier("eet", slug="eet-nord", name="EET Nord")
    approver = make_user("approver")
    names = {"shop": make_shop(), "customer": make_customer()}

    def order(reference: str, **changes):
        return make_order(supplier, external_reference=reference, **names, **changes)

    order("draft", lines=[line(), line("SKU-1", quantity="2.5", unit_price="0.125")])
    changed = order("changed")
    change_order(order_id=changed.pk, actor=changed.buyer, data={"note": "Ring first"})
    for reference, decide in (
        ("pending", None),
        ("returned", return_order),
        ("rejected", reject_order),
    ):
        asked = order(reference)
        submit_order(order_id=asked.pk, actor=asked.buyer)
        if decide:
            decide(order_id=asked.pk, actor=approver, comment="Too dear")
    make_approved_order(supplier, external_reference="approved", **names)
    cancelled = order("cancelled")
    cancel_order(order_id=cancelled.pk, actor=cancelled.buyer, reason="No need")
    for reference in ("queued", "sending", "unknown", "refused", "failed", "sent"):
        on_its_way(supplier, reference, names, now, state=reference)
    for reference in ("confirmed", "partially_shipped", "shipped", "delivered"):
        on_its_way(supplier, reference, names, now, state="sent", fulfilment=reference)

    admin = User.objects.create_superuser("admin", password="a-password-for-tests")
    admin.groups.add(Group.objects.get(name="Administrator"))
    ApiKey.make(name="erp", user=admin, scopes=["orders:read"])


def on_its_way(supplier, reference, names, now, *, state, fulfilment="none") -> None:
    order, asked = make_queued_order(supplier, external_reference=reference, **names)
    changes = {"state": state}
    if state == "sending":
        changes |= {"claim": uuid.uuid4(), "lease_until": now + timedelta(minutes=2)}
    if state == "unknown":
        changes |= {"kind": "timeout", "next_look_up_at": now}
    number = f"SO-{order.pk}" if state == "sent" else ""
    Transmission.objects.filter(pk=asked.pk).update(number=number, **changes)
    PurchaseOrder.objects.filter(pk=order.pk).update(
        transmission=state, fulfilment=fulfilment, supplier_order_number=number
    )
    if state == "queued":
        return
    attempt = Attempt.objects.create(
        transmission=asked,
        number=1,
        reference=order.number,
        is_test=True,
        request=asked.request,
        worker="host:1",
        started_at=now,
    )
    Exchange.objects.create(
        conversation=attempt.conversation,
        supplier=supplier,
        subject=order.number,
        purpose="place_order",
        method="POST",
        url="https://vendor.test/orders",
        request_body='{"å": "ä"}',
        started_at=now,
        duration_ms=12,
    )


main()

"""Orders that went wrong, each in the way its name says."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from procurement.orders.models import PurchaseOrder
from procurement.suppliers.models import Breaker, Supplier, SupplierHealth
from procurement.transmissions.models import State, Transmission
from tests.factories import make_queued_order
from tests.fakes import FakeVendor
from tests.sending import transmit
from vendors.errors import Kind, NotSent, OutcomeUnknown, Refused

LIST = "/admin/troubles/"


def page_of(asked: Transmission, tail: str = "") -> str:
    return f"{LIST}{asked.pk}/{tail}"


def sent_into(
    fake: FakeVendor,
    answer: Exception,
    supplier: Supplier | None = None,
    **changes: Any,
) -> tuple[PurchaseOrder, Transmission]:
    """An order whose one try was answered so; the supplier's own trouble is over."""
    order, asked = make_queued_order(supplier, **changes)
    fake.answers = [answer]
    transmit(transmission_id=asked.pk)
    SupplierHealth.objects.update(
        blocked_until=None, throttled_until=None, breaker=Breaker.CLOSED
    )
    order.refresh_from_db()
    asked.refresh_from_db()
    return order, asked


def refused(
    fake: FakeVendor, supplier: Supplier | None = None, **changes: Any
) -> tuple[PurchaseOrder, Transmission]:
    answer = Refused("It was refused.", vendor_text="404: SKU-4410 is not known")
    return sent_into(fake, answer, supplier, **changes)


def failed(
    fake: FakeVendor, supplier: Supplier | None = None
) -> tuple[PurchaseOrder, Transmission]:
    return sent_into(fake, NotSent("Our fault.", kind=Kind.BUG), supplier)


def waiting(
    fake: FakeVendor, kind: Kind, supplier: Supplier | None = None
) -> tuple[PurchaseOrder, Transmission]:
    answer = NotSent("Not sent.", kind=kind, retry_after=600)
    return sent_into(fake, answer, supplier)


def looked_up_by_itself(
    fake: FakeVendor, supplier: Supplier | None = None
) -> tuple[PurchaseOrder, Transmission]:
    answer = OutcomeUnknown("No answer.", kind=Kind.TIMEOUT)
    return sent_into(fake, answer, supplier)


def unknown(
    fake: FakeVendor, supplier: Supplier | None = None
) -> tuple[PurchaseOrder, Transmission]:
    """Its look-ups are used up, or there were none."""
    order, asked = looked_up_by_itself(fake, supplier)
    Transmission.objects.filter(pk=asked.pk).update(next_look_up_at=None)
    asked.refresh_from_db()
    return order, asked


def held_by_account(fake: FakeVendor, supplier: Supplier) -> PurchaseOrder:
    """One order was tried with credentials that were refused; the supplier is held."""
    order, _asked = waiting(fake, Kind.CREDENTIALS, supplier)
    until = timezone.now() + timedelta(minutes=5)
    SupplierHealth.objects.filter(supplier=supplier).update(blocked_until=until)
    return order


def state_of(asked: Transmission) -> State:
    return State(Transmission.objects.get(pk=asked.pk).state)

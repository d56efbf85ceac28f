"""Working off what webhooks told of: one read each, outside any transaction.

A notification is a trigger and nothing more: what counts is what the vendor says
when it is asked. Whatever is lost here is found by the next poll.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from procurement.fulfilment.polling import read_or_flag
from procurement.inbound.models import DueRead
from procurement.orders.models import PurchaseOrder
from procurement.suppliers import gates
from procurement.suppliers.conversations import conversation
from procurement.suppliers.models import Supplier
from procurement.transmissions.errands import Errand, Source
from procurement.transmissions.models import Operation, State, Transmission
from vendors.contracts import Topic
from vendors.errors import VendorError

WAITS = (30, 120, 600, 1800)
"""Seconds after each failed try; then the poll is left to find it."""
HINT_AGAIN_AFTER = timedelta(seconds=60)
LEASE = timedelta(minutes=5)

Reader = Callable[[Supplier, str], None]
_readers: dict[str, Reader] = {}


def register(topic: Topic, reader: Reader) -> None:
    """Say who reads what a topic tells of: (supplier, the vendor's number).

    The reader runs outside any transaction and raises the errors of
    `vendors.errors`.
    """
    _readers[topic] = reader


def read_due(*, due_id: int) -> bool:
    """Read one thing that is due, if nobody else does; say whether it was read."""
    row = DueRead.objects.select_related("supplier__health").filter(pk=due_id).first()
    now = timezone.now()
    if row is None or row.due_at > now or not gates.is_callable(row.supplier, now):
        return False
    if not _claim(row):
        return False
    row.refresh_from_db(fields=["asked", "tries"])
    reader = _readers.get(row.topic)
    try:
        if reader:
            reader(row.supplier, row.number)
    except VendorError as error:
        _try_later(row, error.text)
        return False
    DueRead.objects.filter(pk=row.pk, asked=row.asked).delete()
    # News that came while it was being read has counted `asked` up.
    DueRead.objects.filter(pk=row.pk).update(
        due_at=timezone.now(), tries=0, hinted_at=None
    )
    return True


def _due() -> QuerySet[DueRead]:
    now = timezone.now()
    return DueRead.objects.filter(
        Q(hinted_at=None) | Q(hinted_at__lte=now - HINT_AGAIN_AFTER),
        gates.callable_now(now, "supplier__"),
        due_at__lte=now,
    )


def claim_due(limit: int) -> list[Errand]:
    """Take reads that are due; for a minute nobody else is given them."""
    rows = list(_due().order_by("due_at").values_list("pk", "supplier_id")[:limit])
    return [
        Errand("A read after a webhook", supplier_id, partial(read_due, due_id=pk))
        for pk, supplier_id in rows
        if _due().filter(pk=pk).update(hinted_at=timezone.now())
    ]


READS = Source(claim=claim_due, is_due=lambda: _due().exists())


def _claim(row: DueRead) -> bool:
    """Take a row by moving its time on; of several takers one wins."""
    return bool(
        DueRead.objects.filter(pk=row.pk, due_at=row.due_at).update(
            due_at=timezone.now() + LEASE, tries=F("tries") + 1
        )
    )


def _try_later(row: DueRead, text: str) -> None:
    if row.tries > len(WAITS):
        DueRead.objects.filter(pk=row.pk).delete()
        return
    due = timezone.now() + timedelta(seconds=WAITS[row.tries - 1])
    DueRead.objects.filter(pk=row.pk).update(due_at=due, text=text, hinted_at=None)


def read_order(supplier: Supplier, number: str) -> None:
    """Read one of our orders; one that is not ours may be one we have lost."""
    order = (
        PurchaseOrder.objects.select_related("supplier")
        .filter(supplier=supplier, supplier_order_number=number)
        .first()
    )
    if order is None:
        # The number says nothing of our reference: look all the lost ones up.
        Transmission.objects.filter(
            supplier=supplier, operation=Operation.PLACE_ORDER, state=State.UNKNOWN
        ).update(next_look_up_at=timezone.now(), hinted_at=None)
        return
    with conversation(supplier, subject=order.number) as talk:
        read_or_flag(talk, order, changed_at=None)


register(Topic.ORDER, read_order)

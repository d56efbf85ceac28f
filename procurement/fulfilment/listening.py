"""What following orders has to do when something below it changes."""

from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from procurement.fulfilment.models import PollState
from procurement.fulfilment.recording import NOT_IN_TABLE
from procurement.orders.models import PurchaseOrder
from procurement.suppliers.models import Supplier
from procurement.suppliers.signals import names_changed


@receiver(names_changed)
def read_puzzling_orders_again(
    sender: type[Supplier], supplier: Supplier, **kwargs: Any
) -> None:
    """A word was explained: orders that nobody could make sense of are read anew."""
    puzzling = PurchaseOrder.objects.filter(
        supplier=supplier, attention__contains=NOT_IN_TABLE
    ).exclude(attention="")  # By the index of those that have any.
    if puzzling.update(supplier_changed_at=None, supplier_fingerprint=""):
        PollState.objects.filter(supplier=supplier).update(
            next_poll_at=timezone.now(), hinted_at=None
        )

"""Orders that wait, and orders that went out before, as the screens compare them."""

from decimal import Decimal
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from procurement.catalogue.models import ItemOffer, Source
from procurement.orders.models import PurchaseOrder
from procurement.orders.operations import submit_order
from procurement.orders.states import Sending
from procurement.suppliers.models import Supplier, SupplierItem
from tests.factories import make_approved_order, make_order

QUEUE = "/admin/approvals/"


def waiting(supplier: Supplier | None = None, **changes: Any) -> PurchaseOrder:
    order = make_order(supplier, **changes)
    return submit_order(order_id=order.pk, actor=order.buyer)


def sent(
    supplier: Supplier | None = None, *, is_test: bool = True, **changes: Any
) -> PurchaseOrder:
    """An order the supplier has, without the work of a carrier."""
    order = make_approved_order(supplier, **changes)
    PurchaseOrder.objects.filter(pk=order.pk).update(
        transmission=Sending.SENT, sent_at=timezone.now(), is_test=is_test
    )
    order.refresh_from_db()
    return order


def make_item(
    supplier: Supplier, price: str | None = None, **changes: Any
) -> SupplierItem:
    """The item SKU-4410; with a price, a present offer in SEK."""
    offer = {
        name: changes.pop(name)
        for name in ("quantity_available", "lead_time_days", "is_known", "currency")
        if name in changes
    }
    item = SupplierItem.objects.create(
        **{"supplier": supplier, "item_number": "SKU-4410", **changes}
    )
    if price is not None:
        now = timezone.now()
        ItemOffer.objects.create(
            **{
                "item": item,
                "price": Decimal(price),
                "currency": "SEK",
                "source": Source.LIVE,
                "as_of": now,
                "last_seen_at": now,
                **offer,
            }
        )
    return item


def screen(order: PurchaseOrder) -> str:
    return reverse("approving:order", args=[order.pk])


def decide(client: Client, order: PurchaseOrder, name: str, **more: Any) -> Any:
    """What a browser posts from the screen as it stands now."""
    order.refresh_from_db()
    return client.post(
        screen(order),
        {"decision": name, "version": order.version, "comment": "", **more},
        follow=True,
    )

"""Reads of orders worth a name."""

import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from procurement import clock
from procurement.errors import OperationNotAllowed
from procurement.money import plain
from procurement.orders.models import (
    OrderLine,
    PurchaseOrder,
    PurchaseOrderQuerySet,
)
from procurement.transmissions.models import Urgency
from vendors.contracts import OrderLineRequest, OrderRequest

WANTED_SOON = timedelta(days=2)


def order_request(order: PurchaseOrder) -> OrderRequest:
    """The order as it would be sent now; one line or more, by position."""
    return OrderRequest(
        reference=order.number,
        currency=order.currency,
        is_test=order.is_test,
        requested_date=order.requested_date,
        note=order.note,
        delivery_address=order.delivery_address,
        lines=tuple(_line_request(line) for line in order.lines.all()),
    )


def _line_request(line: OrderLine) -> OrderLineRequest:
    return OrderLineRequest(
        position=line.position,
        item_number=line.item_number,
        brand=line.brand,
        description=line.description,
        quantity=_exact(line.quantity),
        unit=line.unit,
        unit_price=_exact(line.unit_price),
        vat_percent=None if line.vat_percent is None else _exact(line.vat_percent),
    )


def _exact(number: Decimal) -> Decimal:
    """The same number however many zeros the column added: 6 and 6.000 are one."""
    return Decimal(plain(number))


def urgency_of(order: PurchaseOrder) -> Urgency:
    """Goods that are wanted within days go out before the others."""
    wanted = order.requested_date
    is_soon = wanted is not None and wanted <= clock.today() + WANTED_SOON
    return Urgency.SOON if is_soon else Urgency.NORMAL


def content_hash(order: PurchaseOrder) -> str:
    """What approval binds to: everything that is sent, and to which account."""
    return hash_of(order, order_request(order).to_json())


def hash_of(order: PurchaseOrder, request: Mapping[str, Any]) -> str:
    """The same for a request of the order that was read already, as JSON values."""
    content = {"supplier": order.supplier_id, **request}
    text = json.dumps(content, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def orders_carrying(number: str) -> QuerySet[Any]:
    """Ids of the orders that carry exactly this number, whoever gave it.

    Ours, the supplier's, another system's reference, an item's, a shipment's, a
    parcel's or an invoice's. A union of look-ups that each go by an index: the same
    conditions joined by OR would make the database read all orders.
    """
    orders = PurchaseOrder.objects.order_by().values("pk")
    lines = OrderLine.objects.order_by().values("order_id")
    return orders.filter(number=number.upper()).union(
        orders.filter(external_reference=number).exclude(external_reference=""),
        orders.filter(supplier_order_number=number),
        lines.filter(item_number=number),
        orders.filter(shipments__number=number),
        orders.filter(shipments__packages__number=number),
        orders.filter(invoices__number=number),
    )


def orders_with_names(user: User) -> QuerySet[PurchaseOrder]:
    """What a person may see, with the names a list shows, in one query."""
    orders = PurchaseOrder.objects.visible_to(user)
    return orders.select_related("supplier", "shop", "customer", "buyer")


def named_for(order: PurchaseOrder, actor: User) -> str:
    """The order's number, for a sentence to somebody who may not see the order."""
    is_seen = PurchaseOrder.objects.visible_to(actor).filter(pk=order.pk).exists()
    return order.number if is_seen else "another order"


def within_reach(
    order_id: int, actor: User | None, orders: PurchaseOrderQuerySet
) -> PurchaseOrder:
    """One of these orders, for an operation that somebody asks for.

    Raises:
        OperationNotAllowed: there is none that the person may see.
    """
    seen = orders if actor is None else orders.visible_to(actor)
    order = next(iter(seen.filter(pk=order_id)), None)
    if order is None:
        raise OperationNotAllowed(_("There is no such order."), code="no_such_order")
    return order

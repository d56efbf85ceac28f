"""Orders as JSON, in two queries however many they are."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import F, QuerySet

from procurement.access.fields import day_text, utc_text
from procurement.addresses import FIELDS as ADDRESS_FIELDS
from procurement.money import plain, price_text, round_amount
from procurement.orders.models import OrderLine, PurchaseOrder

LINE_COLUMNS = (
    "position",
    "item_number",
    "brand",
    "description",
    "quantity",
    "unit",
    "unit_price",
    "vat_percent",
    "is_confirmed",
    "quantity_picking",
    "quantity_shipped",
    "quantity_received",
    "quantity_cancelled",
    "fulfilment",
    "supplier_status",
    "promised_date",
    "first_promised_date",
)
QUANTITIES = tuple(name for name in LINE_COLUMNS if name.startswith("quantity"))


def shown_orders() -> QuerySet[PurchaseOrder]:
    """Orders with what is shown of their neighbours; their lines come apart."""
    return PurchaseOrder.objects.annotate(
        supplier_slug=F("supplier__slug"),
        shop_slug=F("shop__slug"),
        buyer_name=F("buyer__username"),
    )


def shown_order(order_id: int) -> dict[str, Any]:
    (shown,) = orders_json(shown_orders().filter(pk=order_id))
    return shown


def orders_json(orders: Iterable[PurchaseOrder]) -> list[dict[str, Any]]:
    """The JSON of some of `shown_orders`, in their order."""
    orders = list(orders)
    lines: dict[int, list[dict[str, Any]]] = defaultdict(list)
    # Rows instead of objects: a page has ten times as many lines as orders.
    rows = OrderLine.objects.filter(order__in=[order.pk for order in orders])
    for row in rows.order_by("position").values("order_id", *LINE_COLUMNS):
        lines[row.pop("order_id")].append(row)
    return [order_json(order, lines[order.pk]) for order in orders]


def order_json(order: Any, lines: list[dict[str, Any]]) -> dict[str, Any]:
    currency = order.currency
    return {
        "number": order.number,
        "external_reference": order.external_reference,
        "supplier": order.supplier_slug,
        "shop": order.shop_slug,
        "customer": order.customer_id,
        "currency": currency,
        "requested_date": day_text(order.requested_date),
        "note": order.note,
        "test": order.is_test,
        "delivery_address": {
            name: getattr(order, f"delivery_{name}") for name in ADDRESS_FIELDS
        },
        "lines": [line_json(line, currency) for line in lines],
        "total": price_text(round_amount(order.total, currency), currency),
        "status": order.status.value,
        "approval": order.approval,
        "transmission": order.transmission,
        "fulfilment": order.fulfilment,
        "attention": order.attention,
        "supplier_order_number": order.supplier_order_number,
        "version": order.version,
        "source": order.source,
        "buyer": order.buyer_name,
        "invoiced": order.is_invoiced,
        "supplier_status": order.supplier_status,
        "payment_status": order.payment_status,
        "supplier_charges": order.supplier_charges,
        "promised_date": day_text(order.promised_date),
        "created_at": utc_text(order.created_at),
        "updated_at": utc_text(order.updated_at),
        "submitted_at": utc_text(order.submitted_at),
        "approved_at": utc_text(order.approved_at),
        "sent_at": utc_text(order.sent_at),
    }


def line_json(line: dict[str, Any], currency: str) -> dict[str, Any]:
    """The same names with plain JSON values."""
    shown = line | {name: plain(line[name]) for name in QUANTITIES}
    shown["unit_price"] = price_text(line["unit_price"], currency)
    if line["vat_percent"] is not None:
        shown["vat_percent"] = plain(line["vat_percent"])
    shown["promised_date"] = day_text(line["promised_date"])
    shown["first_promised_date"] = day_text(line["first_promised_date"])
    return shown

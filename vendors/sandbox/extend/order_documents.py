"""How Extend shows an order: in full, and as an item of the list."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from vendors.sandbox.extend import order_forms
from vendors.sandbox.extend.answers import swedish
from vendors.sandbox.extend.fields import read_moment
from vendors.sandbox.extend.orders import CustomerOrder, Row
from vendors.sandbox.extend.stock import Stock
from vendors.sandbox.extend.words import ROW_STATUS, Stage

# Members shown as they were sent, null otherwise.
ECHOED = (
    *order_forms.TEXTS,
    *order_forms.LONGEST,
    *order_forms.OBJECTS,
    *order_forms.ARRAYS,
    "customerNumber",
    "deliveryAddress",
    "invoiceAddress",
    "explicitFreightCost",
    "orderDeliveryUpdateMailType",
)
ECHOED_IN_ROWS = (
    "externalRow",
    "shipDate",
    "expectedDeliveryDate",
    "backOrderHandlingId",
    "notations",
    "requestedBatchNo",
    "agreedOrderCallOff",
    "rowPromotion",
    "rowReference",
)
# Stage shown -> the stages that sent goods off, if the order passed them.
SHIPPING_STAGES = {
    Stage.PARTLY_SHIPPED: (Stage.PARTLY_SHIPPED,),
    Stage.CLOSED_SHORT: (Stage.PARTLY_SHIPPED,),
    Stage.SHIPPED: (Stage.PARTLY_SHIPPED, Stage.SHIPPED),
}
FORWARDER = "PostNord"


def order_document(
    order: CustomerOrder, stock: Stock, invoices: list[dict[str, Any]]
) -> dict[str, Any]:
    """Return the complete `CustomerOrder`.

    Args:
        invoices: numbers and links, for the header.
    """
    documents = []
    for row in order.rows:
        balance = stock.available_for(order, row)
        for document in _rows(order, row):
            documents.append(document | {"availableBalance": balance})
    return {"orderHeader": _header(order, invoices), "orderRows": documents}


def order_row(order: CustomerOrder) -> dict[str, Any]:
    """Return the order as the list shows it, without rows."""
    return {
        "orderNumber": order.number,
        "orderNumberExternal": order.reference,
        "orderType": order.header.get("orderType") or "Normal",
        "orderStatus": order.status,
        "orderDate": swedish(ordered_at(order)),
        "askedDeliveryDate": swedish(asked_delivery(order)),
        "customerNumber": order.header["customerNumber"],
        "customerName": order.customer_name,
        "totalPrice": order.total_price,
        "changeDate": swedish(order.life.shown_change),
    }


def promise_document(order: CustomerOrder, stock: Stock) -> dict[str, Any]:
    """Return an order that was only calculated: with balances, without a number."""
    document = order_document(order, stock, [])
    document["orderHeader"] |= {"orderNumber": None, "orderStatus": None}
    for row in document["orderRows"]:
        row["orderRowStatus"] = None
    return document


def ordered_at(order: CustomerOrder) -> datetime:
    sent = order.header.get("orderDate")
    return read_moment("orderDate", sent) if sent else order.placed_at


def asked_delivery(order: CustomerOrder) -> datetime:
    sent = order.header.get("askedDeliveryDate")
    return read_moment("askedDeliveryDate", sent) if sent else ordered_at(order)


def shipment_numbers(order: CustomerOrder) -> list[str]:
    return [shipment["shipmentNumber"] for shipment in _shipments(order)]


def _header(order: CustomerOrder, invoices: list[dict[str, Any]]) -> dict[str, Any]:
    shipments = _shipments(order)
    return {
        "orderNumber": order.number,
        "orderStatus": order.status,
        "orderType": order.header.get("orderType") or "Normal",
        "orderDate": swedish(ordered_at(order)),
        "askedDeliveryDate": swedish(asked_delivery(order)),
        "partialDelivery": order.header.get("partialDelivery") is not False,
        "freightFree": order.header.get("freightFree") is True,
        **{name: order.header.get(name) for name in ECHOED},
        "shipmentReference": shipments[-1]["shipmentReference"] if shipments else None,
        "shipments": shipments,
        "customerInvoices": invoices,
        "agreedOrder": None,
        "invoiceAdressGLN": None,  # misspelt by the vendor
        "totalPrice": order.total_price,
        "changeDate": swedish(order.life.shown_change),
    }


def _shipments(order: CustomerOrder) -> list[dict[str, Any]]:
    stages = SHIPPING_STAGES.get(Stage(order.life.shown_stage), ())
    reached = [stage for stage in stages if stage in order.life.reached_at]
    return [
        _shipment(order, index, order.life.reached_at[stage])
        for index, stage in enumerate(reached, start=1)
    ]


def _shipment(order: CustomerOrder, index: int, shipped_at: datetime) -> dict[str, Any]:
    number = _shipment_number(order, index)
    digits = "".join(filter(str.isdigit, order.number))
    return {
        "shipmentNumber": number,
        "shipmentReference": number,
        "createDate": swedish(shipped_at),
        "packages": [f"00373{digits}{index}"],
        "numberPackages": 1,
        "transportWeight": Decimal("4.2"),
        "transportVolume": Decimal("0.018"),
        "pickDate": swedish(shipped_at),
        "forwarder": FORWARDER,
        "deliveryMethod": order.header.get("deliveryMethod") or "Paket",
    }


def _shipment_number(order: CustomerOrder, index: int) -> str:
    return f"{order.number}-{index}"


def _rows(order: CustomerOrder, row: Row) -> list[dict[str, Any]]:
    """Return a row, or the two it was divided into by shipping part of it."""
    shown = Stage(order.life.shown_stage)
    if not row.is_active:
        return [_row(order, row, "Annulled")]
    if not row.is_goods:
        # Freight and the parents of a bill of materials are never picked.
        status = ROW_STATUS[min(shown, Stage.CONFIRMED, key=list(Stage).index)]
        is_annulled = shown is Stage.ANNULLED
        return [_row(order, row, "Annulled" if is_annulled else status)]
    in_parts = Stage.PARTLY_SHIPPED in order.life.reached_at
    if not in_parts or shown in (Stage.RESERVED, Stage.ANNULLED):
        is_shipped = shown is Stage.SHIPPED
        return [_row(order, row, ROW_STATUS[shown], shipment=1 if is_shipped else 0)]
    first = order.shipped_first(row)
    second = row.quantity - first
    rest_shipment = 2 if shown is Stage.SHIPPED else 0
    rows = []
    if first:
        rows.append(_row(order, row, "Picked", quantity=first, shipment=1))
    if second:
        rest = _row(
            order, row, ROW_STATUS[shown], quantity=second, shipment=rest_shipment
        )
        if first:
            rest |= {"orderRowId": row.rest_id, "subPosition": row.sub_position + 1}
        rows.append(rest)
    return rows


def _row(
    order: CustomerOrder,
    row: Row,
    status: str,
    quantity: Decimal | None = None,
    shipment: int = 0,
) -> dict[str, Any]:
    article = row.article
    sent_product = row.sent.get("product") or {}
    prices = {
        "unit": row.unit,
        "unitPrice": row.unit_price,
        "vatPercent": row.vat_percent,
        "currency": row.currency,
    }
    quantity = row.quantity if quantity is None else quantity
    if status == "Picked":
        allocation = "Delivered"
    else:
        allocation = "Physical" if status == "Reserved" else "NotAllocated"
    return {
        "position": row.position,
        "subPosition": row.sub_position,
        "product": {
            "productNumber": row.product_number,
            "productName": sent_product.get("productName") or row.product_name,
            "productNotes": sent_product.get("productNotes"),
            "customerProductNumber": sent_product.get("customerProductNumber"),
        },
        "salesData": {"quantity": quantity, **prices},
        "deliveryData": {"quantity": quantity if shipment else 0, **prices},
        "supplyMode": row.supply_mode,
        "warehouse": row.warehouse,
        **{name: row.sent.get(name) for name in ECHOED_IN_ROWS},
        "orderRowId": row.id,
        "orderRowStatus": status,
        "allocationStatus": allocation,
        "shipmentNumber": _shipment_number(order, shipment) if shipment else None,
        "minSupplierLeadTimeHours": article.lead_time_hours if article else None,
        "stockedUnitData": {"serialNumbers": [], "batchNumbers": []},
        "billOfMaterialsParentRowPosition": row.parent,
        "changeDate": swedish(order.life.shown_change),
    }

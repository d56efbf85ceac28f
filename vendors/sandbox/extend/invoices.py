"""Invoices: one for each order, once its goods are on their way.

Source: the members named here, the words and the filters are documented; when an
invoice is made, and that it is sent a step later, is not.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from vendors.sandbox.extend.answers import bad_request, swedish
from vendors.sandbox.extend.fields import moment_parameter
from vendors.sandbox.extend.orders import CustomerOrder
from vendors.sandbox.lives import Life
from vendors.sandbox.messages import Request

CREATED, SENT = "Created", "InvoiceSent"
STATUSES = (
    CREATED,
    SENT,
    "Paid",
    "Prepaid",
    "StatusError",
    "ExportError",
    "Cancelled",
    "Rejected",
    "InvoiceSentForCollection",
    "InvoiceCollectionClosed",
    "PendingInvestigation",
)
ORDER_DEBIT = "OrderDebit"
TYPES = (
    ORDER_DEBIT,
    "ReturnOrderCredit",
    "CustomDebit",
    "CustomCredit",
    "ReturnOrderDebit",
)
FLAGS = {"true": True, "false": False}
DAYS_TO_PAY = timedelta(days=30)


@dataclass(slots=True)
class Invoice:
    """One invoice.

    Attributes:
        rows: what was delivered, in the form of the order's rows.
        link: where its PDF is.
    """

    number: str
    order: CustomerOrder
    rows: list[dict[str, Any]]
    created_at: datetime
    link: str
    life: Life = field(init=False)

    def __post_init__(self) -> None:
        self.life = Life((CREATED, SENT), self.created_at)

    @property
    def total(self) -> Decimal:
        """Return the amount without VAT."""
        amounts = (
            row["deliveryData"]["quantity"] * row["deliveryData"]["unitPrice"]
            for row in self.rows
        )
        return sum(amounts, Decimal(0))

    @property
    def currency(self) -> str:
        return self.order.entry.currency

    def as_reference(self) -> dict[str, Any]:
        """Return the invoice as its order names it."""
        return {"invoiceNumber": self.number, "invoiceLink": self.link}

    def as_row(self) -> dict[str, Any]:
        return {
            "invoiceNumber": self.number,
            "orderNumber": self.order.number,
            "orderNumberExternal": self.order.reference,
            "customerNumber": self.order.header["customerNumber"],
            "invoiceDate": swedish(self.created_at),
            "dueDate": swedish(self.created_at + DAYS_TO_PAY),
            "invoiceStatus": self.life.stage,
            "invoiceType": ORDER_DEBIT,
            "isAggregated": False,
            "totalPrice": self.total,
            "currency": self.currency,
            "changeDate": swedish(self.life.changed_at),
        }

    def as_document(self) -> dict[str, Any]:
        order = {
            "orderNumber": self.order.number,
            "orderNumberExternal": self.order.reference,
        }
        return {
            "invoiceHeader": {
                **self.as_row(),
                "customerName": self.order.customer_name,
                "invoiceLink": self.link,
                "orders": [order],
            },
            "invoiceRows": [
                {
                    "orderNumber": self.order.number,
                    "orderRowId": row["orderRowId"],
                    "position": row["position"],
                    "subPosition": row["subPosition"],
                    "product": row["product"],
                    "invoiceData": row["deliveryData"],
                }
                for row in self.rows
            ],
        }


def billed_rows(order_rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of an order that are billed: delivered goods, and charges."""
    billed = []
    for row in order_rows:
        is_part = row["billOfMaterialsParentRowPosition"] is not None
        is_charge = row["shipmentNumber"] is None and row["supplyMode"] != "Warehouse"
        if row["orderRowStatus"] == "Annulled" or is_part:
            continue
        if is_charge:
            # What is never picked is billed as it was ordered.
            row = row | {"deliveryData": row["salesData"]}
        if row["deliveryData"]["quantity"]:
            billed.append(row)
    return billed


# Parameters that compare a member of the list item as it is.
EXACT_FILTERS = (
    "invoiceNumber",
    "orderNumber",
    "orderNumberExternal",
    "customerNumber",
    "invoiceStatus",
    "invoiceType",
)
MOMENT_FILTERS: dict[str, Callable[[Invoice, datetime], bool]] = {
    "changeDateFrom": lambda invoice, moment: invoice.life.changed_at > moment,
    "changeDateTo": lambda invoice, moment: invoice.life.changed_at <= moment,
    "invoiceDate": lambda invoice, moment: invoice.created_at.date() == moment.date(),
}


def matching_invoices(
    request: Request, invoices: Iterable[Invoice]
) -> list[dict[str, Any]]:
    """Return the list items that pass the filters of a request, oldest first.

    Raises:
        Refusal: a filter makes no sense.
    """
    _require_word(request, "invoiceStatus", STATUSES)
    _require_word(request, "invoiceType", TYPES)
    _require_word(request, "isAggregated", tuple(FLAGS))
    moments = [
        (passes, moment)
        for name, passes in MOMENT_FILTERS.items()
        if (moment := moment_parameter(request, name)) is not None
    ]
    found = (
        invoice
        for invoice in invoices
        if all(passes(invoice, moment) for passes, moment in moments)
    )
    return [row for invoice in found if _passes(request, row := invoice.as_row())]


def _require_word(request: Request, name: str, words: tuple[str, ...]) -> None:
    word = request.parameter(name)
    if word is not None and word not in words:
        raise bad_request(f"{name}: unknown value '{word}'.")


def _passes(request: Request, row: dict[str, Any]) -> bool:
    aggregated = request.parameter("isAggregated")
    if aggregated is not None and row["isAggregated"] is not FLAGS[aggregated]:
        return False
    return all(request.parameter(name) in (None, row[name]) for name in EXACT_FILTERS)

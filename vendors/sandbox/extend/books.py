"""All an installation of Extend holds, and what happens to it as time goes by."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from vendors.sandbox.extend.customers import Customer, initial_customers
from vendors.sandbox.extend.invoices import Invoice, billed_rows
from vendors.sandbox.extend.order_documents import order_document
from vendors.sandbox.extend.orders import CustomerOrder
from vendors.sandbox.extend.stock import Change, Stock
from vendors.sandbox.extend.words import Stage
from vendors.sandbox.lives import Life
from vendors.sandbox.world import World

Tell = Callable[[str, Mapping[str, Any], datetime], None]

# What is fired at a stage (the meaning is documented; the keys are not).
TRIGGERS = {
    Stage.RESERVED: "OrderReserved",
    Stage.PARTLY_SHIPPED: "OrderPicked",
    Stage.SHIPPED: "OrderPicked",
    Stage.ANNULLED: "OrderCancelled",
}


class Books:
    """Orders, stock, invoices and customers of one run.

    Args:
        tell: hears of everything a webhook could be wanted for.
        invoice_link: returns where the PDF of an invoice is.
    """

    def __init__(
        self, world: World, tell: Tell, invoice_link: Callable[[str], str]
    ) -> None:
        self._world = world
        self._tell = tell
        self._invoice_link = invoice_link
        self.orders: dict[str, CustomerOrder] = {}
        self.invoices: dict[str, Invoice] = {}
        self.customers: dict[str, Customer] = initial_customers()
        self.stock = Stock()

    def take(self, order: CustomerOrder) -> None:
        self.orders[order.number] = order
        self._tell_of_order("OrderCreated", order, order.placed_at)
        self._book(order, order.placed_at)

    def order_changed(self, order: CustomerOrder) -> None:
        """Follow up a change over the API, which may have annulled the order."""
        now = order.life.changed_at
        trigger = TRIGGERS.get(Stage(order.life.stage), "OrderDeliveryDataChanged")
        self._tell_of_order(trigger, order, now)
        self._book(order, now)

    def keep(self, customer: Customer) -> None:
        """Take in a new customer, or one that was changed."""
        is_known = customer.number in self.customers
        self.customers[customer.number] = customer
        trigger = "CustomerChanged" if is_known else "CustomerCreated"
        details = {"CustomerNumber": customer.number}
        self._tell(trigger, details, customer.changed_at)

    def lives(self) -> Iterator[Life]:
        return (order.life for order in self.orders.values())

    def invoices_of(self, order: CustomerOrder) -> list[Invoice]:
        """Return the invoices a reader of the order is told of."""
        invoice = self.invoices.get(_invoice_number(order))
        is_stale = order.life.shown_stage != order.life.stage
        return [invoice] if invoice and not is_stale else []

    def document(self, order: CustomerOrder) -> dict[str, Any]:
        """Return the complete order."""
        invoices = [each.as_reference() for each in self.invoices_of(order)]
        return order_document(order, self.stock, invoices)

    def settle(self) -> None:
        for order in self.orders.values():
            self.settle_order(order)
        now, pace = self._world.clock.now(), self._world.pace
        for invoice in self.invoices.values():
            while at := invoice.life.step(now, pace):
                self._tell_of_invoice("CustomerInvoiceChanged", invoice, at)

    def settle_order(self, order: CustomerOrder) -> None:
        now, pace = self._world.clock.now(), self._world.pace
        while at := order.life.step(now, pace):
            trigger = TRIGGERS.get(Stage(order.life.stage))
            if trigger:
                self._tell_of_order(trigger, order, at)
            self._book(order, at)
            if order.life.has_ended:
                self._invoice(order, at)

    def _invoice(self, order: CustomerOrder, at: datetime) -> None:
        rows = billed_rows(order_document(order, self.stock, [])["orderRows"])
        if not any(row["shipmentNumber"] for row in rows):
            return  # it ended without a delivery
        number = _invoice_number(order)
        link = self._invoice_link(number)
        invoice = Invoice(number, order, rows, at, link)
        self.invoices[number] = invoice
        self._tell_of_invoice("CustomerInvoiceCreated", invoice, at)

    def _book(self, order: CustomerOrder, at: datetime) -> None:
        for change in self.stock.book(order, at):
            self._tell_of_balance(change, at)

    def _tell_of_order(self, trigger: str, order: CustomerOrder, at: datetime) -> None:
        self._tell(trigger, {"OrderNumber": order.number}, at)

    def _tell_of_invoice(self, trigger: str, invoice: Invoice, at: datetime) -> None:
        details = {
            "InvoiceNumber": invoice.number,
            "OrderNumber": invoice.order.number,
        }
        self._tell(trigger, details, at)

    def _tell_of_balance(self, change: Change, at: datetime) -> None:
        number, warehouse = change.place
        shelf = self.stock.shelf(change.place)
        balances = {
            "BalanceChanged": (change.is_physical, shelf.physical),
            "AvailableBalanceChanged": (change.is_available, shelf.available),
        }
        for trigger, (has_changed, balance) in balances.items():
            if has_changed:
                details = {
                    "ProductNumber": number,
                    "Warehouse": warehouse,
                    "Balance": int(balance // 1),
                }
                self._tell(trigger, details, at)


def _invoice_number(order: CustomerOrder) -> str:
    """Return the number of the one invoice an order gets."""
    return order.number.replace("SO", "F", 1)

"""Extend's endpoints.

Source: the vendor's guides and its schema document paths, parameters, members and
words. How orders move on, and when they are invoiced, is inferred from the names.
"""

from collections.abc import Sequence
from datetime import datetime

from vendors.sandbox.extend import products
from vendors.sandbox.extend.answers import bad_request, confirmation, message
from vendors.sandbox.extend.catalogue import ARTICLES, CURRENCY
from vendors.sandbox.extend.customers import (
    Customer,
    change_customer,
    matching_rows,
    read_customer,
)
from vendors.sandbox.extend.fields import Members
from vendors.sandbox.extend.installation import (
    HIGH,
    INVOICE_PDF,
    LOW,
    STANDARD,
    Installation,
)
from vendors.sandbox.extend.invoices import Invoice, matching_invoices
from vendors.sandbox.extend.order_changes import change_order
from vendors.sandbox.extend.order_documents import order_row, promise_document
from vendors.sandbox.extend.order_forms import read_order
from vendors.sandbox.extend.order_list import matching_orders
from vendors.sandbox.extend.orders import ROW_STEP, CustomerOrder, freight_row
from vendors.sandbox.extend.paging import page_by_number, page_by_offset
from vendors.sandbox.extend.pdf import page_of_text
from vendors.sandbox.messages import Answer, Refusal, Request
from vendors.sandbox.vendor import Endpoint, Parameters

ROOT = "/v1_0/{client}"


class Extend(Installation):
    """A stand-in for one installation of Extend Commerce.

    Nothing stops a second order with the same external number unless a setting does;
    what the vendor does then is not documented, and a twin is the worst it could do.
    """

    def list_endpoints(self) -> Sequence[Endpoint]:
        orders, one_order = ROOT + "/CustomerOrders", ROOT + "/CustomerOrders/{number}"
        items, one_item = ROOT + "/Products", ROOT + "/Products/{number}"
        buyers, one_buyer = ROOT + "/Customers", ROOT + "/Customers/{number}"
        promise, balance = ROOT + "/CustomerOrderATP", ROOT + "/ProductAvailability"
        units, prices = ROOT + "/ProductUnits", ROOT + "/ProductPrices"
        bills = ROOT + "/CustomerInvoices"
        one_bill, pdf = bills + "/{number}", "/invoices/{number}.pdf"
        return (
            Endpoint("place_order", "POST", orders, self.place_order, STANDARD),
            Endpoint("list_orders", "GET", orders, self.list_orders, STANDARD),
            Endpoint("read_order", "GET", one_order, self.read_order, STANDARD),
            Endpoint("change_order", "PUT", one_order, self.change_order, STANDARD),
            Endpoint("cancel_order", "DELETE", one_order, self.cancel_order, STANDARD),
            Endpoint("promise_order", "POST", promise, self.promise_order, LOW),
            Endpoint("units", "GET", units, self.list_units, HIGH),
            Endpoint("availability", "GET", balance, self.availability, STANDARD),
            Endpoint("products", "GET", items, self.list_products, STANDARD),
            Endpoint("read_product", "GET", one_item, self.read_product, STANDARD),
            Endpoint("prices", "GET", prices, self.list_prices, STANDARD),
            Endpoint("customers", "GET", buyers, self.list_customers, STANDARD),
            Endpoint("read_customer", "GET", one_buyer, self.read_customer, STANDARD),
            Endpoint("create_customer", "POST", buyers, self.create_customer, STANDARD),
            Endpoint(
                "change_customer", "PUT", one_buyer, self.change_customer, STANDARD
            ),
            Endpoint("invoices", "GET", bills, self.list_invoices, STANDARD),
            Endpoint("read_invoice", "GET", one_bill, self.read_invoice, STANDARD),
            Endpoint(INVOICE_PDF, "GET", pdf, self.invoice_pdf),
        )

    def place_order(self, request: Request, parameters: Parameters) -> Answer:
        order = self._read_order(request, f"SO-{self.next_number()}")
        if order.reference and self.world.settings.refuse_known_reference:
            for other in self._books.orders.values():
                if other.reference == order.reference:
                    raise bad_request(
                        f"orderNumberExternal '{order.reference}' already exists."
                    )
        self._books.take(order)
        return Answer.json(200, self._books.document(order))

    def promise_order(self, request: Request, parameters: Parameters) -> Answer:
        order = self._read_order(request, "")
        return Answer.json(200, promise_document(order, self._books.stock))

    def list_orders(self, request: Request, parameters: Parameters) -> Answer:
        self.settle()
        found = matching_orders(
            request, self._books.orders.values(), self.world.settings.partial_lookup
        )
        bill = request.parameter("invoiceNumber")
        if bill is not None:
            invoice = self._books.invoices.get(bill)
            found = [each for each in found if invoice and invoice.order is each]
        rows = []
        for order in page_by_offset(request, found):
            rows += [order_row(order)] * order.life.times_listed
        return Answer.json(200, rows)

    def read_order(self, request: Request, parameters: Parameters) -> Answer:
        order = self._order(parameters["number"])
        return Answer.json(200, self._books.document(order))

    def change_order(self, request: Request, parameters: Parameters) -> Answer:
        order = self._order(parameters["number"])
        body = Members.of_body(request)
        done = change_order(order, body, self.world.clock.now())
        self._books.order_changed(order)
        return confirmation(f"Order {order.number} was updated.", done)

    def cancel_order(self, request: Request, parameters: Parameters) -> Answer:
        order = self._order(parameters["number"])
        order.require_changeable()
        order.annul(self.world.clock.now())
        self._books.order_changed(order)
        return confirmation(f"Order {order.number} was annulled.")

    def list_units(self, request: Request, parameters: Parameters) -> Answer:
        return page_by_number(request, "productUnitList", products.unit_documents())

    def availability(self, request: Request, parameters: Parameters) -> Answer:
        self.settle()
        now = self.world.clock.now()
        rows = products.availability_documents(request, self._books.stock, now)
        return page_by_number(request, "productAvailabilityList", rows)

    def _changes(self) -> dict[str, datetime]:
        """When products changed that somebody at the vendor is working on: just now."""
        number = self.world.settings.extend_product_in_work
        return {number: self.world.clock.now()} if number else {}

    def list_products(self, request: Request, parameters: Parameters) -> Answer:
        return Answer.json(
            200,
            page_by_offset(request, products.product_rows(request, self._changes())),
        )

    def read_product(self, request: Request, parameters: Parameters) -> Answer:
        article = ARTICLES.get(parameters["number"])
        if article is None:
            raise Refusal(message(404, "The product does not exist."))
        return Answer.json(200, products.product_document(article, self._changes()))

    def list_prices(self, request: Request, parameters: Parameters) -> Answer:
        customer = request.parameter("customerNumber")
        if customer is None:
            raise bad_request("customerNumber is mandatory.")
        if customer not in self._books.customers:
            raise bad_request(f"Customer '{customer}' does not exist.")
        articles = products.priced_articles(request)
        if request.parameter("currency") not in (None, CURRENCY):
            articles = []
        rows = [
            price for article in articles for price in products.price_documents(article)
        ]
        return page_by_number(request, "productPriceItemList", rows)

    def list_customers(self, request: Request, parameters: Parameters) -> Answer:
        rows = matching_rows(request, self._books.customers.values())
        return page_by_number(request, "customerList", rows)

    def read_customer(self, request: Request, parameters: Parameters) -> Answer:
        return Answer.json(200, self._customer(parameters["number"]).as_document())

    def create_customer(self, request: Request, parameters: Parameters) -> Answer:
        customer = read_customer(
            Members.of_body(request),
            self._books.customers,
            default_number=f"K-{self.next_number()}",
            now=self.world.clock.now(),
        )
        self._books.keep(customer)
        return Answer.json(200, customer.as_document())

    def change_customer(self, request: Request, parameters: Parameters) -> Answer:
        customer = self._customer(parameters["number"])
        body, now = Members.of_body(request), self.world.clock.now()
        changed = change_customer(customer, body, now)
        self._books.keep(changed)
        return Answer.json(200, changed.as_document())

    def list_invoices(self, request: Request, parameters: Parameters) -> Answer:
        self.settle()
        rows = matching_invoices(request, self._books.invoices.values())
        return page_by_number(request, "customerInvoiceList", rows)

    def read_invoice(self, request: Request, parameters: Parameters) -> Answer:
        self.settle()
        return Answer.json(200, self._invoice(parameters["number"]).as_document())

    def invoice_pdf(self, request: Request, parameters: Parameters) -> Answer:
        invoice = self._invoice(parameters["number"])
        lines = (
            f"Faktura {invoice.number}",
            "",
            f"Kund: {invoice.order.customer_name}",
            f"Order: {invoice.order.number}, er referens {invoice.order.reference}",
            f"Belopp utan moms: {invoice.total} {invoice.currency}",
        )
        return Answer(200, page_of_text(lines), "application/pdf")

    def _invoice(self, number: str) -> Invoice:
        invoice = self._books.invoices.get(number)
        if invoice is None:
            raise Refusal(message(404, f"Invoice '{number}' does not exist."))
        return invoice

    def _customer(self, number: str) -> Customer:
        customer = self._books.customers.get(number)
        if customer is None:
            raise Refusal(message(404, "The customer does not exist."))
        return customer

    def _read_order(self, request: Request, number: str) -> CustomerOrder:
        form = read_order(Members.of_body(request), self._books.customers)
        is_freight_free = form.header.get("freightFree") is True
        if self.world.settings.freight_row and not is_freight_free:
            last = max(row.position for row in form.rows)
            form.rows.append(freight_row(last + ROW_STEP))
        return CustomerOrder(
            number=number,
            header=form.header,
            rows=form.rows,
            customer_name=self._books.customers[form.header["customerNumber"]].name,
            placed_at=self.world.clock.now(),
            body=request.body.decode("utf-8"),
        )

    def _order(self, number: str) -> CustomerOrder:
        order = self._books.orders.get(number)
        if order is None:
            raise Refusal(message(404, f"Order '{number}' does not exist."))
        self._books.settle_order(order)
        return order

"""Extend's endpoints.

Source: the vendor's guides and its schema document paths, parameters, members and
words. The 401, the body of errors, the names of two rate limit headers and how orders
move on are inferred from callers and from the names.
"""

import base64
import binascii
import hmac
from collections.abc import Sequence
from typing import Any

from vendors.sandbox.errors import BadInput
from vendors.sandbox.extend import products
from vendors.sandbox.extend.answers import (
    RateLimit,
    bad_request,
    confirmation,
    message,
)
from vendors.sandbox.extend.catalogue import ACCOUNTS, ARTICLES, CLIENT, CURRENCY
from vendors.sandbox.extend.customers import (
    Customer,
    initial_customers,
    matching_rows,
    read_customer,
)
from vendors.sandbox.extend.fields import Members
from vendors.sandbox.extend.order_changes import change_order
from vendors.sandbox.extend.order_documents import (
    order_document,
    order_row,
    promise_document,
)
from vendors.sandbox.extend.order_forms import read_order
from vendors.sandbox.extend.order_list import matching_orders
from vendors.sandbox.extend.orders import ROW_STEP, CustomerOrder, freight_row
from vendors.sandbox.extend.paging import page_by_number, page_by_offset
from vendors.sandbox.lives import Turn
from vendors.sandbox.messages import Answer, Refusal, Request
from vendors.sandbox.vendor import Endpoint, Parameters, Vendor

ROOT = "/v1_0/{client}"
STANDARD, HIGH, LOW = "Standard", "High", "Low"


class Extend(Vendor):
    """A stand-in for one installation of Extend Commerce.

    Nothing stops a second order with the same external number unless a setting does;
    what the vendor does then is not documented, and a twin is the worst it could do.
    """

    code = "extend"
    base_path = "/extend/RESTAPI"
    number_member = ("orderHeader", "orderNumber")

    def list_endpoints(self) -> Sequence[Endpoint]:
        orders, one_order = ROOT + "/CustomerOrders", ROOT + "/CustomerOrders/{number}"
        items, one_item = ROOT + "/Products", ROOT + "/Products/{number}"
        buyers, one_buyer = ROOT + "/Customers", ROOT + "/Customers/{number}"
        promise, balance = ROOT + "/CustomerOrderATP", ROOT + "/ProductAvailability"
        units, prices = ROOT + "/ProductUnits", ROOT + "/ProductPrices"
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
        )

    def open_books(self) -> None:
        self._orders: dict[str, CustomerOrder] = {}
        self._customers: dict[str, Customer] = initial_customers()
        self._limit = RateLimit(self.world)

    def orders(self) -> list[dict[str, Any]]:
        with self.lock:
            self._settle_all()
            return [
                order.entry.as_dict(order.status) for order in self._orders.values()
            ]

    def set_life(self, order: str, life: str) -> None:
        try:
            turn = Turn(life)
        except ValueError:
            raise BadInput("life", f"one of {', '.join(Turn)}") from None
        with self.lock:
            self._settle_all()
            found = [
                each
                for each in self._orders.values()
                if order in (each.number, each.reference)
            ]
            if not order or not found:
                raise BadInput("order", "the number or reference of an order taken")
            for each in found:
                each.take_life(turn, self.world.clock.now())

    def admit(
        self, endpoint: Endpoint, request: Request, parameters: Parameters
    ) -> None:
        user, password = _credentials(request)
        known = ACCOUNTS.get(user)
        if known is None or not hmac.compare_digest(known.encode(), password.encode()):
            raise Refusal(_unauthorized())
        self._limit.count(endpoint.group)
        if parameters["client"] != CLIENT:
            raise bad_request(f"Client '{parameters['client']}' does not exist.")

    def complete(self, endpoint: Endpoint, answer: Answer) -> Answer:
        with self.lock:
            headers = self._limit.headers(endpoint.group, answer.status == 429)
        return answer.with_headers(*headers)

    def refused(self, text: str) -> Answer:
        return message(400, text)

    def token_died(self, request: Request) -> Answer:
        # There is no token that could die: for one call the credentials won't do.
        return _unauthorized()

    def too_many_requests(self) -> Answer:
        return self._limit.exceeded(STANDARD)

    def not_found(self, request: Request) -> Answer:
        return message(404, "No HTTP resource was found that matches the request URI.")

    def method_not_allowed(self, request: Request, allowed: str) -> Answer:
        answer = message(
            405,
            f"The requested resource does not support http method '{request.method}'.",
        )
        return answer.with_headers(("Allow", allowed))

    def place_order(self, request: Request, parameters: Parameters) -> Answer:
        order = self._read_order(request, f"SO-{self.next_number()}")
        if order.reference and self.world.settings.refuse_known_reference:
            for other in self._orders.values():
                if other.reference == order.reference:
                    raise bad_request(
                        f"orderNumberExternal '{order.reference}' already exists."
                    )
        self._orders[order.number] = order
        return Answer.json(200, order_document(order))

    def promise_order(self, request: Request, parameters: Parameters) -> Answer:
        return Answer.json(200, promise_document(self._read_order(request, "")))

    def list_orders(self, request: Request, parameters: Parameters) -> Answer:
        self._settle_all()
        found = matching_orders(
            request, self._orders.values(), self.world.settings.partial_lookup
        )
        rows = [order_row(order) for order in page_by_offset(request, found)]
        return Answer.json(200, rows)

    def read_order(self, request: Request, parameters: Parameters) -> Answer:
        return Answer.json(200, order_document(self._order(parameters["number"])))

    def change_order(self, request: Request, parameters: Parameters) -> Answer:
        order = self._order(parameters["number"])
        body = Members.of_body(request)
        done = change_order(order, body, self.world.clock.now())
        return confirmation(f"Order {order.number} was updated.", done)

    def cancel_order(self, request: Request, parameters: Parameters) -> Answer:
        order = self._order(parameters["number"])
        order.require_changeable()
        order.annul(self.world.clock.now())
        return confirmation(f"Order {order.number} was annulled.")

    def list_units(self, request: Request, parameters: Parameters) -> Answer:
        return page_by_number(request, "productUnitList", products.unit_documents())

    def availability(self, request: Request, parameters: Parameters) -> Answer:
        now = self.world.clock.now()
        rows = products.availability_documents(request, now)
        return page_by_number(request, "productAvailabilityList", rows)

    def list_products(self, request: Request, parameters: Parameters) -> Answer:
        return Answer.json(200, page_by_offset(request, products.product_rows(request)))

    def read_product(self, request: Request, parameters: Parameters) -> Answer:
        article = ARTICLES.get(parameters["number"])
        if article is None:
            raise Refusal(message(404, "The product does not exist."))
        return Answer.json(200, products.product_document(article))

    def list_prices(self, request: Request, parameters: Parameters) -> Answer:
        customer = request.parameter("customerNumber")
        if customer is None:
            raise bad_request("customerNumber is mandatory.")
        if customer not in self._customers:
            raise bad_request(f"Customer '{customer}' does not exist.")
        articles = products.priced_articles(request)
        if request.parameter("currency") not in (None, CURRENCY):
            articles = []
        rows = [
            price for article in articles for price in products.price_documents(article)
        ]
        return page_by_number(request, "productPriceItemList", rows)

    def list_customers(self, request: Request, parameters: Parameters) -> Answer:
        rows = matching_rows(request, self._customers.values())
        return page_by_number(request, "customerList", rows)

    def read_customer(self, request: Request, parameters: Parameters) -> Answer:
        customer = self._customers.get(parameters["number"])
        if customer is None:
            raise Refusal(message(404, "The customer does not exist."))
        return Answer.json(200, customer.as_document())

    def create_customer(self, request: Request, parameters: Parameters) -> Answer:
        customer = read_customer(
            Members.of_body(request),
            self._customers,
            default_number=f"K-{self.next_number()}",
            now=self.world.clock.now(),
        )
        self._customers[customer.number] = customer
        return Answer.json(200, customer.as_document())

    def _read_order(self, request: Request, number: str) -> CustomerOrder:
        form = read_order(Members.of_body(request), self._customers)
        is_freight_free = form.header.get("freightFree") is True
        if self.world.settings.freight_row and not is_freight_free:
            last = max(row.position for row in form.rows)
            form.rows.append(freight_row(last + ROW_STEP))
        return CustomerOrder(
            number=number,
            header=form.header,
            rows=form.rows,
            customer_name=self._customers[form.header["customerNumber"]].name,
            placed_at=self.world.clock.now(),
            body=request.body.decode("utf-8"),
        )

    def _order(self, number: str) -> CustomerOrder:
        order = self._orders.get(number)
        if order is None:
            raise Refusal(message(404, f"Order '{number}' does not exist."))
        order.life.settle(self.world.clock.now(), self.world.pace)
        return order

    def _settle_all(self) -> None:
        now, pace = self.world.clock.now(), self.world.pace
        for order in self._orders.values():
            order.life.settle(now, pace)


def _credentials(request: Request) -> tuple[str, str]:
    """Read the vendor's own header; the standard `Authorization` alone won't do."""
    header = request.headers.get("extendbasicauthorization", "")
    scheme, _, encoded = header.partition(" ")
    if scheme != "Basic":
        return "", ""
    try:
        text = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, ValueError):
        return "", ""
    user, _, password = text.partition(":")
    return user, password


def _unauthorized() -> Answer:
    return message(401, "Authorization has been denied for this request.")

"""The endpoints of the Customer API.

Source: the vendor's page documents the transport (403 without TLS, gzip only, 400
without `Accept-Encoding: gzip`), the token request and its answer, three error bodies,
and in words that products are found by code and by brand and code, and that orders are
sent and listed with their products and two statuses. Paths, members and words of
products and orders are the project's own assumption.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from vendors.sandbox.errors import BadInput
from vendors.sandbox.kvik import answers, authorize
from vendors.sandbox.kvik.catalogue import PRODUCTS, find_products
from vendors.sandbox.kvik.logins import Logins
from vendors.sandbox.kvik.order_forms import read_order
from vendors.sandbox.kvik.orders import Item, Payment, ShopOrder, Stage
from vendors.sandbox.kvik.paging import page_of
from vendors.sandbox.lives import Life, Turn
from vendors.sandbox.messages import Answer, Refusal, Request
from vendors.sandbox.tokens import bearer_token, form_fields
from vendors.sandbox.vendor import Endpoint, Parameters, Vendor

ROOT = "/api/customer"
TOKENS, AUTHORIZE = f"{ROOT}/oauth/access-token", f"{ROOT}/oauth/authorize"
PRODUCT_LIST, ORDER_LIST = f"{ROOT}/products", f"{ROOT}/orders"
BROWSED = ("authorize_page", "authorize")
TURNS = (Turn.NORMAL, Turn.STUCK, Turn.UNKNOWN_WORD, Turn.BACKWARD)
ENDINGS = {"cancelled": Stage.CANCELLED, "rejected": Stage.REJECTED}
# What people of the same firm ordered in the web shop: days ago, (product, quantity).
FOREIGN_ORDERS: tuple[tuple[int, tuple[tuple[int, int], ...]], ...] = (
    (9, ((0, 6),)),
    (2, ((1, 100), (3, 4))),
    (0, ((5, 1),)),
)


class Kvik(Vendor):
    """A stand-in for one shop.

    Its list of orders holds what people ordered in the web shop as well; the books
    hold what came over the API. Nothing stops a second order with the same reference.
    """

    code = "kvik"
    base_path = "/kvik"
    number_member = ("number",)
    status_calls = ("list_orders", "read_order")

    def list_endpoints(self) -> Sequence[Endpoint]:
        one_order = ORDER_LIST + "/{number}"
        return (
            Endpoint("login", "POST", TOKENS, self.login),
            Endpoint("authorize_page", "GET", AUTHORIZE, self.authorize_page),
            Endpoint("authorize", "POST", AUTHORIZE, self.authorize),
            Endpoint("products", "GET", PRODUCT_LIST, self.products),
            Endpoint("place_order", "POST", ORDER_LIST, self.place_order),
            Endpoint("list_orders", "GET", ORDER_LIST, self.list_orders),
            Endpoint("read_order", "GET", one_order, self.read_order),
        )

    def open_books(self) -> None:
        self._logins = Logins(self.world.clock)
        self._orders: dict[str, ShopOrder] = {}
        now = self.world.clock.now()
        for days, bought in FOREIGN_ORDERS:
            items = [
                Item(product, Decimal(quantity), product.charged or Decimal(0))
                for product, quantity in (
                    (PRODUCTS[place], quantity) for place, quantity in bought
                )
            ]
            order = self._take(items, now - timedelta(days=days, hours=1))
            if days:
                order.life.end(Stage.DELIVERED, now - timedelta(hours=2))
                order.payment.end(Payment.PAID, now - timedelta(hours=2))

    def orders(self) -> list[dict[str, Any]]:
        with self.lock:
            self.settle()
            return [
                order.entry.as_dict(order.status)
                for order in self._orders.values()
                if order.entry.body
            ]

    def lives(self) -> Iterable[Life]:
        return [order.life for order in self._orders.values()]

    def settle(self) -> None:
        now, pace = self.world.clock.now(), self.world.pace
        for order in self._orders.values():
            order.settle(now, pace)

    def set_life(self, order: str, life: str) -> None:
        """Give an order another life; the shop can also cancel or reject it."""
        words = (*TURNS, *ENDINGS)
        if life not in words:
            raise BadInput("life", f"one of {', '.join(words)}")
        with self.lock:
            self.settle()
            found = [
                each
                for each in self._orders.values()
                if order in (each.number, each.entry.reference)
            ]
            if not order or not found:
                raise BadInput("order", "the number or reference of an order taken")
            now = self.world.clock.now()
            for each in found:
                if life in ENDINGS:
                    each.life.end(ENDINGS[life], now)
                    each.life.turn = Turn.NORMAL
                else:
                    each.life.take(Turn(life), now)

    def admit(
        self, endpoint: Endpoint, request: Request, parameters: Parameters
    ) -> None:
        if self.world.settings.kvik_insists_on_https:
            raise Refusal(Answer(403))
        if endpoint.name in BROWSED:
            return
        # Whether a longer list passes is not known; this one compares the whole value.
        if request.headers.get("accept-encoding", "").strip().lower() != "gzip":
            raise Refusal(Answer(400))
        if endpoint.name == "login":
            return
        ends_at = self._logins.ends_at(bearer_token(request))
        if ends_at is None:
            raise Refusal(answers.access_denied())
        if ends_at <= self.world.clock.now():
            raise Refusal(answers.token_expired())

    def complete(self, endpoint: Endpoint, answer: Answer) -> Answer:
        # The samples show token answers plain and all others compressed.
        is_plain = endpoint.name in ("login", *BROWSED)
        return answer if is_plain else answers.packed(answer)

    def refused(self, text: str) -> Answer:
        return answers.invalid(text)

    def token_died(self, request: Request) -> Answer:
        with self.lock:
            self._logins.forget(bearer_token(request))
        return answers.access_denied()

    def not_found(self, request: Request) -> Answer:
        return Answer.html(404, "<h1>404 Not Found</h1>")

    def method_not_allowed(self, request: Request, allowed: str) -> Answer:
        page = Answer.html(405, "<h1>405 Method Not Allowed</h1>")
        return page.with_headers(("Allow", allowed))

    def without_number(self, answer: Answer) -> Answer:
        plain = answers.unpacked(answer)
        changed = super().without_number(plain)
        return changed if plain is answer else answers.packed(changed)

    def login(self, request: Request, parameters: Parameters) -> Answer:
        form = form_fields(request)
        if form is None:
            text = "The token is asked for with a form in the body."
            raise Refusal(answers.token_error(400, "invalid_request", text))
        return Answer.json(200, self._logins.grant(form))

    def authorize_page(self, request: Request, parameters: Parameters) -> Answer:
        return authorize.show_page(request, self.world.settings.kvik_redirect_uri)

    def authorize(self, request: Request, parameters: Parameters) -> Answer:
        return authorize.take_decision(
            request, self.world.settings.kvik_redirect_uri, self._logins
        )

    def products(self, request: Request, parameters: Parameters) -> Answer:
        code = request.parameter("code")
        if code is None:
            raise Refusal(answers.invalid("A code is needed.", {"code": "is missing"}))
        found = find_products(code, request.parameter("brand"))
        if not found and self.world.settings.kvik_unknown_is_404:
            raise Refusal(answers.failure(404, "not_found", "No such product."))
        items = [product.as_document() for product in found]
        return Answer.json(200, {"_type": "ProductCollection", "items": items})

    def place_order(self, request: Request, parameters: Parameters) -> Answer:
        form = read_order(request)
        now = self.world.clock.now()
        order = self._take(
            form.items,
            now,
            reference=form.reference,
            note=form.note,
            body=request.body.decode("utf-8"),
        )
        if self.world.settings.kvik_people_copy:
            self._take(form.items, now)
        return Answer.json(201, self._document(order))

    def list_orders(self, request: Request, parameters: Parameters) -> Answer:
        self.settle()
        newest_first = sorted(
            self._orders.values(),
            key=lambda order: (order.entry.placed_at, order.number),
            reverse=True,
        )
        documents = [
            document
            for order in newest_first
            for document in [self._document(order)] * order.life.times_listed
        ]
        host = request.headers.get("host", "")
        address = f"http://{host}{self.base_path}{ORDER_LIST}"
        settings = self.world.settings
        return Answer.json(200, page_of(request, address, documents, settings))

    def read_order(self, request: Request, parameters: Parameters) -> Answer:
        order = self._orders.get(parameters["number"])
        if order is None:
            raise Refusal(answers.failure(404, "not_found", "No such order."))
        order.settle(self.world.clock.now(), self.world.pace)
        return Answer.json(200, self._document(order))

    def _take(
        self, items: Sequence[Item], placed_at: datetime, **details: str
    ) -> ShopOrder:
        order = ShopOrder(str(self.next_number()), items, placed_at, **details)
        self._orders[order.number] = order
        return order

    def _document(self, order: ShopOrder) -> dict[str, Any]:
        return order.as_document(with_note=self.world.settings.kvik_returns_note)

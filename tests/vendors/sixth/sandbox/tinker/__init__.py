"""A stand-in for Tinker's server, written from its leaflet.

The leaflet prints the five calls, the 401 of an unknown session and the state of a
fresh order; its other states are those of its web shop.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from vendors.sandbox import jsontext
from vendors.sandbox.books import BookedLine, BookedOrder
from vendors.sandbox.lives import Life, Turn
from vendors.sandbox.messages import Answer, Refusal, Request
from vendors.sandbox.tokens import is_secret
from vendors.sandbox.vendor import Endpoint, Parameters, Vendor

KEY = "sandbox-tinker-key"
SESSION_SECONDS = 900
STATES = ("received", "packed", "on the road")
UNKNOWN_WORD = "in the shed"


@dataclass(frozen=True, slots=True)
class Article:
    number: str
    text: str
    price: Decimal
    free: int


ARTICLES = {
    article.number: article
    for article in (
        Article("HAM-300", "Hammer, 300 g", Decimal("12.50"), 40),
        Article("SAW-7", "Saw, 7 teeth an inch", Decimal("31.20"), 6),
    )
}


@dataclass(slots=True)
class Order:
    entry: BookedOrder
    life: Life

    def as_document(self) -> dict[str, Any]:
        is_odd = self.life.turn is Turn.UNKNOWN_WORD
        return {
            "no": self.entry.number,
            "your_ref": self.entry.reference,
            "state": UNKNOWN_WORD if is_odd else self.life.shown_stage,
            "positions": [
                {
                    "no": line.item_number,
                    "pieces": int(line.quantity),
                    "net": str(line.unit_price),
                }
                for line in self.entry.lines
            ],
        }


class Tinker(Vendor):
    """References are not compared, so an order sent twice is two orders."""

    code = "tinker"
    base_path = "/tinker"
    number_member = ("no",)
    status_calls = ("list_orders", "read_order")

    def list_endpoints(self) -> Sequence[Endpoint]:
        return (
            Endpoint("login", "POST", "/session", self.log_in),
            Endpoint("article", "GET", "/articles/{number}", self.article),
            Endpoint("place_order", "POST", "/orders", self.place_order),
            Endpoint("list_orders", "GET", "/orders", self.list_orders),
            Endpoint("read_order", "GET", "/orders/{number}", self.read_order),
        )

    def open_books(self) -> None:
        self._orders: dict[str, Order] = {}
        self._session_ends: dict[str, datetime] = {}

    def orders(self) -> list[dict[str, Any]]:
        with self.lock:
            self.settle()
            return [
                order.entry.as_dict(order.life.stage) for order in self._orders.values()
            ]

    def lives(self) -> Iterable[Life]:
        return [order.life for order in self._orders.values()]

    def admit(
        self, endpoint: Endpoint, request: Request, parameters: Parameters
    ) -> None:
        ends = self._session_ends.get(request.headers.get("x-session", ""))
        is_open = ends is not None and ends > self.world.clock.now()
        if endpoint.name != "login" and not is_open:
            raise Refusal(_sorry(401, "No such session."))

    def refused(self, text: str) -> Answer:
        return _sorry(400, text)

    def token_died(self, request: Request) -> Answer:
        with self.lock:
            self._session_ends.pop(request.headers.get("x-session", ""), None)
        return _sorry(401, "No such session.")

    def not_found(self, request: Request) -> Answer:
        return _sorry(404, "There is nothing here.")

    def method_not_allowed(self, request: Request, allowed: str) -> Answer:
        return _sorry(405, "Not like this.").with_headers(("Allow", allowed))

    def log_in(self, request: Request, parameters: Parameters) -> Answer:
        key = _read_object(request).get("key")
        if not isinstance(key, str) or not is_secret(KEY, key):
            raise Refusal(_sorry(401, "No such key."))
        session = secrets.token_urlsafe(32)
        life = timedelta(seconds=SESSION_SECONDS)
        self._session_ends[session] = self.world.clock.now() + life
        return Answer.json(200, {"session": session, "seconds": SESSION_SECONDS})

    def article(self, request: Request, parameters: Parameters) -> Answer:
        article = ARTICLES.get(parameters["number"])
        if article is None:
            raise Refusal(_sorry(404, "No such article."))
        return Answer.json(
            200,
            {
                "no": article.number,
                "text": article.text,
                "net": str(article.price),
                "cur": "EUR",
                "free": article.free,
            },
        )

    def place_order(self, request: Request, parameters: Parameters) -> Answer:
        sent = _read_object(request)
        lines = tuple(_read_line(position) for position in sent.get("positions") or ())
        if not lines or not isinstance(sent.get("your_ref"), str):
            raise Refusal(_sorry(400, "An order has a reference and positions."))
        now = self.world.clock.now()
        entry = BookedOrder(
            number=f"TT-{self.next_number()}",
            reference=sent["your_ref"],
            is_test=False,
            lines=lines,
            total=sum((line.quantity * line.unit_price for line in lines), Decimal(0)),
            currency="EUR",
            placed_at=now,
            body=request.body.decode("utf-8"),
        )
        order = Order(entry, Life(STATES, now))
        self._orders[entry.number] = order
        return Answer.json(201, order.as_document())

    def list_orders(self, request: Request, parameters: Parameters) -> Answer:
        self.settle()
        wanted = request.parameter("your_ref")
        documents = [
            order.as_document()
            for order in self._orders.values()
            if wanted in (None, order.entry.reference)
            for _ in range(order.life.times_listed)
        ]
        return Answer.json(200, {"orders": documents})

    def read_order(self, request: Request, parameters: Parameters) -> Answer:
        self.settle()
        order = self._orders.get(parameters["number"])
        if order is None:
            raise Refusal(_sorry(404, "No such order."))
        return Answer.json(200, order.as_document())


def _sorry(status: int, text: str) -> Answer:
    return Answer.json(status, {"error": text})


def _read_object(request: Request) -> dict[str, Any]:
    try:
        sent = jsontext.loads(request.body)
    except ValueError:
        raise Refusal(_sorry(400, "That is no JSON.")) from None
    if not isinstance(sent, dict):
        raise Refusal(_sorry(400, "That is no object."))
    return sent


def _read_line(position: Any) -> BookedLine:
    sent = position if isinstance(position, dict) else {}
    article, pieces = ARTICLES.get(str(sent.get("no"))), sent.get("pieces")
    if article is None:
        raise Refusal(_sorry(400, "No such article."))
    if not isinstance(pieces, int) or isinstance(pieces, bool) or pieces < 1:
        raise Refusal(_sorry(400, "Pieces are counted from one."))
    return BookedLine(article.number, Decimal(pieces), "", article.price)

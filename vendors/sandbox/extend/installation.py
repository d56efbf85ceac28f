"""An installation of Extend: its books, its logins, its limits, its manner of refusing.

Source: the vendor's own header for the credentials is documented; the 401, the body of
errors and the names of two rate limit headers are inferred from callers.
"""

import base64
import binascii
import hmac
from collections.abc import Iterable, Mapping
from typing import Any

from vendors.sandbox.errors import BadInput
from vendors.sandbox.extend import hooks
from vendors.sandbox.extend.answers import RateLimit, bad_request, message
from vendors.sandbox.extend.books import Books
from vendors.sandbox.extend.catalogue import ACCOUNTS, CLIENT
from vendors.sandbox.extend.customers import KNOWN
from vendors.sandbox.lives import Life, Turn
from vendors.sandbox.messages import Answer, Refusal, Request
from vendors.sandbox.vendor import Endpoint, Parameters, Vendor

STANDARD, HIGH, LOW = "Standard", "High", "Low"
INVOICE_PDF = "invoice_pdf"


class Installation(Vendor):
    """What all calls of Extend stand on."""

    code = "extend"
    base_path = "/extend/RESTAPI"
    number_member = ("orderHeader", "orderNumber")
    status_calls = ("list_orders", "read_order")
    triggers = hooks.TRIGGERS

    def open_books(self) -> None:
        self._books = Books(self.world, self.tell, self._invoice_link)
        self._limit = RateLimit(self.world)

    def orders(self) -> list[dict[str, Any]]:
        with self.lock:
            self.settle()
            return [
                order.entry.as_dict(order.status)
                for order in self._books.orders.values()
            ]

    def customers(self) -> list[dict[str, Any]]:
        with self.lock:
            known = self._books.customers.values()
            return [each.as_row() for each in known if each.number not in KNOWN]

    def holdings(self) -> dict[str, list[dict[str, Any]]]:
        held = super().holdings()
        with self.lock:
            invoices = [each.as_row() for each in self._books.invoices.values()]
        return held | ({"Invoices": invoices} if invoices else {})

    def lives(self) -> Iterable[Life]:
        return self._books.lives()

    def settle(self) -> None:
        self._books.settle()

    def hook_message(
        self, secret: str, document: Mapping[str, Any]
    ) -> tuple[bytes, tuple[tuple[str, str], ...]]:
        return hooks.hook_message(secret, document)

    def set_life(self, order: str, life: str) -> None:
        try:
            turn = Turn(life)
        except ValueError:
            raise BadInput("life", f"one of {', '.join(Turn)}") from None
        with self.lock:
            self.settle()
            found = [
                each
                for each in self._books.orders.values()
                if order in (each.number, each.reference)
            ]
            if not order or not found:
                raise BadInput("order", "the number or reference of an order taken")
            for each in found:
                each.take_life(turn, self.world.clock.now())

    def admit(
        self, endpoint: Endpoint, request: Request, parameters: Parameters
    ) -> None:
        if endpoint.name == INVOICE_PDF:
            return  # a link for a browser
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

    def _invoice_link(self, number: str) -> str:
        return f"{self.world.url}{self.base_path}/invoices/{number}.pdf"


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

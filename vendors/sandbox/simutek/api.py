"""The endpoints of GKS.

Source: the vendor's page documents the four calls, their members, the paging of the
list (1, 50, at most 100), its search rules, the form of the token request, the one
member an order is answered with, and that a created customer is answered without a
body. Everything about errors, the 401, the life of a token, the names of the query
parameters and what is refused beside the documented is the project's own assumption.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from vendors.sandbox.books import BookedOrder
from vendors.sandbox.messages import Answer, Refusal, Request
from vendors.sandbox.simutek.customers import (
    Customer,
    initial_customers,
    read_customer,
    search,
)
from vendors.sandbox.simutek.orders import read_order
from vendors.sandbox.simutek.problems import (
    invalid,
    not_found,
    unauthorized,
)
from vendors.sandbox.tokens import bearer_token, form_fields, is_secret, new_jwt
from vendors.sandbox.vendor import Endpoint, Parameters, Vendor

# Client id -> secret.
CLIENTS = {"sandbox-simutek": "sandbox-simutek-secret"}
SCOPE = "gks.api"
TOKEN_SECONDS = 3600
# The credentials' host is another than the API's.
LOGIN = "/connect/token"
CUSTOMERS, ORDERS = "/api/v1/customers", "/api/v1/salesorders"


class Simutek(Vendor):
    """A stand-in for one printing house's GKS, and for `id.simutek.se`.

    Orders can be placed and nothing else: not read, listed, changed or cancelled.
    A purchase order number sent twice makes two orders.
    """

    code = "simutek"
    base_path = "/simutek"
    login_path = "/simutek-id"
    number_member = ("orderNumber",)

    def list_endpoints(self) -> Sequence[Endpoint]:
        one_customer = CUSTOMERS + "/{number}"
        return (
            Endpoint("login", "POST", LOGIN, self.login, at_login_host=True),
            Endpoint("customers", "GET", CUSTOMERS, self.list_customers),
            Endpoint("read_customer", "GET", one_customer, self.read_customer),
            Endpoint("create_customer", "POST", CUSTOMERS, self.create_customer),
            Endpoint("place_order", "POST", ORDERS, self.place_order),
        )

    def open_books(self) -> None:
        self._orders: list[BookedOrder] = []
        self._customers = initial_customers()
        self._created: list[Customer] = []
        self._token_ends: dict[str, datetime] = {}

    def orders(self) -> list[dict[str, Any]]:
        with self.lock:
            return [order.as_dict() for order in self._orders]

    def customers(self) -> list[dict[str, Any]]:
        with self.lock:
            return [customer.as_document() for customer in self._created]

    def admit(
        self, endpoint: Endpoint, request: Request, parameters: Parameters
    ) -> None:
        if endpoint.name == "login":
            return
        token = bearer_token(request)
        ends = self._token_ends.get(token)
        if ends is None or ends <= self.world.clock.now():
            raise Refusal(unauthorized(had_token=bool(token)))

    def refused(self, text: str) -> Answer:
        return invalid({"": [text]})

    def token_died(self, request: Request) -> Answer:
        with self.lock:
            self._token_ends.pop(bearer_token(request), None)
        return unauthorized(had_token=True)

    def not_found(self, request: Request) -> Answer:
        return Answer(404)

    def method_not_allowed(self, request: Request, allowed: str) -> Answer:
        return Answer(405, headers=(("Allow", allowed),))

    def login(self, request: Request, parameters: Parameters) -> Answer:
        form = form_fields(request)
        if form is None:
            raise Refusal(_token_error("invalid_request"))
        if form.get("grant_type") != "client_credentials":
            raise Refusal(_token_error("unsupported_grant_type"))
        client = form.get("client_id", "")
        if not is_secret(CLIENTS.get(client, ""), form.get("client_secret", "")):
            raise Refusal(_token_error("invalid_client"))
        if form.get("scope", SCOPE) != SCOPE:
            raise Refusal(_token_error("invalid_scope"))
        now = self.world.clock.now()
        ends = now + timedelta(seconds=TOKEN_SECONDS)
        claims = {"client_id": client, "exp": int(ends.timestamp())}
        token = new_jwt("RS256", claims | {"jti": secrets.token_hex(16)})
        self._token_ends[token] = ends
        document = {
            "access_token": token,
            "expires_in": TOKEN_SECONDS,
            "token_type": "Bearer",
            "scope": SCOPE,
        }
        return Answer.json(200, document)

    def list_customers(self, request: Request, parameters: Parameters) -> Answer:
        return Answer.json(200, search(request, self._customers.values()))

    def read_customer(self, request: Request, parameters: Parameters) -> Answer:
        customer = self._customers.get(parameters["number"])
        if customer is None:
            raise Refusal(not_found())
        return Answer.json(200, customer.as_document())

    def create_customer(self, request: Request, parameters: Parameters) -> Answer:
        customer = read_customer(
            request, self._customers, default_number=f"K{self.next_number()}"
        )
        self._customers[customer.number] = customer
        self._created.append(customer)
        return Answer(self.world.settings.simutek_create_status)

    def place_order(self, request: Request, parameters: Parameters) -> Answer:
        form = read_order(request, self._customers)
        number = self.next_number()
        self._orders.append(
            BookedOrder(
                number=str(number),
                reference=form.reference,
                is_test=False,
                lines=form.lines,
                total=form.total,
                currency=form.currency,
                placed_at=self.world.clock.now(),
                body=request.body.decode("utf-8"),
            )
        )
        return Answer.json(200, {"orderNumber": number})


def _token_error(error: str) -> Answer:
    return Answer.json(400, {"error": error})

"""EET's endpoints.

Source: the vendor's introduction documents the paths, the bearer token and its 24
hours, the test flag and the classes of errors. Bodies, the block size of 1000, prices
in hundredths and the empty 401 are inferred from programs that call the API.
"""

import base64
import hmac
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from vendors.sandbox import jsontext
from vendors.sandbox.books import BookedOrder
from vendors.sandbox.eet.assortment import articles_of_brand, find_article
from vendors.sandbox.eet.catalogue import ACCOUNTS, CURRENCY
from vendors.sandbox.eet.orders import read_order
from vendors.sandbox.eet.problems import invalid, problem
from vendors.sandbox.messages import Answer, Refusal, Request
from vendors.sandbox.vendor import Endpoint, Parameters, Vendor

TOKEN_LIFE = timedelta(hours=24)
MOST_ITEMS = 1000


class Eet(Vendor):
    """A stand-in for `customerapi.eetgroup.com`.

    There is one host for tests and for real: an order is real unless it carries the
    flag. References are not compared, so an order sent twice is two orders.
    """

    code = "eet"
    base_path = "/eet"
    number_member = ("OrderNumber",)

    def list_endpoints(self) -> Sequence[Endpoint]:
        return (
            Endpoint("login", "POST", "/login", self.login),
            Endpoint("products", "POST", "/product", self.products),
            Endpoint("brand_products", "POST", "/brand", self.brand_products),
            Endpoint("place_order", "POST", "/order", self.place_order),
        )

    def open_books(self) -> None:
        self._orders: list[BookedOrder] = []
        self._token_ends: dict[str, datetime] = {}

    def orders(self) -> list[dict[str, Any]]:
        with self.lock:
            return [order.as_dict() for order in self._orders]

    def admit(
        self, endpoint: Endpoint, request: Request, parameters: Parameters
    ) -> None:
        if endpoint.name == "login":
            return
        ends = self._token_ends.get(_bearer_token(request))
        if ends is None or ends <= self.world.clock.now():
            raise Refusal(_unauthorized())

    def refused(self, text: str) -> Answer:
        return invalid({"": [text]})

    def token_died(self, request: Request) -> Answer:
        with self.lock:
            self._token_ends.pop(_bearer_token(request), None)
        return _unauthorized()

    def not_found(self, request: Request) -> Answer:
        return Answer(404)

    def method_not_allowed(self, request: Request, allowed: str) -> Answer:
        return Answer(405, headers=(("Allow", allowed),))

    def login(self, request: Request, parameters: Parameters) -> Answer:
        document = _read_object(request)
        missing = {
            name: [f"The {name} field is required."]
            for name in ("UserName", "Password")
            if not isinstance(document.get(name), str) or not document[name]
        }
        if missing:
            raise Refusal(invalid(missing))
        password = ACCOUNTS.get(document["UserName"], "")
        sent = document["Password"].encode("utf-8", "surrogatepass")
        if not password or not hmac.compare_digest(password.encode(), sent):
            raise Refusal(problem(401, "Unauthorized"))
        token, ends = _new_token(), self.world.clock.now() + TOKEN_LIFE
        self._token_ends[token] = ends
        expiration = ends.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return Answer.json(200, {"Token": token, "Expiration": expiration})

    def products(self, request: Request, parameters: Parameters) -> Answer:
        items = _read_object(request).get("Items")
        if not isinstance(items, list):
            raise Refusal(invalid({"Items": ["The Items field is required."]}))
        if len(items) > MOST_ITEMS:
            raise Refusal(problem(413, "Payload Too Large"))
        errors = {
            f"Items[{index}].ItemId": ["The ItemId field is required, as a string."]
            for index, item in enumerate(items)
            if not isinstance(item, dict) or not isinstance(item.get("ItemId"), str)
        }
        if errors:
            raise Refusal(invalid(errors))
        asked = dict.fromkeys(item["ItemId"] for item in items)
        shown = []
        for item_id in asked:
            article = find_article(item_id)
            if article is not None:
                shown.append(article.as_document())
            elif self.world.settings.eet_unknown_items == "empty":
                shown.append({"ItemId": item_id, "Price": None, "Stock": []})
        return Answer.json(200, shown)

    def brand_products(self, request: Request, parameters: Parameters) -> Answer:
        brand_id = request.parameter("brandId") or ""
        if not (brand_id.isascii() and brand_id.isdigit()):
            raise Refusal(invalid({"brandId": ["The brandId field is required."]}))
        if request.body:
            raise Refusal(invalid({"": ["A non-empty request body is not allowed."]}))
        found = articles_of_brand(int(brand_id[:9]))
        return Answer.json(200, [article.as_document() for article in found])

    def place_order(self, request: Request, parameters: Parameters) -> Answer:
        form = read_order(request, _read_object(request))
        number = str(self.next_number())
        order = BookedOrder(
            # A test answer looks like a real one but for its number (inferred).
            number=f"T{number}" if form.is_test else number,
            reference=form.reference,
            is_test=form.is_test,
            lines=form.lines,
            total=form.total,
            currency=CURRENCY,
            placed_at=self.world.clock.now(),
            body=request.body.decode("utf-8"),
        )
        self._orders.append(order)
        return Answer.json(
            200, {"OrderNumber": order.number, "CustomerOrderNo": order.reference}
        )


def _bearer_token(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else ""


def _new_token() -> str:
    """Return an opaque token with the look of a JWT."""
    header = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').decode()
    return ".".join(
        (header.rstrip("="), secrets.token_urlsafe(48), secrets.token_urlsafe(32))
    )


def _unauthorized() -> Answer:
    return Answer(401, headers=(("WWW-Authenticate", "Bearer"),))


def _read_object(request: Request) -> dict[str, Any]:
    if request.media_type != "application/json":
        raise Refusal(problem(415, "Unsupported Media Type"))
    try:
        document = jsontext.loads(request.body)
    except ValueError as error:
        raise Refusal(invalid({"$": [f"The JSON is not valid: {error}"]})) from None
    if not isinstance(document, dict):
        raise Refusal(invalid({"$": ["The JSON value must be an object."]}))
    return document

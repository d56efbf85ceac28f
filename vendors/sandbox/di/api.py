"""The endpoints of DI's login and of its Shop API.

Source: the vendor's pages document the three logins and the life of their tokens, the
path and body of the create call, the method of the update call, the statuses and the
body of errors. Not documented, and the project's own assumption, are every answer to
create and update, the path and body of the update, and how a wrong login is refused.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from vendors.sandbox import jsontext
from vendors.sandbox.di import answers
from vendors.sandbox.di.answers import error
from vendors.sandbox.di.creation import read_creation
from vendors.sandbox.di.patches import read_update
from vendors.sandbox.di.shops import Complaints, Pair, Shop, as_number
from vendors.sandbox.messages import Answer, Refusal, Request
from vendors.sandbox.tokens import bearer_token, is_secret, new_jwt
from vendors.sandbox.vendor import Endpoint, Parameters, Vendor

# User name -> password; the second user has no role for the Shop API.
ACCOUNTS = {
    "sandbox-di": "sandbox-di-password",
    "sandbox-di-guest": "sandbox-di-guest-password",
}
WITH_ROLE = ("sandbox-di",)
OWNER_PARTIES = ("nordlys-pakker", "sandbox-pakker")
# A shop of somebody else; its owner party is closed to our user as well.
FOREIGN_SHOP_ID, FOREIGN_OWNER_PARTY = 7001, "fjord-frakt"
FOREIGN_PAIR = {"freightProductId": 5, "customerNumber": 4100001}

OLD_LIFE_MINUTES = 30
MOST_MINUTES = 1440
LOGIN = "/ws/json/auth"
SHOPS = "/ws/json/shop/v-1"


class Di(Vendor):
    """A stand-in for DI's hosts: `ws.di.no` for logins, `api-flow.di.no` for shops.

    The two have different addresses. A create call repeated makes a second shop,
    unless the pairs of freight product and customer number give it away.
    """

    code = "di"
    base_path = "/di"
    login_path = "/di-login"
    number_member = ("id",)

    def list_endpoints(self) -> Sequence[Endpoint]:
        timed = f"{LOGIN}/v-3/login/{{minutes}}"
        return (
            Endpoint(
                "login",
                "POST",
                f"{LOGIN}/v-1/login",
                self.login_bare,
                at_login_host=True,
            ),
            Endpoint(
                "login", "POST", f"{LOGIN}/v-2/login", self.login, at_login_host=True
            ),
            Endpoint("login", "POST", timed, self.login_timed, at_login_host=True),
            Endpoint("create_shop", "POST", SHOPS, self.create_shop),
            Endpoint("update_shop", "PATCH", SHOPS, self.update_shop_in_body),
            Endpoint("update_shop", "PATCH", SHOPS + "/{id}", self.update_shop),
        )

    def open_books(self) -> None:
        self._users: dict[str, tuple[str, datetime]] = {}
        foreign = Shop(
            id=FOREIGN_SHOP_ID,
            owner_party_key=FOREIGN_OWNER_PARTY,
            address_collector=False,
            transport_solution_ids=[23],
            details={"externalCustomerIds": [dict(FOREIGN_PAIR)]},
            created_at=self.world.clock.now(),
        )
        self._shops: dict[int, Shop] = {foreign.id: foreign}

    def orders(self) -> list[dict[str, Any]]:
        return []

    def shops(self) -> list[dict[str, Any]]:
        with self.lock:
            return [shop.as_entry() for shop in self._shops.values() if shop.bodies]

    def admit(
        self, endpoint: Endpoint, request: Request, parameters: Parameters
    ) -> None:
        if endpoint.name == "login":
            return
        user, ends = self._users.get(bearer_token(request), ("", None))
        if ends is None or ends <= self.world.clock.now():
            raise Refusal(_unauthenticated())
        if user not in WITH_ROLE:
            raise Refusal(error(403, answers.NO_ACCESS_API))

    def refused(self, text: str) -> Answer:
        return error(400, answers.VALIDATION, {"": text})

    def token_died(self, request: Request) -> Answer:
        with self.lock:
            self._users.pop(bearer_token(request), None)
        return _unauthenticated()

    def not_found(self, request: Request) -> Answer:
        return error(404, "")

    def method_not_allowed(self, request: Request, allowed: str) -> Answer:
        return error(405, "").with_headers(("Allow", allowed))

    def without_number(self, answer: Answer) -> Answer:
        if not 200 <= answer.status < 300 or not answer.body:
            return answer
        return Answer.json(answer.status, {"status": "OK"})

    def login_bare(self, request: Request, parameters: Parameters) -> Answer:
        token = self._log_in(request, OLD_LIFE_MINUTES)
        return Answer(200, token.encode(), "text/plain; charset=utf-8")

    def login(self, request: Request, parameters: Parameters) -> Answer:
        return Answer.json(200, {"token": self._log_in(request, OLD_LIFE_MINUTES)})

    def login_timed(self, request: Request, parameters: Parameters) -> Answer:
        text = parameters["minutes"]
        is_number = text.isascii() and text.isdigit() and len(text) < 10
        if not is_number or not 1 <= int(text) <= MOST_MINUTES:
            raise Refusal(error(400, answers.WRONG_MINUTES))
        return Answer.json(200, {"token": self._log_in(request, int(text))})

    def create_shop(self, request: Request, parameters: Parameters) -> Answer:
        body = _read_body(request)
        if not isinstance(body, dict):
            raise Refusal(error(400, answers.UNREADABLE))
        owner_party = body.get("ownerPartyKey")
        if owner_party and owner_party not in OWNER_PARTIES:
            raise Refusal(error(403, answers.NO_ACCESS_OWNER_PARTY))
        creation = read_creation(body, self._taken_pairs(), self._taken_names())
        shop = Shop(
            id=self.next_number(),
            owner_party_key=creation.owner_party_key,
            address_collector=creation.address_collector,
            transport_solution_ids=creation.transport_solution_ids,
            details=creation.details,
            created_at=self.world.clock.now(),
            customer_system=creation.customer_system,
            bodies=[request.body.decode("utf-8")],
        )
        self._shops[shop.id] = shop
        return self._answer_with(shop)

    def update_shop(self, request: Request, parameters: Parameters) -> Answer:
        if self.world.settings.di_update == "id_in_body":
            raise Refusal(self.not_found(request))
        return self._update(request, _read_body(request), parameters["id"])

    def update_shop_in_body(self, request: Request, parameters: Parameters) -> Answer:
        if self.world.settings.di_update == "id_in_path":
            raise Refusal(self.method_not_allowed(request, "POST"))
        body = _read_body(request)
        shop = body.get("shop") if isinstance(body, dict) else None
        sent_id = shop.get("id") if isinstance(shop, dict) else None
        if sent_id is None:
            details = {"shop.id": "must not be empty"}
            raise Refusal(error(400, answers.VALIDATION, details))
        return self._update(request, body, sent_id)

    def _update(
        self, request: Request, body: dict[str, Any] | list[Any], sent_id: Any
    ) -> Answer:
        shop = self._shops.get(as_number(sent_id, "shop.id", Complaints()))
        if shop is None:
            raise Refusal(error(404, answers.NO_SUCH_SHOP))
        if shop.owner_party_key not in OWNER_PARTIES:
            raise Refusal(error(403, answers.NO_ACCESS_SHOP))
        shop.details = read_update(shop, body, self._taken_pairs(but=shop))
        shop.bodies.append(request.body.decode("utf-8"))
        return self._answer_with(shop)

    def _answer_with(self, shop: Shop) -> Answer:
        """Answer with a shop; where its id stands is a setting, as nobody knows."""
        match self.world.settings.di_id_at:
            case "empty204":
                return Answer(204)
            case "bare":
                return Answer.json(200, shop.id)
            case "shopId":
                return Answer.json(200, {"shopId": shop.id})
            case "shop.id":
                document = {"id": shop.id} | shop.details
                return Answer.json(
                    200, {"ownerPartyKey": shop.owner_party_key, "shop": document}
                )
            case "none":
                return Answer.json(200, shop.details)
        return Answer.json(200, {"id": shop.id} | shop.details)

    def _log_in(self, request: Request, minutes: int) -> str:
        body = _read_body(request)
        sent = body if isinstance(body, dict) else {}
        user, password = sent.get("username"), sent.get("password")
        if not isinstance(user, str) or not isinstance(password, str):
            raise Refusal(error(400, answers.UNREADABLE))
        if not is_secret(ACCOUNTS.get(user, ""), password):
            raise Refusal(error(401, answers.WRONG_LOGIN))
        ends = self.world.clock.now() + timedelta(minutes=minutes)
        claims = {"sub": user, "exp": int(ends.timestamp())}
        token = new_jwt("HS256", claims | {"jti": secrets.token_hex(16)})
        self._users[token] = user, ends
        return token

    def _taken_pairs(self, but: Shop | None = None) -> set[Pair]:
        return {
            pair
            for shop in self._shops.values()
            if shop is not but
            for pair in shop.pairs
        }

    def _taken_names(self) -> set[str]:
        return {
            str(shop.customer_system["shortName"])
            for shop in self._shops.values()
            if shop.customer_system
        }


def _unauthenticated() -> Answer:
    return error(401, answers.AUTHENTICATION_MISSING)


def _read_body(request: Request) -> dict[str, Any] | list[Any]:
    if request.media_type != "application/json":
        raise Refusal(error(400, answers.UNREADABLE))
    try:
        body = jsontext.loads(request.body)
    except ValueError:
        raise Refusal(error(400, answers.UNREADABLE)) from None
    if not isinstance(body, dict | list):
        raise Refusal(error(400, answers.UNREADABLE))
    return body

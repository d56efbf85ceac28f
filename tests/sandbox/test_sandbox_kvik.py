"""Kvik in the sandbox: the documented transport and logins; the rest as assumed."""

import base64
import gzip
import hashlib
import http.client
import json
from decimal import Decimal
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from vendors.sandbox.errors import BadInput

TOKENS = "/api/customer/oauth/access-token"
AUTHORIZE = "/api/customer/oauth/authorize"
PRODUCTS = "/api/customer/products"
ORDERS = "/api/customer/orders"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
CREDENTIALS = {
    "grant_type": "client_credentials",
    "client_id": "sandbox-kvik",
    "client_secret": "sandbox-kvik-secret",
    "scope": "all",
}
RETURN = "http://127.0.0.1:9/kvik/return?from=shop"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"


class Answered:
    """One answer as it came over the wire."""

    def __init__(self, answer):
        self.status = answer.status
        self.headers = answer.headers
        self.wire = answer.read()

    def json(self):
        is_packed = self.headers["Content-Encoding"] == "gzip"
        body = gzip.decompress(self.wire) if is_packed else self.wire
        return json.loads(body, parse_float=Decimal)


class KvikClient:
    """Speaks HTTP itself: nothing unpacks an answer or adds a header."""

    def __init__(self, base_url):
        self.address = urlsplit(base_url)
        self.headers = {"Accept-Encoding": "gzip"}

    def call(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection(self.address.netloc, timeout=5)
        connection.putrequest(
            method, self.address.path + path, skip_accept_encoding=True
        )
        for name, value in (self.headers if headers is None else headers).items():
            connection.putheader(name, value)
        data = (body or "").encode()
        if body is not None:
            connection.putheader("Content-Length", str(len(data)))
        connection.endheaders(data)
        answered = Answered(connection.getresponse())
        connection.close()
        return answered

    def ask_token(self, **changes):
        fields = {
            name: value
            for name, value in (CREDENTIALS | changes).items()
            if value is not None
        }
        return self.call("POST", TOKENS, urlencode(fields), self.headers | FORM)

    def log_in(self):
        token = self.ask_token().json()["access_token"]
        self.headers["Authorization"] = f"Bearer {token}"

    def get(self, path, **query):
        return self.call("GET", f"{path}?{urlencode(query)}")

    def order(self, *items, **members):
        body = {"items": list(items) or [item()]} | members
        headers = self.headers | {"Content-Type": "application/json"}
        return self.call("POST", ORDERS, json.dumps(body), headers)

    def listed(self, **query):
        return self.get(ORDERS, **query).json()["items"]


def item(code="TX-4410", quantity=6, **more):
    return {"code": code, "quantity": quantity} | more


@pytest.fixture
def kvik(sandbox):
    client = KvikClient(sandbox.base_url("kvik"))
    client.log_in()
    return client


def test_a_token_answer_is_plain_and_has_the_documented_keys(kvik):
    answer = kvik.ask_token()

    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.headers["Content-Encoding"] is None
    token = answer.json()
    assert token.keys() == {"_type", "token_type", "expires_in", "access_token"}
    assert token["_type"] == "AccessToken"
    assert token["token_type"] == "Bearer"
    assert token["expires_in"] == 3600


def test_a_token_is_a_jwt_with_the_claims_of_the_sample(kvik):
    head, claims, _ = kvik.ask_token().json()["access_token"].split(".")

    def read(part):
        return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))

    assert read(head) == {"typ": "JWT", "alg": "RS256"}
    claims = read(claims)
    assert claims.keys() == {"aud", "jti", "iat", "nbf", "exp", "sub", "scopes"}
    assert len(bytes.fromhex(claims["jti"])) == 40
    assert claims["nbf"] == claims["iat"]
    assert claims["exp"] == claims["iat"] + 3600
    assert (claims["aud"], claims["sub"]) == ("", "sandbox-kvik")
    assert claims["scopes"] == ["email"]


def test_wrong_credentials_get_the_documented_401(kvik):
    answer = kvik.ask_token(client_secret="wrong")

    assert answer.status == 401
    assert answer.json() == {
        "error": "invalid_client",
        "error_description": "Client authentication failed",
        "message": "Client authentication failed",
        "status": 401,
    }


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": None}, "unsupported_grant_type"),
        ({"client_id": None}, "invalid_client"),
        ({"scope": None}, "invalid_scope"),
        ({"scope": "email"}, "invalid_scope"),
    ],
)
def test_each_field_of_the_token_request_counts(kvik, change, error):
    answer = kvik.ask_token(**change)

    assert answer.json()["error"] == error
    assert answer.status == (401 if error == "invalid_client" else 400)


def test_a_token_is_asked_for_with_a_form_and_nothing_else(kvik):
    as_json = kvik.call(
        "POST",
        TOKENS,
        json.dumps(CREDENTIALS),
        {"Accept-Encoding": "gzip", "Content-Type": "application/json"},
    )
    in_address = kvik.call("POST", f"{TOKENS}?{urlencode(CREDENTIALS)}", "")

    assert (as_json.status, as_json.json()["error"]) == (400, "invalid_request")
    assert (in_address.status, in_address.json()["error"]) == (400, "invalid_request")


def test_the_token_path_has_a_hyphen(kvik):
    with_underscore = TOKENS.replace("access-token", "access_token")

    assert kvik.call("POST", with_underscore, urlencode(CREDENTIALS)).status == 404


@pytest.mark.parametrize("value", [None, "gzip, deflate", "identity", "*"])
@pytest.mark.parametrize("path", [TOKENS, PRODUCTS])
def test_every_call_needs_the_exact_accept_encoding(kvik, path, value):
    headers = kvik.headers | FORM | {"Accept-Encoding": value}
    if value is None:
        del headers["Accept-Encoding"]
    method, body = ("POST", urlencode(CREDENTIALS)) if path == TOKENS else ("GET", None)

    assert kvik.call(method, path, body, headers).status == 400


def test_plain_http_is_forbidden_where_the_shop_insists(sandbox, kvik):
    sandbox.change_settings(kvik_insists_on_https=True)

    assert kvik.ask_token().status == 403
    assert kvik.get(ORDERS).status == 403
    assert kvik.get(ORDERS).headers["Location"] is None


@pytest.mark.parametrize("header", [None, "Bearer made-up"])
def test_an_invalid_token_is_a_400(kvik, header):
    kvik.headers.pop("Authorization")
    if header:
        kvik.headers["Authorization"] = header

    answer = kvik.get(ORDERS)

    assert answer.status == 400
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.json() == {
        "error": "access_denied",
        "error_description": "The resource owner or authorization server denied "
        "the request.",
        "status": 400,
    }


def test_an_expired_token_is_a_401(sandbox, kvik):
    sandbox.advance(3595)
    assert kvik.get(ORDERS).status == 200
    sandbox.advance(10)

    answer = kvik.get(ORDERS)

    assert answer.status == 401
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.json() == {
        "error": "invalid_token",
        "error_description": "The access token expired",
    }


def test_a_token_that_dies_is_an_invalid_one(sandbox, kvik):
    sandbox.add_fault("kvik", endpoint="place_order", fault="token_dies", times=1)

    assert kvik.order().json()["error"] == "access_denied"
    assert kvik.order().json()["error"] == "access_denied"
    kvik.log_in()
    assert kvik.order().status == 201
    assert len(sandbox.orders("kvik")) == 1


def test_a_product_is_found_by_its_code_in_a_gzip_body(kvik):
    answer = kvik.get(PRODUCTS, code="TX-4410")

    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.wire[:2] == b"\x1f\x8b"
    assert answer.json() == {
        "_type": "ProductCollection",
        "items": [
            {
                "_type": "Product",
                "code": "TX-4410",
                "brand": "Norvik",
                "name": "Filter mat 40 cm",
                "availability": {
                    "_type": "Availability",
                    "inStock": True,
                    "quantity": 14,
                    "deliveryDays": 2,
                },
                "price": {
                    "_type": "Price",
                    "withoutVat": Decimal("129.00"),
                    "withVat": Decimal("156.09"),
                    "vatRate": 21,
                    "currency": "CZK",
                },
                "unit": "pcs",
                "minimumQuantity": 1,
            }
        ],
    }


def test_a_code_used_by_two_brands_needs_the_brand(kvik):
    both = kvik.get(PRODUCTS, code="100-20").json()["items"]
    one = kvik.get(PRODUCTS, code="100-20", brand="Brava").json()["items"]

    assert [product["brand"] for product in both] == ["Norvik", "Brava"]
    assert [product["name"] for product in one] == ["Pump seal 20 mm"]


@pytest.mark.parametrize(
    ("code", "availability"),
    [
        ("BR-7", 160),
        ("BR-9", True),
        ("OIL-5L", "within 3 days"),
        ("OIL-20L", {"_type": "Availability", "text": "skladem"}),
        ("CMP-X", False),
    ],
)
def test_availability_comes_in_several_forms(kvik, code, availability):
    [product] = kvik.get(PRODUCTS, code=code).json()["items"]

    assert product["availability"] == availability


def test_amounts_come_in_several_forms(kvik):
    def price(code):
        [product] = kvik.get(PRODUCTS, code=code).json()["items"]
        return product["price"]

    assert price("OIL-5L")["withoutVat"] == "612.00"
    assert price("BR-7")["withoutVat"] == Decimal("31.4550")
    assert price("CMP-X") is None


def test_a_code_may_hold_characters_of_an_address(kvik):
    [product] = kvik.get(PRODUCTS, code="Ř 1/2&3").json()["items"]

    assert product["name"] == "Redukce 1/2 in"


def test_an_unknown_product_is_an_empty_list_or_a_404(sandbox, kvik):
    assert kvik.get(PRODUCTS, code="NO-SUCH").json()["items"] == []
    assert kvik.get(PRODUCTS, code="TX-4410", brand="Brava").json()["items"] == []
    sandbox.change_settings(kvik_unknown_is_404=True)
    assert kvik.get(PRODUCTS, code="NO-SUCH").status == 404
    assert kvik.get(PRODUCTS).status == 400


def test_an_order_is_answered_with_the_order(sandbox, kvik):
    answer = kvik.order(
        item(quantity=6),
        item("100-20", 10, brand="Brava"),
        note="PO-2031-0457",
        customerOrderNumber="PO-2031-0457",
    )

    assert answer.status == 201
    order = answer.json()
    assert order.keys() == {
        "_type",
        "number",
        "createdAt",
        "processingStatus",
        "paymentStatus",
        "items",
        "total",
        "note",
        "customerOrderNumber",
    }
    assert order["items"][0] == {
        "_type": "OrderItem",
        "code": "TX-4410",
        "brand": "Norvik",
        "quantity": 6,
        "price": {"withoutVat": Decimal("129.00"), "currency": "CZK"},
    }
    assert order["total"] == {
        "withoutVat": Decimal("1243.00"),  # 6 x 129.00 + 10 x 46.90
        "withVat": Decimal("1504.03"),
        "currency": "CZK",
    }
    [booked] = sandbox.orders("kvik")
    assert booked["number"] == order["number"]
    assert booked["reference"] == "PO-2031-0457"
    assert booked["total"] == Decimal("1243.00")
    assert booked["body"].startswith('{"items": [{"code": "TX-4410", "quantity": 6}')


def test_what_stock_is_short_for_is_cut_down_or_left_out(sandbox, kvik):
    answer = kvik.order(item(quantity=20), item("VLV-2", 1), item("BR-9", 1000))

    taken = [(each["code"], each["quantity"]) for each in answer.json()["items"]]
    assert taken == [("TX-4410", 14), ("BR-9", 1000)]
    assert kvik.order(item("VLV-2", 1)).status == 409
    assert len(sandbox.orders("kvik")) == 1


def test_an_order_may_be_charged_another_price_than_was_shown(kvik):
    [shown] = kvik.get(PRODUCTS, code="GSK-44").json()["items"]
    ordered = kvik.order(item("GSK-44", 1, price=1)).json()

    assert shown["price"]["withoutVat"] == Decimal("210.00")
    assert ordered["items"][0]["price"]["withoutVat"] == Decimal("219.00")


@pytest.mark.parametrize(
    ("items", "field"),
    [
        ([item("NO-SUCH")], "items[0].code"),
        ([item("CMP-X")], "items[0].code"),
        ([item(), item("100-20")], "items[1].brand"),
        ([item(quantity=0)], "items[0].quantity"),
        ([item(quantity="6")], "items[0].quantity"),
        ([item(quantity=10**29)], "items[0].quantity"),
        ([7], "items[0]"),
    ],
)
def test_an_order_that_will_not_do_is_refused_with_the_field(
    sandbox, kvik, items, field
):
    answer = kvik.order(*items)

    assert answer.status == 400
    assert answer.json()["error"] == "validation_failed"
    assert field in answer.json()["fields"]
    assert sandbox.orders("kvik") == []


def test_the_same_reference_twice_is_two_orders(sandbox, kvik):
    first, second = (kvik.order(note="PO-1").json()["number"] for _ in range(2))

    assert first != second
    assert [order["reference"] for order in sandbox.orders("kvik")] == ["PO-1", "PO-1"]


def test_the_list_holds_what_people_ordered_and_the_books_do_not(sandbox, kvik):
    number = kvik.order(note="PO-1").json()["number"]

    listed = kvik.listed()

    assert listed[0]["number"] == number
    assert [order["note"] for order in listed] == ["PO-1", "", "", ""]
    assert [order["number"] for order in sandbox.orders("kvik")] == [number]


def test_without_the_note_only_the_contents_tell_orders_apart(sandbox, kvik):
    sandbox.change_settings(kvik_returns_note=False, kvik_people_copy=True)

    answer = kvik.order(item("BR-7", 3), note="PO-1", customerOrderNumber="PO-1").json()
    listed = kvik.listed()

    assert not {"note", "customerOrderNumber"} & answer.keys()
    alike = [each for each in listed if each["items"][0]["code"] == "BR-7"]
    assert len(alike) == 2
    assert alike[0]["items"] == alike[1]["items"]
    assert not any({"note", "customerOrderNumber"} & each.keys() for each in listed)
    assert len(sandbox.orders("kvik")) == 1


def test_one_order_can_be_read_by_its_number(kvik):
    order = kvik.order().json()

    assert kvik.get(f"{ORDERS}/{order['number']}").json() == order
    assert kvik.get(f"{ORDERS}/1").status == 404


def numbers(orders):
    return [order["number"] for order in orders]


def test_the_list_comes_whole_unless_set_otherwise(kvik):
    answer = kvik.get(ORDERS, page=2, limit=1).json()

    assert answer.keys() == {"_type", "items"}
    assert len(answer["items"]) == 3


def test_the_list_is_cut_into_pages(sandbox, kvik):
    whole = numbers(kvik.listed())
    sandbox.change_settings(kvik_paging="page")

    assert numbers(kvik.listed(page=1, limit=2)) == whole[:2]
    assert numbers(kvik.listed(page=2, limit=2)) == whole[2:]
    assert kvik.listed(page=3, limit=2) == []
    assert numbers(kvik.listed(offset=2, limit=2)) == whole[:2]  # not its way
    assert kvik.get(ORDERS, page=0).status == 400


def test_the_list_is_cut_by_offset(sandbox, kvik):
    whole = numbers(kvik.listed())
    sandbox.change_settings(kvik_paging="offset", kvik_page_size=2)

    assert numbers(kvik.listed()) == whole[:2]
    assert numbers(kvik.listed(offset=2)) == whole[2:]
    assert kvik.listed(offset=3) == []
    assert numbers(kvik.listed(page=2)) == whole[:2]  # not its way


def test_the_list_links_to_its_next_page(sandbox, kvik):
    whole = numbers(kvik.listed())
    sandbox.change_settings(kvik_paging="link", kvik_page_size=2)

    first = kvik.get(ORDERS).json()
    assert first["next"].startswith(f"{sandbox.base_url('kvik')}{ORDERS}?")
    link = first["next"].removeprefix(sandbox.base_url("kvik"))
    second = kvik.call("GET", link).json()

    assert numbers(first["items"]) + numbers(second["items"]) == whole
    assert second["next"] is None


def test_both_statuses_move_on_each_for_itself(sandbox, kvik):
    number = kvik.order(item(quantity=1)).json()["number"]
    seen = []
    for _ in range(5):
        order = kvik.get(f"{ORDERS}/{number}").json()
        seen.append((order["processingStatus"], order["paymentStatus"]))
        sandbox.advance(4)

    assert seen == [
        ("new", "unpaid"),
        ("confirmed", "partially paid"),
        ("processing", "paid"),
        ("shipped", "paid"),
        ("delivered", "paid"),
    ]


def test_what_can_be_divided_is_shipped_in_parts(sandbox, kvik):
    kvik.order(item(quantity=2))

    sandbox.advance(12)

    assert sandbox.orders("kvik")[0]["status"] == "partially shipped"


@pytest.mark.parametrize(
    ("life", "status"),
    [
        ("cancelled", "cancelled"),
        ("rejected", "rejected"),
        ("unknown_word", "in the green folder"),
        ("stuck", "confirmed"),
    ],
)
def test_an_order_can_have_another_life(sandbox, kvik, life, status):
    kvik.order(note="PO-1")
    sandbox.advance(4)
    sandbox.set_life("kvik", "PO-1", life)

    sandbox.advance(600)

    assert kvik.listed()[0]["processingStatus"] == status


@pytest.mark.parametrize(
    ("order", "life", "field"), [("PO-1", "short", "life"), ("PO-2", "stuck", "order")]
)
def test_a_life_that_cannot_be_given_is_refused(sandbox, kvik, order, life, field):
    kvik.order(note="PO-1")

    with pytest.raises(BadInput) as refusal:
        sandbox.set_life("kvik", order, life)

    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("fault", "status"),
    [("unknown_status", "in the green folder"), ("backward_status", "new")],
)
def test_the_list_can_tell_an_odd_state_for_once(sandbox, kvik, fault, status):
    kvik.order()
    sandbox.advance(4)
    sandbox.add_fault("kvik", endpoint="list_orders", fault=fault, times=1)

    seen = [kvik.listed()[0]["processingStatus"] for _ in range(2)]

    assert seen == [status, "confirmed"]


def test_a_missing_number_is_left_out_of_the_packed_answer(sandbox, kvik):
    sandbox.add_fault("kvik", endpoint="place_order", fault="missing_number", times=1)

    answer = kvik.order(note="PO-1")

    assert answer.headers["Content-Encoding"] == "gzip"
    assert "number" not in answer.json()
    assert answer.json()["note"] == "PO-1"
    assert len(sandbox.orders("kvik")) == 1


def test_a_lost_answer_leaves_the_order_in_books_and_list(sandbox, kvik):
    sandbox.add_fault("kvik", endpoint="place_order", fault="lost_answer", times=1)

    with pytest.raises(http.client.RemoteDisconnected):
        kvik.order(note="PO-1")

    assert len(sandbox.orders("kvik")) == 1
    assert kvik.listed()[0]["note"] == "PO-1"


def test_a_refusal_on_demand_has_the_pattern_of_the_others(sandbox, kvik):
    sandbox.add_fault("kvik", endpoint="place_order", fault="refused", times=1)

    answer = kvik.order()

    assert answer.status == 400
    assert answer.json().keys() == {"error", "error_description", "status"}
    assert sandbox.orders("kvik") == []


def asked(**changes):
    digest = hashlib.sha256(VERIFIER.encode()).digest()
    return {
        "response_type": "code",
        "client_id": "sandbox-kvik",
        "redirect_uri": RETURN,
        "scope": "email",
        "state": "st&te",
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
    } | changes


def decide(kvik, decision="agree", **changes):
    """Press a button of the page, as a browser; return where it leads and with what."""
    fields = asked(**changes) | {"decision": decision}
    answer = kvik.call("POST", AUTHORIZE, urlencode(fields), FORM)
    assert answer.status == 303
    address = urlsplit(answer.headers["Location"])
    return address, parse_qs(address.query)


def exchange(kvik, code, **changes):
    return kvik.ask_token(
        **{
            "grant_type": "authorization_code",
            "scope": None,
            "code": code,
            "redirect_uri": RETURN,
            "code_verifier": VERIFIER,
        }
        | changes
    )


def test_the_page_asks_the_shop_user_and_escapes_what_it_was_sent(kvik):
    query = urlencode(asked(state='"><script>'))
    answer = kvik.call("GET", f"{AUTHORIZE}?{query}", headers={})

    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert b'value="agree"' in answer.wire
    assert b'value="decline"' in answer.wire
    assert b"<script>" not in answer.wire


def test_agreeing_leads_back_with_a_code_and_the_state(kvik):
    address, query = decide(kvik)

    assert (address.netloc, address.path) == ("127.0.0.1:9", "/kvik/return")
    assert query.keys() == {"from", "code", "state"}
    assert query["from"] == ["shop"]
    assert query["state"] == ["st&te"]


def test_declining_leads_back_with_access_denied(kvik):
    _, query = decide(kvik, "decline")

    assert query["error"] == ["access_denied"]
    assert query["state"] == ["st&te"]
    assert "code" not in query


def test_a_code_brings_a_token_that_works_and_one_to_renew_it(kvik):
    _, query = decide(kvik)

    answer = exchange(kvik, query["code"][0])

    assert answer.status == 200
    token = answer.json()
    assert token.keys() == {
        "_type",
        "token_type",
        "expires_in",
        "access_token",
        "refresh_token",
    }
    kvik.headers["Authorization"] = f"Bearer {token['access_token']}"
    assert kvik.get(ORDERS).status == 200


def is_invalid_grant(answer):
    return (answer.status, answer.json()["error"]) == (400, "invalid_grant")


def test_a_code_works_once(kvik):
    code = decide(kvik)[1]["code"][0]

    assert exchange(kvik, code).status == 200
    assert is_invalid_grant(exchange(kvik, code))


def test_a_code_works_for_a_minute(sandbox, kvik):
    code = decide(kvik)[1]["code"][0]
    sandbox.advance(61)

    assert is_invalid_grant(exchange(kvik, code))


@pytest.mark.parametrize(
    "change",
    [
        {"redirect_uri": RETURN + "/"},
        {"redirect_uri": None},
        {"code_verifier": VERIFIER[:-1] + "A"},
        {"code_verifier": None},
        {"code": "made-up"},
    ],
)
def test_a_code_is_bound_to_its_address_and_its_challenge(kvik, change):
    code = decide(kvik)[1]["code"][0]

    assert is_invalid_grant(exchange(kvik, **({"code": code} | change)))


def test_a_failed_try_spends_the_code(kvik):
    code = decide(kvik)[1]["code"][0]

    assert is_invalid_grant(exchange(kvik, code, redirect_uri="http://elsewhere"))
    assert is_invalid_grant(exchange(kvik, code))


def test_without_a_challenge_no_verifier_is_wanted(kvik):
    code = decide(kvik, code_challenge="", code_challenge_method="")[1]["code"][0]

    assert exchange(kvik, code, code_verifier=None).status == 200


def test_a_refresh_token_is_spent_by_its_use(kvik):
    first = exchange(kvik, decide(kvik)[1]["code"][0]).json()["refresh_token"]

    def renew(token):
        return kvik.ask_token(
            grant_type="refresh_token", scope=None, refresh_token=token
        )

    second = renew(first).json()["refresh_token"]
    assert second != first
    assert is_invalid_grant(renew(first))
    assert renew(second).status == 200


@pytest.mark.parametrize(
    "change",
    [
        {"client_id": "somebody"},
        {"redirect_uri": "javascript:alert(1)"},
        {"redirect_uri": "http://127.0.0.1/\r\nSet-Cookie: a=b"},
        {"redirect_uri": ""},
    ],
)
def test_the_browser_is_not_sent_to_a_place_nobody_registered(kvik, change):
    query = urlencode(asked(**change))

    answer = kvik.call("GET", f"{AUTHORIZE}?{query}", headers={})

    assert answer.status == 400
    assert answer.headers["Location"] is None


def test_the_redirect_address_can_be_registered(sandbox, kvik):
    sandbox.change_settings(kvik_redirect_uri=RETURN)

    def show(address):
        query = urlencode(asked(redirect_uri=address))
        return kvik.call("GET", f"{AUTHORIZE}?{query}", headers={}).status

    assert show(RETURN) == 200
    assert show(RETURN + "x") == 400


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": ""}, "invalid_request"),
    ],
)
def test_a_request_that_will_not_do_leads_back_with_its_error(kvik, change, error):
    answer = kvik.call("GET", f"{AUTHORIZE}?{urlencode(asked(**change))}", headers={})

    assert answer.status == 303
    assert parse_qs(urlsplit(answer.headers["Location"]).query)["error"] == [error]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("kvik_paging", "cursor"),
        ("kvik_paging", ["page"]),
        ("kvik_page_size", 0),
        ("kvik_page_size", True),
        ("kvik_returns_note", "no"),
        ("kvik_redirect_uri", 1),
    ],
)
def test_a_setting_that_will_not_do_is_refused(sandbox, name, value):
    with pytest.raises(BadInput) as refusal:
        sandbox.change_settings(**{name: value})

    assert refusal.value.field == name

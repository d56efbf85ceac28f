"""Simutek in the sandbox: what its page says, and the assumptions beside it."""

import http.client
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
import requests

ORDER = {
    "customerNumber": "K200731",
    "billingContact": {"firstName": "Ines", "lastName": "Holm", "phoneMobile": None},
    "billingCompanyInfo": None,
    "billTo": None,
    "shipTo": None,
    "orderTitle": "PO-2031-0457 brochures",
    "promisedDeliveryDate": "2031-05-12T00:00:00Z",
    "purchaseOrderNumber": "PO-2031-0457",
    "languageCode": "en",
    "currencyCode": "SEK",
    "salesOrderlines": [
        {
            "articleNumber": "BRO-A5-16",
            "description": "Brochure A5, 16 pages",
            "quantity": 500,
            "salesUnit": "st",
            "unitPrice": 3.20,
            "vatPercent": 25,
            "discountPercent": 10,
            "shipOrderline": True,
        }
    ],
}
SHIP_TO = {
    "recipientName": "Acme store Malmö",
    "address": {"address1": "Hamngatan 3", "zipCode": "211 00", "countryCode": "SE"},
    "contactName": "Per Lind",
}
CUSTOMER = {
    "name": "Nya Kafét AB",
    "number": None,
    "invoiceEmail": None,
    "corporateIdentityNumber": "559001-2345",
}


class SimutekClient:
    def __init__(self, sandbox):
        self.login_url = sandbox.login_url("simutek")
        self.base_url = sandbox.base_url("simutek") + "/api/v1"
        self.session = requests.Session()

    def log_in(self, **changes):
        fields = {
            "grant_type": "client_credentials",
            "client_id": "sandbox-simutek",
            "client_secret": "sandbox-simutek-secret",
        } | changes
        answer = requests.post(
            f"{self.login_url}/connect/token", data=fields, timeout=5
        )
        if answer.ok:
            token = answer.json()["access_token"]
            self.session.headers["Authorization"] = f"Bearer {token}"
        return answer

    def get(self, path, **query):
        return self.session.get(self.base_url + path, params=query, timeout=5)

    def post(self, path, document, **more):
        return self.session.post(self.base_url + path, json=document, timeout=5, **more)

    def order(self, **changes):
        return self.post("/salesorders", ORDER | changes)

    def line(self, **changes):
        return self.order(salesOrderlines=[ORDER["salesOrderlines"][0] | changes])


@pytest.fixture
def simutek(sandbox):
    client = SimutekClient(sandbox)
    client.log_in()
    return client


def test_tokens_come_from_another_address_than_the_api(sandbox, simutek):
    assert sandbox.base_url("simutek") == f"{sandbox.url}/simutek"
    assert sandbox.login_url("simutek") == f"{sandbox.url}/simutek-id"
    wrong = requests.post(
        f"{sandbox.base_url('simutek')}/connect/token", data={}, timeout=5
    )
    assert wrong.status_code == 404


def test_a_token_is_asked_for_without_a_scope(simutek):
    answer = simutek.log_in()

    assert answer.status_code == 200
    assert answer.json().keys() == {
        "access_token",
        "expires_in",
        "token_type",
        "scope",
    }
    assert answer.json()["expires_in"] == 3600
    assert simutek.log_in(scope="gks.api").status_code == 200


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"client_id": "nobody"}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"scope": "everything"}, "invalid_scope"),
    ],
)
def test_a_token_is_refused_with_the_reason(simutek, change, error):
    answer = simutek.log_in(**change)

    assert answer.status_code == 400
    assert answer.json() == {"error": error}


def test_a_token_is_not_asked_for_with_json(simutek):
    answer = requests.post(f"{simutek.login_url}/connect/token", json={}, timeout=5)

    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request"})


def test_a_call_without_a_good_token_gets_an_empty_401(sandbox, simutek):
    sandbox.advance(3601)
    expired = simutek.order()
    del simutek.session.headers["Authorization"]
    missing = simutek.order()

    assert (expired.status_code, expired.content) == (401, b"")
    assert 'error="invalid_token"' in expired.headers["WWW-Authenticate"]
    assert (missing.status_code, missing.content) == (401, b"")
    assert missing.headers["WWW-Authenticate"] == "Bearer"
    assert sandbox.orders("simutek") == []


def test_a_customer_is_read_with_the_documented_keys(simutek):
    answer = simutek.get("/customers/K200731")

    assert answer.status_code == 200
    assert answer.json().keys() == {
        "name",
        "number",
        "invoiceEmail",
        "postalAddress",
        "corporateIdentityNumber",
        "tags",
    }
    assert answer.json()["corporateIdentityNumber"] == "556000-0000"
    assert simutek.get("/customers/K1").status_code == 404


def test_the_list_has_pages_of_fifty(simutek):
    first = simutek.get("/customers").json()
    third = simutek.get("/customers", page=3).json()

    assert first.keys() == {"page", "limit", "totalCount", "customers"}
    assert (first["page"], first["limit"], first["totalCount"]) == (1, 50, 130)
    assert len(first["customers"]) == 50
    assert len(third["customers"]) == 30
    assert first["customers"][0].keys() == {
        "number",
        "name",
        "corporateIdentityNumber",
    }
    assert simutek.get("/customers", page=4).json()["customers"] == []


def test_a_page_holds_a_hundred_at_most(simutek):
    assert len(simutek.get("/customers", limit=100).json()["customers"]) == 100
    assert simutek.get("/customers", limit=101).status_code == 400
    assert simutek.get("/customers", page=0).status_code == 400


def found(simutek, **query):
    rows = simutek.get("/customers", **query).json()["customers"]
    return [row["number"] for row in rows]


def test_customers_are_searched_by_the_documented_rules(simutek):
    assert found(simutek, number="K200731") == ["K200731"]
    assert found(simutek, number="K20073") == []
    assert found(simutek, name="purchasing ab") == ["K200731", "K200732"]
    # Spaces and dashes count for nothing, and two customers have this number.
    for identity in ("556000-0000", "5560000000", "55 6000 0000"):
        assert found(simutek, corporateIdentityNumber=identity) == [
            "K200731",
            "K200732",
        ]


def test_a_filter_by_a_wrong_name_is_ignored(simutek):
    answer = simutek.get("/customers", customerNumber="K200731").json()

    assert answer["totalCount"] == 130


def test_a_created_customer_is_answered_without_a_body(sandbox, simutek):
    answer = simutek.post("/customers", CUSTOMER | {"number": "K-NEW"})

    assert (answer.status_code, answer.content) == (200, b"")
    assert simutek.get("/customers/K-NEW").json()["name"] == "Nya Kafét AB"
    assert [each["number"] for each in sandbox.customers("simutek")] == ["K-NEW"]


def test_a_customer_without_a_number_is_numbered_and_found_by_identity(simutek):
    simutek.post("/customers", CUSTOMER)

    [number] = found(simutek, corporateIdentityNumber="5590012345")
    assert number.startswith("K")


@pytest.mark.parametrize("status", [201, 204])
def test_the_status_of_a_created_customer_is_a_setting(sandbox, simutek, status):
    sandbox.change_settings(simutek_create_status=status)

    assert simutek.post("/customers", CUSTOMER).status_code == status


@pytest.mark.parametrize(
    ("without", "change", "field"),
    [
        ("name", {}, "name"),
        ("number", {}, "number"),
        ("invoiceEmail", {}, "invoiceEmail"),
        ("", {"corporateIdentityNumber": None}, "corporateIdentityNumber"),
        ("", {"number": "K200731"}, "number"),
        ("", {"postalAddress": {"countryCode": "SWE"}}, "postalAddress.countryCode"),
        ("", {"tags": [{"value": "x"}]}, "tags[0].key"),
    ],
)
def test_a_customer_that_will_not_do_is_refused_with_the_field(
    sandbox, simutek, without, change, field
):
    sent = {name: value for name, value in CUSTOMER.items() if name != without}

    answer = simutek.post("/customers", sent | change)

    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json; charset=utf-8"
    assert list(answer.json()["errors"]) == [field]
    assert sandbox.customers("simutek") == []


def test_the_same_customer_twice_is_two_customers(sandbox, simutek):
    simutek.post("/customers", CUSTOMER)
    simutek.post("/customers", CUSTOMER)

    assert len(sandbox.customers("simutek")) == 2


def test_an_order_is_answered_with_its_number_only(sandbox, simutek):
    answer = simutek.order()

    assert answer.status_code == 200
    assert answer.json().keys() == {"orderNumber"}
    assert isinstance(answer.json()["orderNumber"], int)
    [order] = sandbox.orders("simutek")
    assert order["number"] == str(answer.json()["orderNumber"])
    assert order["reference"] == "PO-2031-0457"
    assert order["lines"][0]["item_number"] == "BRO-A5-16"
    assert order["total"] == Decimal("1440")  # 500 x 3.20, less 10 percent
    assert order["currency"] == "SEK"


def test_the_same_purchase_order_number_twice_is_two_orders(sandbox, simutek):
    first, second = simutek.order().json(), simutek.order().json()

    assert first["orderNumber"] != second["orderNumber"]
    assert [order["reference"] for order in sandbox.orders("simutek")] == [
        "PO-2031-0457",
        "PO-2031-0457",
    ]


def test_an_unknown_customer_number_is_a_404(sandbox, simutek):
    answer = simutek.order(customerNumber="K999")

    assert answer.status_code == 404
    assert answer.json().keys() == {"type", "title", "status", "traceId"}
    assert sandbox.orders("simutek") == []


@pytest.mark.parametrize("language", ["sv", "no", "en", None])
def test_three_languages_are_taken(simutek, language):
    assert simutek.order(languageCode=language).status_code == 200


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"languageCode": "de"}, "languageCode"),
        ({"languageCode": "SV"}, "languageCode"),
        ({"customerNumber": None}, "customerNumber"),
        ({"customerNumber": 200731}, "customerNumber"),
        ({"currencyCode": "kronor"}, "currencyCode"),
        ({"salesOrderlines": []}, "salesOrderlines"),
        ({"salesOrderlines": None, "salesOrderLines": [{}]}, "salesOrderlines"),
        ({"salesOrderlines": [{"quantity": 0}]}, "salesOrderlines[0].quantity"),
        ({"salesOrderlines": [{"quantity": "5"}]}, "salesOrderlines[0].quantity"),
        ({"billingContact": "Ines"}, "billingContact"),
        ({"shipTo": {"recipientName": 7}}, "shipTo.recipientName"),
    ],
)
def test_an_order_that_will_not_do_is_refused_with_the_field(
    sandbox, simutek, change, field
):
    answer = simutek.order(**change)

    assert answer.status_code == 400
    assert field in answer.json()["errors"]
    assert sandbox.orders("simutek") == []


def test_unknown_members_are_ignored(simutek):
    assert simutek.order(test=True, priority="high").status_code == 200


def test_delivery_is_said_for_the_order_or_for_each_line(sandbox, simutek):
    places = [{"qtyToShip": 300, "shipTo": SHIP_TO}, {"qtyToShip": 200}]

    assert simutek.order(shipTo=SHIP_TO).status_code == 200
    assert simutek.line(allotments=places).status_code == 200
    assert '"qtyToShip": 300' in sandbox.orders("simutek")[1]["body"]


def test_a_place_that_will_not_do_is_refused_where_it_stands(simutek):
    places = [{"qtyToShip": "all", "shipTo": {"address": {"countryCode": "Sweden"}}}]

    answer = simutek.line(allotments=places)

    assert answer.status_code == 400
    assert answer.json()["errors"].keys() == {
        "salesOrderlines[0].allotments[0].qtyToShip",
        "salesOrderlines[0].allotments[0].shipTo.address.countryCode",
    }


def test_there_is_no_other_call_for_orders(simutek):
    number = simutek.order().json()["orderNumber"]

    assert simutek.get("/salesorders").status_code == 405
    assert simutek.get(f"/salesorders/{number}").status_code == 404


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ("{", "application/json", 400),
        ("[]", "application/json", 400),
        ("{}", "text/plain", 415),
    ],
)
def test_rubbish_in_the_body_is_refused(simutek, body, kind, status):
    answer = simutek.session.post(
        f"{simutek.base_url}/salesorders",
        data=body,
        headers={"Content-Type": kind},
        timeout=5,
    )

    assert answer.status_code == status
    assert answer.json()["status"] == status


def test_a_lost_answer_leaves_the_order_in_the_books(sandbox, simutek):
    sandbox.add_fault("simutek", endpoint="place_order", fault="lost_answer", times=1)

    with pytest.raises(requests.ConnectionError):
        simutek.order()

    assert len(sandbox.orders("simutek")) == 1


def test_a_missing_number_leaves_an_empty_object(sandbox, simutek):
    sandbox.add_fault(
        "simutek", endpoint="place_order", fault="missing_number", times=1
    )

    assert simutek.order().json() == {}
    assert len(sandbox.orders("simutek")) == 1


def test_a_token_that_dies_is_refused_until_the_next_login(sandbox, simutek):
    sandbox.add_fault("simutek", endpoint="place_order", fault="token_dies", times=1)

    assert [simutek.order().status_code for _ in range(2)] == [401, 401]
    simutek.log_in()
    assert simutek.order().status_code == 200


def test_a_login_can_fail_on_demand(sandbox, simutek):
    sandbox.add_fault("simutek", endpoint="login", fault="error_before", times=1)

    assert simutek.log_in().status_code == 503
    assert simutek.log_in().status_code == 200


def test_an_answer_without_content_has_no_bytes_on_the_wire(sandbox, simutek):
    sandbox.change_settings(simutek_create_status=204)
    address = urlsplit(simutek.base_url)
    connection = http.client.HTTPConnection(address.netloc, timeout=5)
    headers = {
        "Authorization": simutek.session.headers["Authorization"],
        "Content-Type": "application/json",
    }
    body = '{"name":"A","number":null,"invoiceEmail":null,'
    body += '"corporateIdentityNumber":"1"}'

    connection.request("POST", f"{address.path}/customers", body, headers)
    first = connection.getresponse()
    assert (first.status, first.read()) == (204, b"")
    connection.request("GET", f"{address.path}/customers/K200731", headers=headers)
    assert connection.getresponse().status == 200
    connection.close()

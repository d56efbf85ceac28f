"""What a client of Simutek has to forgive, one test for each."""

import json
from dataclasses import replace

import pytest

from tests.vendors.simutek.conftest import API, LOGIN, OWN, TOKEN
from vendors.contracts import Address, CustomerQuery, CustomerRequest
from vendors.errors import Kind, NotSent, OutcomeUnknown, Refused
from vendors.simutek import auth, customers, orders

LIST = f"{API}/customers"
OWN_URL = f"{LIST}/K200731"
ORDERS = f"{API}/salesorders"
NEW = CustomerRequest(
    reference="C-1", name="Åke", organization_number="556000-0000", email="a@b.example"
)


def test_new_members_may_come_at_any_time(gks, client, order):
    gks.get(OWN_URL, json={**OWN, "creditLimit": {"amount": 1.5}, "new": [[]]})
    gks.post(ORDERS, json={"orderNumber": 48213, "status": {"x": [1]}})
    row = {"number": "A", "new": None}
    gks.get(LIST, json={"customers": [row], "totalCount": 1, "links": {}})

    assert customers.read(client, "K200731").name == "Acme Purchasing AB"
    assert orders.place_order(client, order).number == "48213"
    assert len(customers.find(client, CustomerQuery(number="A"))) == 1


def test_an_older_installation_has_no_tags(gks, client):
    gks.get(OWN_URL, json={k: v for k, v in OWN.items() if k != "tags"})

    assert customers.read(client, "K200731").name == "Acme Purchasing AB"


@pytest.mark.parametrize("status", [404, 405])
def test_an_older_installation_without_a_list_finds_by_number(gks, client, status):
    gks.get(LIST, status=status)
    gks.get(OWN_URL, json=OWN)
    gks.get(f"{LIST}/K9", status=404)

    [found] = customers.find(client, CustomerQuery(number="K200731"))

    assert found.name == "Acme Purchasing AB"
    assert customers.find(client, CustomerQuery(number="K9")) == ()
    other = CustomerQuery(number="K200731", organization_number="1")
    assert customers.find(client, other) == ()


def test_an_older_installation_without_a_list_says_what_it_can_not_find(gks, client):
    gks.get(LIST, status=404)

    with pytest.raises(Refused) as caught:
        customers.find(client, CustomerQuery(organization_number="556000-0000"))

    assert "no list of customers" in caught.value.text


def test_a_number_refused_without_a_list_is_not_taken_for_absence(gks, client):
    gks.get(LIST, status=404)
    gks.get(OWN_URL, status=400)

    with pytest.raises(Refused) as caught:
        customers.find(client, CustomerQuery(number="K200731"))

    assert caught.value.kind is Kind.DATA


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (204, ""),
        *(
            (status, body)
            for status in (200, 201)
            for body in ("", "null", "{}", '{"id": 7}', '"created"')
        ),
    ],
)
def test_a_customer_is_created_with_or_without_a_body(gks, open_client, status, body):
    headers = {"Content-Length": str(len(body))}
    gks.post(LIST, status=status, body=body, headers=headers)

    client = open_client(allow_customer_creation=True)

    assert customers.create(client, NEW).number is None


def test_the_number_of_a_new_customer_is_taken_if_it_is_told(gks, open_client):
    gks.post(LIST, status=201, json={"number": "K300001"})

    client = open_client(allow_customer_creation=True)

    assert customers.create(client, NEW).number == "K300001"


@pytest.mark.parametrize("status", [200, 201, 202])
@pytest.mark.parametrize(
    "body",
    [
        "",
        "{}",
        "null",
        "[]",
        "48213",
        "OK",
        '{"orderNumber": null}',
        '{"orderNumber": ""}',
        '{"orderNumber": 0}',
        '{"orderNumber": true}',
        '{"orderNumber": {}}',
    ],
)
def test_success_without_an_order_number_is_unknown_and_no_failure(
    gks, client, order, status, body
):
    gks.post(ORDERS, status=status, body=body)

    with pytest.raises(OutcomeUnknown) as caught:
        orders.place_order(client, order)

    assert caught.value.kind is Kind.UNREADABLE
    assert len(gks.calls) == 2


@pytest.mark.parametrize("status", [200, 201])
@pytest.mark.parametrize(
    ("body", "number"),
    [
        ('{"orderNumber": 48213}', "48213"),
        ('{"orderNumber": "48213"}', "48213"),
        ('{"orderNumber": "0048213"}', "0048213"),
        ('{"OrderNumber": " S-1 "}', "S-1"),
        (
            '{"orderNumber": 123456789012345678901234567890}',
            "123456789012345678901234567890",
        ),
        (
            '{"orderNumber": "123456789012345678901234567890"}',
            "123456789012345678901234567890",
        ),
    ],
)
def test_an_order_number_is_kept_digit_for_digit(
    gks, client, order, status, body, number
):
    gks.post(ORDERS, status=status, body=body)

    assert orders.place_order(client, order).number == number


@pytest.mark.parametrize(
    ("body", "content_type", "said"),
    [
        (
            '{"title": "Bad Request", "detail": "Språk saknas", "traceId": "00-1"}',
            "application/problem+json",
            "Bad Request; Språk saknas",
        ),
        ('{"message": "No article"}', "application/json", "No article"),
        ('["First", "Second"]', "application/json", "First; Second"),
        ('"Kunden saknas"', "application/json", "Kunden saknas"),
        ("Felaktig beställning\r\n", "text/plain", "Felaktig beställning"),
        (
            "<html><title>400</title><p>Nej &amp; nej",
            "text/html",
            "400 400 Nej &amp; nej",
        ),
        ("", "application/json", ""),
    ],
)
def test_an_error_may_be_json_text_html_or_nothing(
    gks, client, order, body, content_type, said
):
    gks.post(ORDERS, status=400, body=body, content_type=content_type)

    with pytest.raises(Refused) as caught:
        orders.place_order(client, order)

    assert caught.value.vendor_text == said


def test_401_may_have_an_empty_body(responses_on, client):
    responses_on.post(LOGIN, json=TOKEN)
    responses_on.post(LOGIN, json={**TOKEN, "access_token": "eyJ-token-2"})
    refused = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
    responses_on.get(OWN_URL, status=401, body=b"", headers=refused)
    responses_on.get(OWN_URL, json=OWN)

    assert customers.read(client, "K200731").number == "K200731"
    sent = responses_on.calls[3].request.headers["Authorization"]
    assert sent == "Bearer eyJ-token-2"


@pytest.mark.parametrize(
    "answer",
    [
        {"number": "K200731"},
        dict.fromkeys(OWN) | {"number": "K200731"},
        {**dict.fromkeys(OWN, ""), "number": "K200731"},
        {"number": "K200731", "postalAddress": {"address1": None, "city": ""}},
        {"number": "K200731", "postalAddress": "Storgatan 1", "tags": None},
    ],
)
def test_every_other_member_of_a_customer_may_be_null_missing_or_empty(
    gks, client, answer
):
    gks.get(OWN_URL, json=answer)

    found = customers.read(client, "K200731")

    assert (found.name, found.email, found.organization_number) == ("", "", "")
    assert found.address == Address()
    assert auth.check_connection(client) == (
        "Logged in; our customer number K200731 is a customer without a name."
    )


def test_swedish_letters_go_and_come_as_utf_8(gks, open_client, order, address):
    name = "Åsa Öberg Färg & Ägg"
    gks.get(
        OWN_URL, body=json.dumps({**OWN, "name": name}, ensure_ascii=False).encode()
    )
    gks.post(ORDERS, json={"orderNumber": 1})
    client = open_client(billing_last_name=name)

    orders.place_order(client, replace(order, note=name, delivery_address=address))

    assert customers.read(client, "K200731").name == name
    sent = gks.calls[1].request.body
    assert '"lastName": "Åsa Öberg Färg & Ägg"'.encode() in sent
    assert '"noteFromCustomer": "Åsa Öberg Färg & Ägg"'.encode() in sent
    assert '"city": "Umeå"'.encode() in sent


@pytest.mark.parametrize("zip_code", ["211 44", "21144"])
def test_a_post_code_stays_as_it_is_spelt(gks, client, order, address, zip_code):
    postal = {**OWN["postalAddress"], "zipCode": zip_code}
    gks.get(OWN_URL, json={**OWN, "postalAddress": postal})
    gks.post(ORDERS, json={"orderNumber": 1})
    spelt = replace(address, zip_code=zip_code)

    orders.place_order(client, replace(order, delivery_address=spelt))

    assert customers.read(client, "K200731").address.zip_code == zip_code
    [line] = json.loads(gks.calls[1].request.body)["salesOrderlines"]
    assert line["allotments"][0]["shipTo"]["address"]["zipCode"] == zip_code


@pytest.mark.parametrize("spelt", ["556000-0000", "5560000000"])
def test_organisation_numbers_come_with_or_without_a_dash(gks, client, spelt):
    row = {"number": "A", "name": "Acme", "corporateIdentityNumber": spelt}
    gks.get(LIST, json={"totalCount": 1, "customers": [row]})

    for asked in ("556000-0000", "5560000000"):
        query = CustomerQuery(organization_number=asked)
        assert len(customers.find(client, query)) == 1


def test_a_list_may_ignore_its_filter(gks, client):
    rows = [{"number": f"X{at}", "name": "Other"} for at in range(3)]
    gks.get(LIST, json={"page": 1, "limit": 50, "totalCount": 3, "customers": rows})

    assert customers.find(client, CustomerQuery(number="K200731")) == ()


def test_a_list_may_use_another_limit_than_asked_for(gks, client):
    first = [{"number": f"X{at}"} for at in range(50)]
    head = {"limit": 50, "totalCount": 51}
    gks.get(LIST, json={**head, "page": 1, "customers": first})
    gks.get(LIST, json={**head, "page": 2, "customers": [{"number": "A"}]})

    [found] = customers.find(client, CustomerQuery(number="A"))

    assert found.number == "A"
    assert "limit=100" in gks.calls[1].request.url
    assert "page=2" in gks.calls[2].request.url


def test_a_login_may_not_tell_how_long_its_token_lives(responses_on, client):
    responses_on.post(LOGIN, json={"access_token": "eyJ-token-1"})

    token = auth.obtain_token(client)

    assert token.expires_at - token.obtained_at == auth.UNTOLD_LIFE


def test_a_token_may_be_refused_before_its_end(gks, client):
    gks.get(OWN_URL, status=401)

    with pytest.raises(NotSent) as caught:
        customers.read(client, "K200731")

    assert caught.value.kind is Kind.CREDENTIALS
    assert len(gks.calls) == 4


NEVER_SENT = (
    "ordered",
    "costWork",
    "costMaterial",
    "costSubcontractWork",
    "profitCenterCode",
    "weightPerUnit",
    "isExport",
    "isExportWithinEu",
    "discountPercent",
    "billTo",
    "billingCompanyInfo",
)


@pytest.mark.parametrize("delivery_in", ["lines", "order"])
def test_an_order_has_none_of_what_is_not_ours_to_say(
    gks, open_client, order, address, delivery_in
):
    gks.post(ORDERS, json={"orderNumber": 1})
    client = open_client(delivery_in=delivery_in, billing_first_name="Ines")

    orders.place_order(client, replace(order, delivery_address=address, note="x"))

    sent = gks.calls[1].request.body.decode()
    assert [name for name in NEVER_SENT if f'"{name}"' in sent] == []
    assert sent.count('"shipTo"') == 1

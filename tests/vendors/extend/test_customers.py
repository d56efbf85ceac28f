import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import requests
from responses.matchers import query_param_matcher

from vendors.contracts import (
    Address,
    ChangedCustomer,
    ChangedCustomerPage,
    CustomerQuery,
    CustomerRequest,
    VendorCustomer,
)
from vendors.errors import Kind, NotSent, OutcomeUnknown, Refused
from vendors.extend import customers

URL = "https://extend.test/RESTAPI/v1_0/NORDLAGER/Customers"
SINCE = datetime(2031, 4, 2, 8, 15, tzinfo=UTC)
ROW = {
    "customerNumber": "K-20417",
    "name": "Verkstad Nord AB",
    "lastName": None,
    "organizationNumber": "556677-8899",
    "email2": "inkop@verkstad.example",
    "phoneNumber2": "090-123",
    "deliveryAddress1": "Provgatan 4",
    "deliveryPostalCode": "90320",
    "deliveryCity": "Umeå",
    "creditLimit": "100000",
    "changeDate": "2031-04-02T10:00:00+02:00",
    "invoiceEmail": "faktura@verkstad.example",
}
CUSTOMER = VendorCustomer(
    number="K-20417",
    name="Verkstad Nord AB",
    organization_number="556677-8899",
    email="inkop@verkstad.example",
    phone="090-123",
    address=Address(street="Provgatan 4", zip_code="90320", city="Umeå"),
    changed_at=datetime(2031, 4, 2, 8, 0, tzinfo=UTC),
)


def row(number: str, **members: object) -> dict[str, object]:
    return {**ROW, "customerNumber": number, **members}


# --- read ---------------------------------------------------------------------


def test_a_customer_is_read_by_its_number(responses_on, client):
    document = {
        "customerNumber": "K-20417",
        "name": "Anna",
        "lastName": "Lind",
        "organizationNumber": "",
        "invoiceEmail": "faktura@verkstad.example",
        "customerDeliveryAddress": {
            "address": {
                "address1": "Provgatan 4",
                "postalCode": "90320",
                "city": "Umeå",
                "country": "SE",
            }
        },
        "customerContacts": [],
    }
    responses_on.get(f"{URL}/K-20417", json=document)

    assert customers.read_customer(client, "K-20417") == VendorCustomer(
        number="K-20417",
        name="Anna Lind",
        email="faktura@verkstad.example",
        address=Address(
            street="Provgatan 4", zip_code="90320", city="Umeå", country_code="SE"
        ),
    )


@pytest.mark.parametrize("answer", [ROW, [ROW], {k.upper(): v for k, v in ROW.items()}])
def test_a_customer_is_read_with_tolerance(responses_on, client, answer):
    responses_on.get(f"{URL}/K-20417", json=answer)

    assert customers.read_customer(client, "K-20417") == CUSTOMER


@pytest.mark.parametrize(
    ("answer", "error_type", "kind"),
    [
        ({"status": 404}, Refused, Kind.NOT_FOUND),
        ({"status": 500}, NotSent, Kind.SERVER),
        ({"status": 403}, NotSent, Kind.CREDENTIALS),
        ({"body": "<html>"}, NotSent, Kind.UNREADABLE),
        ({"json": []}, NotSent, Kind.UNREADABLE),
        ({"json": {"name": "x"}}, NotSent, Kind.UNREADABLE),
        ({"json": row("K-9")}, NotSent, Kind.UNREADABLE),
    ],
)
def test_a_customer_that_can_not_be_read_says_why(
    responses_on, client, answer, error_type, kind
):
    responses_on.get(f"{URL}/K-20417", **answer)

    with pytest.raises(error_type) as caught:
        customers.read_customer(client, "K-20417")

    assert caught.value.kind is kind


# --- find ---------------------------------------------------------------------


def listing(*found: object) -> dict[str, object]:
    return {"customerList": list(found), "paginationInfo": {"totalPages": 1}}


def test_a_customer_is_found_by_its_number(responses_on, client):
    others = [row("K-204170"), row("k-20417")]
    responses_on.get(URL, json=listing(*others, ROW, "odd", None))

    assert customers.find_customers(client, CustomerQuery(number="K-20417")) == (
        CUSTOMER,
    )
    assert [call.request.url for call in responses_on.calls] == [
        f"{URL}?customerNumber=K-20417&pageNumber=1"
    ]


@pytest.mark.parametrize("stored", ["556677-8899", "5566778899", "556677 8899"])
@pytest.mark.parametrize("asked", ["556677-8899", "5566778899", " 556677 8899"])
def test_an_organisation_number_is_found_however_it_is_spelt(
    responses_on, client, asked, stored
):
    responses_on.get(URL, json=listing(row("K-1", organizationNumber=stored)))

    [found] = customers.find_customers(client, CustomerQuery(organization_number=asked))

    assert found.number == "K-1"


def test_an_organisation_number_is_asked_for_in_each_spelling(responses_on, client):
    for spelling, number in (("556677-8899", "K-1"), ("5566778899", "K-2")):
        responses_on.get(
            URL,
            json=listing(row(number, organizationNumber=spelling)),
            match=[
                query_param_matcher(
                    {"organizationNumber": spelling}, strict_match=False
                )
            ],
        )

    found = customers.find_customers(
        client, CustomerQuery(organization_number="5566778899")
    )

    assert {customer.number for customer in found} == {"K-1", "K-2"}
    assert len(responses_on.calls) == 2


@pytest.mark.parametrize(
    ("name", "is_found"),
    [
        ("Verkstad Nord AB", True),
        ("verkstad  nord ab", True),
        ("Verkstad Nord", False),
        ("Verkstad", False),
    ],
)
def test_a_name_has_to_be_the_whole_name(responses_on, client, name, is_found):
    responses_on.get(URL, json=listing(ROW))

    found = customers.find_customers(client, CustomerQuery(name=name))

    assert found == ((CUSTOMER,) if is_found else ())


def test_all_that_is_asked_for_has_to_match(responses_on, client):
    responses_on.get(URL, json=listing(ROW))

    query = CustomerQuery(number="K-20417", organization_number="111111-1111")

    assert customers.find_customers(client, query) == ()


def test_never_merely_the_first_of_a_list_is_found(responses_on, client):
    listed = listing(row("K-1", name="Other AB"), row("K-2", name="Another AB"))
    responses_on.get(URL, json=listed)

    assert customers.find_customers(client, CustomerQuery(number="K-3")) == ()


def test_twins_are_found_both_and_a_row_that_comes_twice_once(responses_on, client):
    responses_on.get(URL, json=listing(row("K-1"), row("K-2"), row("K-1")))

    found = customers.find_customers(client, CustomerQuery(name="Verkstad Nord AB"))

    assert [customer.number for customer in found] == ["K-1", "K-2"]


def test_nothing_to_look_for_is_no_question(responses_on, client):
    with pytest.raises(Refused) as caught:
        customers.find_customers(client, CustomerQuery())

    assert caught.value.kind is Kind.GUARD
    assert len(responses_on.calls) == 0


@pytest.mark.parametrize(
    ("answer", "error_type"),
    [
        ({"json": listing(row("", name="X"))}, NotSent),
        ({"json": {"Message": "x"}}, NotSent),
        ({"status": 500}, NotSent),
        ({"status": 400, "json": {"Message": "no"}}, Refused),
        ({"body": requests.ReadTimeout()}, NotSent),
    ],
)
def test_what_can_not_be_told_is_never_taken_for_absence(
    responses_on, client, answer, error_type
):
    responses_on.get(URL, **answer)

    with pytest.raises(error_type):
        customers.find_customers(client, CustomerQuery(name="X"))


# --- what changed -------------------------------------------------------------


def test_a_page_of_changed_customers_reaches_back_by_the_overlap(responses_on, client):
    undated, nameless = row("K-2", changeDate="soon"), row("")
    responses_on.get(
        URL,
        json={
            "customerList": [ROW, undated, nameless],
            "paginationInfo": {"currentPage": 2, "totalPages": 3},
        },
    )

    page = customers.list_changed_customers(client, SINCE, 1)

    assert page == ChangedCustomerPage(
        customers=(
            ChangedCustomer(
                number="K-20417", changed_at=datetime(2031, 4, 2, 8, 0, tzinfo=UTC)
            ),
            ChangedCustomer(number="K-2", changed_at=SINCE),
        ),
        next_page=2,
    )
    assert responses_on.calls[0].request.url == (
        f"{URL}?changedAfterDate=2031-04-02T06%3A00%3A00Z&pageNumber=2"
    )


# --- create -------------------------------------------------------------------


@pytest.fixture
def request_(address) -> CustomerRequest:
    return CustomerRequest(
        reference="C-1",
        name=" Verkstad Nord AB ",
        organization_number="556677-8899",
        email="inkop@verkstad.example",
        phone="090-123",
        address=replace(address, country_code="se"),
    )


@pytest.fixture
def allowed(open_client):
    return open_client(allow_customer_creation=True)


def test_a_customer_is_created(responses_on, allowed, request_):
    responses_on.post(URL, json={"customerNumber": "K-20600", "name": "Verkstad"})

    accepted = customers.create_customer(allowed, request_)

    assert json.loads(responses_on.calls[0].request.body) == {
        "name": "Verkstad Nord AB",
        "organizationNumber": "556677-8899",
        "email2": "inkop@verkstad.example",
        "phoneNumber2": "090-123",
        "customerLogisticsSettings": {},
        "customerDeliveryAddress": {
            "address": {
                "address1": "Provgatan 4",
                "postalCode": "90320",
                "city": "Umeå",
                "country": "SE",
            }
        },
    }
    assert (accepted.number, accepted.note) == ("K-20600", "")
    assert allowed.has_written


def test_a_template_is_named_if_one_is_set(responses_on, open_client, request_):
    client = open_client(allow_customer_creation=True, customer_template="WEB")
    responses_on.post(URL, json=[{"customerNumber": "K-20600"}])

    customers.create_customer(client, request_)

    assert json.loads(responses_on.calls[0].request.body)["postTemplate"] == "WEB"


@pytest.mark.parametrize("answer", [{}, [], "ok", {"customerNumber": ""}])
def test_a_success_without_a_number_is_accepted(
    responses_on, allowed, request_, answer
):
    responses_on.post(URL, json=answer)

    accepted = customers.create_customer(allowed, request_)

    assert accepted.number is None
    assert accepted.note == "Extend took the customer and told no number."


def test_creating_is_off_until_it_is_allowed(responses_on, client, request_):
    with pytest.raises(Refused) as caught:
        customers.create_customer(client, request_)

    assert caught.value.kind is Kind.GUARD
    assert caught.value.text == customers.NOT_ALLOWED
    assert len(responses_on.calls) == 0
    assert not client.has_written


@pytest.mark.parametrize(
    ("members", "options", "word"),
    [
        ({"name": " "}, {}, "a name"),
        ({"name": "X" * 181}, {}, "180"),
        ({"address": Address(street="A", zip_code="1", city="B")}, {}, "an address"),
        ({"address": Address()}, {}, "an address"),
        ({}, {"read_only": True}, "read only"),
        ({}, {"allow_customer_creation": "perhaps"}, "Customers may be created"),
        ({}, {"client": ""}, "Client"),
    ],
)
def test_what_stands_against_a_customer_is_said(
    extend_account, request_, members, options, word
):
    given = {**extend_account.options, "allow_customer_creation": True, **options}
    account = replace(extend_account, options=given)

    [objection] = customers.objections(account, replace(request_, **members))

    assert word in objection


def test_a_good_customer_meets_no_objection(extend_account, request_):
    given = {**extend_account.options, "allow_customer_creation": "true"}

    assert customers.objections(replace(extend_account, options=given), request_) == ()


@pytest.mark.parametrize(
    ("answer", "error_type", "kind"),
    [
        ({"status": 400, "json": {"Message": "exists"}}, Refused, Kind.DATA),
        (
            {"status": 400, "json": {"Message": "was deadlocked"}},
            OutcomeUnknown,
            Kind.SERVER,
        ),
        ({"status": 401}, NotSent, Kind.CREDENTIALS),
        ({"status": 429}, NotSent, Kind.THROTTLED),
        ({"status": 500}, OutcomeUnknown, Kind.SERVER),
        ({"body": "<html>"}, OutcomeUnknown, Kind.UNREADABLE),
        ({"body": requests.ReadTimeout()}, OutcomeUnknown, Kind.TIMEOUT),
        ({"body": requests.ConnectTimeout()}, NotSent, Kind.CONNECTION),
    ],
)
def test_each_trouble_is_one_of_the_three_errors(
    responses_on, allowed, request_, answer, error_type, kind
):
    responses_on.post(URL, **answer)

    with pytest.raises(error_type) as caught:
        customers.create_customer(allowed, request_)

    assert caught.value.kind is kind
    assert len(responses_on.calls) == 1

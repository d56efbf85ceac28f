"""Customers at Extend in the sandbox: filtered, created, changed."""

import pytest

ADDRESS = {
    "address1": "Storgatan 1",
    "postalCode": "11122",
    "city": "Stockholm",
    "country": "SE",
}
CUSTOMER = {
    "name": "Ny Verkstad AB",
    "lastName": "Lind",
    "customerNumber": "K-90001",
    "organizationNumber": "556000-0001",
    "email2": "inkop@nyverkstad.example",
    "phoneNumber2": "08-100000",
    "customerLogisticsSettings": {"incoterms": "DAP"},
    "customerDeliveryAddress": {"address": ADDRESS},
}


@pytest.fixture
def created(extend):
    return extend.call("POST", "/Customers", json=CUSTOMER).json()


def found(extend, **parameters):
    answer = extend.get("/Customers", **parameters).json()
    return [row["customerNumber"] for row in answer["customerList"]]


@pytest.mark.parametrize(
    "parameters",
    [
        {"customerNumber": "K-90001"},
        {"customerNumberSearch": "K-9"},
        {"name": "ny verk"},
        {"lastName": "Lind"},
        {"organizationNumber": "556000-0001"},
        {"email2": "inkop@nyverkstad.example"},
        {"phoneNumber2": "08-100000"},
        {"deliveryAddress1": "Storgatan"},
        {"deliveryPostalCode": "11122"},
        {"deliveryCity": "stock"},
        {"changedAfterDate": "2025-06-01T00:00:00Z"},
        {"incoterms": "DAP"},
    ],
)
def test_each_filter_finds_the_customer_and_no_other(extend, created, parameters):
    assert found(extend, **parameters) == ["K-90001"]


@pytest.mark.parametrize(
    "parameters",
    [{"customerNumber": "K-9"}, {"incoterms": "EXW"}, {"email2": "inkop@"}],
)
def test_a_filter_that_does_not_match_finds_nothing(extend, created, parameters):
    assert found(extend, **parameters) == []


def test_what_was_sent_takes_the_place_of_what_was_there(sandbox, extend, created):
    sandbox.advance(60)
    body = {"email2": "ny@nyverkstad.example"}

    answer = extend.call("PUT", "/Customers/K-90001", json=body)

    assert answer.status_code == 200
    assert answer.json()["email2"] == "ny@nyverkstad.example"
    read = extend.get("/Customers/K-90001").json()
    assert read == answer.json()
    assert read["name"] == "Ny Verkstad AB"
    assert read["customerDeliveryAddress"] == {"address": ADDRESS}
    assert read["changeDate"] > created["changeDate"]
    assert found(extend, changedAfterDate=created["changeDate"]) == ["K-90001"]


@pytest.mark.parametrize(
    "body",
    [
        {"name": ""},
        {"name": "x" * 181},
        {"customerNumber": "K-2"},
        {"email2": 7},
        {"customerDeliveryAddress": {"address": ADDRESS | {"city": ""}}},
        {"customerContacts": [{"firstName": "A"}, {"firstName": "A"}]},
    ],
)
def test_a_change_that_will_not_do_changes_nothing(extend, created, body):
    answer = extend.call("PUT", "/Customers/K-90001", json=body)

    assert answer.status_code == 400
    assert "Message" in answer.json()
    assert extend.get("/Customers/K-90001").json() == created


def test_an_unknown_customer_cannot_be_changed(extend):
    assert extend.call("PUT", "/Customers/K-1", json={}).status_code == 404


def test_with_a_template_the_name_is_enough(extend):
    body = {"name": "Mallkund AB", "postTemplate": "B2B"}

    answer = extend.call("POST", "/Customers", json=body)

    assert answer.status_code == 200
    assert answer.json()["customerFinancialSettings"] == {"termsOfPayment": "30"}
    unknown = extend.call("POST", "/Customers", json=body | {"postTemplate": "?"})
    assert unknown.status_code == 400


def test_customers_made_are_held_apart_from_those_known_at_the_start(sandbox, extend):
    assert sandbox.customers("extend") == []

    extend.call("POST", "/Customers", json=CUSTOMER)

    [made] = sandbox.holdings("extend")["Customers made"]
    assert made["customerNumber"] == "K-90001"


def test_customers_are_paged_by_number(extend):
    for index in range(100):
        body = CUSTOMER | {"customerNumber": f"K-8{index:04d}"}
        extend.call("POST", "/Customers", json=body)

    second = extend.get("/Customers", pageNumber=2).json()

    assert len(second["customerList"]) == 2  # 102 with the two of the start
    assert second["paginationInfo"]["totalPages"] == 2
    assert extend.get("/Customers", pageOffset=1).json()["customerList"][0][
        "customerNumber"
    ] == ("K-20417")  # the other style is ignored

from dataclasses import replace

import pytest
import requests
from responses import matchers

from tests.vendors.simutek.conftest import API, OWN
from vendors.contracts import Address, CustomerQuery, CustomerRequest, VendorCustomer
from vendors.errors import Kind, NotSent, OutcomeUnknown, Refused, VendorError
from vendors.simutek import customers

LIST = f"{API}/customers"
NEW = CustomerRequest(
    reference="C-0042",
    name="Åkes Färg & Tryck",
    organization_number="556000-0000",
    email="faktura@ake.example",
    address=Address(
        name="Åkes Färg & Tryck",
        street="Provgatan",
        street_number="4",
        entrance="B",
        zip_code="903 20",
        city="Umeå",
        country_code="se",
    ),
)


def row(number, name="Acme Purchasing AB", organization_number="556000-0000"):
    return {
        "number": number,
        "name": name,
        "corporateIdentityNumber": organization_number,
    }


def page(*rows, page=1, limit=100, total=None):
    total = len(rows) if total is None else total
    return {"page": page, "limit": limit, "totalCount": total, "customers": list(rows)}


def others(first, count):
    return [
        row(f"X{at}", f"Other {at}", f"55{at:04}-1111")
        for at in range(first, first + count)
    ]


def numbers(found):
    return [customer.number for customer in found]


# --- read ---------------------------------------------------------------------


def test_a_customer_is_read_by_its_number(gks, client):
    gks.get(f"{LIST}/K200731", json=OWN)

    assert customers.read(client, "K200731") == VendorCustomer(
        number="K200731",
        name="Acme Purchasing AB",
        organization_number="556000-0000",
        email="invoices@acme.example",
        address=Address(
            name="Acme Purchasing AB",
            street="Storgatan 1",
            entrance="Garageinfart 2, Port C",
            zip_code="211 44",
            city="Malmö",
            country_code="SE",
        ),
    )


@pytest.mark.parametrize(
    ("number", "path"),
    [
        ("K/1 å", "K%2F1%20%C3%A5"),
        (" K1 ", "K1"),
        ("../salesorders?x=1#", "..%2Fsalesorders%3Fx%3D1%23"),
    ],
)
def test_a_number_stays_one_part_of_the_path(gks, client, number, path):
    gks.get(f"{LIST}/{path}", json={"number": number})

    assert customers.read(client, number).number == number.strip()
    assert gks.calls[1].request.url == f"{LIST}/{path}"


@pytest.mark.parametrize("number", ["", " ", "..", "."])
def test_no_number_never_reads_the_whole_register(responses_on, client, number):
    with pytest.raises(Refused) as caught:
        customers.read(client, number)

    assert caught.value.kind is Kind.GUARD
    assert len(responses_on.calls) == 0


def test_another_customer_than_asked_for_is_not_believed(gks, client):
    gks.get(f"{LIST}/K200731", json={**OWN, "number": "K200732"})

    with pytest.raises(NotSent) as caught:
        customers.read(client, "K200731")

    assert caught.value.kind is Kind.UNREADABLE


# --- find ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "address"),
    [
        (CustomerQuery(number="K200731"), "number=K200731&page=1&limit=100"),
        (
            CustomerQuery(organization_number="556000-0000"),
            "corporateIdentityNumber=556000-0000&page=1&limit=100",
        ),
        (
            CustomerQuery(name="Åkes & Co"),
            "name=%C3%85kes+%26+Co&page=1&limit=100",
        ),
    ],
)
def test_the_query_goes_into_the_address(gks, client, query, address):
    gks.get(LIST, json=page())

    assert customers.find(client, query) == ()

    request = gks.calls[1].request
    assert request.url == f"{LIST}?{address}"
    assert request.body is None


def test_names_of_the_query_may_be_corrected_for_a_supplier(gks, open_client):
    client = open_client({"mapping": {"query.number": "customerNumber"}})
    gks.get(LIST, json=page(row("K200731")))

    customers.find(client, CustomerQuery(number="K200731"))

    assert "?customerNumber=K200731&" in gks.calls[1].request.url


def test_an_ignored_filter_never_yields_the_first_of_all(gks, client):
    gks.get(LIST, json=page(*others(0, 50), row("K200731"), row("K2007310")))

    found = customers.find(client, CustomerQuery(number="K200731"))

    assert found == (
        VendorCustomer(
            number="K200731",
            name="Acme Purchasing AB",
            organization_number="556000-0000",
        ),
    )


def test_a_number_nobody_has_is_not_found_in_an_unfiltered_list(gks, client):
    gks.get(LIST, json=page(*others(0, 50)))

    assert customers.find(client, CustomerQuery(number="k200731")) == ()


@pytest.mark.parametrize(
    "spelt", ["556000-0000", "5560000000", "556000 0000", "556000–0000", " 55 60000000"]
)
@pytest.mark.parametrize("asked", ["556000-0000", "5560000000", "556000 0000"])
def test_organisation_numbers_are_equal_without_spaces_and_dashes(
    gks, client, asked, spelt
):
    gks.get(LIST, json=page(row("A", organization_number=spelt)))

    found = customers.find(client, CustomerQuery(organization_number=asked))

    assert numbers(found) == ["A"]


def test_another_or_no_organisation_number_is_no_hit(gks, client):
    rows = [
        row("A", organization_number="556000-00001"),
        row("B", organization_number=None),
        row("C", organization_number=""),
        {"number": "D"},
    ]
    gks.get(LIST, json=page(*rows))

    query = CustomerQuery(organization_number="556000-0000")

    assert customers.find(client, query) == ()


def test_a_name_matches_whole_or_not_at_all(gks, client):
    gks.get(LIST, json=page(row("A", "Acme"), row("B", "Acme Nord")))

    assert numbers(customers.find(client, CustomerQuery(name="Acme"))) == ["A"]


def test_all_that_is_asked_for_has_to_match(gks, client):
    gks.get(LIST, json=page(row("A"), row("B")))

    query = CustomerQuery(number="B", organization_number="5560000000")
    assert numbers(customers.find(client, query)) == ["B"]

    query = CustomerQuery(number="B", organization_number="5560000001")
    assert customers.find(client, query) == ()


def test_every_exact_hit_is_returned(gks, client):
    gks.get(LIST, json=page(row("A"), row("X", organization_number="1"), row("B")))

    found = customers.find(client, CustomerQuery(organization_number="556000-0000"))

    assert numbers(found) == ["A", "B"]


def test_three_pages_are_read_to_their_end(gks, client):
    pages = [others(0, 100), [*others(100, 99), row("A")], [row("A"), row("B")]]
    for at, rows in enumerate(pages, 1):
        gks.get(
            LIST,
            json=page(*rows, page=at, total=202),
            match=[matchers.query_param_matcher({"page": at}, strict_match=False)],
        )

    found = customers.find(client, CustomerQuery(organization_number="556000-0000"))

    assert numbers(found) == ["A", "B"]
    assert len(gks.calls) == 1 + 3


def test_a_list_that_tells_no_total_ends_with_an_empty_page(gks, client):
    gks.get(LIST, json={"customers": others(0, 100)})
    gks.get(LIST, json={"customers": [row("A")]})
    gks.get(LIST, json={"customers": []})

    assert numbers(customers.find(client, CustomerQuery(number="A"))) == ["A"]
    assert len(gks.calls) == 1 + 3


def test_a_list_without_pages_and_total_ends_where_it_repeats(gks, client):
    gks.get(LIST, json={"customers": [*others(0, 3), row("A")]})

    assert numbers(customers.find(client, CustomerQuery(number="A"))) == ["A"]
    assert len(gks.calls) == 1 + 2


def test_a_page_that_repeats_before_the_total_proves_no_absence(gks, client):
    gks.get(LIST, json=page(*others(0, 100), total=202))

    with pytest.raises(NotSent) as caught:
        customers.find(client, CustomerQuery(number="A"))

    assert caught.value.kind is Kind.UNREADABLE
    assert "query.page" in caught.value.text
    assert len(gks.calls) == 1 + 2


def test_a_list_without_end_proves_no_absence(gks, client, monkeypatch):
    monkeypatch.setattr(customers, "_MOST_PAGES", 3)
    for at in range(4):
        gks.get(LIST, json={"customers": others(at, 1)})

    with pytest.raises(NotSent) as caught:
        customers.find(client, CustomerQuery(number="A"))

    assert "query." in caught.value.text
    assert len(gks.calls) == 1 + 3


def test_a_hit_without_a_number_is_no_hit_to_rely_on(gks, client):
    gks.get(LIST, json=page(row(None)))

    with pytest.raises(NotSent) as caught:
        customers.find(client, CustomerQuery(organization_number="556000-0000"))

    assert caught.value.kind is Kind.UNREADABLE


def test_nothing_to_look_for_asks_for_nothing(responses_on, client):
    with pytest.raises(Refused) as caught:
        customers.find(client, CustomerQuery(number=" "))

    assert caught.value.kind is Kind.GUARD
    assert len(responses_on.calls) == 0


@pytest.mark.parametrize(
    ("answer", "error_type", "kind"),
    [
        ({"status": 400}, Refused, Kind.DATA),
        ({"status": 429}, NotSent, Kind.THROTTLED),
        ({"status": 500}, NotSent, Kind.SERVER),
        ({"body": "<html></html>"}, NotSent, Kind.UNREADABLE),
        ({"json": {"totalCount": 0}}, NotSent, Kind.UNREADABLE),
        ({"json": {"customers": None}}, NotSent, Kind.UNREADABLE),
        ({"body": requests.ReadTimeout()}, NotSent, Kind.TIMEOUT),
    ],
)
def test_what_can_not_be_told_is_never_taken_for_absence(
    gks, client, answer, error_type, kind
):
    gks.get(LIST, **answer)

    with pytest.raises(error_type) as caught:
        customers.find(client, CustomerQuery(number="A"))

    assert caught.value.kind is kind


# --- create -------------------------------------------------------------------


def failing(client, request) -> VendorError:
    with pytest.raises(VendorError) as caught:
        customers.create(client, request)
    return caught.value


@pytest.fixture
def writer(open_client):
    return open_client(allow_customer_creation=True)


def test_a_customer_is_created_with_all_keys_even_as_null(gks, writer):
    gks.post(LIST, status=204)

    accepted = customers.create(writer, NEW)

    assert (
        gks.calls[1].request.body
        == (
            '{"name": "Åkes Färg & Tryck", "number": null, '
            '"invoiceEmail": "faktura@ake.example", '
            '"corporateIdentityNumber": "556000-0000", '
            '"postalAddress": {"address1": "Provgatan 4", "address2": "B", '
            '"city": "Umeå", "zipCode": "903 20", "countryCode": "SE"}}'
        ).encode()
    )
    assert accepted.number is None


def test_what_is_not_known_of_a_customer_is_null_or_left_out(gks, writer):
    gks.post(LIST, status=204)

    customers.create(writer, replace(NEW, name="Ake", email="", address=Address()))

    assert gks.calls[1].request.body == (
        b'{"name": "Ake", "number": null, "invoiceEmail": null, '
        b'"corporateIdentityNumber": "556000-0000"}'
    )


@pytest.mark.parametrize(
    ("answer", "error_type", "kind"),
    [
        ({"status": 400}, Refused, Kind.DATA),
        ({"status": 401}, NotSent, Kind.CREDENTIALS),
        ({"status": 403}, NotSent, Kind.CREDENTIALS),
        ({"status": 404}, Refused, Kind.NOT_FOUND),
        ({"status": 429}, NotSent, Kind.THROTTLED),
        ({"status": 500}, OutcomeUnknown, Kind.SERVER),
        ({"body": "<html>Login</html>"}, OutcomeUnknown, Kind.UNREADABLE),
        ({"body": requests.ReadTimeout()}, OutcomeUnknown, Kind.TIMEOUT),
        ({"body": requests.ConnectTimeout()}, NotSent, Kind.CONNECTION),
    ],
)
def test_each_trouble_of_a_create_is_one_of_the_three_errors(
    gks, writer, answer, error_type, kind
):
    gks.post(LIST, **answer)

    error = failing(writer, NEW)

    assert (type(error), error.kind) == (error_type, kind)


def test_no_customer_is_created_unless_it_is_switched_on(responses_on, client):
    error = failing(client, NEW)

    assert (type(error), error.kind) == (Refused, Kind.GUARD)
    assert error.text == customers.CREATION_IS_OFF
    assert "“Customers may be created”" in error.text
    assert len(responses_on.calls) == 0


@pytest.mark.parametrize(
    ("members", "word"),
    [
        ({"name": " "}, "a name"),
        ({"organization_number": ""}, "an organisation number"),
        ({"organization_number": " - "}, "an organisation number"),
    ],
)
def test_what_gks_demands_of_a_customer_is_said_before(account, members, word):
    allowed = replace(account, options={"allow_customer_creation": True})

    [objection] = customers.objections(allowed, replace(NEW, **members))

    assert word in objection
    assert customers.objections(allowed, NEW) == ()


def test_a_switch_set_to_nonsense_is_said(account):
    odd = replace(account, options={"allow_customer_creation": "perhaps"})

    [objection] = customers.objections(odd, NEW)

    assert "Customers may be created" in objection

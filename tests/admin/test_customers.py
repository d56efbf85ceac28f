from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from procurement.customers.admin import CustomerAdmin
from procurement.customers.models import Customer, LinkState
from procurement.customers.operations import link_customer, record_number
from procurement.suppliers.models import Exchange, Supplier
from procurement.transmissions.models import Transmission
from tests.admin.conftest import Browser
from tests.admin.pages import said, text_of
from tests.factories import make_supplier, make_user
from tests.parties import kinds, make_customer
from tests.party_fakes import FakeParties
from tests.sending import transmit
from vendors.contracts import VendorCustomer
from vendors.errors import Kind, NotSent, OutcomeUnknown

CUSTOMERS = "/admin/customers/customer/"
NORD = VendorCustomer(
    number="K-1", name="Verkstad Nord AB", organization_number="5560000000"
)
STEPS = ("link", "create", "record", "unlink", "settle")


def page_of(customer: Customer) -> str:
    return f"{CUSTOMERS}{customer.pk}/change/"


def step(customer: Customer, name: str) -> str:
    return f"{CUSTOMERS}{customer.pk}/at/extend-nord/{name}/"


def filled_in(client: Client, address: str) -> dict[str, Any]:
    form = client.get(address).context["adminform"].form
    posted = {name: form[name].value() for name in form.fields}
    return {name: "" if value is None else value for name, value in posted.items()}


@pytest.fixture
def buyer(browser: Browser) -> Client:
    return browser("buyer", "Buyer")


@pytest.fixture
def supplier(parties: FakeParties, db: None) -> Supplier:
    return make_supplier()


def test_customer_is_entered_and_changed_by_the_operations(buyer: Client) -> None:
    posted = {**filled_in(buyer, f"{CUSTOMERS}add/"), "name": "Verkstad Nord"}
    assert buyer.post(f"{CUSTOMERS}add/", posted).status_code == 302
    customer = Customer.objects.get()

    buyer.post(
        page_of(customer), {**filled_in(buyer, page_of(customer)), "phone": "090-1"}
    )

    customer.refresh_from_db()
    assert (customer.phone, customer.version) == ("090-1", 2)
    assert kinds(customer) == ["created", "changed"]


def test_fault_stands_at_its_field(buyer: Client) -> None:
    posted = {**filled_in(buyer, f"{CUSTOMERS}add/"), "name": "x", "country_code": "s"}

    answer = buyer.post(f"{CUSTOMERS}add/", posted)

    assert "country_code" in answer.context["adminform"].form.errors


def test_customer_is_found_and_linked(
    buyer: Client, supplier: Supplier, parties: FakeParties
) -> None:
    parties.register = [NORD]
    customer = make_customer()
    assert step(customer, "link") in text_of(buyer.get(page_of(customer)))
    assert buyer.get(step(customer, "link")).status_code == 200
    assert not Exchange.objects.exists()

    answer = buyer.post(step(customer, "link"), {"number": ""}, follow=True)

    assert "its number is K-1" in said(answer)
    page = text_of(answer)
    assert "Found at the supplier by buyer" in page
    talk = Exchange.objects.get().conversation
    assert f"/admin/suppliers/exchange/talk/{talk}/" in page


def test_several_are_listed_and_the_number_is_typed_on_the_same_page(
    buyer: Client, supplier: Supplier, parties: FakeParties
) -> None:
    twin = VendorCustomer(number="K-2", name="Lager", organization_number="5560000000")
    parties.register = [NORD, twin]
    customer = make_customer()

    answer = buyer.post(step(customer, "link"), {"number": ""})
    assert "K-1 “Verkstad Nord AB”" in text_of(answer)
    assert "K-2 “Lager”" in text_of(answer)
    buyer.post(step(customer, "link"), {"number": "K-2"})

    assert customer.links.get().number == "K-2"


def test_supplier_that_does_not_answer_is_told(
    buyer: Client, supplier: Supplier, parties: FakeParties
) -> None:
    parties.find_answers = [NotSent("No connection.", kind=Kind.CONNECTION)]

    answer = buyer.post(step(make_customer(), "link"), {"number": ""})

    assert answer.status_code == 200
    assert answer.context["form"].non_field_errors() == ["No connection."]


def test_customer_is_created_from_its_page(
    buyer: Client, supplier: Supplier, parties: FakeParties
) -> None:
    customer = make_customer()
    assert "556000-0000" in text_of(buyer.get(step(customer, "create")))

    answer = buyer.post(step(customer, "create"), {"version": "1"}, follow=True)
    assert "it is on its way" in said(answer)
    transmit(transmission_id=Transmission.objects.get().pk)

    assert len(parties.made) == 1
    page = text_of(buyer.get(page_of(customer)))
    assert "K-901" in page
    assert "Created at the supplier by buyer" in page


def test_creating_what_is_there_links_it(
    buyer: Client, supplier: Supplier, parties: FakeParties
) -> None:
    parties.register = [NORD]
    customer = make_customer()

    answer = buyer.post(step(customer, "create"), follow=True)

    assert "it was there already" in said(answer)
    assert parties.made == []


def test_customer_changed_since_the_page_was_opened_is_looked_at_again(
    buyer: Client, supplier: Supplier
) -> None:
    customer = make_customer()
    Customer.objects.update(version=2)

    answer = buyer.post(step(customer, "create"), {"version": "1"})

    assert "was changed meanwhile" in text_of(answer)
    assert not Transmission.objects.exists()


def test_objections_are_shown_before(
    buyer: Client, supplier: Supplier, parties: FakeParties
) -> None:
    parties.against_customers = ("Tick “Customers may be created”.",)

    page = text_of(buyer.get(step(make_customer(), "create")))

    assert "Tick “Customers may be created”." in page


def test_unknown_outcome_is_settled_by_an_operator(
    browser: Browser, supplier: Supplier, parties: FakeParties
) -> None:
    parties.make_answers = [OutcomeUnknown("No answer.", kind=Kind.TIMEOUT)]
    customer = make_customer()
    link_customer(
        customer_id=customer.pk,
        supplier_id=supplier.pk,
        actor=make_user("buyer"),
        create=True,
    )
    transmit(transmission_id=Transmission.objects.get().pk)
    operator = browser("operator", "Operator")
    assert step(customer, "settle") in text_of(operator.get(page_of(customer)))

    operator.post(
        step(customer, "settle"),
        {"outcome": "done", "number": "K-8", "evidence": "Asked them."},
    )

    found = customer.links.get()
    assert (found.state, found.number) == (LinkState.LINKED, "K-8")


def test_number_is_recorded_and_taken_off_again(
    buyer: Client, supplier: Supplier
) -> None:
    customer = make_customer()

    buyer.post(step(customer, "record"), {"number": "K-7", "evidence": "Letter."})
    assert customer.links.get().number == "K-7"
    empty = buyer.post(step(customer, "unlink"), {"reason": ""})
    assert "reason" in empty.context["form"].errors
    buyer.post(step(customer, "unlink"), {"reason": "Merged."})

    assert customer.links.get().number == ""
    page = text_of(buyer.get(page_of(customer)))
    assert "number: K-7 → –" in page
    assert "Merged." in page


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("Buyer", {"link", "create", "record", "unlink"}),
        ("Operator", {"link", "record", "unlink", "settle"}),
        ("Administrator", set(STEPS)),
        ("Approver", set()),
        ("Auditor", set()),
    ],
)
def test_steps_are_for_those_who_may(
    browser: Browser, supplier: Supplier, role: str, allowed: set[str]
) -> None:
    customer = make_customer()
    person = browser(role.lower(), role)

    assert person.get(page_of(customer)).status_code == 200
    for name in STEPS:
        expected = 200 if name in allowed else 403
        assert person.get(step(customer, name)).status_code == expected, name
        if name not in allowed:
            assert person.post(step(customer, name)).status_code == 403, name
    assert not customer.links.exists()


def test_list_shows_numbers_and_costs_the_same(
    buyer: Client, supplier: Supplier
) -> None:
    costs = []
    for number in range(3):
        for extra in range(number + 1):
            customer = make_customer(f"Nord {number} {extra}")
            record_number(
                customer_id=customer.pk,
                supplier_id=supplier.pk,
                actor=make_user("buyer"),
                number="K-7",
                evidence="x",
            )
        with CaptureQueriesContext(connection) as queries:
            page = text_of(buyer.get(CUSTOMERS))
        costs.append(len(queries))

    assert "Linked: K-7" in page
    assert len(set(costs)) == 1


def test_state_of_every_link_has_a_tone() -> None:
    assert set(CustomerAdmin.tones) == set(LinkState)

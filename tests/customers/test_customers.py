"""Customers: entered, found, created once, linked by hand, taken off."""

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone

from procurement.customers.models import Customer, CustomerLink, LinkState
from procurement.customers.operations import (
    change_customer,
    link_customer,
    record_number,
    resolve_customer,
    unlink_customer,
)
from procurement.errors import InvalidInput
from procurement.suppliers.models import Exchange, Supplier
from procurement.suppliers.operations import change_supplier
from procurement.transmissions import looking_up, sweeping
from procurement.transmissions.models import State, Transmission
from tests.asserting import refusal
from tests.conftest import use_fake
from tests.factories import make_supplier, make_user
from tests.orders.test_at_once import at_once
from tests.parties import kinds, make_customer
from tests.party_fakes import FakeParties
from tests.sending import transmit
from vendors.contracts import Accepted, VendorCustomer
from vendors.errors import Kind, NotSent, OutcomeUnknown, Refused

pytestmark = pytest.mark.django_db
NORD = VendorCustomer(
    number="K-1", name="Verkstad Nord AB", organization_number="5560000000"
)
LOST = OutcomeUnknown("No answer in 60 s.", kind=Kind.TIMEOUT)


def link(customer: Customer, supplier: Supplier, **given: Any) -> CustomerLink:
    return link_customer(
        customer_id=customer.pk,
        supplier_id=supplier.pk,
        actor=make_user("buyer"),
        **given,
    )


def refused(customer: Customer, supplier: Supplier, **given: Any) -> Any:
    return refusal(link, customer=customer, supplier=supplier, **given)


def create(customer: Customer, supplier: Supplier) -> CustomerLink:
    """Ask for it to be created and let the worker carry it there."""
    found = link(customer, supplier, create=True)
    transmit(transmission_id=Transmission.objects.latest("pk").pk)
    found.refresh_from_db()
    return found


def resolve(found: CustomerLink, outcome: str, **given: Any) -> None:
    resolve_customer(
        customer_id=found.customer_id,
        supplier_id=found.supplier_id,
        actor=make_user("operator"),
        outcome=outcome,
        **{"evidence": "Asked them.", **given},
    )
    found.refresh_from_db()


# --- entering ---------------------------------------------------------------------


def test_customer_is_entered_and_changed_with_who_did_it() -> None:
    customer = make_customer()

    change_customer(
        customer_id=customer.pk,
        actor=make_user("anna"),
        data={"email": "ny@nord.example"},
        version=1,
    )

    customer.refresh_from_db()
    assert customer.version == 2
    event = customer.events.latest("pk")
    assert (event.kind, event.actor_name) == ("changed", "anna")
    assert event.data["changes"] == {
        "email": ["verkstad@nord.example", "ny@nord.example"]
    }


def test_what_will_not_do_is_named() -> None:
    with pytest.raises(InvalidInput) as invalid:
        make_customer("", email="x", address={"country_code": "Sverige"})

    assert set(invalid.value.errors) == {"name", "email", "address.country_code"}


def test_second_of_two_who_change_it_is_told() -> None:
    customer = make_customer()
    given = {"customer_id": customer.pk, "actor": None, "version": 1}
    change_customer(**given, data={"phone": "1"})

    assert refusal(change_customer, **given, data={"phone": "2"}).code == (
        "version_conflict"
    )


# --- finding ----------------------------------------------------------------------


def test_one_hit_by_the_organization_number_is_linked(parties: FakeParties) -> None:
    parties.register = [
        NORD,
        VendorCustomer(number="K-2", organization_number="556999-9999"),
    ]
    customer = make_customer()

    found = link(customer, make_supplier())

    assert (found.state, found.number, found.linked_by) == ("linked", "K-1", "found")
    assert found.linked_by_person is not None
    assert found.linked_by_person.username == "buyer"
    exchange = Exchange.objects.get()
    assert exchange.subject == f"CUSTOMER-{customer.pk}"
    event = customer.events.latest("pk")
    assert (event.kind, event.conversation) == ("linked", exchange.conversation)


def test_several_hits_are_listed_and_one_is_chosen(parties: FakeParties) -> None:
    twin = VendorCustomer(
        number="K-2", name="Nord, lager", organization_number="556000-0000"
    )
    parties.register = [NORD, twin]
    customer, supplier = make_customer(), make_supplier()

    told = refused(customer, supplier)
    found = link(customer, supplier, number="K-2")

    assert told.code == "several_found"
    assert "K-1 “Verkstad Nord AB” (5560000000)" in told.text
    assert "K-2 “Nord, lager”" in told.text
    assert found.number == "K-2"


def test_number_of_somebody_else_is_not_taken(parties: FakeParties) -> None:
    parties.register = [
        VendorCustomer(number="K-9", name="Other", organization_number="556111-1111")
    ]
    customer, supplier = make_customer(), make_supplier()

    told = refused(customer, supplier, number="K-9")

    assert "another organization number" in told.text
    assert not CustomerLink.objects.exists()


def test_name_alone_is_not_enough_to_link(parties: FakeParties) -> None:
    parties.register = [VendorCustomer(number="K-3", name="Verkstad Nord")]
    customer, supplier = make_customer(organization_number=""), make_supplier()

    told = refused(customer, supplier)

    assert "has no organization number to be found by" in told.text
    assert "K-3" in told.text
    assert link(customer, supplier, number="K-3").state == LinkState.LINKED


@pytest.mark.parametrize("number", ["", "x" * 101])
def test_hit_without_a_usable_number_is_not_linked(
    parties: FakeParties, number: str
) -> None:
    parties.register = [
        VendorCustomer(number=number, organization_number="556000-0000")
    ]

    told = refused(make_customer(), make_supplier())

    assert "told no number that could be one" in told.text


def test_none_says_what_to_do(parties: FakeParties) -> None:
    customer, supplier = make_customer(), make_supplier()

    told = refused(customer, supplier)
    by_number = refused(customer, supplier, number="K-77", create=True)

    assert told.code == "not_found_there"
    assert told.text == (
        "Extend Nord has no customer with the organization number 556000-0000. Create "
        "it there, or record its number."
    )
    assert "with the number K-77" in by_number.text
    assert not Transmission.objects.exists()


def test_none_where_none_can_be_created(monkeypatch: pytest.MonkeyPatch) -> None:
    use_fake(monkeypatch, FakeParties(can_create_customers=False))
    customer, supplier = make_customer(), make_supplier()

    told = refused(customer, supplier)
    wanted = refused(customer, supplier, create=True)

    assert "Have it made there, or record its number." in told.text
    assert wanted.text.startswith("This vendor can't do that. Have it made there")
    assert not Transmission.objects.exists()


def test_vendor_without_a_register_is_told_with_its_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    use_fake(monkeypatch, FakeParties(has_register=False))

    told = refused(make_customer(), make_supplier())

    assert told.code == "not_offered"
    assert told.text == "This vendor can't do that. Record the number by hand."


def test_supplier_that_does_not_answer_links_nothing(parties: FakeParties) -> None:
    parties.find_answers = [NotSent("No connection.", kind=Kind.CONNECTION)]

    with pytest.raises(NotSent):
        link(make_customer(), make_supplier(), create=True)

    assert not Transmission.objects.exists()
    assert Exchange.objects.count() == 1


def test_linked_customer_is_not_linked_again(parties: FakeParties) -> None:
    parties.register = [NORD]
    customer, supplier = make_customer(), make_supplier()
    link(customer, supplier)

    told = refused(customer, supplier)

    assert (told.code, len(parties.queries)) == ("already_there", 1)


# --- creating ---------------------------------------------------------------------


def test_customer_is_created_and_its_number_found(parties: FakeParties) -> None:
    customer, supplier = make_customer(), make_supplier()

    asked = link(customer, supplier, create=True)
    assert (asked.state, parties.made) == (LinkState.QUEUED, [])
    transmit(transmission_id=Transmission.objects.get().pk)

    asked.refresh_from_db()
    (made,) = parties.made
    assert (made.name, made.organization_number) == ("Verkstad Nord", "556000-0000")
    assert made.address.city == "Umea"
    assert (asked.state, asked.number) == ("linked", "K-901")
    assert asked.linked_by == "created"
    assert "found by its organization number" in customer.events.latest("pk").text


def test_number_in_the_answer_is_enough(parties: FakeParties) -> None:
    parties.make_answers = [Accepted(number="K-5")]

    assert create(make_customer(), make_supplier()).number == "K-5"
    # Once while the person waited, and once just before it was made.
    assert len(parties.queries) == 2


def test_number_that_stays_unknown_waits_for_a_person(parties: FakeParties) -> None:
    parties.makes_slowly = True
    customer, supplier = make_customer(), make_supplier()
    found = create(customer, supplier)
    assert found.state == LinkState.CREATED_WITHOUT_NUMBER
    assert "its number is not known" in found.attention

    told = refused(customer, supplier, create=True)
    assert "never created a second time" in told.text
    parties.register = [NORD]
    found = link(customer, supplier)

    assert (found.number, found.linked_by, found.attention) == ("K-1", "created", "")
    assert len(parties.made) == 1


def test_looking_for_the_number_may_fail_and_it_is_created_all_the_same(
    parties: FakeParties,
) -> None:
    broken = NotSent("No connection.", kind=Kind.CONNECTION)
    parties.find_answers = [None, None, broken]

    found = create(make_customer(), make_supplier())

    assert found.state == LinkState.CREATED_WITHOUT_NUMBER
    assert "could not be looked up: No connection." in found.attention


def test_customer_that_is_there_by_now_is_not_created(parties: FakeParties) -> None:
    customer, supplier = make_customer(), make_supplier()
    link(customer, supplier, create=True)
    parties.register = [NORD]

    transmit(transmission_id=Transmission.objects.get().pk)

    found = customer.links.get()
    assert parties.made == []
    assert found.state == LinkState.REFUSED
    assert "has it by now: K-1" in found.attention
    assert link(customer, supplier).number == "K-1"


def test_lost_answer_is_looked_up_and_never_sent_again(parties: FakeParties) -> None:
    parties.make_answers = [LOST]
    found = create(make_customer(), make_supplier())
    asked = Transmission.objects.get()
    assert found.state == LinkState.UNKNOWN
    assert asked.next_look_up_at is not None

    looking_up.look_up(transmission_id=asked.pk)

    found.refresh_from_db()
    assert (found.state, found.number, found.linked_by) == (
        "linked",
        "K-901",
        "created",
    )
    assert len(parties.made) == 1


def test_lost_answer_that_can_not_be_found_waits_for_a_person(
    parties: FakeParties, settings: Any
) -> None:
    settings.LOOK_UP_WAITS = [1]
    parties.make_answers = [LOST]
    parties.makes_slowly = True
    customer, supplier = make_customer(), make_supplier()
    found = create(customer, supplier)
    asked = Transmission.objects.get()

    looking_up.look_up(transmission_id=asked.pk)
    for _ in range(3):
        sweeping.sweep()
        transmit(transmission_id=asked.pk)

    found.refresh_from_db()
    assert found.state == LinkState.UNKNOWN
    assert "a person has to decide" in found.attention
    assert "may have been created" in refused(customer, supplier, create=True).text
    assert len(parties.made) == 1


def test_without_an_organization_number_nothing_is_looked_up(
    parties: FakeParties,
) -> None:
    parties.make_answers = [LOST]
    found = create(make_customer(organization_number=""), make_supplier())

    assert found.state == LinkState.UNKNOWN
    assert Transmission.objects.get().next_look_up_at is None
    assert "a person has to find out" in found.attention


def test_person_settles_what_is_unknown(parties: FakeParties) -> None:
    parties.make_answers = [LOST, LOST]
    parties.makes_slowly = True
    customer, supplier = make_customer(), make_supplier()

    found = create(customer, supplier)
    resolve(found, "not_done")
    assert found.state == LinkState.NONE
    found = create(customer, supplier)
    resolve(found, "done", number="K-8")

    assert (found.state, found.number, found.attention) == ("linked", "K-8", "")
    assert found.linked_by_person is not None
    assert found.linked_by_person.username == "operator"
    assert refusal(resolve, found=found, outcome="done").code == "not_unknown"


def test_settling_needs_an_outcome_and_evidence(parties: FakeParties) -> None:
    parties.make_answers = [LOST]
    found = create(make_customer(), make_supplier())

    for given, field in (
        ({"outcome": "maybe"}, "outcome"),
        ({"outcome": "done", "evidence": ""}, "evidence"),
    ):
        with pytest.raises(InvalidInput) as invalid:
            resolve(found, **given)
        assert list(invalid.value.errors) == [field]


def test_what_was_created_once_is_not_created_after_unlinking(
    parties: FakeParties,
) -> None:
    customer, supplier = make_customer(), make_supplier()
    create(customer, supplier)
    unlink_customer(
        customer_id=customer.pk,
        supplier_id=supplier.pk,
        actor=make_user("buyer"),
        reason="Wrong one.",
    )
    parties.register = []
    change_supplier(supplier_id=supplier.pk, actor=None, data={"slug": "renamed"})

    told = refused(customer, supplier, create=True)

    assert "never created a second time" in told.text
    assert len(parties.made) == 1


def test_change_after_asking_takes_it_back(parties: FakeParties) -> None:
    customer, supplier = make_customer(), make_supplier()
    link(customer, supplier, create=True)
    change_customer(customer_id=customer.pk, actor=None, data={"name": "Nord 2"})

    transmit(transmission_id=Transmission.objects.get().pk)

    found = customer.links.get()
    assert parties.made == []
    assert found.state == LinkState.NONE
    assert found.attention.startswith("The customer, or the mode of the supplier,")
    assert Transmission.objects.get().state == State.WITHDRAWN


def test_objections_stop_it_before_anything_is_asked_for(parties: FakeParties) -> None:
    parties.against_customers = ("Creating is off.",)

    told = refused(make_customer(), make_supplier(), create=True)

    assert (told.code, told.text) == ("supplier_objects", "Creating is off.")
    assert not Transmission.objects.exists()


def test_refused_customer_says_why_and_may_be_asked_for_again(
    parties: FakeParties,
) -> None:
    parties.make_answers = [Refused("The name is too long.")]
    parties.makes_slowly = True
    customer, supplier = make_customer(), make_supplier()

    found = create(customer, supplier)
    assert (found.state, found.attention) == ("refused", "The name is too long.")
    parties.makes_slowly = False
    assert create(customer, supplier).state == LinkState.LINKED


def test_answer_that_comes_after_settling_keeps_it_from_being_made_again(
    parties: FakeParties, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer, supplier = make_customer(), make_supplier()
    found = link(customer, supplier, create=True)
    real = parties.make_customer

    def make(client: Any, request: Any) -> Accepted:
        Transmission.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        sweeping.sweep()
        resolve(found, "not_done")
        return real(client, request)

    monkeypatch.setattr(parties, "make_customer", make)
    use_fake(monkeypatch, parties)
    transmit(transmission_id=Transmission.objects.get().pk)

    found.refresh_from_db()
    assert found.state == LinkState.CREATED_WITHOUT_NUMBER
    parties.register = []
    assert "never created" in refused(customer, supplier, create=True).text


@pytest.mark.django_db(transaction=True)
def test_many_at_once_create_it_once(parties: FakeParties) -> None:
    customer, supplier = make_customer(), make_supplier()

    results = at_once(8, lambda n: link(customer, supplier, create=True))

    assert sum(isinstance(each, CustomerLink) for each in results) == 1
    asked = Transmission.objects.get()
    at_once(5, lambda n: transmit(transmission_id=asked.pk))
    assert len(parties.made) == 1


# --- by hand ----------------------------------------------------------------------


def record(customer: Customer, supplier: Supplier, **given: Any) -> CustomerLink:
    return record_number(
        customer_id=customer.pk,
        supplier_id=supplier.pk,
        actor=make_user("operator"),
        **{"number": "K-7", "evidence": "Their letter.", **given},
    )


def test_number_is_recorded_with_its_evidence() -> None:
    customer, supplier = make_customer(), make_supplier("eet")

    found = record(customer, supplier)

    assert (found.number, found.linked_by) == ("K-7", "by_hand")
    event = customer.events.latest("pk")
    assert (event.kind, event.text) == ("number_recorded", "Their letter.")
    assert refusal(record, customer=customer, supplier=supplier).code == "already_there"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"number": ""}, "number"),
        ({"number": "x" * 81}, "number"),
        ({"evidence": " "}, "evidence"),
    ],
)
def test_recording_needs_a_number_and_evidence(
    given: dict[str, str], field: str
) -> None:
    with pytest.raises(InvalidInput) as invalid:
        record(make_customer(), make_supplier(), **given)

    assert list(invalid.value.errors) == [field]


def test_unlinking_keeps_the_row_and_says_why() -> None:
    customer, supplier = make_customer(), make_supplier()
    record(customer, supplier)
    given = {
        "customer_id": customer.pk,
        "supplier_id": supplier.pk,
        "actor": make_user("buyer"),
    }

    with pytest.raises(InvalidInput):
        unlink_customer(**given, reason="")
    found = unlink_customer(**given, reason="They merged two.")

    assert (found.state, found.number, found.linked_at) == ("none", "", None)
    assert kinds(customer) == ["created", "number_recorded", "unlinked"]
    assert refusal(unlink_customer, **given, reason="x").code == "not_linked"


def test_links_made_before_are_completed() -> None:
    customer, supplier = make_customer(), make_supplier()
    old = record(customer, supplier)
    CustomerLink.objects.update(linked_by="", subject="")
    complete = import_module(
        "procurement.customers.migrations.0003_links_made_before"
    ).complete

    complete(apps, None)

    old.refresh_from_db()
    assert (old.subject, old.state, old.linked_by) == (
        f"customer:{customer.pk}@extend-nord",
        "linked",
        "by_hand",
    )

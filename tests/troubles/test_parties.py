"""Shops and customers among what needs a person."""

import pytest
from django.test import Client

from procurement.customers.operations import link_customer
from procurement.transmissions.models import Transmission
from procurement.troubles.queries import needing_a_person
from procurement.troubles.rows import read_rows
from tests.admin.conftest import Browser, browser, member
from tests.admin.pages import text_of
from tests.factories import make_supplier, make_user
from tests.parties import created_shop, make_customer
from tests.party_fakes import FakeParties
from tests.sending import transmit
from tests.troubles.world import LIST
from vendors.errors import Kind, OutcomeUnknown, Refused

__all__ = ["browser"]


@pytest.fixture
def olle(browser: Browser) -> Client:
    return browser("olle", "Operator")


def test_refused_shop_is_there_with_its_page_and_without_money(
    olle: Client, parties: FakeParties
) -> None:
    parties.shop_answers = [Refused("No such owner.", vendor_text="403 owner")]
    registration = created_shop()
    user = member("olle", "Operator")

    (row,) = read_rows(list(needing_a_person(user)), user)

    assert row.name == str(registration)
    assert row.url == f"/admin/shops/shop/{registration.shop_id}/change/"
    assert row.money == ""
    page = text_of(olle.get(LIST))
    assert row.url in page
    assert "403 owner" in page


def test_unknown_customer_is_there_with_its_page(
    olle: Client, parties: FakeParties
) -> None:
    parties.make_answers = [OutcomeUnknown("No answer.", kind=Kind.TIMEOUT)]
    customer = make_customer()
    link_customer(
        customer_id=customer.pk,
        supplier_id=make_supplier().pk,
        actor=make_user("buyer"),
        create=True,
    )
    asked = Transmission.objects.get()
    transmit(transmission_id=asked.pk)
    Transmission.objects.update(next_look_up_at=None)
    user = member("olle", "Operator")

    (row,) = read_rows(list(needing_a_person(user)), user)

    assert row.url == f"/admin/customers/customer/{customer.pk}/change/"
    assert row.money == ""
    assert row.url in text_of(olle.get(LIST))

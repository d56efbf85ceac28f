"""What the Kvik module declares of itself."""

import pytest

from vendors.contracts import Capability, FieldKind, Fulfilment, Grade
from vendors.kvik import VENDOR
from vendors.kvik.mapping import MAPPING

OFFERED = {
    Capability.CHECK_CONNECTION,
    Capability.FETCH_OFFERS,
    Capability.PLACE_ORDER,
    Capability.FIND_ORDERS,
    Capability.LIST_CHANGED_ORDERS,
    Capability.READ_ORDER,
    Capability.CUSTOMER_LOGIN,
}


@pytest.mark.parametrize("capability", list(Capability))
def test_it_offers_what_there_is_and_says_why_not_otherwise(capability):
    assert VENDOR.offers(capability) is (capability in OFFERED)
    assert (VENDOR.why_not(capability) == "") is (capability in OFFERED)


def test_only_what_the_vendor_wrote_is_marked_documented():
    documented = {
        key for key, name in MAPPING.items() if name.grade is Grade.DOCUMENTED
    }

    assert documented == {
        "path.token",
        "token.scope",
        "token.value",
        "token.type",
        "token.lifetime",
        "error.code",
        "error.expired",
        "error.denied",
        "error.client",
    }


def test_every_word_for_a_state_means_something():
    meanings = {
        name.value
        for key, name in MAPPING.items()
        if key.startswith("processing_status.")
    }

    assert meanings <= {*Fulfilment, "attention"}
    assert {"none", "confirmed", "shipped", "cancelled", "attention"} <= meanings


def test_secrets_are_declared_as_such():
    kinds = {field.name: field.kind for field in VENDOR.credentials}

    assert kinds["client_secret"] is FieldKind.SECRET
    assert kinds["login_client_secret"] is FieldKind.SECRET


def test_the_help_says_that_each_shop_has_its_own_address():
    assert VENDOR.known_addresses == ()
    assert "the shop's own" in VENDOR.credentials[0].help


def test_an_order_is_noted_before_it_goes_out():
    assert VENDOR.note_before_placing is not None
    assert not VENDOR.has_test_flag

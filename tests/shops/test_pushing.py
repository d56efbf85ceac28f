"""Changes of a shop pushed to a supplier: shown first, whole, one at a time."""

from typing import Any

import pytest

from procurement.shops import queries
from procurement.shops.models import PushState, ShopRegistration
from procurement.shops.operations import (
    change_shop,
    push_shop,
    record_vendor_id,
    resolve_shop,
)
from procurement.suppliers.operations import change_supplier
from procurement.transmissions.models import State, Transmission
from tests.asserting import refusal
from tests.conftest import use_fake
from tests.factories import make_supplier, make_user
from tests.orders.test_at_once import at_once
from tests.parties import created_shop, make_shop
from tests.party_fakes import FakeParties
from tests.sending import transmit
from vendors.contracts import Accepted
from vendors.errors import Kind, OutcomeUnknown, Refused

pytestmark = pytest.mark.django_db


def change(registration: ShopRegistration, **data: Any) -> None:
    change_shop(shop_id=registration.shop_id, actor=None, data=data)
    registration.shop.refresh_from_db()


def ask(registration: ShopRegistration, **given: Any) -> ShopRegistration:
    return push_shop(
        shop_id=registration.shop_id,
        supplier_id=registration.supplier_id,
        actor=make_user("buyer"),
        **given,
    )


def push(registration: ShopRegistration, **given: Any) -> Transmission:
    ask(registration, **given)
    asked = Transmission.objects.latest("pk")
    transmit(transmission_id=asked.pk)
    registration.refresh_from_db()
    return asked


def diff(registration: ShopRegistration) -> list[tuple[str, Any, Any]]:
    found = ShopRegistration.objects.get(pk=registration.pk)
    return [
        (each.label, each.before, each.after) for each in queries.changes_to_push(found)
    ]


def test_difference_is_told_field_by_field(parties: FakeParties) -> None:
    registration = created_shop()
    assert diff(registration) == []

    change(registration, email="ny@fjell.example", address={"entrance": "B"})
    registration.details = {"owner": "nordlys", "vat": True}
    registration.save()

    assert diff(registration) == [
        ("E-mail", "lager@fjell.example", "ny@fjell.example"),
        ("Entrance", "", "B"),
        ("VAT", False, True),
    ]


def test_detail_that_says_the_default_is_no_change(parties: FakeParties) -> None:
    registration = created_shop()
    registration.details = {"owner": "nordlys", "vat": False}
    registration.save()

    assert diff(registration) == []


def test_push_sends_the_whole_shop_with_its_id(parties: FakeParties) -> None:
    registration = created_shop()
    change(registration, email="ny@fjell.example")

    push(registration)

    (sent,) = parties.pushes
    assert (sent.vendor_id, sent.email) == ("20431", "ny@fjell.example")
    assert (sent.name, sent.phone) == ("Fjellbutikken", "90000001")
    assert sent.details == {"owner": "nordlys"}
    assert (registration.push_state, registration.attention) == ("pushed", "")
    assert diff(registration) == []
    event = registration.shop.events.get(kind="push_asked")
    assert event.data["changes"] == {
        "E-mail": ["lager@fjell.example", "ny@fjell.example"]
    }


def test_nothing_changed_is_nothing_to_push(parties: FakeParties) -> None:
    registration = created_shop()

    refused = refusal(ask, registration=registration)

    assert refused.code == "nothing_to_push"
    assert "nothing to push" in refused.text
    assert parties.pushes == []


def test_it_is_pushed_as_often_as_it_changes(parties: FakeParties) -> None:
    registration = created_shop()

    for phone in ("1", "2", "3"):
        change(registration, phone=phone)
        push(registration)

    assert [sent.phone for sent in parties.pushes] == ["1", "2", "3"]
    subjects = Transmission.objects.filter(operation="update_shop").order_by("pk")
    base = registration.subject
    assert list(subjects.values_list("subject", flat=True)) == [
        f"{base}#1",
        f"{base}#2",
        f"{base}#3",
    ]


def test_details_given_with_the_push_are_kept(parties: FakeParties) -> None:
    registration = created_shop()

    push(registration, details={"owner": "nordlys", "products": "b"})

    assert parties.pushes[0].details == {"owner": "nordlys", "products": "b"}
    assert registration.details == {"owner": "nordlys", "products": "b"}
    registration.shop.refresh_from_db()
    assert registration.shop.version == 3


def test_refused_push_leaves_what_was_accepted(parties: FakeParties) -> None:
    registration = created_shop()
    parties.push_answers = [Refused("The phone won't do.")]
    change(registration, phone="1")

    push(registration)

    assert registration.push_state == PushState.REFUSED
    assert registration.attention == "The phone won't do."
    assert diff(registration) == [("Phone", "90000001", "1")]
    push(registration)
    assert registration.push_state == PushState.PUSHED
    assert diff(registration) == []


def test_change_after_asking_takes_the_push_back(parties: FakeParties) -> None:
    registration = created_shop()
    change(registration, phone="1")
    ask(registration)
    asked = Transmission.objects.latest("pk")
    change(registration, phone="2")

    transmit(transmission_id=asked.pk)

    asked.refresh_from_db()
    registration.refresh_from_db()
    assert (asked.state, registration.push_state) == (State.WITHDRAWN, "none")
    assert parties.pushes == []
    assert diff(registration) == [("Phone", "90000001", "2")]


def test_one_push_at_a_time(parties: FakeParties) -> None:
    registration = created_shop()
    change(registration, phone="1")
    ask(registration)

    refused = refusal(ask, registration=registration)

    assert refused.code == "not_pushable"
    assert "on its way already" in refused.text


def test_unknown_push_is_settled_and_then_pushed_on(parties: FakeParties) -> None:
    registration = created_shop()
    parties.push_answers = [OutcomeUnknown("No answer.", kind=Kind.TIMEOUT)]
    change(registration, phone="1")
    push(registration)
    assert registration.push_state == PushState.UNKNOWN
    assert "not known" in refusal(ask, registration=registration).text

    resolve_shop(
        shop_id=registration.shop_id,
        supplier_id=registration.supplier_id,
        actor=make_user("operator"),
        outcome="done",
        evidence="They see the new number.",
    )

    registration.refresh_from_db()
    assert (registration.push_state, registration.vendor_id) == ("pushed", "20431")
    assert diff(registration) == []


def test_push_settled_as_not_done_may_be_asked_for_again(parties: FakeParties) -> None:
    registration = created_shop()
    parties.push_answers = [OutcomeUnknown("No answer.", kind=Kind.TIMEOUT)]
    change(registration, phone="1")
    push(registration)

    resolve_shop(
        shop_id=registration.shop_id,
        supplier_id=registration.supplier_id,
        actor=make_user("operator"),
        outcome="not_done",
        evidence="Still the old one.",
    )
    push(registration)

    assert [sent.phone for sent in parties.pushes] == ["1", "1"]
    assert registration.push_state == PushState.PUSHED


def test_only_what_was_shown_is_pushed(parties: FakeParties) -> None:
    registration = created_shop()
    change(registration, phone="1")
    shown = queries.content_hash(ShopRegistration.objects.get(pk=registration.pk))
    change(registration, phone="2")

    refused = refusal(ask, registration=registration, confirmed=shown)

    assert refused.code == "version_conflict"
    assert not Transmission.objects.filter(operation="update_shop").exists()


@pytest.mark.parametrize("answer", [Accepted(number=None), Refused("No.")])
def test_shop_without_an_id_is_not_pushed(
    parties: FakeParties, answer: Accepted | Exception
) -> None:
    parties.shop_answers = [answer]
    registration = created_shop()

    assert refusal(ask, registration=registration).code == "not_pushable"


def test_of_a_shop_made_elsewhere_everything_is_new(parties: FakeParties) -> None:
    shop, supplier = make_shop(), make_supplier()
    registration = record_vendor_id(
        shop_id=shop.pk,
        supplier_id=supplier.pk,
        actor=make_user("operator"),
        vendor_id="5",
        evidence="Made by them.",
    )

    labels = [label for label, before, _ in diff(registration) if before is None]
    assert labels[:2] == ["Name", "Organization number"]
    push(registration, details={"owner": "nordlys"})
    assert parties.pushes[0].vendor_id == "5"


def test_shop_made_in_test_mode_is_not_pushed_to_the_live_account(
    parties: FakeParties,
) -> None:
    registration = created_shop()
    change(registration, phone="1")
    change_supplier(
        supplier_id=registration.supplier_id, actor=None, data={"mode": "live"}
    )

    refused = refusal(ask, registration=registration)

    assert "was made while the supplier was in test mode" in refused.text


def test_vendor_without_updates_is_told_with_its_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    use_fake(monkeypatch, FakeParties(can_update_shops=False))
    registration = created_shop()
    change(registration, phone="1")

    assert refusal(ask, registration=registration).code == "not_offered"


def test_other_id_forgets_what_the_first_shop_accepted(parties: FakeParties) -> None:
    registration = created_shop()

    record_vendor_id(
        shop_id=registration.shop_id,
        supplier_id=registration.supplier_id,
        actor=make_user("operator"),
        vendor_id="99",
        evidence="The first one was a mistake of theirs.",
    )

    registration.refresh_from_db()
    assert (registration.vendor_id, registration.last_accepted) == ("99", None)


@pytest.mark.django_db(transaction=True)
def test_many_at_once_ask_for_one_push(parties: FakeParties) -> None:
    registration = created_shop()
    change(registration, phone="1")

    results = at_once(8, lambda n: ask(registration))

    assert sum(isinstance(each, ShopRegistration) for each in results) == 1
    assert Transmission.objects.filter(operation="update_shop").count() == 1

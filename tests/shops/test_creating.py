"""Shops made at suppliers: once, whatever becomes of the answer."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from procurement.errors import InvalidInput
from procurement.shops.models import Shop, ShopRegistration, ShopState
from procurement.shops.operations import (
    change_shop,
    record_vendor_id,
    register_shop,
    resolve_shop,
)
from procurement.suppliers.models import Exchange
from procurement.suppliers.operations import change_supplier
from procurement.transmissions import sweeping
from procurement.transmissions.claiming import claim
from procurement.transmissions.models import State, Transmission
from tests.asserting import refusal
from tests.conftest import use_fake
from tests.factories import make_supplier, make_user
from tests.orders.test_at_once import at_once
from tests.parties import (
    ORGANIZATION,
    asked_for,
    created_shop,
    kinds,
    make_shop,
)
from tests.party_fakes import FakeParties
from tests.sending import transmit
from vendors.contracts import Accepted
from vendors.errors import Kind, NotSent, OutcomeUnknown, Refused

pytestmark = pytest.mark.django_db
LOST = OutcomeUnknown("No answer in 60 s.", kind=Kind.TIMEOUT)


def again(registration: ShopRegistration, **details: Any) -> Any:
    """What happens if somebody asks for it once more."""
    return refusal(
        register_shop,
        shop_id=registration.shop_id,
        supplier_id=registration.supplier_id,
        actor=make_user("buyer"),
        details={"owner": "nordlys", **details},
    )


def resolve(registration: ShopRegistration, outcome: str, **given: Any) -> None:
    resolve_shop(
        shop_id=registration.shop_id,
        supplier_id=registration.supplier_id,
        actor=make_user("operator"),
        outcome=outcome,
        **{"evidence": "Asked them by phone.", **given},
    )
    registration.refresh_from_db()


def lost(parties: FakeParties) -> tuple[ShopRegistration, Transmission]:
    parties.shop_answers = [LOST]
    registration, asked = asked_for(make_shop(), make_supplier())
    transmit(transmission_id=asked.pk)
    registration.refresh_from_db()
    asked.refresh_from_db()
    return registration, asked


def test_shop_is_created_with_all_that_is_known_of_it(parties: FakeParties) -> None:
    supplier = make_supplier()
    shop = make_shop(legal_name="Fjellbutikken AS")
    registration, asked = asked_for(shop, supplier, vat=True)
    assert registration.state == ShopState.QUEUED
    assert parties.shops == []

    transmit(transmission_id=asked.pk)

    (sent,) = parties.shops
    assert (sent.name, sent.organization_number) == ("Fjellbutikken AS", ORGANIZATION)
    assert (sent.address.zip_code, sent.address.country_code) == ("0181", "NO")
    assert sent.details == {"owner": "nordlys", "vat": True}
    assert sent.vendor_id == ""
    registration.refresh_from_db()
    assert (registration.state, registration.vendor_id) == ("created", "20431")
    assert registration.last_accepted["email"] == "lager@fjell.example"
    assert kinds(shop) == [
        "created",
        "creating_asked",
        "creating_sending",
        "creating_sent",
    ]


def test_its_exchanges_are_found_by_its_reference(parties: FakeParties) -> None:
    registration = created_shop()

    exchange = Exchange.objects.get()
    assert (exchange.subject, exchange.purpose) == (
        f"SHOP-{registration.shop_id}",
        "create_shop",
    )
    event = registration.shop.events.get(kind="creating_sent")
    assert event.conversation == exchange.conversation


def test_it_is_not_created_while_it_is_there(parties: FakeParties) -> None:
    registration = created_shop()

    refused = again(registration)

    assert refused.code == "already_there"
    assert "with the id 20431" in refused.text
    assert Transmission.objects.count() == 1


def test_it_is_not_asked_for_twice(parties: FakeParties) -> None:
    registration, _ = asked_for(make_shop(), make_supplier())

    assert again(registration).code == "already_there"
    assert Transmission.objects.count() == 1


def test_new_slug_of_the_supplier_makes_no_second_one_possible(
    parties: FakeParties,
) -> None:
    registration = created_shop()
    change_supplier(
        supplier_id=registration.supplier_id, actor=None, data={"slug": "renamed"}
    )
    ShopRegistration.objects.update(state=ShopState.NONE, vendor_id="")

    refused = again(registration)

    assert refused.code == "already_there"
    assert len(parties.shops) == 1


def test_lost_answer_is_never_sent_again(parties: FakeParties) -> None:
    registration, asked = lost(parties)

    for _ in range(3):
        sweeping.sweep()
        transmit(transmission_id=asked.pk)

    registration.refresh_from_db()
    assert registration.state == ShopState.UNKNOWN
    assert "a person has to find out" in registration.attention
    assert len(parties.shops) == 1
    assert "may have been created" in again(registration).text
    assert len(parties.shops) == 1


def test_worker_that_died_leaves_it_unknown(parties: FakeParties) -> None:
    registration, asked = asked_for(make_shop(), make_supplier())
    assert claim([asked.pk])
    Transmission.objects.update(lease_until=timezone.now() - timedelta(seconds=1))

    sweeping.sweep()
    transmit(transmission_id=asked.pk)

    registration.refresh_from_db()
    assert registration.state == ShopState.UNKNOWN
    assert parties.shops == []


def test_person_found_it_with_its_id(parties: FakeParties) -> None:
    registration, _ = lost(parties)

    resolve(registration, "done", vendor_id=" 777 ")

    assert (registration.state, registration.vendor_id) == ("created", "777")
    assert registration.attention == ""
    assert registration.last_accepted["name"] == "Fjellbutikken"
    event = registration.shop.events.latest("pk")
    assert (event.kind, event.actor_name) == ("creating_sent", "operator")
    assert "Asked them by phone." in event.text
    assert again(registration).code == "already_there"


def test_person_found_it_and_no_id(parties: FakeParties) -> None:
    registration, _ = lost(parties)

    resolve(registration, "done")

    assert registration.state == ShopState.CREATED_WITHOUT_ID
    assert "id is not known" in again(registration).text


def test_person_found_that_it_is_not_there(parties: FakeParties) -> None:
    registration, _ = lost(parties)

    resolve(registration, "not_done")
    assert (registration.state, registration.attention) == ("none", "")
    _, asked = asked_for(registration.shop, registration.supplier)
    transmit(transmission_id=asked.pk)

    registration.refresh_from_db()
    assert registration.state == ShopState.CREATED
    assert [shop.reference for shop in parties.shops] == [registration.reference] * 2


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"outcome": "maybe", "evidence": "x"}, "outcome"),
        ({"outcome": "done", "evidence": " "}, "evidence"),
        ({"outcome": "done", "evidence": "x", "vendor_id": "7\n8"}, "vendor_id"),
    ],
)
def test_settling_needs_an_outcome_and_evidence(
    parties: FakeParties, given: dict[str, str], field: str
) -> None:
    registration, _ = lost(parties)

    with pytest.raises(InvalidInput) as refused:
        resolve(registration, **given)

    assert list(refused.value.errors) == [field]
    registration.refresh_from_db()
    assert registration.state == ShopState.UNKNOWN


def test_only_what_is_unknown_is_settled(parties: FakeParties) -> None:
    registration = created_shop()

    refused = refusal(resolve, registration=registration, outcome="not_done")

    assert refused.code == "not_unknown"


def test_answer_without_an_id_is_never_posted_again(parties: FakeParties) -> None:
    parties.shop_answers = [Accepted(number=None, note="Ask DI for the shop.")]
    registration = created_shop()

    assert registration.state == ShopState.CREATED_WITHOUT_ID
    assert registration.attention == "Ask DI for the shop."
    assert "never created a second time" in again(registration).text

    record_vendor_id(
        shop_id=registration.shop_id,
        supplier_id=registration.supplier_id,
        actor=make_user("operator"),
        vendor_id="88",
        evidence="Mail from DI.",
    )

    registration.refresh_from_db()
    assert (registration.state, registration.vendor_id) == ("created", "88")
    assert registration.attention == ""
    # What was accepted stays known: a push compares with it.
    assert registration.last_accepted is not None
    event = registration.shop.events.latest("pk")
    assert (event.kind, event.text) == ("id_recorded", "Mail from DI.")
    assert len(parties.shops) == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"vendor_id": " ", "evidence": "x"}, "vendor_id"),
        ({"vendor_id": "x" * 81, "evidence": "x"}, "vendor_id"),
        ({"vendor_id": "88", "evidence": ""}, "evidence"),
    ],
)
def test_recording_needs_an_id_and_evidence(
    parties: FakeParties, given: dict[str, str], field: str
) -> None:
    shop, supplier = make_shop(), make_supplier()

    with pytest.raises(InvalidInput) as refused:
        record_vendor_id(
            shop_id=shop.pk, supplier_id=supplier.pk, actor=make_user("x"), **given
        )

    assert list(refused.value.errors) == [field]


def test_id_is_not_recorded_over_an_unknown_outcome(parties: FakeParties) -> None:
    registration, _ = lost(parties)

    refused = refusal(
        record_vendor_id,
        shop_id=registration.shop_id,
        supplier_id=registration.supplier_id,
        actor=make_user("operator"),
        vendor_id="88",
        evidence="Mail.",
    )

    assert "Settle it." in refused.text


def test_shop_made_elsewhere_is_recorded_and_not_created(parties: FakeParties) -> None:
    parties.can_create_shops = False
    shop, supplier = make_shop(), make_supplier()

    registration = record_vendor_id(
        shop_id=shop.pk,
        supplier_id=supplier.pk,
        actor=make_user("operator"),
        vendor_id="5",
        evidence="Made by them.",
    )

    assert (registration.state, registration.last_accepted) == ("created", None)
    assert parties.shops == []


def test_refused_shop_says_why_and_may_be_asked_for_again(parties: FakeParties) -> None:
    parties.shop_answers = [Refused("No such owner.", vendor_text="403 owner")]
    registration = created_shop()

    assert (registration.state, registration.attention) == ("refused", "No such owner.")
    event = registration.shop.events.latest("pk")
    assert event.data == {"vendor_text": "403 owner"}
    _, asked = asked_for(registration.shop, registration.supplier, products="a")
    transmit(transmission_id=asked.pk)
    registration.refresh_from_db()
    assert (registration.state, registration.attention) == ("created", "")


def test_what_was_not_sent_is_tried_again(parties: FakeParties) -> None:
    parties.shop_answers = [NotSent("No connection.", kind=Kind.CONNECTION)]
    registration, asked = asked_for(make_shop(), make_supplier())
    transmit(transmission_id=asked.pk)
    registration.refresh_from_db()
    assert registration.state == ShopState.QUEUED

    Transmission.objects.update(next_attempt_at=timezone.now())
    transmit(transmission_id=asked.pk)

    registration.refresh_from_db()
    assert registration.state == ShopState.CREATED


def test_change_after_asking_takes_it_back(parties: FakeParties) -> None:
    shop = make_shop()
    registration, asked = asked_for(shop, make_supplier())
    change_shop(shop_id=shop.pk, actor=None, data={"email": "ny@fjell.example"})

    transmit(transmission_id=asked.pk)

    registration.refresh_from_db()
    asked.refresh_from_db()
    assert parties.shops == []
    assert (asked.state, registration.state) == (State.WITHDRAWN, "none")
    assert registration.attention.startswith("The shop, or the mode of the supplier,")
    _, asked = asked_for(shop, registration.supplier)
    transmit(transmission_id=asked.pk)
    assert [sent.email for sent in parties.shops] == ["ny@fjell.example"]


def test_supplier_made_live_after_asking_takes_it_back(parties: FakeParties) -> None:
    registration, asked = asked_for(make_shop(), make_supplier())
    change_supplier(
        supplier_id=registration.supplier_id, actor=None, data={"mode": "live"}
    )

    transmit(transmission_id=asked.pk)

    asked.refresh_from_db()
    assert asked.state == State.WITHDRAWN
    assert parties.shops == []


def test_objections_stop_it_before_anything_is_asked_for(parties: FakeParties) -> None:
    parties.against_shops = ("The e-mail is missing.", "So is the city.")
    shop, supplier = make_shop(), make_supplier()

    refused = refusal(
        register_shop,
        shop_id=shop.pk,
        supplier_id=supplier.pk,
        actor=make_user("buyer"),
        details={"owner": "x"},
    )

    assert refused.code == "supplier_objects"
    assert refused.text == "The e-mail is missing. So is the city."
    assert not Transmission.objects.exists()
    assert not ShopRegistration.objects.exists()


@pytest.mark.parametrize(
    ("details", "field", "text"),
    [
        ({}, "details.owner", "Give Owner party."),
        ({"owner": "x", "colour": "red"}, "details.colour", "This vendor has no 'colo"),
        ({"owner": "x", "vat": "perhaps"}, "details.vat", "Give true or false."),
        ({"owner": "x", "products": "c"}, "details.products", "Choose one of a, b."),
    ],
)
def test_details_are_those_the_vendor_asks_for(
    parties: FakeParties, details: dict[str, Any], field: str, text: str
) -> None:
    shop, supplier = make_shop(), make_supplier()

    with pytest.raises(InvalidInput) as refused:
        register_shop(
            shop_id=shop.pk,
            supplier_id=supplier.pk,
            actor=make_user("buyer"),
            details=details,
        )

    assert list(refused.value.errors) == [field]
    assert refused.value.errors[field].startswith(text)


def test_vendor_without_shops_is_told_with_its_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    use_fake(monkeypatch, FakeParties(can_create_shops=False))
    shop, supplier = make_shop(), make_supplier()

    refused = refusal(
        register_shop, shop_id=shop.pk, supplier_id=supplier.pk, actor=make_user("b")
    )

    assert (refused.code, refused.text) == ("not_offered", "This vendor can't do that.")


def test_confirmation_of_an_older_version_is_refused(parties: FakeParties) -> None:
    shop, supplier = make_shop(), make_supplier()
    change_shop(shop_id=shop.pk, actor=None, data={"phone": "1"})

    refused = refusal(
        register_shop,
        shop_id=shop.pk,
        supplier_id=supplier.pk,
        actor=make_user("buyer"),
        details={"owner": "x"},
        version=1,
    )

    assert refused.code == "version_conflict"


def test_answer_that_comes_after_settling_keeps_it_from_being_made_again(
    parties: FakeParties,
) -> None:
    registration, asked = asked_for(make_shop(), make_supplier())

    def meanwhile() -> None:
        Transmission.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        sweeping.sweep()
        resolve(registration, "not_done")

    parties.on_create_shop = meanwhile
    transmit(transmission_id=asked.pk)

    registration.refresh_from_db()
    assert registration.state == ShopState.CREATED_WITHOUT_ID
    assert "was answered after it had been settled" in registration.attention
    assert again(registration).code == "already_there"


def test_late_answer_takes_back_what_was_asked_for_meanwhile(
    parties: FakeParties,
) -> None:
    registration, first = asked_for(make_shop(), make_supplier())
    asked: list[Transmission] = []

    def meanwhile() -> None:
        Transmission.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        sweeping.sweep()
        resolve(registration, "not_done")
        asked.append(asked_for(registration.shop, registration.supplier)[1])

    parties.on_create_shop = meanwhile
    transmit(transmission_id=first.pk)
    transmit(transmission_id=asked[0].pk)

    registration.refresh_from_db()
    assert len(parties.shops) == 1
    assert registration.state == ShopState.CREATED_WITHOUT_ID


def test_id_and_state_can_not_disagree(parties: FakeParties) -> None:
    registration = created_shop()

    for wrong in ({"vendor_id": ""}, {"state": ShopState.NONE}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ShopRegistration.objects.filter(pk=registration.pk).update(**wrong)


def test_two_accounts_have_the_shop_each(parties: FakeParties) -> None:
    shop = make_shop()
    for slug in ("first", "second"):
        _, asked = asked_for(shop, make_supplier(slug=slug))
        transmit(transmission_id=asked.pk)

    assert shop.registrations.filter(state=ShopState.CREATED).count() == 2


@pytest.mark.django_db(transaction=True)
def test_many_at_once_ask_for_it_once(parties: FakeParties) -> None:
    shop, supplier, buyer = make_shop(), make_supplier(), make_user("buyer")

    results = at_once(
        10,
        lambda n: register_shop(
            shop_id=shop.pk,
            supplier_id=supplier.pk,
            actor=buyer,
            details={"owner": "x"},
        ),
    )

    refused = [each for each in results if not isinstance(each, ShopRegistration)]
    assert {each.code for each in refused} == {"already_there"}
    assert len(refused) == 9
    asked = Transmission.objects.get()
    at_once(5, lambda n: transmit(transmission_id=asked.pk))
    assert len(parties.shops) == 1


@pytest.mark.django_db(transaction=True)
def test_changing_and_asking_at_once_send_only_what_was_confirmed(
    parties: FakeParties,
) -> None:
    shop, supplier, buyer = make_shop(), make_supplier(), make_user("buyer")

    def work(number: int) -> Any:
        if number % 2:
            return change_shop(shop_id=shop.pk, actor=buyer, data={"phone": "2"})
        return register_shop(
            shop_id=shop.pk,
            supplier_id=supplier.pk,
            actor=buyer,
            details={"owner": "x"},
            version=1,
        )

    at_once(4, work)
    for asked in Transmission.objects.all():
        transmit(transmission_id=asked.pk)

    assert parties.shops == []
    assert Shop.objects.get().phone == "2"

"""Handing over: what is written, what is refused, and that a repeat changes nothing."""

import pytest
from django.contrib.auth.models import User

from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.orders.operations import cancel_order
from procurement.transmissions.operations import settle_unknown
from procurement.troubles.models import TroubleOwner
from procurement.troubles.operations import hand_over
from tests.admin.conftest import member
from tests.factories import make_user
from tests.fakes import FakeVendor
from tests.troubles.world import refused, unknown, waiting
from vendors.errors import Kind

pytestmark = pytest.mark.django_db


@pytest.fixture
def olle() -> User:
    return member("olle", "Operator")


@pytest.fixture
def bea() -> User:
    return member("bea", "Buyer")


def test_owner_and_note_are_kept_and_told(
    fake_vendor: FakeVendor, olle: User, bea: User
) -> None:
    order, asked = refused(fake_vendor)

    hand_over(
        transmission_id=asked.pk, owner_id=bea.pk, actor=olle, note=" Ask  NORD. "
    )

    owned = TroubleOwner.objects.get()
    assert (owned.owner, owned.assigned_by, owned.note) == (bea, olle, "Ask NORD.")
    event = order.events.get(kind="handed_over")
    assert event.actor == olle
    assert event.text == "bea looks after it. Ask NORD."
    before = (order.transmission, order.approval, order.attention)
    order.refresh_from_db()
    assert (order.transmission, order.approval, order.attention) == before


def test_next_owner_takes_the_place_of_the_last(
    fake_vendor: FakeVendor, olle: User, bea: User
) -> None:
    order, asked = unknown(fake_vendor)
    hand_over(transmission_id=asked.pk, owner_id=bea.pk, actor=olle)

    hand_over(transmission_id=asked.pk, owner_id=olle.pk, actor=bea)

    assert TroubleOwner.objects.get().owner == olle
    assert order.events.filter(kind="handed_over").count() == 2


def test_handing_over_twice_alike_is_refused(
    fake_vendor: FakeVendor, olle: User, bea: User
) -> None:
    order, asked = unknown(fake_vendor)
    hand_over(transmission_id=asked.pk, owner_id=bea.pk, actor=olle)

    with pytest.raises(OperationNotAllowed, match=r"bea looks after .* already"):
        hand_over(transmission_id=asked.pk, owner_id=bea.pk, actor=olle)

    assert order.events.filter(kind="handed_over").count() == 1


def test_what_is_solved_is_handed_to_nobody(
    fake_vendor: FakeVendor, olle: User, bea: User
) -> None:
    cancelled, asked = refused(fake_vendor)
    cancel_order(order_id=cancelled.pk, actor=olle)
    _, settled = unknown(fake_vendor, cancelled.supplier)
    settle_unknown(
        transmission_id=settled.pk, actor=olle, has_landed=True, evidence="Seen."
    )

    for each in (asked, settled):
        with pytest.raises(OperationNotAllowed, match="needs nobody now"):
            hand_over(transmission_id=each.pk, owner_id=bea.pk, actor=olle)

    assert not TroubleOwner.objects.exists()


def test_what_goes_on_by_itself_may_be_watched(
    fake_vendor: FakeVendor, olle: User, bea: User
) -> None:
    _, asked = waiting(fake_vendor, Kind.THROTTLED)

    owned = hand_over(transmission_id=asked.pk, owner_id=bea.pk, actor=olle)

    assert owned.owner == bea


@pytest.mark.parametrize("who", ["nobody", "stranger", "gone", "missing"])
def test_only_somebody_who_may_see_it_gets_it(
    fake_vendor: FakeVendor, olle: User, who: str
) -> None:
    order, asked = refused(fake_vendor)
    gone = member("gone", "Buyer")
    User.objects.filter(pk=gone.pk).update(is_active=False)
    chosen = {
        "nobody": None,
        "stranger": make_user("stranger").pk,
        "gone": gone.pk,
        "missing": 99_999,
    }

    with pytest.raises(InvalidInput) as refusal:
        hand_over(transmission_id=asked.pk, owner_id=chosen[who], actor=olle)

    assert set(refusal.value.errors) == {"owner"}
    assert not TroubleOwner.objects.exists()
    assert not order.events.filter(kind="handed_over").exists()


def test_note_has_an_end(fake_vendor: FakeVendor, olle: User, bea: User) -> None:
    _, asked = refused(fake_vendor)

    with pytest.raises(InvalidInput) as refusal:
        hand_over(transmission_id=asked.pk, owner_id=bea.pk, actor=olle, note="x" * 401)

    assert set(refusal.value.errors) == {"note"}
    assert not TroubleOwner.objects.exists()

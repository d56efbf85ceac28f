from typing import Any

import pytest
from django.utils import timezone

from procurement.suppliers import gates
from procurement.suppliers.models import Breaker, Supplier, SupplierHealth
from tests.factories import make_supplier
from tests.fakes import FakeVendor
from vendors.errors import HeldBack, Kind, NotSent, Refused

pytestmark = pytest.mark.django_db


def fresh(supplier: Supplier) -> Supplier:
    return Supplier.objects.select_related("health").get(pk=supplier.pk)


def opened(supplier: Supplier) -> None:
    SupplierHealth.objects.filter(supplier=supplier).update(
        breaker=Breaker.OPEN, breaker_openings=1, breaker_until=timezone.now()
    )


def test_room_is_what_the_calls_a_minute_leave(fake_vendor: FakeVendor) -> None:
    supplier = make_supplier(options={"calls_per_minute": 60, "calls_at_once": 50})

    room = gates.room(fresh(supplier), under_way=0)

    assert 1 <= room < 50, "a second's worth and what may be run ahead"


def test_room_is_what_the_calls_at_once_leave(fake_vendor: FakeVendor) -> None:
    supplier = make_supplier(options={"calls_at_once": 3, "calls_per_minute": 0})

    rooms = [gates.room(fresh(supplier), under_way=n) for n in (0, 2, 3, 9)]

    assert rooms == [3, 1, 0, 0]


@pytest.mark.parametrize(
    ("answer", "is_still_open"),
    [
        (HeldBack("Used up.", kind=Kind.THROTTLED, retry_after=7), True),
        (Refused("It says no to the question."), False),
    ],
)
def test_try_that_taught_nothing_waits_and_one_that_was_answered_counts(
    monkeypatch: pytest.MonkeyPatch,
    fake_vendor: FakeVendor,
    answer: NotSent | Refused,
    is_still_open: bool,
) -> None:
    supplier = make_supplier()
    opened(supplier)

    def answers(client: Any) -> str:
        raise answer

    monkeypatch.setattr(gates, "_check_of", lambda supplier: answers)

    gates.probe(supplier_id=supplier.pk)

    health = SupplierHealth.objects.get(supplier=supplier)
    assert (health.breaker == Breaker.OPEN) == is_still_open
    assert gates.due_probes() == []

from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import OperationalError

from procurement.orders.sending import PlaceOrder
from procurement.transmissions import claiming, waiting
from procurement.transmissions.claiming import claim, claim_next
from procurement.transmissions.models import Attempt, State, Transmission
from tests.factories import make_queued_order, make_supplier
from tests.fakes import FakeVendor
from tests.sending import transmit

pytestmark = pytest.mark.django_db

NOBODY: Counter[int] = Counter()


def take(limit: int = 9) -> list[Attempt]:
    return claim_next(limit, here=NOBODY, elsewhere=NOBODY)


def queued(count: int) -> list[int]:
    supplier = make_supplier()
    return [make_queued_order(supplier)[1].pk for _ in range(count)]


def test_what_another_took_meanwhile_is_left_to_it(
    monkeypatch: pytest.MonkeyPatch, fake_vendor: FakeVendor
) -> None:
    first, second = queued(2)
    together = PlaceOrder.together

    @contextmanager
    def another_is_faster(*args: Any, **kwargs: Any) -> Iterator[Any]:
        Transmission.objects.filter(pk=first).update(state=State.WITHDRAWN)
        with together(*args, **kwargs) as held:
            yield held

    monkeypatch.setattr(PlaceOrder, "together", another_is_faster)

    assert [each.transmission_id for each in take()] == [second]
    assert Attempt.objects.count() == 1


def test_nothing_is_claimed_twice_in_a_row(fake_vendor: FakeVendor) -> None:
    queued(2)

    assert len(take()) == 2
    assert take() == []


def test_claims_stop_where_the_database_goes_away_and_keep_what_they_have(
    monkeypatch: pytest.MonkeyPatch, fake_vendor: FakeVendor
) -> None:
    ids = queued(3)

    def falters(pks: Collection[int], **kwargs: Any) -> list[Attempt]:
        if len(pks) > 1:
            raise ZeroDivisionError
        if pks == [ids[1]]:
            raise OperationalError("gone")
        return claim(pks, **kwargs)

    monkeypatch.setattr(claiming, "claim", falters)

    assert [each.transmission_id for each in take()] == ids[:1]


@pytest.mark.parametrize("where", ["claim", "next_ids"])
def test_database_that_is_away_from_the_start_is_no_broken_order(
    monkeypatch: pytest.MonkeyPatch, fake_vendor: FakeVendor, where: str
) -> None:
    queued(2)

    def is_away(*args: Any, **kwargs: Any) -> Any:
        raise OperationalError("gone")

    monkeypatch.setattr(claiming if where == "claim" else waiting, where, is_away)

    with pytest.raises(OperationalError):
        take()


def test_database_that_goes_away_after_writing_leaves_it_unknown(
    fake_vendor: FakeVendor,
) -> None:
    [pk] = queued(1)
    fake_vendor.answers = [OperationalError("gone")]

    transmit(transmission_id=pk)

    assert Transmission.objects.get(pk=pk).state == State.UNKNOWN

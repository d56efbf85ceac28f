"""Many who tell of the same items at the same moment, on real connections."""

import threading
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from procurement.catalogue.models import ItemOffer
from procurement.catalogue.recording import record_offers
from procurement.catalogue.told import Told
from procurement.suppliers.models import Supplier, SupplierItem
from tests.catalogue.fakes import FakeRange, offer
from tests.factories import make_supplier

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_each_item_one_offer_is_the_present_one(shelves: FakeRange) -> None:
    supplier = make_supplier()
    numbers = ["A", "B", "C", "D"]
    gate = threading.Barrier(6)
    failures: list[Any] = []

    def tell(price: int) -> None:
        gate.wait()
        try:
            for turn in range(3):
                # Half of them the other way round, as two who meet would have it.
                order = numbers if price % 2 else numbers[::-1]
                told = [Told.of(offer(each, str(price + turn))) for each in order]
                record_offers(
                    supplier=Supplier.objects.get(pk=supplier.pk),
                    told=told,
                    source="live",  # type: ignore[arg-type]
                )
        except Exception as failure:
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=tell, args=(10 + n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert SupplierItem.objects.count() == 4
    present = ItemOffer.objects.filter(is_current=True)
    assert sorted(each.item.item_number for each in present) == numbers
    assert all(Decimal(10) <= each.price <= Decimal(17) for each in present)

"""A vendor that throttles, over HTTP: our calls stay inside what it asked for."""

from collections.abc import Iterator

import pytest
from django.utils import timezone

from procurement.suppliers import budgets, gates
from procurement.suppliers.models import CallBudget, Supplier, SupplierHealth
from procurement.suppliers.operations import check_supplier
from tests.sandboxed import connect
from vendors.errors import HeldBack, Kind, NotSent
from vendors.sandbox import Sandbox

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox(port=0) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    running.reset()
    return running


@pytest.fixture
def supplier(sandbox: Sandbox) -> Supplier:
    return connect(sandbox, "eet")


def room_at(supplier: Supplier) -> int:
    found = Supplier.objects.select_related("health").get(pk=supplier.pk)
    return gates.room(found, under_way=0)


@pytest.mark.parametrize(
    ("advice", "least", "most"), [(30, 29, 30), (None, 5, 7)], ids=["told", "untold"]
)
def test_throttled_supplier_gets_no_call_until_the_time_is_over(
    sandbox: Sandbox, supplier: Supplier, advice: int | None, least: int, most: int
) -> None:
    sandbox.add_fault("eet", fault="throttled", times=1, retry_after=advice)
    with pytest.raises(NotSent) as throttled:
        check_supplier(supplier_id=supplier.pk, actor=None)
    assert (throttled.value.kind, throttled.value.status) == (Kind.THROTTLED, 429)

    for _ in range(5):
        with pytest.raises(HeldBack) as held:
            check_supplier(supplier_id=supplier.pk, actor=None)
        assert held.value.retry_after is not None
        assert least <= held.value.retry_after <= most
    assert len(sandbox.calls("eet")) == 1
    assert room_at(supplier) == 0

    budgets.forget()
    CallBudget.objects.update(closed_until=timezone.now())
    SupplierHealth.objects.update(throttled_until=timezone.now())
    check_supplier(supplier_id=supplier.pk, actor=None)
    assert len(sandbox.calls("eet")) == 2
    assert room_at(supplier) > 0

"""Workers that are killed, and several at the same run, on real connections."""

import os
import resource
import signal
from collections import Counter
from functools import partial
from pathlib import Path

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from procurement.coordination.models import Lease
from procurement.orders import bulk
from procurement.orders.actions import get_action
from procurement.orders.models import OrderEvent, PurchaseOrder
from procurement.orders.states import Approval
from procurement.runs.models import ItemState, Run, RunItem
from procurement.runs.operations import ask_for_run, lease_name
from procurement.runs.working import work_off
from procurement.suppliers.models import Supplier
from procurement.transmissions.models import Transmission
from tests.factories import make_approved_order, make_supplier, make_user
from tests.orders.test_at_once import at_once
from tests.processes import process, wait_until
from tests.runs.kinds import items

pytestmark = pytest.mark.django_db(transaction=True)


def asked(action: str, orders: list[PurchaseOrder]) -> Run:
    actor = make_user("buyer", f"{action}_purchaseorder")
    return bulk.ask_for_action(
        action=get_action(action),
        actor=actor,
        versions={order.pk: order.version for order in orders},
        left_out=(),
        entered={},
        token="",
    )


def drafts(count: int, supplier: Supplier) -> list[PurchaseOrder]:
    buyer = make_user("buyer")
    return PurchaseOrder.objects.bulk_create(
        PurchaseOrder(
            number=f"PO-2030-{n:06d}",
            supplier=supplier,
            buyer=buyer,
            created_by=buyer,
            currency="SEK",
        )
        for n in range(count)
    )


def has_more(rows: QuerySet[RunItem], than: int) -> bool:
    return rows.count() > than


def events_of(kind: str) -> Counter[int]:
    keys = OrderEvent.objects.filter(kind=kind).values_list("order_id", flat=True)
    return Counter(keys)


def test_two_workers_do_each_item_once() -> None:
    run = ask_for_run(kind="note", actor=make_user("buyer"), items=items(12))

    at_once(4, lambda n: work_off(run_id=run.pk))

    run.refresh_from_db()
    assert (run.state, run.done, run.failed) == ("done", 12, 0)


def test_worker_whose_lease_ran_out_does_nothing_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Both believe that the run is theirs; the row of the item decides."""
    monkeypatch.setattr("procurement.runs.working.LEASE_SECONDS", -1)
    run = asked("submit", drafts(12, make_supplier()))

    at_once(4, lambda n: work_off(run_id=run.pk))

    work_off(run_id=run.pk)
    run.refresh_from_db()
    assert (run.state, run.done) == ("done", 12)
    assert set(events_of("submitted").values()) == {1}


@pytest.mark.slow
def test_killed_worker_leaves_nothing_done_twice_or_lost(tmp_path: Path) -> None:
    supplier = make_supplier()
    orders = [make_approved_order(supplier) for _ in range(8)]
    run = asked("send", orders)
    log = tmp_path / "worker.log"
    done = run.items.filter(state=ItemState.DONE)

    for _ in range(2):
        before = done.count()
        with process("-m", "tests.runs.worker", str(run.pk), "0.4", log=log) as worker:
            wait_until("it has done some", partial(has_more, done, before + 1))
            os.kill(worker.pid, signal.SIGKILL)
            worker.wait()
        # What was under way went with its transaction.
        assert Transmission.objects.count() == done.count()
        Lease.objects.filter(name=lease_name(run.pk)).update(expires_at=timezone.now())

    with process("-m", "tests.runs.worker", str(run.pk), "0", log=log) as worker:
        assert worker.wait(timeout=60) == 0, log.read_text()

    run.refresh_from_db()
    assert (run.state, run.done) == ("done", 8)
    assert set(events_of("sending_asked").values()) == {1}
    assert Transmission.objects.count() == 8


@pytest.mark.slow
def test_a_thousand_orders_in_bounded_memory() -> None:
    orders = drafts(1000, make_supplier())
    run = asked("submit", orders)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    while work_off(run_id=run.pk) != "done":
        pass

    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    run.refresh_from_db()
    assert (run.done, run.skipped, run.failed) == (1000, 0, 0)
    pending = PurchaseOrder.objects.filter(approval=Approval.PENDING)
    assert pending.count() == 1000
    assert set(events_of("submitted").values()) == {1}
    assert grown < 40_000, f"grew by {grown} kB on {connection.vendor}"

"""After a restore nothing is ordered twice, whatever was sent since the backup."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.contenttypes.models import ContentType

from procurement.backups.archive import verify
from procurement.backups.holding import hold_everything, still_held, to_ask_first
from procurement.backups.taking import take_backup
from procurement.orders.models import OrderEvent, PurchaseOrder
from procurement.orders.operations import resolve_order, send_order
from procurement.runs.models import Run, RunState
from procurement.suppliers.models import Supplier
from procurement.suppliers.operations import resume_supplier
from procurement.transmissions.looking_up import look_up
from procurement.transmissions.models import State, Transmission
from tests.factories import make_user
from tests.moving.shelf import put_back
from tests.sandboxed import connect, queue_order
from tests.sending import transmit
from vendors.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)
AHEAD = 1000


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(port=0, step_seconds=36000) as running:
        yield running


def send_again(order: PurchaseOrder) -> Transmission:
    """As a person would who finds it not sent."""
    return send_order(order_id=order.pk, actor=make_user("buyer"))


def withdrawn(order: PurchaseOrder) -> None:
    """Approved and not sent, as the backup has it."""
    Transmission.objects.filter(subject=order.number).delete()
    PurchaseOrder.objects.filter(pk=order.pk).update(transmission="none")


def carry(transmission: Transmission) -> Transmission:
    transmit(transmission_id=transmission.pk)
    transmission.refresh_from_db()
    return transmission


def restore(path: Path) -> None:
    put_back(path, ahead=AHEAD)
    ContentType.objects.clear_cache()
    hold_everything(taken_at=verify(path).taken_at)


@pytest.mark.parametrize("vendor", ["extend", "eet"])
def test_nothing_is_ordered_twice_after_a_restore(
    vendor: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    supplier = connect(sandbox, vendor)
    queued, queued_transmission = queue_order(supplier)
    approved, _ = queue_order(supplier)
    never, _ = queue_order(supplier)
    for order in (approved, never):
        OrderEvent.objects.filter(order=order).update(transmission=None)
        withdrawn(order)
    person = make_user("buyer")
    run = Run.objects.create(kind="orders", title="Send all", asked_by=person)
    taken = take_backup(tmp_path, keep=None)

    # What happens after the backup, and is forgotten by it.
    assert carry(queued_transmission).state == State.SENT
    assert carry(send_again(approved)).state == State.SENT
    later, later_transmission = queue_order(supplier)
    assert carry(later_transmission).state == State.SENT
    booked = sorted(order["reference"] for order in sandbox.orders(vendor))
    assert booked == sorted([queued.number, approved.number, later.number])

    restore(taken.path)

    # Nothing leaves while the supplier is paused, whoever asks for it.
    [held] = still_held()
    assert held.supplier == supplier
    assert held.unknown == 1
    assert to_ask_first() == 2
    run.refresh_from_db()
    assert run.state == RunState.STOPPED
    assert carry(Transmission.objects.get(subject=queued.number)).state == "unknown"
    asked = send_again(approved)
    assert carry(asked).state == State.QUEUED
    assert len(sandbox.orders(vendor)) == 3

    # Nor does anything afterwards that the supplier may have.
    resume_supplier(supplier_id=supplier.pk, actor=person)
    assert carry(asked).state == State.UNKNOWN
    asked_for_never = carry(send_again(never))
    assert asked_for_never.state == State.UNKNOWN
    assert len(sandbox.orders(vendor)) == 3

    if vendor == "extend":
        for each in Transmission.objects.filter(state=State.UNKNOWN):
            look_up(transmission_id=each.pk)
        for order in (queued, approved):
            order.refresh_from_db()
            assert order.transmission == "sent"
            assert order.supplier_order_number
    asked_for_never.refresh_from_db()
    assert asked_for_never.state == State.UNKNOWN

    # What is settled as not there goes once; a new order takes no number given before.
    resolve_order(
        order_id=never.pk, actor=person, outcome="not_placed", evidence="Asked by phone"
    )
    assert carry(send_again(never)).state == State.SENT
    new, new_transmission = queue_order(Supplier.objects.get())
    assert int(new.number[-6:]) > int(later.number[-6:])
    assert carry(new_transmission).state == State.SENT
    references = [order["reference"] for order in sandbox.orders(vendor)]
    assert sorted(references) == sorted([*booked, never.number, new.number])

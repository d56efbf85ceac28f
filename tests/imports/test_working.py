"""Large files in the hands of workers: whole, or not at all."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, User

from procurement.imports import kinds, operations
from procurement.imports.kinds import ORDERS
from procurement.imports.models import FileImport, ImportState, OrderImport
from procurement.orders.models import PurchaseOrder
from procurement.runs.models import Run, RunState
from procurement.runs.operations import stop_run
from procurement.runs.working import work_off
from procurement.suppliers.models import Supplier
from tests.factories import make_order
from tests.imports.files import csv_of
from tests.runs.kinds import Killed

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(
    buyer: User, supplier: Supplier, monkeypatch: pytest.MonkeyPatch
) -> FileImport:
    """Three orders, confirmed and waiting for a worker."""
    monkeypatch.setattr(operations, "SMALL_ROWS", 0)
    content = csv_of(*[f"W-{n};nord;SKU-1;1;10" for n in range(3)])
    stored = operations.bring_import(
        kind=ORDERS, actor=buyer, name="orders.csv", content=content
    )
    return operations.ask_to_apply(
        kind=ORDERS, import_id=stored.pk, sha256=stored.sha256, actor=buyer
    )


def run_of(stored: FileImport) -> Run:
    assert stored.run is not None
    return stored.run


def test_worker_that_dies_in_the_middle_leaves_nothing_and_the_next_does_all(
    asked: FileImport, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, made = ORDERS.write, []

    def write_and_die(*args: Any) -> Any:
        write(*args)
        made.append(PurchaseOrder.objects.count())
        raise Killed

    dying = kinds.Kind(**{**vars(ORDERS), "write": write_and_die})
    with pytest.raises(Killed):
        operations.apply_import(
            kind=dying,
            import_id=asked.pk,
            sha256=asked.sha256,
            actor=asked.uploaded_by,
        )
    assert made == [3]
    assert not PurchaseOrder.objects.exists()

    assert work_off(run_id=run_of(asked).pk) == RunState.DONE

    assert PurchaseOrder.objects.count() == 3
    assert OrderImport.objects.get().state == ImportState.DONE


def test_turn_repeated_after_it_was_done_does_nothing_more(asked: FileImport) -> None:
    run = run_of(asked)
    work_off(run_id=run.pk)
    # As if the worker had died before it could say that the run is over.
    Run.objects.filter(pk=run.pk).update(state=RunState.RUNNING, ended_at=None)

    assert work_off(run_id=run.pk) == RunState.DONE
    assert PurchaseOrder.objects.count() == 3


def test_stopped_run_has_imported_nothing_and_may_be_asked_for_again(
    asked: FileImport, buyer: User
) -> None:
    stop_run(run_id=run_of(asked).pk, actor=buyer)
    assert work_off(run_id=run_of(asked).pk) == RunState.STOPPED
    assert not PurchaseOrder.objects.exists()

    again = operations.ask_to_apply(
        kind=ORDERS, import_id=asked.pk, sha256=asked.sha256, actor=buyer
    )
    work_off(run_id=run_of(again).pk)
    assert PurchaseOrder.objects.count() == 3


def test_who_may_not_any_more_imports_nothing(asked: FileImport, buyer: User) -> None:
    buyer.groups.remove(Group.objects.get(name="Buyer"))

    assert work_off(run_id=run_of(asked).pk) == RunState.STOPPED
    assert not PurchaseOrder.objects.exists()


def test_what_came_between_fails_the_run_and_is_named_in_the_file(
    asked: FileImport, supplier: Supplier
) -> None:
    order = make_order(supplier, external_reference="W-1")

    assert work_off(run_id=run_of(asked).pk) == RunState.FAILED

    stored = OrderImport.objects.get()
    assert stored.state == ImportState.FAULTY
    assert str(order) in stored.findings["faults"][0]["text"]
    assert PurchaseOrder.objects.count() == 1, "the one that came between"


def test_file_that_is_gone_fails_the_run(asked: FileImport) -> None:
    OrderImport.objects.all().delete()

    run = run_of(asked)
    assert work_off(run_id=run.pk) == RunState.FAILED
    assert "is gone" in Run.objects.get(pk=run.pk).text


def test_two_that_import_the_same_file_at_once_import_it_once(
    buyer: User, supplier: Supplier, django_user_model: Any
) -> None:
    content = csv_of("W-1;nord;SKU-1;1;10")
    other = User.objects.create(username="other")
    other.groups.set(buyer.groups.all())
    mine, theirs = (
        operations.bring_import(
            kind=ORDERS, actor=actor, name="orders.csv", content=content
        )
        for actor in (buyer, other)
    )
    operations.ask_to_apply(
        kind=ORDERS, import_id=mine.pk, sha256=mine.sha256, actor=buyer
    )

    with pytest.raises(operations.OperationNotAllowed, match="This very file"):
        operations.ask_to_apply(
            kind=ORDERS, import_id=theirs.pk, sha256=theirs.sha256, actor=other
        )
    assert PurchaseOrder.objects.count() == 1

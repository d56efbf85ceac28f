"""How a worker gets a run through, in turns that any worker may take."""

import logging
from functools import partial

from django.contrib.auth.models import User
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F
from django.utils import timezone

from procurement.coordination.operations import forget_lease, lease
from procurement.coordination.turns import Turn, hint_again, hint_overdue
from procurement.errors import (
    InvalidInput,
    OperationNotAllowed,
    SupplierUnavailable,
)
from procurement.logs.ids import about, subject
from procurement.runs.kinds import RunKind, get_kind
from procurement.runs.models import ItemState, Run, RunItem, RunState
from procurement.runs.operations import (
    WORK,
    add_items,
    end_run,
    lease_name,
    stopped_by,
)
from procurement.runs.progress import Progress

log = logging.getLogger(__name__)

LEASE_SECONDS = 120
RENEW_SECONDS = 5
LONGEST_TURN = 480
"""A worker's tasks have a time limit, and the last step of a turn takes a while."""
READ_AHEAD = 50
MOST_TRIES = 5
"""So many turns in a row in which nothing was done are no coincidence."""

TRANSIENT = (OperationalError, InterfaceError)
"""The database's trouble of the moment: it says nothing about the item."""


class Stopped(Exception):
    """The run is not to go on; the text says why."""


def work_off(*, run_id: int, seconds: float | None = None) -> RunState:
    """Do what can be done in one turn; return the state the run is in then.

    Whatever happens to the worker, the next turn goes on where this one stopped.

    Args:
        seconds: how long the turn is; by default as long as the kind wants it.
    """
    with about(run=run_id):
        return _work_off(run_id, seconds)


def _work_off(run_id: int, seconds: float | None) -> RunState:
    run = Run.objects.filter(pk=run_id).first()
    if run is None or not run.is_in_work:
        return RunState(run.state) if run else RunState.DONE
    name = lease_name(run_id)
    with lease(name, seconds=LEASE_SECONDS) as held:
        if held is None:
            return RunState(run.state)
        # It may have moved on while somebody else had it.
        run.refresh_from_db()
        if run.is_in_work:
            kind = get_kind(run.kind)
            allowed = kind.turn_seconds if kind and seconds is None else seconds or 0
            turn = Turn(
                held, seconds=min(allowed, LONGEST_TURN), renew_seconds=RENEW_SECONDS
            )
            _take_turn(run, kind, turn)
    # Only now, since whoever is hinted has to find it free.
    if run.is_in_work:
        hint_again(WORK, Run.objects.in_work(), run.pk)
    else:
        forget_lease(name=name)
    return RunState(run.state)


def _take_turn(run: Run, kind: RunKind | None, turn: Turn) -> None:
    try:
        if kind is None:
            end_run(run, RunState.FAILED, f"No work is called {run.kind} any more.")
            return
        _begin(run, kind)
        if kind.work is not None:
            _look(run.pk, kind)
            look = partial(_look, run.pk, kind)
            kind.work(run, Progress(run, turn, look))
        else:
            _work_items(run, kind, turn)
        end_run(run, RunState.DONE)
    except Turn.Interrupted:
        return
    except Stopped as reason:
        end_run(run, RunState.STOPPED, str(reason))
    except (InvalidInput, OperationNotAllowed) as refusal:
        end_run(run, RunState.FAILED, refusal.text)
    except TRANSIENT:
        # The sweep takes it up again.
        raise
    except Exception as error:
        end_run(run, RunState.FAILED, f"The program failed: {type(error).__name__}.")
        log.exception("Run %s of the kind %s failed", run.pk, run.kind)


def _begin(run: Run, kind: RunKind) -> None:
    if run.tries >= MOST_TRIES:
        _give_up(run, kind)
    run.started_at = run.started_at or timezone.now()
    run.tries += 1
    ours = Run.objects.in_work().filter(pk=run.pk)
    if not ours.update(
        state=RunState.RUNNING, started_at=run.started_at, tries=run.tries
    ):
        # Stopped before its first turn.
        run.refresh_from_db()
        raise Turn.Interrupted
    run.state = RunState.RUNNING
    if not run.is_prepared and kind.prepare is not None:
        with transaction.atomic():
            add_items(run, kind.prepare(run))
            run.is_prepared = True
            run.save(update_fields=["is_prepared"])


def _give_up(run: Run, kind: RunKind) -> None:
    """Get past what no worker has lived through.

    Raises:
        OperationNotAllowed: there is nothing else to go on with.
    """
    first = run.items.filter(state=ItemState.WAITING).first()
    text = f"Given up: nothing came of it in {run.tries} turns."
    if first is None:
        raise OperationNotAllowed(text)
    with transaction.atomic():
        _mark(first, ItemState.FAILED, text)
    run.tries = 0


def _work_items(run: Run, kind: RunKind, turn: Turn) -> None:
    waiting = run.items.filter(state=ItemState.WAITING).order_by("position")
    while keys := list(waiting.values_list("pk", flat=True)[:READ_AHEAD]):
        for key in keys:
            if kind.in_transaction:
                _do_with_mark(kind, key)
            else:
                _do_then_mark(kind, key)
            turn.go_on()


def _do_with_mark(kind: RunKind, key: int) -> None:
    """The item and its mark stand together, or neither does."""
    with transaction.atomic():
        locked = RunItem.objects.select_for_update(of=("self",))
        item = locked.select_related("run").get(pk=key)
        if item.state != ItemState.WAITING:
            return
        actor = _actor(item.run, kind)
        _mark(item, *_outcome(kind, item, actor))


def _do_then_mark(kind: RunKind, key: int) -> None:
    item = RunItem.objects.select_related("run").get(pk=key)
    if item.state != ItemState.WAITING:
        return
    actor = _actor(item.run, kind)
    state, text = _outcome(kind, item, actor)
    with transaction.atomic():
        _mark(item, state, text)


def _look(run_id: int, kind: RunKind) -> None:
    _actor(Run.objects.get(pk=run_id), kind)


def _actor(run: Run, kind: RunKind) -> User:
    """The person in whose name the next step is done, as they are now.

    Raises:
        Stopped: it was asked for, or the person may not do it any more.
    """
    if run.stop_asked_at is not None:
        raise Stopped(stopped_by(run))
    actor = User.objects.get(pk=run.asked_by_id)
    if not actor.is_active or not kind.may(actor, run):
        raise Stopped(f"{actor.get_username()} may not do this any more.")
    return actor


def _outcome(kind: RunKind, item: RunItem, actor: User) -> tuple[ItemState, str]:
    with about(**subject(item.label if item.label[:3] == "PO-" else item.subject)):
        return _outcome_of(kind, item, actor)


def _outcome_of(kind: RunKind, item: RunItem, actor: User) -> tuple[ItemState, str]:
    try:
        if not kind.in_transaction:
            return _told(kind, item, actor)
        with transaction.atomic():
            return _told(kind, item, actor)
    except TRANSIENT:
        raise
    except Exception:
        # The items before it are done, so the others have to come to their turn.
        log.exception("Run %s failed at %s", item.run_id, item.subject)
        return ItemState.FAILED, "An error of this program; it is in the log."


def _told(kind: RunKind, item: RunItem, actor: User) -> tuple[ItemState, str]:
    """Do it. A refusal is caught where what it left written still stands."""
    assert kind.do_one is not None  # noqa: S101 - registering makes sure of it
    try:
        return ItemState.DONE, kind.do_one(item, actor)
    except SupplierUnavailable as refusal:
        return ItemState.FAILED, refusal.text
    except OperationNotAllowed as refusal:
        return ItemState.SKIPPED, refusal.text
    except InvalidInput as refusal:
        return ItemState.FAILED, refusal.text


def _mark(item: RunItem, state: ItemState, text: str) -> None:
    waiting = RunItem.objects.filter(pk=item.pk, state=ItemState.WAITING)
    if waiting.update(state=state, text=text, ended_at=timezone.now()):
        counter = {state.value: F(state.value) + 1}
        Run.objects.filter(pk=item.run_id).update(tries=0, **counter)


def hint_runs() -> int:
    """Hint the runs nobody works at: the hint was lost, or the worker killed."""
    return hint_overdue(WORK, Run.objects.in_work())

"""Asking for runs, stopping them, and forgetting those long past."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from itertools import islice
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from procurement.coordination.operations import forget_lease
from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.queue import hint
from procurement.runs.kinds import NewItem, RunKind, get_kind, label_of
from procurement.runs.models import (
    ItemState,
    Run,
    RunFilePart,
    RunItem,
    RunState,
)

WORK = "procurement.runs.tasks.work_off_run"
MOST_UNFINISHED = 20
"""Of one person; whoever has so many asks for them by mistake."""
ITEMS_AT_ONCE = 500
RUNS_PURGED_AT_ONCE = 100


def lease_name(run_id: int) -> str:
    return f"run:{run_id}"


@transaction.atomic
def ask_for_run(
    *,
    kind: str,
    actor: User,
    title: str = "",
    parameters: Mapping[str, Any] | None = None,
    items: Iterable[NewItem] = (),
    token: str = "",
    wake: bool = True,
) -> Run:
    """Write down what is to be done; a worker does it, in the name of the actor.

    Args:
        title: how people tell it from others; the kind's label if none is given.
        parameters: JSON, without secrets: it is kept and shown.
        token: of the form that asks. The same token of the same person is the same
            run, however often it is sent.
        wake: off where the caller takes the first turn itself. If it dies, the
            sweep finds the run.

    Raises:
        InvalidInput: there is nothing to do.
        OperationNotAllowed: the actor may not, or has too many under way.
    """
    if token and (known := run_of_form(actor, token)):
        return known
    about = get_kind(kind)
    if about is None:
        raise LookupError(f"No kind of run is called {kind!r}.")
    run = Run(
        kind=kind,
        title=(title or label_of(kind))[:200],
        asked_by=actor,
        token=token,
        parameters=dict(parameters or {}),
        hinted_at=timezone.now(),
    )
    _require_may(about, actor, run)
    _require_room(actor)
    try:
        with transaction.atomic():
            run.save()
    except IntegrityError:
        if token and (known := run_of_form(actor, token)):
            return known
        raise
    _fill(about, run, items)
    if wake:
        hint(WORK, run.pk)
    return run


def run_of_form(actor: User, token: str) -> Run | None:
    """What a form made already, if it was sent before."""
    return Run.objects.filter(asked_by=actor, token=token).first() if token else None


def _require_may(about: RunKind, actor: User, run: Run) -> None:
    if not about.may(actor, run):
        raise OperationNotAllowed(
            _("You may not have this done."), code="permission_missing"
        )


def _require_room(actor: User) -> None:
    running = Run.objects.in_work().filter(asked_by=actor)
    if len(running.values_list("pk")[:MOST_UNFINISHED]) >= MOST_UNFINISHED:
        text = ngettext(
            "You have %(most)d run under way. Wait for it, or stop it.",
            "You have %(most)d runs under way. Wait for one of them, or stop one.",
            MOST_UNFINISHED,
        )
        raise OperationNotAllowed(text % {"most": MOST_UNFINISHED}, code="too_many")


def _fill(about: RunKind, run: Run, items: Iterable[NewItem]) -> None:
    if about.do_one is None:
        return
    if add_items(run, items):
        return
    if about.prepare is None:
        raise InvalidInput({"items": _("Choose what it is to be done to.")})
    run.is_prepared, run.total = False, None
    run.save(update_fields=["is_prepared", "total"])


def add_items(run: Run, items: Iterable[NewItem]) -> int:
    """Write down what a run goes through, and count it; return how many."""
    now, added, skipped = timezone.now(), 0, 0
    numbered = enumerate(items, start=1)
    for batch in _batches(numbered):
        rows = [
            RunItem(
                run=run,
                position=position,
                subject=item.subject,
                label=item.label[:120],
                parameters=dict(item.parameters),
                state=ItemState.SKIPPED if item.skipped else ItemState.WAITING,
                text=item.skipped,
                ended_at=now if item.skipped else None,
            )
            for position, item in batch
        ]
        RunItem.objects.bulk_create(rows)
        added += len(rows)
        skipped += sum(bool(item.skipped) for _position, item in batch)
    run.total, run.skipped = added, skipped
    Run.objects.filter(pk=run.pk).update(total=added, skipped=skipped)
    return added


def _batches(
    items: Iterator[tuple[int, NewItem]],
) -> Iterator[list[tuple[int, NewItem]]]:
    while batch := list(islice(items, ITEMS_AT_ONCE)):
        yield batch


@transaction.atomic
def stop_run(*, run_id: int, actor: User) -> Run:
    """Have a run stop after what it is at; what was done stays done.

    Raises:
        OperationNotAllowed: it has ended, or is somebody else's.
    """
    run = Run.objects.select_for_update().get(pk=run_id)
    if run.asked_by_id != actor.pk and not actor.has_perm("runs.stop_all_runs"):
        raise OperationNotAllowed(
            _("Only the person who asked for it may stop it."),
            code="permission_missing",
        )
    if not run.is_in_work:
        raise OperationNotAllowed(
            _("It has ended already: %(state)s.")
            % {"state": run.get_state_display().lower()},
            code="ended",
        )
    if run.stop_asked_at is None:
        run.stop_asked_at, run.stop_asked_by = timezone.now(), actor
        run.save(update_fields=["stop_asked_at", "stop_asked_by"])
    if run.state == RunState.WAITING:
        end_run(run, RunState.STOPPED, stopped_by(run))
    return run


def stopped_by(run: Run) -> str:
    name = run.stop_asked_by.get_username() if run.stop_asked_by else ""
    return f"Stopped by {name}."


def end_run(run: Run, state: RunState, text: str = "") -> bool:
    """Move a run that is in work to its end; False if it has ended meanwhile."""
    run.state, run.text, run.ended_at = state, text, timezone.now()
    moved = (
        Run.objects.in_work()
        .filter(pk=run.pk)
        .update(state=state, text=text, ended_at=run.ended_at)
    )
    return bool(moved)


def stop_all(*, text: str) -> int:
    """End every run that is in work, without a person; say how many."""
    return sum(
        end_run(run, RunState.STOPPED, text)
        for run in Run.objects.in_work().order_by("pk")
    )


def purge_runs(*, older_than: timedelta, files_older_than: timedelta) -> int:
    """Forget runs that ended long ago, and the files of others before that."""
    purge_files(older_than=files_older_than)
    purged = 0
    moment = timezone.now() - older_than
    ended = Run.objects.filter(ended_at__lt=moment).order_by("ended_at")
    while keys := list(ended.values_list("pk", flat=True)[:RUNS_PURGED_AT_ONCE]):
        with transaction.atomic():
            for rows in (RunItem.objects, RunFilePart.objects):
                of_them = rows.filter(run__in=keys)
                of_them._raw_delete(of_them.db)
            purged += Run.objects.filter(pk__in=keys).delete()[0]
        for key in keys:
            forget_lease(name=lease_name(key))
    return purged


def purge_files(*, older_than: timedelta) -> int:
    """Forget the files of runs that ended so long ago; return of how many runs."""
    moment = timezone.now() - older_than
    stale = RunFilePart.objects.filter(run__ended_at__lt=moment)
    keys = list(stale.order_by().values_list("run_id", flat=True).distinct())
    for run_id in keys:
        drop_file(run_id)
    return len(keys)


@transaction.atomic
def drop_file(run_id: int) -> None:
    parts = RunFilePart.objects.filter(run=run_id)
    parts._raw_delete(parts.db)
    Run.objects.filter(pk=run_id).update(file_size=0)

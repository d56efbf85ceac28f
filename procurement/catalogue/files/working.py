"""How a worker gets a price file through: one at a time for each supplier."""

from django.db import DatabaseError, transaction
from django.utils import timezone

from procurement.catalogue.file_models import IN_WORK, FileState, PriceFile
from procurement.catalogue.files.applying import apply
from procurement.catalogue.files.judging import judge
from procurement.catalogue.files.loading import load
from procurement.catalogue.files.operations import WORK, drop_content, newer_file
from procurement.coordination.operations import lease
from procurement.coordination.turns import Turn, hint_again, hint_overdue
from vendors.errors import VendorError

LEASE_SECONDS = 120
"""Renewed with every batch; a killed worker's file is taken up again after it."""


def work_off(*, file_id: int) -> FileState:
    """Do what can be done in one turn; return the state the file is in then.

    Whatever happens to the worker, the next turn goes on from the last batch.
    """
    file = PriceFile.objects.select_related("supplier").get(pk=file_id)
    with lease(f"price file:{file.supplier.slug}", seconds=LEASE_SECONDS) as held:
        # It may have moved on while somebody else had it.
        file.refresh_from_db()
        if held is None or _is_behind_another(file):
            return FileState(file.state)
        try:
            _work(file, Turn(held))
        except Turn.Interrupted:
            hint_again(WORK, PriceFile.objects.all(), file.pk)
        except VendorError as error:
            _end(file, FileState.FAILED, error.text)
        except DatabaseError:
            # Trouble of the moment: the sweep takes it up again.
            raise
        except Exception as error:
            _end(file, FileState.FAILED, f"The program failed: {type(error).__name__}.")
            raise
    if file.state not in IN_WORK:
        _hint_next(file)
    return FileState(file.state)


def _is_behind_another(file: PriceFile) -> bool:
    """Files of a supplier are worked off in the order in which they came."""
    earlier = PriceFile.objects.filter(supplier=file.supplier_id, pk__lt=file.pk)
    return earlier.filter(state__in=IN_WORK).exists()


def _work(file: PriceFile, turn: Turn) -> None:
    if file.state == FileState.WAITING:
        _move(file, FileState.LOADING, started_at=timezone.now())
    if file.is_in_work and (newer := newer_file(file)):
        _end(file, FileState.DISCARDED, f"A newer file was taken over: {newer}.")
    if file.state == FileState.LOADING:
        load(file, turn)
        _judge(file)
    if file.state == FileState.APPLYING:
        apply(file, turn)
        _end(file, FileState.DONE, "")


def _judge(file: PriceFile) -> None:
    judgement = judge(file)
    state = FileState.QUARANTINED if judgement.reasons else FileState.APPLYING
    _move(
        file,
        state,
        read_bytes=file.total_bytes,
        figures=judgement.figures,
        reasons=judgement.reasons,
    )


def _move(file: PriceFile, state: FileState, **changes: object) -> None:
    """Go on to another state, unless somebody else has moved it meanwhile."""
    rows = PriceFile.objects.filter(pk=file.pk, state=file.state)
    if not rows.update(state=state, **changes):
        raise Turn.Interrupted
    file.state = state
    for name, value in changes.items():
        setattr(file, name, value)


@transaction.atomic
def _end(file: PriceFile, state: FileState, text: str) -> None:
    _move(file, state, text=text, ended_at=timezone.now())
    drop_content(file)


def _hint_next(file: PriceFile) -> None:
    """Another file of the supplier may have waited for this one."""
    following = PriceFile.objects.filter(
        supplier=file.supplier_id, state__in=IN_WORK
    ).order_by("pk")
    if waiting := following.first():
        hint_again(WORK, following, waiting.pk)


def hint_files() -> int:
    """Hint the files nobody works at: the hint was lost, or the worker killed."""
    return hint_overdue(WORK, PriceFile.objects.filter(state__in=IN_WORK))

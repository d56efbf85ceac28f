"""Large files, read and imported by a worker.

Importing is one transaction: a worker that dies leaves nothing behind, and the next
one begins anew; one that comes too late finds it done.
"""

from collections.abc import Iterator
from functools import partial

from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _

from procurement.adminshow import list_url
from procurement.errors import OperationNotAllowed
from procurement.imports.kinds import KINDS, Kind
from procurement.imports.models import FileImport, ImportState
from procurement.imports.operations import (
    READ,
    WRITE,
    apply_import,
    name_of_run,
    read_import,
)
from procurement.runs.kinds import RunKind
from procurement.runs.models import Run
from procurement.runs.progress import Progress
from procurement.runs.working import LONGEST_TURN


def _stored(kind: Kind, run: Run) -> FileImport:
    rows = kind.model.objects.filter(pk=run.parameters["import"])
    found: FileImport | None = rows.defer("content").first()
    if found is None:
        raise OperationNotAllowed("The file was not used for long and is gone.")
    return found


def read_in_turn(kind: Kind, run: Run, progress: Progress) -> None:
    read_import(
        kind=kind,
        import_id=_stored(kind, run).pk,
        actor=User.objects.get(pk=run.asked_by_id),
        look=progress.go_on,
    )


def write_in_turn(kind: Kind, run: Run, progress: Progress) -> None:
    stored = _stored(kind, run)
    if stored.state == ImportState.DONE:
        # By a worker that died before it could say so.
        return
    stored = apply_import(
        kind=kind,
        import_id=stored.pk,
        sha256=run.parameters["sha256"],
        actor=User.objects.get(pk=run.asked_by_id),
        look=progress.go_on,
    )
    if stored.state != ImportState.DONE:
        raise OperationNotAllowed(
            "Nothing was imported: something stands against it now. See the file."
        )


def _may(kind: Kind, user: User, run: Run) -> bool:
    return kind.may(user)


def _back(kind: Kind) -> tuple[str, str]:
    options = kind.model._meta
    return str(kind.label), list_url(f"{options.app_label}_{options.model_name}")


def kinds_of_run() -> Iterator[RunKind]:
    for kind in KINDS.values():
        for work, label, do in (
            (READ, _("Reading a file"), read_in_turn),
            (WRITE, _("Importing a file"), write_in_turn),
        ):
            yield RunKind(
                name=name_of_run(work, kind),
                label=label,
                may=partial(_may, kind),
                work=partial(do, kind),
                turn_seconds=LONGEST_TURN,
                back=partial(_back, kind),
            )

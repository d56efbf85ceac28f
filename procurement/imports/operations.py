"""Files of orders and items: brought, looked at, and then imported whole or not at all.

What is imported is found out anew in the transaction that imports it: whatever
happened since the person looked, nothing is made that would not pass now.
"""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import PurePath
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from procurement import clock
from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.imports.findings import Findings, NotTaken
from procurement.imports.kinds import Kind
from procurement.imports.models import FileImport, ImportState
from procurement.runs.operations import ask_for_run
from procurement.scoping import scoped
from procurement.sheets.faults import Fault
from procurement.sheets.packed import is_sheet
from procurement.sheets.tables import Table, read_table

MAX_BYTES = 5_000_000
MAX_ROWS = 20_000
KEPT_UNUSED = timedelta(days=7)
SMALL_TEXT = 100_000
SMALL_SHEET = 30_000
"""Bytes up to which a file is read while the person waits."""
SMALL_ROWS = 300
"""Rows up to which it is imported while the person waits."""

READ, WRITE = "reading", "writing"


def name_of_run(work: str, kind: Kind) -> str:
    return f"import_{kind.name}_{work}"


def _no_look() -> None:
    pass


# --- bringing a file --------------------------------------------------------------


def bring_import(*, kind: Kind, actor: User, name: str, content: bytes) -> FileImport:
    """Keep a file and look at it: at once, or by a worker where it is large.

    Raises:
        InvalidInput: it is empty or too large.
        OperationNotAllowed: the actor may not, or orders of the same file are there.
    """
    stored = store_import(kind=kind, actor=actor, name=name, content=content)
    if stored.is_in_work:
        return stored
    return read_import(kind=kind, import_id=stored.pk, actor=actor)


@transaction.atomic
def store_import(*, kind: Kind, actor: User, name: str, content: bytes) -> FileImport:
    """Keep a file to be looked at; a large one is given to a worker.

    The same file of the same person that is not imported yet is looked at anew.
    """
    _require_may(kind, actor)
    if not content or len(content) > MAX_BYTES:
        text = _("Give a file of 1 to %(most)s bytes, not %(size)s.")
        sizes = {"most": f"{MAX_BYTES:,}", "size": f"{len(content):,}"}
        raise InvalidInput({"file": text % sizes})
    sha256 = hashlib.sha256(content).hexdigest()
    _refuse_again(kind, sha256, actor)
    _drop_unused(kind)
    stored, is_new = kind.model.objects.get_or_create(
        sha256=sha256,
        uploaded_by=actor,
        applied_at=None,
        defaults={
            "name": PurePath(name).name[:120] or "file",
            "size": len(content),
            "content": content,
        },
    )
    kept: FileImport = stored
    if not is_new and kept.is_in_work:
        return kept
    kept.state, kept.findings, kept.trouble = ImportState.NEW, {}, ""
    kept.run = None
    small = SMALL_SHEET if is_sheet(content) else SMALL_TEXT
    if len(content) > small:
        kept.run = _ask(READ, kind, kept, actor)
    kept.save(update_fields=["state", "findings", "trouble", "run"])
    return kept


def _require_may(kind: Kind, actor: User) -> None:
    if not kind.may(actor):
        raise OperationNotAllowed(
            _("You may not import files of this kind."), code="permission_missing"
        )


def _refuse_again(kind: Kind, sha256: str, actor: User) -> None:
    if kind.is_once and (known := imported_before(kind, sha256)):
        text = _("This very file was imported on %(day)s by %(who)s.")
        who = {
            "day": clock.day_of(known.applied_at),  # type: ignore[arg-type]
            "who": known.uploaded_by,
        }
        raise OperationNotAllowed(text % who, code="already_imported")


def imported_before(kind: Kind, sha256: str) -> FileImport | None:
    same = kind.model.objects.filter(sha256=sha256, applied_at__isnull=False)
    known: FileImport | None = (
        same.select_related("uploaded_by").defer("content").order_by("pk").last()
    )
    return known


def _drop_unused(kind: Kind) -> None:
    long_ago = timezone.now() - KEPT_UNUSED
    kind.model.objects.filter(applied_at=None, uploaded_at__lt=long_ago).delete()


def _ask(work: str, kind: Kind, stored: FileImport, actor: User) -> Any:
    return ask_for_run(
        kind=name_of_run(work, kind),
        actor=actor,
        title=f"{kind.label}: {stored.name}",
        parameters={"import": stored.pk, "sha256": stored.sha256},
    )


# --- looking ----------------------------------------------------------------------


def read_import(
    *,
    kind: Kind,
    import_id: int,
    actor: User,
    look: Callable[[], None] = _no_look,
) -> FileImport:
    """Find out what the file would make now; nothing of it is written.

    Args:
        look: called now and then; it may raise to break the reading off.
    """
    stored: FileImport = kind.model.objects.get(pk=import_id)
    if stored.state == ImportState.DONE:
        return stored
    try:
        findings, _things = _judge(kind, stored, actor, look)
    except InvalidInput as refusal:
        stored.state, stored.trouble = ImportState.UNREADABLE, refusal.text
        stored.findings = {}
    else:
        _keep(stored, findings)
    unapplied = kind.model.objects.filter(pk=import_id, applied_at=None)
    unapplied.update(
        state=stored.state, trouble=stored.trouble, findings=stored.findings
    )
    return stored


@translation.override("en")
def _judge(
    kind: Kind, stored: FileImport, actor: User, look: Callable[[], None]
) -> tuple[Findings, Any]:
    """Findings are kept, so they are in one language whoever has it looked at."""
    table: Table = read_table(
        bytes(stored.content), kind.columns, most_rows=MAX_ROWS, look=look
    )
    findings, things = kind.judge(table, actor, look)
    if before := imported_before(kind, stored.sha256):
        day = clock.day_of(before.applied_at)  # type: ignore[arg-type]
        findings.notes.append(
            f"This very file was imported on {day} by {before.uploaded_by}."
        )
    return findings, things


def _keep(stored: FileImport, findings: Findings) -> None:
    is_good = findings.count and not findings.fault_count
    stored.state = ImportState.READY if is_good else ImportState.FAULTY
    stored.trouble, stored.findings = "", findings.to_json()


# --- importing --------------------------------------------------------------------


@transaction.atomic
def ask_to_apply(*, kind: Kind, import_id: int, sha256: str, actor: User) -> FileImport:
    """Import a file as it was looked at: at once, or by a worker where it is large.

    Raises:
        OperationNotAllowed: somebody else's, not as it was looked at, not ready, or
            imported or being imported already.
    """
    stored = _locked(kind, import_id, sha256, actor)
    if stored.is_in_work:
        raise OperationNotAllowed(_("It is being worked at already."), code="in_work")
    if Findings.from_json(stored.findings).row_count <= SMALL_ROWS:
        return apply_import(kind=kind, import_id=import_id, sha256=sha256, actor=actor)
    stored.run = _ask(WRITE, kind, stored, actor)
    stored.save(update_fields=["run"])
    return stored


@transaction.atomic
def apply_import(
    *,
    kind: Kind,
    import_id: int,
    sha256: str,
    actor: User,
    look: Callable[[], None] = _no_look,
) -> FileImport:
    """Make everything the file says, or nothing where anything stands against it.

    Raises:
        OperationNotAllowed: as for `ask_to_apply`; nothing was made.
    """
    stored = _locked(kind, import_id, sha256, actor)
    findings, things = _judge(kind, stored, actor, look)
    if findings.count and not findings.fault_count:
        try:
            with transaction.atomic():
                _write(kind, stored, findings, things, actor, look)
            return stored
        except NotTaken as refusal:
            findings.refuse([refusal.fault])
        except IntegrityError:
            # Somebody else imported the same file at the same moment.
            _refuse_again(kind, sha256, actor)
            raise
    _keep(stored, findings)
    stored.applied_at = None
    stored.save(update_fields=["state", "trouble", "findings"])
    return stored


def _write(
    kind: Kind,
    stored: FileImport,
    findings: Findings,
    things: Any,
    actor: User,
    look: Callable[[], None],
) -> None:
    told: list[Fault] = kind.write(stored, things, actor, look)
    findings.warn([*findings.warnings, *told])
    stored.state, stored.applied_at = ImportState.DONE, timezone.now()
    stored.findings = findings.to_json()
    stored.save(update_fields=["state", "applied_at", "findings"])


def _locked(kind: Kind, import_id: int, sha256: str, actor: User) -> FileImport:
    _require_may(kind, actor)
    rows = scoped(kind.model.objects.all(), actor).select_for_update(of=("self",))
    stored: FileImport | None = rows.filter(pk=import_id).first()
    if stored is None:
        raise OperationNotAllowed(_("There is no such file."), code="not_found")
    if stored.uploaded_by_id != actor.pk:
        text = _("%(name)s is imported by the person who brought it: %(who)s.")
        raise OperationNotAllowed(text % {"name": stored, "who": stored.uploaded_by})
    if stored.sha256 != sha256:
        raise OperationNotAllowed(_("That is not the file you looked at. Look again."))
    if stored.state == ImportState.DONE:
        raise OperationNotAllowed(_("It is imported already."), code="already_imported")
    _refuse_again(kind, sha256, actor)
    if stored.state != ImportState.READY:
        raise OperationNotAllowed(
            _("It can't be imported as it is. Put the file right and bring it again.")
        )
    return stored

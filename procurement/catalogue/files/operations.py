"""What people do with price files: bring one, release or discard one held back."""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import Protocol

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from procurement.catalogue.models import FileState, PriceFile
from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.parts import store_parts
from procurement.queue import hint
from procurement.suppliers.models import Supplier, SupplierEvent
from procurement.suppliers.operations import require
from vendors.contracts import Capability

WORK = "procurement.catalogue.tasks.work_off_file"


class Upload(Protocol):
    """A file as the web server holds it."""

    size: int | None

    def chunks(self) -> Iterable[bytes]: ...


@transaction.atomic
def take_in_file(
    *, supplier_id: int, actor: User, name: str, upload: Upload
) -> PriceFile:
    """Keep a supplier's price file; a worker reads it, judges it and takes it over.

    Raises:
        InvalidInput: it is empty or too large.
        OperationNotAllowed: this vendor has no price files, or the very same file
            is being worked on.
    """
    supplier = Supplier.objects.get(pk=supplier_id)
    require(supplier, Capability.READ_PRICE_FILE)
    if not upload.size or upload.size > settings.PRICE_FILE_MAX_BYTES:
        most = settings.PRICE_FILE_MAX_BYTES
        text = (
            f"Give a file of 1 to {most:,} bytes, not {upload.size or 0:,}. A larger "
            "one has to be allowed by PRICE_FILE_MAX_BYTES."
        )
        raise InvalidInput({"file": text})
    file = PriceFile.objects.create(
        supplier=supplier,
        name=PurePath(name).name[:120] or "prices.csv",
        uploaded_by=actor,
        total_bytes=upload.size,
        hinted_at=timezone.now(),
    )
    digest = hashlib.sha256()
    store_parts(file.parts, _hashed(upload.chunks(), digest))
    file.sha256 = digest.hexdigest()
    file.save(update_fields=["sha256"])
    twins = unfinished_files(supplier).filter(sha256=file.sha256).exclude(pk=file.pk)
    if twin := twins.first():
        raise OperationNotAllowed(
            _("This very file is there already, as %(twin)s of %(uploaded_at)s UTC.")
            % {"twin": twin, "uploaded_at": f"{twin.uploaded_at:%Y-%m-%d %H:%M}"},
            code="already_recorded",
        )
    _note(file, "price_file_brought", actor)
    hint(WORK, file.pk)
    return file


def _hashed(chunks: Iterable[bytes], digest: "hashlib._Hash") -> Iterator[bytes]:
    for chunk in chunks:
        digest.update(chunk)
        yield chunk


def unfinished_files(supplier: Supplier) -> QuerySet[PriceFile]:
    ended = (FileState.DONE, FileState.DISCARDED, FileState.FAILED)
    return PriceFile.objects.filter(supplier=supplier).exclude(state__in=ended)


@transaction.atomic
def release_file(*, file_id: int, actor: User, evidence: str) -> PriceFile:
    """Have a file taken over although it was held back.

    Raises:
        InvalidInput: it was not said how it was found to be right.
        OperationNotAllowed: it is not held back, or a newer one was taken over.
    """
    if not evidence.strip():
        raise InvalidInput(
            {"evidence": _("Say how it was found to be right: whom you asked.")}
        )
    file = _held_back(file_id)
    if newer := newer_file(file):
        raise OperationNotAllowed(
            _("A newer file was taken over since: %(newer)s. Discard this one.")
            % {"newer": newer}
        )
    _decide(file, actor, FileState.APPLYING, evidence)
    PriceFile.objects.filter(pk=file.pk).update(hinted_at=timezone.now())
    _note(file, "price_file_released", actor)
    hint(WORK, file.pk)
    return file


@transaction.atomic
def discard_file(*, file_id: int, actor: User, evidence: str = "") -> PriceFile:
    """Drop a file that was held back; nothing of it ever counted.

    Raises:
        OperationNotAllowed: it is not held back.
    """
    file = _held_back(file_id)
    _decide(file, actor, FileState.DISCARDED, evidence)
    drop_content(file)
    _note(file, "price_file_discarded", actor)
    return file


def _held_back(file_id: int) -> PriceFile:
    file = (
        PriceFile.objects.select_for_update(of=("self",))
        .select_related("supplier")
        .get(pk=file_id)
    )
    if file.state != FileState.QUARANTINED:
        raise OperationNotAllowed(
            _("%(file)s is not held back: %(get_state_display)s.")
            % {"file": file, "get_state_display": file.get_state_display().lower()}
        )
    return file


def _decide(file: PriceFile, actor: User, state: FileState, evidence: str) -> None:
    file.state, file.evidence = state, evidence.strip()
    file.decided_by, file.decided_at = actor, timezone.now()
    if state == FileState.DISCARDED:
        file.ended_at = file.decided_at
        file.text = "Discarded by a person."
    file.save(
        update_fields=[
            "state",
            "evidence",
            "decided_by",
            "decided_at",
            "ended_at",
            "text",
        ]
    )


def newer_file(file: PriceFile) -> PriceFile | None:
    """A file of the supplier that came later and was taken over already."""
    return PriceFile.objects.filter(
        supplier=file.supplier_id, state=FileState.DONE, pk__gt=file.pk
    ).first()


def drop_content(file: PriceFile) -> None:
    """What was staged, and the file itself; the figures and the faults stay."""
    file.rows.all()._raw_delete(file.rows.db)
    file.parts.all()._raw_delete(file.parts.db)


def _note(file: PriceFile, kind: str, actor: User) -> None:
    SupplierEvent.objects.create(
        supplier=file.supplier,
        kind=kind,
        actor=actor,
        text=f"{file}. {file.evidence}".strip(),
        data={"file": file.pk, "sha256": file.sha256},
    )

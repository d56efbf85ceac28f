"""Taking a backup of the database of the settings."""

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from procurement.backups import shape
from procurement.backups.archive import Manifest, delete_old, open_backup, write_backup
from procurement.backups.books import open_books
from procurement.backups.keys import keys_in_use
from procurement.errors import OperationNotAllowed


@dataclass(frozen=True)
class Taken:
    path: Path
    manifest: Manifest
    deleted: list[Path]


def take_backup(directory: Path, *, keep: int | None) -> Taken:
    """Write a backup into a directory, verify it, and delete those beyond `keep`.

    Raises:
        OperationNotAllowed: it can't be taken, or what was written is damaged; no
            older one was deleted.
    """
    if not directory.is_dir():
        raise OperationNotAllowed(f"There is no directory {directory}. Make it first.")
    loader = MigrationLoader(connection)
    applied = shape.applied_names(loader)
    if not applied:
        raise OperationNotAllowed("The database has no tables yet. Migrate it first.")
    if unknown := shape.unknown_names(loader, applied):
        raise OperationNotAllowed(
            f"The database is newer than this program: it has {', '.join(unknown)}. "
            "Take the backup with the version that migrated it."
        )
    tables = shape.tables_at(loader, applied)
    connection.close()
    try:
        with open_books(settings.DATABASES["default"]) as books:
            taken_at = timezone.now()
            path = write_backup(
                directory,
                books,
                tables,
                migrations=applied,
                keys=keys_in_use(books, tables),
                taken_at=taken_at,
            )
    except OSError as error:
        raise OperationNotAllowed(
            f"The backup could not be written: {error}. Nothing was kept of it."
        ) from None
    with open_backup(path) as backup:
        manifest = backup.manifest
    deleted = delete_old(directory, keep=keep) if keep else []
    return Taken(path, manifest, deleted)

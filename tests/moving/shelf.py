"""Taking the test's own database down to a backup, and putting it back from one."""

from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader

from procurement.backups import shape
from procurement.backups.archive import open_backup
from procurement.backups.books import (
    open_books,
    open_sqlite,
)
from procurement.backups.digest import Sum, sums_of
from procurement.backups.filling import (
    PostgresFiller,
    Progress,
    SqliteFiller,
    fill_all,
)


def tables() -> list[shape.Table]:
    loader = MigrationLoader(connection)
    return shape.tables_at(loader, shape.applied_names(loader))


def sums() -> dict[str, Sum]:
    # Django's connection sets SQLite's journal, which nobody may be reading then.
    mine = tables()
    with open_books(connection.settings_dict) as books:
        return sums_of(books, mine)


def put_back(path: Path, *, ahead: int = 0) -> None:
    """Fill the test's database with a backup, its numbers so far ahead."""
    with open_backup(path) as backup:
        manifest = backup.manifest
        keys = {name: last + ahead for name, last in manifest.last_keys.items()}
        progress = Progress(lambda text: None, manifest.rows)
        if connection.vendor == "postgresql":
            with transaction.atomic():
                filler = PostgresFiller(connection.connection)
                fill_all(filler, manifest.tables, backup.lines, keys, progress)
            return
        connection.close()
        own = open_sqlite(Path(settings.DATABASES["default"]["NAME"]))
        fill_all(SqliteFiller(own), manifest.tables, backup.lines, keys, progress)
        own.close()

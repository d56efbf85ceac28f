"""`manage.py backup DIRECTORY`: all of the database in one file, while people work."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from procurement.backups.taking import take_backup
from procurement.errors import OperationNotAllowed


class Command(BaseCommand):
    help = (
        "Write a backup of the database into a directory and verify it. People and "
        "workers may go on meanwhile. Ends with 0 if the backup is whole, with 1 if "
        "there is none. Keep CREDENTIAL_KEYS and SECRET_KEY elsewhere: they are not in "
        "it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("directory", type=Path, help="Where it is written.")
        parser.add_argument(
            "--keep",
            type=int,
            help="Delete all but so many of the backups there, once the new one is "
            "verified. Without it: none.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        keep = options["keep"]
        if keep is not None and keep < 1:
            raise CommandError("--keep takes a number from 1 on.")
        try:
            taken = take_backup(options["directory"], keep=keep)
        except OperationNotAllowed as refusal:
            raise CommandError(str(refusal)) from None
        manifest = taken.manifest
        size = taken.path.stat().st_size / 1e6
        self.stdout.write(
            f"{taken.path}: {manifest.rows:,} rows, {size:,.1f} MB, verified. "
            f"Digest {manifest.digest}"
        )
        for path in taken.deleted:
            self.stdout.write(f"Deleted {path}")
        if manifest.unreadable:
            self.stderr.write(
                f"{manifest.unreadable} secrets can't be opened with any key in "
                "CREDENTIAL_KEYS; they are in the backup as they are."
            )

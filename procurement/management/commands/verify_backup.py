"""`manage.py verify_backup FILE`: whether a backup is whole; needs no database."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from procurement.backups.archive import verify
from procurement.backups.keys import fingerprints
from procurement.errors import OperationNotAllowed


class Command(BaseCommand):
    help = "Read a backup to its end and say what is in it; 1 if it is not whole."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            manifest = verify(options["file"])
        except OperationNotAllowed as refusal:
            raise CommandError(str(refusal)) from None
        write = self.stdout.write
        write(f"{options['file']} is whole.")
        write(f"Taken at {manifest.taken_at:%Y-%m-%d %H:%M:%S} UTC")
        write(f"of version {manifest.version}, from {manifest.database}")
        for name, each in sorted(manifest.sums.items()):
            if each.rows:
                write(f"{each.rows:>12,}  {name}")
        write(f"{manifest.rows:>12,}  rows in {len(manifest.tables)} tables")
        write(f"Digest {manifest.digest}")
        known = fingerprints()
        for name, count in sorted(manifest.keys.items()):
            here = "is in" if name in known else "is NOT in"
            write(
                f"Credential key {name} opens {count:,} secrets; it {here} the settings"
            )

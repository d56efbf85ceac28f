"""`manage.py restore FILE`: a backup into the database of the settings."""

import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from procurement.backups.restoring import restore
from procurement.errors import OperationNotAllowed


class Command(BaseCommand):
    help = (
        "Fill the database of DATABASE_URL, which has to be empty, with a backup from "
        "either kind of database. Nothing is sent afterwards until somebody has asked "
        "the suppliers: see `manage.py after_restore` and docs/backup.md."
    )
    # The database has no tables yet.
    requires_system_checks = ()
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--replace",
            metavar="NAME",
            nargs="?",
            const="?",
            default="",
            help="Everything in the database of this name may go. Without a name it "
            "is asked for.",
        )
        parser.add_argument(
            "--numbers-from",
            type=int,
            metavar="NUMBER",
            help="The highest order number anybody has seen, 4711 for PO-2031-004711; "
            "new orders are numbered above it. Without it 10,000 numbers are left out.",
        )
        parser.add_argument(
            "--without-keys",
            action="store_true",
            help="Go on although a credential key is missing; secrets written with it "
            "have to be entered anew.",
        )
        parser.add_argument(
            "--start-over",
            action="store_true",
            help="What an earlier restore left unfinished in the database may go.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            done = restore(
                options["file"],
                replaces=self._named(options["replace"]),
                numbers_from=options["numbers_from"],
                without_keys=options["without_keys"],
                starts_over=options["start_over"],
                say=self.stdout.write,
            )
        except OperationNotAllowed as refusal:
            raise CommandError(str(refusal)) from None
        held, write = done.held, self.stdout.write
        write(
            f"Restored: {done.manifest.rows:,} rows, the same as in the backup "
            f"({done.manifest.digest})."
        )
        if done.put_aside:
            write(f"What was there before is in {done.put_aside}")
        write(f"Suppliers paused: {held.suppliers}")
        write(f"On their way then, now of unknown outcome: {held.on_their_way}")
        write(f"Not sent then, asked about before they are: {held.to_ask_first}")
        write(f"Runs stopped: {held.runs}; mails taken as sent: {held.mails}")
        write(
            "Nothing is sent until a supplier is resumed. `manage.py after_restore` "
            "says what to do before."
        )

    def _named(self, given: str) -> str:
        """The name of the database to be replaced, typed in full by a person."""
        if given != "?":
            return given
        if not sys.stdin.isatty():
            raise CommandError("Say which: --replace NAME")
        name = Path(str(settings.DATABASES["default"]["NAME"])).name
        self.stdout.write(f"Everything in {name} will be replaced by the backup.")
        return input("Type its name to go on: ").strip()

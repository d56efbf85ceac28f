"""`manage.py move_database --to URL`: everything from SQLite to PostgreSQL."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from procurement.backups.moving import move
from procurement.errors import OperationNotAllowed


class Command(BaseCommand):
    help = (
        "Copy everything from SQLite into an empty PostgreSQL database, and compare "
        "the two. Stop web servers and workers first; whoever writes meanwhile is "
        "refused. SQLite's file is not changed."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--from",
            dest="source",
            metavar="URL",
            default="",
            help="sqlite:////absolute/path; without it the database of DATABASE_URL.",
        )
        parser.add_argument(
            "--to",
            dest="target",
            metavar="URL",
            required=True,
            help="postgres://USER:PASSWORD@HOST/NAME of a database without tables.",
        )
        parser.add_argument(
            "--start-over",
            action="store_true",
            help="What an earlier move left unfinished in the target may go.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            moved = move(
                source_url=options["source"],
                target_url=options["target"],
                starts_over=options["start_over"],
                say=self.stdout.write,
            )
        except OperationNotAllowed as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(
            f"Moved {moved.rows:,} rows of {moved.tables} tables; both have the digest "
            f"{moved.digest}. Put this line into .env, then start the web servers and "
            "workers:"
        )
        self.stdout.write(f"DATABASE_URL={options['target']}")

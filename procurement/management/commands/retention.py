"""`manage.py retention`: delete now what is kept no longer; or say what would go."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from procurement.coordination.jobs import renewing
from procurement.coordination.operations import job_lease, lease
from procurement.retention.operations import purge_kind, standing_of
from procurement.retention.page import page
from procurement.retention.table import KEPT, Kept

LEASE_SECONDS = 120


class Command(BaseCommand):
    help = (
        "Delete what is kept no longer, as the worker does once a day. With --dry-run "
        "say what would go, and of when the oldest is. With --page print the table "
        "of the documentation."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true")
        parser.add_argument("--page", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["page"]:
            self.stdout.write(page(), ending="")
            return
        for kept in KEPT:
            if options["dry_run"]:
                self._tell(kept)
            else:
                self._purge(kept)

    def _tell(self, kept: Kept) -> None:
        found = standing_of(kept, timezone.now())
        oldest = f"{found.oldest:%Y-%m-%d}" if found.oldest else "none"
        self.stdout.write(
            f"{kept.what} [{kept.model._meta.db_table}], kept {kept.time_text}: "
            f"{found.going} would go; the oldest is of {oldest}."
        )

    def _purge(self, kept: Kept) -> None:
        """Not beside the worker's own job, which would delete the same rows."""
        with lease(job_lease(kept.job), seconds=LEASE_SECONDS) as held:
            if held is None:
                self.stdout.write(f"{kept.what}: the worker is at it.")
                return
            with renewing(held):
                gone = purge_kind(kept)
        self.stdout.write(f"{kept.what}: {gone} went.")

"""`manage.py worker`: the queue and its schedules, under a watchdog."""

import logging
import time
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, connection

from procurement.catalogue.files.working import hint_files
from procurement.catalogue.following import ask_for_looks
from procurement.coordination.models import JobRun
from procurement.coordination.operations import forget_heartbeats
from procurement.coordination.supervisor import Supervisor
from procurement.schedules import make_schedules
from procurement.transmissions.sweeping import sweep
from procurement.webhooks.working import wake_couriers

logger = logging.getLogger("procurement.coordination")

FINDERS = (sweep, ask_for_looks, hint_files, wake_couriers)
"""What looks for due work that no hint speaks of, once a second."""
DATABASE_PAUSE_SECONDS = 3


class Command(BaseCommand):
    help = "Run the queue and its schedules under a watchdog, until SIGTERM."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--tick",
            type=float,
            default=1.0,
            help="Seconds between looks for due work (default: 1).",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self._wait_for_the_database()
        for name in make_schedules():
            logger.info("Schedule made: %s", name)
        # Longer than a replaced worker needs to give a sign of life again.
        limit = timedelta(seconds=settings.HEARTBEAT_LIMIT_SECONDS * 4)
        forget_heartbeats(older_than=limit)
        Supervisor(FINDERS, tick_seconds=options["tick"]).run()

    def _wait_for_the_database(self) -> None:
        """Machines start in any order; a table that is missing is being made."""
        while True:
            try:
                JobRun.objects.exists()
            except DatabaseError as error:
                logger.warning("Waiting for the database: %s", error)
                connection.close()
                time.sleep(DATABASE_PAUSE_SECONDS)
            else:
                return

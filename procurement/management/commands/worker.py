"""`manage.py worker`: the queue and its schedules, under a watchdog."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from procurement.catalogue.files.working import hint_files
from procurement.catalogue.following import ask_for_looks
from procurement.coordination.operations import forget_heartbeats
from procurement.coordination.supervisor import Supervisor, cluster_command
from procurement.fulfilment.polling import ask_for_polls
from procurement.inbound.reading import hint_due
from procurement.schedules import make_schedules
from procurement.transmissions.sweeping import sweep


def look_for_work() -> None:
    sweep()
    ask_for_polls()
    hint_due()
    ask_for_looks()
    hint_files()


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
        for name in make_schedules():
            self.stdout.write(f"Schedule made: {name}")
        # Longer than a replaced worker needs to give a sign of life again.
        limit = timedelta(seconds=settings.HEARTBEAT_LIMIT_SECONDS * 4)
        forget_heartbeats(older_than=limit)
        Supervisor(cluster_command(), look_for_work, tick_seconds=options["tick"]).run()

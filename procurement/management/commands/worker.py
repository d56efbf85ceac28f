"""`manage.py worker`: the queue and its schedules, under a watchdog."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from procurement.coordination.supervisor import (
    Supervisor,
    cluster_command,
    forget_dead_workers,
)
from procurement.fulfilment.polling import ask_for_polls
from procurement.schedules import make_schedules
from procurement.transmissions.sweeping import sweep


def look_for_work() -> None:
    sweep()
    ask_for_polls()


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
        forget_dead_workers()
        Supervisor(cluster_command(), look_for_work, tick_seconds=options["tick"]).run()

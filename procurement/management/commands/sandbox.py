"""`manage.py sandbox`: the vendors as one local server, with faults on demand."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from vendors.sandbox import Sandbox


class Command(BaseCommand):
    help = "Serve stand-ins for the vendors on 127.0.0.1, until Ctrl-C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8100)
        parser.add_argument(
            "--step-seconds",
            type=float,
            default=4.0,
            help="How long an order stays in each stage of its life (default: 4).",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        sandbox = Sandbox(port=options["port"], step_seconds=options["step_seconds"])
        self.stdout.write(f"Vendor sandbox on {sandbox.url}/_sandbox/")
        sandbox.serve_forever()

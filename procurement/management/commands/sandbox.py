"""`manage.py sandbox`: the vendors as one local server, with faults on demand."""

from argparse import RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from vendors import sandbox as the_sandbox
from vendors.sandbox import Sandbox, control, jsontext
from vendors.sandbox.errors import BadInput
from vendors.sandbox.faults import KINDS
from vendors.sandbox.world import Settings

FAULTS = "\n".join(f"    {kind}: {', '.join(names)}" for kind, names in KINDS.items())
EPILOG = f"""
{the_sandbox.__doc__}
{control.__doc__}
Faults:

{FAULTS}

{Settings.__doc__}
Each setting can come from the environment as well, as SANDBOX_STEP_SECONDS=0.5.
"""


class Command(BaseCommand):
    help = "Serve stand-ins for the vendors on 127.0.0.1, until Ctrl-C."
    requires_system_checks: list[str] = []

    def create_parser(
        self, prog_name: str, subcommand: str, **kwargs: Any
    ) -> CommandParser:
        return super().create_parser(
            prog_name,
            subcommand,
            formatter_class=RawDescriptionHelpFormatter,
            epilog=EPILOG,
            **kwargs,
        )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8100)
        parser.add_argument(
            "--step-seconds",
            type=float,
            help="How long an order stays in each stage of its life (default: 4).",
        )
        parser.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="A setting, its value in JSON or plain text; may be given often.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        settings = dict(_setting(text) for text in options["set"])
        if options["step_seconds"] is not None:
            settings["step_seconds"] = options["step_seconds"]
        try:
            sandbox = Sandbox(port=options["port"], **settings)
        except BadInput as bad:
            raise CommandError(str(bad)) from None
        self.stdout.write(f"Vendor sandbox on {sandbox.url}/_sandbox/")
        for vendor in sandbox.vendors:
            base_url, login_url = sandbox.base_url(vendor), sandbox.login_url(vendor)
            login = "" if login_url == base_url else f"   login at {login_url}"
            self.stdout.write(f"  {vendor:8} {base_url}{login}")
        self.stdout.flush()
        sandbox.serve_forever()


def _setting(text: str) -> tuple[str, Any]:
    name, _, value = text.partition("=")
    try:
        return name, jsontext.loads(value.encode())
    except ValueError:
        return name, value

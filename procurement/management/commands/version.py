"""`manage.py version`: the version of this program.

`manage.py` answers the word itself, since Django would with its own version; this is
how the command is found in the list of all, and called from code.
"""

from typing import Any

from django.core.management.base import BaseCommand

from procurement import VERSION


class Command(BaseCommand):
    help = "Print the version of this program."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"procurement {VERSION}")

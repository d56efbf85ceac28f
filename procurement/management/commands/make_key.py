"""`manage.py make_key`: print a new key for CREDENTIAL_KEYS, or for SECRET_KEY."""

from typing import Any

from django.core.management.base import BaseCommand

from procurement.keys import make_key


class Command(BaseCommand):
    help = (
        "Print a new random key, alone on one line. It is kept nowhere: put it into "
        "CREDENTIAL_KEYS or SECRET_KEY yourself."
    )
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(make_key())

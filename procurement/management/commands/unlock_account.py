"""`manage.py unlock_account USER`: let somebody in again after failed logins."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from procurement.accounts import operations
from procurement.accounts.people import user_named
from procurement.errors import InvalidInput, OperationNotAllowed


class Command(BaseCommand):
    help = "Forgets the failed logins of an account, so that it is open again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", help="The user name.")
        parser.add_argument(
            "--reason", default="at the command line", help="Why; it is kept."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            user = user_named(options["user"])
            operations.unlock_account(
                user_id=user.pk, actor=None, reason=options["reason"]
            )
        except (InvalidInput, OperationNotAllowed) as refusal:
            raise CommandError(refusal.text) from None
        self.stdout.write(f"{user} may try again.")

"""`manage.py reset_second_factor USER`: for who has lost theirs and cannot be helped on
a screen."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from procurement.accounts import operations
from procurement.accounts.people import user_named
from procurement.errors import InvalidInput, OperationNotAllowed


class Command(BaseCommand):
    help = (
        "Takes somebody's second factors and recovery codes away and logs them out "
        "everywhere. If they must have a factor, they set one up after the next login."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", help="The user name.")
        parser.add_argument(
            "--reason", default="at the command line", help="Why; it is kept."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            user = user_named(options["user"])
            kinds = operations.reset_factors(
                user_id=user.pk, actor=None, reason=options["reason"]
            )
        except (InvalidInput, OperationNotAllowed) as refusal:
            raise CommandError(refusal.text) from None
        self.stdout.write(f"{user} has no second factor any more: {', '.join(kinds)}.")

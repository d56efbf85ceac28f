"""`manage.py break_glass USER`: make an account one for emergencies."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from procurement.accounts import operations
from procurement.accounts.people import user_named
from procurement.errors import InvalidInput, OperationNotAllowed


class Command(BaseCommand):
    help = (
        "Makes an account one that may log in with password and second factor though "
        "single sign-on is required. It must have both. --off ends that."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", help="The user name.")
        parser.add_argument(
            "--off", action="store_true", help="It is no break-glass account any more."
        )
        parser.add_argument(
            "--reason", default="at the command line", help="Why; it is kept."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        is_marked = not options["off"]
        try:
            user = user_named(options["user"])
            operations.mark_break_glass(
                user_id=user.pk,
                actor=None,
                reason=options["reason"],
                is_marked=is_marked,
            )
        except (InvalidInput, OperationNotAllowed) as refusal:
            raise CommandError(refusal.text) from None
        word = "a break-glass account now" if is_marked else "no break-glass account"
        self.stdout.write(f"{user} is {word}.")

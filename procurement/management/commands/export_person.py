"""`manage.py export_person`: everything kept about a customer or a member of staff."""

import json
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from procurement.errors import OperationNotAllowed
from procurement.persons.exporting import as_text, export_customer, export_user
from procurement.persons.operations import note_export


class Command(BaseCommand):
    help = (
        "Print everything that is kept about a customer or a member of staff, as JSON. "
        "Where it is about a customer, that it was handed out is recorded."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        whom = parser.add_mutually_exclusive_group(required=True)
        whom.add_argument("--customer", type=int, metavar="ID")
        whom.add_argument("--user", metavar="USERNAME")
        parser.add_argument("--text", action="store_true", help="lines to be read")

    def handle(self, *args: Any, **options: Any) -> None:
        export = self._export(options)
        if options["text"]:
            self.stdout.writelines(as_text(export))
        else:
            self.stdout.write(json.dumps(export, ensure_ascii=False, indent=2))

    def _export(self, options: dict[str, Any]) -> dict[str, Any]:
        if options["user"]:
            user = User.objects.filter(username=options["user"]).first()
            if user is None:
                raise CommandError(f"There is no user {options['user']}.")
            return export_user(user)
        try:
            customer = note_export(customer_id=options["customer"], actor=None)
        except OperationNotAllowed as refusal:
            raise CommandError(refusal.text) from None
        return export_customer(customer)

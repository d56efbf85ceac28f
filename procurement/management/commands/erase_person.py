"""`manage.py erase_person`: take who a customer is from everything that is kept."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from procurement.customers.models import Customer
from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.persons.operations import erase_customer, work_off
from procurement.persons.preview import preview_of


class Command(BaseCommand):
    help = (
        "Erase a customer's personal data: name, addresses, e-mail, phone, everywhere. "
        "What was bought stays. It can't be undone; --preview says what would change."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--customer", type=int, metavar="ID", required=True)
        parser.add_argument("--reason", default="", help="who asked for it, and when")
        parser.add_argument("--preview", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["preview"]:
            self._preview(options["customer"])
            return
        try:
            erasure = erase_customer(
                customer_id=options["customer"], actor=None, reason=options["reason"]
            )
        except (InvalidInput, OperationNotAllowed) as refusal:
            raise CommandError(refusal.text) from None
        is_done = work_off(erasure_id=erasure.pk)
        erasure.refresh_from_db()
        if not is_done:
            raise CommandError(
                f"Not finished; the worker goes on with it. {erasure.remark}".strip()
            )
        for name, count in sorted(erasure.changed.items()):
            self.stdout.write(f"{name}: {count}")
        self.stdout.write(f"Customer {erasure.customer_id} is erased.")

    def _preview(self, customer_id: int) -> None:
        customer = Customer.objects.filter(pk=customer_id).first()
        if customer is None:
            raise CommandError(f"There is no customer {customer_id}.")
        preview = preview_of(customer)
        self.stdout.write(f"{customer}: {preview.reason or 'can be erased.'}")
        self.stdout.write(f"Looked for everywhere: {', '.join(preview.far)}")
        for row in preview.rows:
            self.stdout.write(f"{row.table}: {row.count}")

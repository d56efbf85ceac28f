"""`manage.py rotate_credentials`: write every stored secret anew, with the first key.

To be run after a new key was put in front of CREDENTIAL_KEYS; then the old one may
be taken away. It may be run again at any time.
"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from procurement.logins.rotating import rotate_logins
from procurement.secrets import UNREADABLE, UnreadableSecrets
from procurement.suppliers.models import Supplier, SupplierToken


class Command(BaseCommand):
    help = "Encrypt all stored credentials with the first key in CREDENTIAL_KEYS."

    def handle(self, *args: Any, **options: Any) -> None:
        unreadable = [slug for slug in self._slugs() if not self._rotate(slug)]
        unreadable += rotate_logins()
        # A token is had again by logging in, which costs less than keeping it.
        SupplierToken.objects.all().delete()
        if unreadable:
            raise CommandError(f"{', '.join(unreadable)}: {UNREADABLE}")
        self.stdout.write("All credentials are encrypted with the first key now.")

    def _slugs(self) -> list[str]:
        return list(Supplier.objects.order_by("slug").values_list("slug", flat=True))

    @transaction.atomic
    def _rotate(self, slug: str) -> bool:
        """Write one supplier's credentials anew; False if no key opens them."""
        supplier = Supplier.objects.select_for_update().get(slug=slug)
        if isinstance(supplier.credentials, UnreadableSecrets):
            return False
        supplier.save(update_fields=["credentials"])
        return True

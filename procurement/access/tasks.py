"""What the worker runs for calls of other systems."""

from datetime import timedelta

from django.utils import timezone

from procurement.access.models import IdempotencyRecord

REPEATABLE_FOR = timedelta(days=30)
"""How long a call may be repeated with its Idempotency-Key."""


def purge_repeats() -> None:
    """Forget answers nobody asks for again.

    A repeat comes within days. What belongs to an external reference stays: it is
    asked for as long as the order lives.
    """
    IdempotencyRecord.objects.filter(
        created_at__lt=timezone.now() - REPEATABLE_FOR, key__startswith="key:"
    ).delete()

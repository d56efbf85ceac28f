"""What the worker runs for its own sake."""

import os
from datetime import timedelta

from django.apps import apps
from django.conf import settings
from django.utils import timezone

from procurement.coordination import operations

WORKER_NAME = "WORKER_NAME"
"""Environment variable by which a supervisor's processes know whose they are."""


REPEATABLE_FOR = timedelta(days=30)
"""How long a call may be repeated with its Idempotency-Key."""


def beat() -> None:
    """A sign of life of whichever worker picked this up."""
    operations.record_heartbeat(worker=os.environ.get(WORKER_NAME, "unnamed"))


def purge() -> None:
    """Delete exchanges past their retention, one run at a time."""
    with operations.lease("purge", seconds=3600) as held:
        if held is None:
            return
        kept_from = timezone.now() - timedelta(days=settings.EXCHANGE_RETENTION_DAYS)
        exchange = apps.get_model("suppliers", "Exchange")
        exchange.objects.filter(started_at__lt=kept_from).delete()
        # A repeat comes within days. What belongs to an external reference stays: it
        # is asked for as long as the order lives.
        record = apps.get_model("access", "IdempotencyRecord")
        repeatable_from = timezone.now() - REPEATABLE_FOR
        record.objects.filter(
            created_at__lt=repeatable_from, key__startswith="key:"
        ).delete()
        operations.forget_heartbeats(older_than=timedelta(days=7))

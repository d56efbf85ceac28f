"""What the worker runs for suppliers."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from procurement.coordination.operations import lease
from procurement.suppliers import hours
from procurement.suppliers.models import Exchange


def purge_exchanges() -> None:
    """Delete exchanges past their retention, one run at a time."""
    kept_from = timezone.now() - timedelta(days=settings.EXCHANGE_RETENTION_DAYS)
    with lease("purge exchanges", seconds=3600) as held:
        if held:
            Exchange.objects.filter(started_at__lt=kept_from).delete()
            hours.purge_hours()


def count_calls() -> None:
    """Add up by the hour what was said since the last round."""
    hours.count_new()

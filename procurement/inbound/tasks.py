"""What the worker runs for what vendors sent."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from procurement.coordination.operations import lease
from procurement.inbound import reading
from procurement.inbound.models import WebhookDelivery
from procurement.queue import wake_carriers


def sweep() -> None:
    """Carriers look for reads by themselves; this is for their being asleep."""
    if reading.READS.is_due():
        wake_carriers()


def purge_deliveries() -> None:
    """Delete deliveries past their retention, one run at a time."""
    kept_from = timezone.now() - timedelta(days=settings.EXCHANGE_RETENTION_DAYS)
    with lease("purge webhook deliveries", seconds=3600) as held:
        if held:
            WebhookDelivery.objects.filter(received_at__lt=kept_from).delete()

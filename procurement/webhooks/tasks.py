"""What the worker runs for outgoing webhooks."""

from datetime import timedelta

from django.conf import settings

from procurement.coordination.operations import lease
from procurement.webhooks import operations, working


def deliver() -> None:
    """Tell endpoints what happened; runs in the cluster of the couriers."""
    working.deliver()


def purge_deliveries() -> None:
    """Delete deliveries past their retention, one run at a time."""
    with lease("purge outgoing deliveries", seconds=3600) as held:
        if held:
            operations.purge_deliveries(
                older_than=timedelta(days=settings.WEBHOOK_RETENTION_DAYS)
            )

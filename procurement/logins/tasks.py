"""What the worker runs for customers' logins."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from procurement.coordination.operations import lease
from procurement.logins import renewing
from procurement.logins.models import LoginEvent


def renew(token_id: int) -> None:
    renewing.renew(token_id=token_id)


def sweep() -> None:
    renewing.sweep()


def purge_renewals() -> None:
    """Delete the notes of good renewals along with the exchanges behind them."""
    kept_from = timezone.now() - timedelta(days=settings.EXCHANGE_RETENTION_DAYS)
    with lease("purge renewals", seconds=3600) as held:
        if held:
            LoginEvent.objects.filter(kind="renewed", at__lt=kept_from).delete()

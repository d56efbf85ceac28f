"""What the worker runs."""

from datetime import timedelta

from django.conf import settings

from procurement.audit.operations import LEAST_DAYS, purge_entries


def purge_trail() -> None:
    days = max(settings.AUDIT_RETENTION_DAYS, LEAST_DAYS)
    purge_entries(older_than=timedelta(days=days))

"""What the worker runs for notices."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from procurement.notices import gathering, mailing, operations


def gather() -> None:
    gathering.gather(timezone.now())


def send() -> None:
    mailing.remind(timezone.now())
    mailing.send_mails(timezone.now())


def purge_notices() -> None:
    operations.purge_notices(older_than=timedelta(days=settings.NOTICE_RETENTION_DAYS))

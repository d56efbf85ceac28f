"""What the worker runs for notices."""

from django.utils import timezone

from procurement.notices import gathering, mailing


def gather() -> None:
    gathering.gather(timezone.now())


def send() -> None:
    mailing.remind(timezone.now())
    mailing.send_mails(timezone.now())

"""What the worker runs for alarms."""

from django.utils import timezone

from procurement.alarms import operations


def look_for_silence() -> None:
    operations.look_for_silence(timezone.now())

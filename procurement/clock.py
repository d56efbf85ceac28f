"""The installation's days. A person's own time zone moves what they read, not these.

Django's `localdate` goes by the zone that is active, which in the admin is the
person's: an order would be late for one colleague and not for the next.
"""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone


def zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)


def today() -> date:
    return day_of(timezone.now())


def day_of(moment: datetime) -> date:
    """The day on which a moment falls here."""
    return timezone.localdate(moment, zone())


def midnight(day: date) -> datetime:
    """The moment at which a day begins here."""
    return datetime.combine(day, time.min, zone())

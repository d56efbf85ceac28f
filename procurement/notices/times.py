"""When a daily mail is due: at an hour of the person's own clock."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo


def next_digest(now: datetime, zone: ZoneInfo, hour: int) -> datetime:
    """The next moment at which it is that hour there, later than now.

    An hour that the clock skips is the first moment after the gap; of one that comes
    twice it is the first.
    """
    today = now.astimezone(zone).date()
    for days in (0, 1):
        local = datetime.combine(today + timedelta(days=days), time(hour), zone)
        # Within one zone Python compares what the clock shows, not the moments.
        moment = local.astimezone(UTC)
        if moment > now:
            return moment
    raise AssertionError("Some hour of tomorrow is later than now.")

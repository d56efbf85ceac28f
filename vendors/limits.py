"""What a vendor says about how often it may be called."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from vendors import reading
from vendors.contracts import SeenLimits
from vendors.transport import Answer

LONGEST_WAIT = 600
"""Seconds; a vendor that asks for more is asked again after ten minutes."""


def seen_limits(answer: Answer) -> SeenLimits | None:
    """Return the `X-RateLimit-*` headers of an answer, if it has any."""
    limit, remaining, reset = (
        reading.whole(answer.header(f"x-ratelimit-{name}"))
        for name in ("limit", "remaining", "reset")
    )
    if limit is None and remaining is None and reset is None:
        return None
    return SeenLimits(limit, remaining, _epoch(reset))


def retry_after(
    answer: Answer, now: datetime, *, longest: int = LONGEST_WAIT
) -> int | None:
    """Return the seconds we are asked to wait, at most `longest` of them.

    Reads `Retry-After` (seconds or a date), else the moment in
    `X-RateLimit-Reset` (epoch seconds) and one second more.
    """
    wanted = answer.header("retry-after")
    seconds = reading.whole(wanted)
    if seconds is None and wanted:
        seconds = _seconds_until(wanted, now)
    reset = reading.whole(answer.header("x-ratelimit-reset"))
    if seconds is None and reset is not None:
        seconds = reset + 1 - int(now.timestamp())
    return None if seconds is None else min(max(seconds, 0), longest)


def _seconds_until(http_date: str, now: datetime) -> int | None:
    try:
        moment = parsedate_to_datetime(http_date)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int((moment - now).total_seconds())


def _epoch(seconds: int | None) -> datetime | None:
    try:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None

"""Extend's answers: the error body, moments as it writes them, rate limit headers."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from math import ceil
from zoneinfo import ZoneInfo

from vendors.sandbox.messages import Answer, Refusal
from vendors.sandbox.world import World

SWEDEN = ZoneInfo("Europe/Stockholm")
STANDARD_LIMIT = 300  # documented as an example
# Seen at a method without a limit.
NO_LIMIT = 1_000_000
# The window is not documented; callers take it to be a minute.
WINDOW = timedelta(minutes=1)


def message(status: int, text: str) -> Answer:
    """Answer with the error body seen in the field; there are no error codes."""
    return Answer.json(status, {"Message": text})


def bad_request(text: str) -> Refusal:
    return Refusal(message(400, text))


def confirmation(text: str, information: str = "") -> Answer:
    """Answer a PUT or DELETE that was carried out (documented)."""
    return Answer.json(200, {"Message": text, "Information": information})


def swedish(moment: datetime) -> str:
    """Write a moment as the answers do: ISO 8601 with the Swedish offset."""
    return moment.astimezone(SWEDEN).isoformat(timespec="milliseconds")


class RateLimit:
    """Calls counted for each rate group, in windows that the first call opens."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._window_ends_at = datetime.min.replace(tzinfo=UTC)
        self._counts: Counter[str] = Counter()

    def count(self, group: str) -> None:
        """Count a call.

        Raises:
            Refusal: 429, with the group in its text (documented).
        """
        self._turn_over()
        self._counts[group] += 1
        limit = self._world.settings.rate_limit
        if limit is not None and self._counts[group] > limit:
            raise Refusal(self.exceeded(group))

    def exceeded(self, group: str) -> Answer:
        return message(429, f"Too many requests. (Rate limit = {group})")

    def headers(self, group: str, is_exceeded: bool) -> tuple[tuple[str, str], ...]:
        """Return the three headers; only the first one's name is documented."""
        self._turn_over()
        default = STANDARD_LIMIT if is_exceeded else NO_LIMIT
        limit = self._world.settings.rate_limit or default
        remaining = 0 if is_exceeded else max(limit - self._counts[group], 0)
        return (
            ("x-ratelimit-limit", str(limit)),
            ("x-ratelimit-remaining", str(remaining)),
            ("x-ratelimit-reset", str(ceil(self._window_ends_at.timestamp()))),
        )

    def _turn_over(self) -> None:
        now = self._world.clock.now()
        if now >= self._window_ends_at:
            self._window_ends_at = now + WINDOW
            self._counts.clear()

"""What a person may choose, and how a choice is remembered in the session."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings

PAGE_SIZES = (25, 50, 100, 200)
_NO_PLACES = ("Etc/", "SystemV/", "posix/", "right/")


@cache
def time_zones() -> tuple[str, ...]:
    """Names of zones people know: places, and UTC."""
    places = {
        name
        for name in available_timezones()
        if "/" in name and not name.startswith(_NO_PLACES)
    }
    return tuple(sorted(places | {"UTC"}))


@dataclass(frozen=True)
class Choices:
    """One person's choices; empty ones are left to the browser or the installation."""

    language: str = ""
    time_zone: str = ""
    page_size: int | None = None

    @property
    def zone(self) -> ZoneInfo:
        """The chosen zone, or the installation's."""
        return ZoneInfo(self.time_zone or settings.TIME_ZONE)

    def stored(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "Choices":
        """Read what was stored; what is not offered any more counts as not chosen."""
        language = values.get("language", "")
        zone = values.get("time_zone", "")
        size = values.get("page_size")
        return cls(
            language=language if language in dict(settings.LANGUAGES) else "",
            time_zone=zone if zone in time_zones() else "",
            page_size=size if size in PAGE_SIZES else None,
        )

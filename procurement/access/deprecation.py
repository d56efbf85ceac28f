"""Calls that will go: said in every answer of theirs, long before they are gone."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.http import http_date


@dataclass(frozen=True)
class Deprecated:
    """A call that is not to be used any more.

    Attributes:
        since: from when on.
        sunset: when it will be gone, if that is settled.
        instead: the address, in the documentation, of what to use.
    """

    since: datetime
    sunset: datetime | None = None
    instead: str = ""

    def headers(self) -> dict[str, str]:
        """`Deprecation` (RFC 9745), `Sunset` (RFC 8594) and a link to what to do."""
        found = {"Deprecation": f"@{int(self.since.timestamp())}"}
        if self.sunset:
            found["Sunset"] = http_date(self.sunset.timestamp())
        if self.instead:
            found["Link"] = f'<{self.instead}>; rel="deprecation"'
        return found


def deprecation_of(view: Any, method: str) -> Deprecated | None:
    """What a view says of a call in its `deprecated`, by action or method as `needs`.

    An action of a view set, or the method in lower case, names the call.
    """
    table = getattr(view, "deprecated", {})
    name = getattr(view, "action", None) or method.lower()
    found: Deprecated | None = table.get(name)
    return found

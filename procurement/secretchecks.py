"""Said by `check`: keys that won't do; and, where a database is at hand, secrets that
none of the keys opens (`migrate`, `check --database default`)."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks

from procurement import rotating
from procurement.keys import MAKE_ONE
from procurement.secrets import UNREADABLE

MOST_LOOKED_AT = 10_000
"""Rows of one place; `rotate_credentials --check` looks at all of them."""
SHORTEST_TOKEN = 16


@checks.register(checks.Tags.security)
def keys_will_do(**kwargs: Any) -> list[checks.CheckMessage]:
    found: list[checks.CheckMessage] = []
    if not settings.CREDENTIAL_KEYS:
        found.append(
            checks.Warning(
                "CREDENTIAL_KEYS is empty, so no credential can be kept.",
                hint=MAKE_ONE,
                id="secrets.W002",
            )
        )
    signing = {settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS}
    if signing & set(settings.CREDENTIAL_KEYS):
        found.append(
            checks.Warning(
                "A key stands both in CREDENTIAL_KEYS and in SECRET_KEY: whoever "
                "learns one of them has both.",
                hint="Put a key of its own in front of CREDENTIAL_KEYS and run "
                f"`manage.py rotate_credentials`. {MAKE_ONE}",
                id="secrets.W003",
            )
        )
    if 0 < len(settings.METRICS_TOKEN) < SHORTEST_TOKEN:
        found.append(
            checks.Warning(
                f"METRICS_TOKEN is shorter than {SHORTEST_TOKEN} characters.",
                hint=MAKE_ONE,
                id="secrets.W004",
            )
        )
    return found


@checks.register(checks.Tags.database)
def stored_secrets_can_be_read(
    databases: Sequence[str] | None = None, **kwargs: Any
) -> list[checks.CheckMessage]:
    if not databases or not settings.CREDENTIAL_KEYS:
        return []
    return [
        checks.Warning(
            f"{place.place}: {', '.join(place.unreadable)}: {UNREADABLE}",
            id="secrets.W001",
        )
        for place in rotating.look(most=MOST_LOOKED_AT)
        if place.unreadable_count
    ]

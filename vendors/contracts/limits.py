"""How often a vendor may be called, and what watches over it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from vendors.contracts.settings import Grade

CALLS_PER_MINUTE = "calls_per_minute"
CALLS_AT_ONCE = "calls_at_once"


@dataclass(frozen=True)
class SeenLimits:
    """The limit headers of one answer: calls in a window, calls left, its end."""

    limit: int | None
    remaining: int | None
    reset_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class CallLimits:
    """How often and how many at a time an account may be called.

    A vendor may count groups of calls apart. The group without a name takes every
    call whose purpose is in no other.
    """

    per_minute: int | None = None
    """Calls a minute in the group without a name; None = no limit at all."""
    at_once: int | None = None
    """Calls under way at the same time, on all machines together."""
    groups: Mapping[str, int] = field(default_factory=dict)
    """Calls a minute of each further group, by its name."""
    group_of: Mapping[str, str] = field(default_factory=dict)
    """The group of a call, by its purpose."""
    grade: Grade = Grade.INFERRED
    note: str = ""
    """Where the figures come from, for the person who may change them."""

    def group(self, purpose: str) -> str:
        return self.group_of.get(purpose, "")

    def rate(self, group: str) -> int | None:
        """Calls a minute in a group; None = as many as there are."""
        return self.groups.get(group) if group else self.per_minute

    def changed_by(self, options: Mapping[str, Any]) -> "CallLimits":
        """Return the limits with a supplier's own options; nought lifts a limit.

        Another rate for the account changes all groups in proportion.
        """
        per_minute = _whole(options.get(CALLS_PER_MINUTE), self.per_minute)
        at_once = _whole(options.get(CALLS_AT_ONCE), self.at_once)
        groups = dict(self.groups)
        if per_minute is None:
            groups = {}
        elif self.per_minute:
            groups = {
                name: max(1, rate * per_minute // self.per_minute)
                for name, rate in groups.items()
            }
        return replace(self, per_minute=per_minute, at_once=at_once, groups=groups)


def _whole(value: Any, default: int | None) -> int | None:
    if value is None or value == "":
        return default
    try:
        number = int(str(value).strip())
    except ValueError:
        # What can't be read must not lift a limit.
        return default
    return number if number > 0 else None


class Gate(Protocol):
    """Stands before every HTTP request of a client, the login's too."""

    def enter(self, purpose: str) -> None:
        """Let one request go out, waiting a short while for it at most.

        Raises:
            NotSent: THROTTLED, with `retry_after`; nothing left the machine.
        """
        ...

    def heard(
        self,
        purpose: str,
        *,
        status: int,
        limits: SeenLimits | None,
        retry_after: int | None,
    ) -> None:
        """Take note of what an answer said about limits.

        Args:
            retry_after: seconds the vendor asks us to wait, where it does.
        """
        ...

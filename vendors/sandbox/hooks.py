"""Webhooks as plain data: who is told of what, and the calls that tell it."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from vendors.sandbox.errors import BadInput
from vendors.sandbox.vendor import Event, Vendor

UNKNOWN_TRIGGER = "OrderTeleported"  # in none of the vendor's lists


@dataclass(slots=True)
class Hook:
    """One subscription.

    Attributes:
        triggers: the actions it is told of.
        echo: what became of the question whether anybody is there: pending, passed,
            failed, or skipped as the address asks.
    """

    id: int
    vendor: str
    url: str
    secret: str = field(repr=False)
    triggers: tuple[str, ...]
    echo: str = "pending"

    def as_dict(self) -> dict[str, Any]:
        """Return all but the secret."""
        return {
            "id": self.id,
            "vendor": self.vendor,
            "url": self.url,
            "triggers": list(self.triggers),
            "echo": self.echo,
        }


@dataclass(slots=True)
class HookCall:
    """One call of a hook, with its repeats.

    Attributes:
        id: the same over its repeats.
        state: kept (for the next one), waiting, delivered, given_up, or lost.
        attempt: how often it was sent.
        status: the last answer's; None where none came.
        due_at: when it is sent, or sent again.
    """

    hook: Hook
    notifications: list[dict[str, Any]]
    due_at: datetime
    id: str = field(default_factory=lambda: secrets.token_hex(16))
    notification_id: str = field(default_factory=lambda: str(uuid4()))
    fault: str = ""
    state: str = "waiting"
    attempt: int = 0
    status: int | None = None
    body: str = ""

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "hook": self.hook.id,
            "vendor": self.hook.vendor,
            "actions": [told["Action"] for told in self.notifications],
            "state": self.state,
            "attempt": self.attempt,
            "status": self.status,
            "fault": self.fault,
            "due_at": self.due_at.isoformat(),
            "body": self.body,
        }

    @classmethod
    def telling(cls, hook: Hook, events: Sequence[Event], now: datetime) -> "HookCall":
        told = [
            {"Action": event.action, "Details": dict(event.details)} for event in events
        ]
        return cls(hook, told, due_at=now)

    def suffer(self, fault: str, keep_for: timedelta) -> None:
        """Let a fault befall the call before it is sent; nothing if there is none."""
        self.fault = fault
        if fault == "lost":
            self.state = "lost"
        elif fault == "unknown_trigger":
            for notification in self.notifications:
                notification["Action"] = UNKNOWN_TRIGGER
        elif fault in ("reordered", "batched"):
            self.state = "kept"
            self.due_at += keep_for

    def is_kept_for(self, hook: Hook) -> bool:
        return self.hook is hook and self.state == "kept"

    def document(self) -> dict[str, Any]:
        return {
            "Id": self.id,
            "Attempt": self.attempt,
            "Properties": {"NotificationId": self.notification_id},
            "Notifications": self.notifications,
        }


def checked_triggers(vendor: Vendor, triggers: object) -> tuple[str, ...]:
    """Return the triggers asked for; all of them where none are named."""
    if triggers is None:
        return vendor.triggers
    wanted = [triggers] if isinstance(triggers, str) else triggers
    if not isinstance(wanted, list | tuple) or not wanted:
        wanted = [None]
    if any(each not in vendor.triggers for each in wanted):
        raise BadInput("triggers", f"any of {', '.join(vendor.triggers)}")
    return tuple(dict.fromkeys(map(str, wanted)))

"""What all vendors of one sandbox share: its clock, its settings, its pace."""

import os
import secrets
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from vendors.sandbox import jsontext
from vendors.sandbox.errors import BadInput

ENVIRONMENT_PREFIX = "SANDBOX_"


@dataclass(frozen=True, slots=True)
class Settings:
    """How the vendors behave where a test or a demo wants a say.

    Attributes:
        step_seconds: sandbox seconds from one state of an order to the next.
        rate_limit: calls a minute for each rate group; None = no limit.
        freight_row: Extend adds a freight row to orders that are not freight free.
        refuse_known_reference: Extend refuses a second order with the same external
            number, where it would otherwise create a twin.
        partial_lookup: Extend's filter on the external number matches its beginning.
    """

    step_seconds: float = 4.0
    rate_limit: int | None = None
    freight_row: bool = True
    refuse_known_reference: bool = False
    partial_lookup: bool = False

    @classmethod
    def from_environment(cls) -> "Settings":
        """Read `SANDBOX_STEP_SECONDS` and its like; the values are JSON."""
        changes = {}
        for field in fields(cls):
            text = os.environ.get(ENVIRONMENT_PREFIX + field.name.upper(), "")
            if text:
                try:
                    changes[field.name] = jsontext.loads(text.encode())
                except ValueError:
                    raise BadInput(field.name, "a JSON value") from None
        return cls().changed(changes)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def changed(self, changes: Mapping[str, Any]) -> "Settings":
        """Return the settings with some of them replaced.

        Raises:
            BadInput: an unknown name, or a value of the wrong kind.
        """
        return replace(
            self, **{name: _checked(name, value) for name, value in changes.items()}
        )


def _checked(name: str, value: Any) -> Any:
    is_number = not isinstance(value, bool | str) and value is not None
    match name:
        case "step_seconds":
            if not is_number or not 0 < value <= 1_000_000_000:
                raise BadInput(name, "a number of seconds above 0")
            return float(value)
        case "rate_limit":
            if value is not None and not (isinstance(value, int) and is_number):
                raise BadInput(name, "a whole number of calls a minute, or null")
            if value is not None and value < 1:
                raise BadInput(name, "1 or more, or null for no limit")
            return value
        case "freight_row" | "refuse_known_reference" | "partial_lookup":
            if not isinstance(value, bool):
                raise BadInput(name, "true or false")
            return value
        case _:
            known = ", ".join(field.name for field in fields(Settings))
            raise BadInput(name, f"not a setting; there are {known}")


class Clock:
    """The time in the sandbox: the machine's, moved forward on request."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        """Return the moment in UTC, in whole milliseconds as the vendors write it."""
        moment = datetime.now(UTC) + self._ahead
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def advance(self, seconds: float) -> None:
        self._ahead += timedelta(seconds=seconds)

    def reset(self) -> None:
        self._ahead = timedelta()


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast orders move on, and since when."""

    step: timedelta
    since: datetime

    def next_step(self, last_step_at: datetime) -> datetime:
        """Return when the next step falls due.

        Never before the pace was set: a step dated back would slip behind the change
        date a reader has already got to.
        """
        return max(last_step_at + self.step, self.since)


class World:
    """Clock and settings, and the mark that keeps order numbers of two runs apart."""

    def __init__(self, settings: Settings) -> None:
        self.clock = Clock()
        # A buyer's database outlives a sandbox; a number used again would be taken
        # for the older order.
        self.run = 10_000 + secrets.randbelow(90_000)
        self._initial = settings
        self._lock = threading.Lock()
        self.reset()

    @property
    def settings(self) -> Settings:
        return self._settings

    @property
    def pace(self) -> Pace:
        return self._pace

    def change_settings(self, changes: Mapping[str, Any]) -> None:
        with self._lock:
            self._take(self._settings.changed(changes))

    def reset(self) -> None:
        with self._lock:
            self.clock.reset()
            self._take(self._initial)

    def _take(self, settings: Settings) -> None:
        self._settings = settings
        step = timedelta(seconds=settings.step_seconds)
        self._pace = Pace(step, since=self.clock.now())

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
CHOICES: dict[str, tuple[str | int, ...]] = {
    "eet_unknown_items": ("left_out", "empty"),
    "kvik_paging": ("none", "page", "offset", "link"),
    "di_id_at": ("id", "shop.id", "shopId", "bare", "none", "empty204"),
    "di_update": ("both", "id_in_path", "id_in_body"),
    "simutek_create_status": (200, 201, 204),
}
MOST_ON_A_PAGE = 100


@dataclass(frozen=True, slots=True)
class Settings:
    """How the vendors behave where a test or a demo wants a say.

    Attributes:
        step_seconds: sandbox seconds from one state of an order to the next.
        rate_limit: calls a minute for each rate group; None = no limit.
        hook_retry_seconds: sandbox seconds after which a webhook call that failed is
            made again; four times as long before the third and last attempt.
        freight_row: Extend adds a freight row to orders that are not freight free.
        refuse_known_reference: Extend refuses a second order with the same external
            number, where it would otherwise create a twin.
        partial_lookup: Extend's filter on the external number matches its beginning.
        eet_unknown_items: what EET does with items it doesn't know: a key of `CHOICES`.
        extend_product_in_work: the number of a product whose data somebody at Extend
            is working on, so that its last change is always just now.
        kvik_insists_on_https: Kvik answers 403 to everything, the sandbox being http.
        kvik_paging: how Kvik's list of orders is cut up: a key of `CHOICES`.
        kvik_page_size: orders on a page where the caller doesn't say.
        kvik_returns_note: Kvik's orders show the buyer's note and reference.
        kvik_people_copy: after each order over the API somebody orders the same goods
            in Kvik's web shop, without a note.
        kvik_unknown_is_404: Kvik answers 404, not an empty list, to unknown products.
        kvik_redirect_uri: the only address Kvik sends a browser back to; "" = any.
        di_id_at: where DI's answers hold the id of a shop.
        di_update: which form of DI's update call there is: the id in the path, the id
            in the body, or both.
        simutek_create_status: Simutek's answer to a new customer, 200, 201 or 204.
    """

    step_seconds: float = 4.0
    rate_limit: int | None = None
    hook_retry_seconds: float = 60.0
    freight_row: bool = True
    refuse_known_reference: bool = False
    partial_lookup: bool = False
    eet_unknown_items: str = "left_out"
    extend_product_in_work: str = ""
    kvik_insists_on_https: bool = False
    kvik_paging: str = "none"
    kvik_page_size: int = 20
    kvik_returns_note: bool = True
    kvik_people_copy: bool = False
    kvik_unknown_is_404: bool = False
    kvik_redirect_uri: str = ""
    di_id_at: str = "id"
    di_update: str = "both"
    simutek_create_status: int = 200

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
        case "step_seconds" | "hook_retry_seconds":
            if not is_number or not 0 < value <= 1_000_000_000:
                raise BadInput(name, "a number of seconds above 0")
            return float(value)
        case "rate_limit":
            if value is not None and not (isinstance(value, int) and is_number):
                raise BadInput(name, "a whole number of calls a minute, or null")
            if value is not None and value < 1:
                raise BadInput(name, "1 or more, or null for no limit")
            return value
        case (
            "freight_row"
            | "refuse_known_reference"
            | "partial_lookup"
            | "kvik_insists_on_https"
            | "kvik_returns_note"
            | "kvik_people_copy"
            | "kvik_unknown_is_404"
        ):
            if not isinstance(value, bool):
                raise BadInput(name, "true or false")
            return value
        case _ if name in CHOICES:
            if isinstance(value, bool | list | dict) or value not in CHOICES[name]:
                raise BadInput(name, f"one of {', '.join(map(str, CHOICES[name]))}")
            return value
        case "kvik_page_size":
            is_whole = isinstance(value, int) and is_number
            if not is_whole or not 1 <= value <= MOST_ON_A_PAGE:
                raise BadInput(name, f"a whole number from 1 to {MOST_ON_A_PAGE}")
            return value
        case "extend_product_in_work":
            if not isinstance(value, str):
                raise BadInput(name, "a product number, or an empty text for none")
            return value
        case "kvik_redirect_uri":
            if not isinstance(value, str):
                raise BadInput(name, "an address, or an empty text for any")
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
        self.url = ""  # of the server, once there is one
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

"""What an app says about its kind of transmission.

The apps above register a handler for each operation they have; transmissions
itself knows orders and shops only through it.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from django.contrib.auth.models import User

from procurement.transmissions.models import Transmission
from vendors.contracts import Accepted, VendorOrder
from vendors.http import VendorClient


@dataclass(frozen=True)
class News:
    """What has just become true of a transmission, for the one it is about.

    `text` is one sentence for the timeline, `needs_person` whether somebody has to
    act, `accepted` what the vendor answered, where it did, `actor` the person who
    did it, where it was one.
    """

    kind: str
    text: str
    needs_person: bool = False
    accepted: Accepted | None = None
    actor: User | None = None


@dataclass(frozen=True)
class Found:
    """One thing at the vendor that is what was looked for.

    `found_by` is a sentence where it was recognised on something else than our
    reference; `order` is there where it is an order.
    """

    number: str
    found_by: str = ""
    order: VendorOrder | None = None


class Handler(Protocol):
    """One operation's side of sending. `prepare`, `perform` and `look_up` call the
    vendor and run outside any transaction; the others run inside the caller's."""

    operation: str

    def lock(self, subject: str) -> None:
        """Lock what the transmission is about, always before the transmission."""
        ...

    def together(
        self,
        subjects: Collection[str],
        conversations: Mapping[int, UUID],
        *,
        skip_locked: bool = False,
    ) -> AbstractContextManager["Together"]:
        """Lock several for a block; what is told of them is written by its end.

        Args:
            conversations: the exchanges of the try each transmission is at, by its id.
            skip_locked: leave out what somebody else holds, where the database can.
        """
        ...

    def objection(self, transmission: Transmission) -> str:
        """Why it must not be sent any more; empty if nothing has changed."""
        ...

    def prepare(
        self, client: VendorClient, transmission: Transmission
    ) -> Mapping[str, Any] | None:
        """Read what a later look-up compares with; None where there is nothing."""
        ...

    def perform(self, client: VendorClient, transmission: Transmission) -> Accepted:
        """Call the vendor. Raises the errors of `vendors.errors`."""
        ...

    def can_look_up(self, transmission: Transmission) -> bool: ...

    def look_up(
        self, client: VendorClient, transmission: Transmission
    ) -> tuple[Found, ...]:
        """Ask the vendor for everything that is what was sent."""
        ...

    def tell(self, transmission: Transmission, news: News) -> None:
        """Carry what happened to the subject: its state, its timeline."""
        ...


@dataclass(frozen=True)
class Together:
    """Several subjects under lock: which, and the handler to talk to about them."""

    subjects: Collection[str]
    handler: Handler


class OneByOne:
    """Locks and writes each subject by itself: for kinds of which few move at once."""

    def lock(self, subject: str) -> None:
        raise NotImplementedError

    @contextmanager
    def together(
        self,
        subjects: Collection[str],
        conversations: Mapping[int, UUID],
        *,
        skip_locked: bool = False,
    ) -> Iterator[Together]:
        for subject in sorted(subjects):
            self.lock(subject)
        yield Together(subjects, self)  # type: ignore[arg-type]


_handlers: dict[str, Handler] = {}


def register(handler: Handler) -> None:
    _handlers[handler.operation] = handler


def handler_of(transmission: Transmission) -> Handler:
    return _handlers[transmission.operation]

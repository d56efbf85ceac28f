"""What an app says about its kind of transmission.

The apps above register a handler for each operation they have; transmissions
itself knows orders and shops only through it.
"""

from dataclasses import dataclass
from typing import Protocol

from procurement.transmissions.models import Transmission
from vendors.contracts import Accepted, VendorOrder
from vendors.http import VendorClient


@dataclass(frozen=True)
class News:
    """What has just become true of a transmission, for the one it is about.

    `text` is one sentence for the timeline, `needs_person` whether somebody has to
    act, `accepted` what the vendor answered, where it did.
    """

    kind: str
    text: str
    needs_person: bool = False
    accepted: Accepted | None = None


class Handler(Protocol):
    """One operation's side of sending. Every method but `perform` and `look_up`
    runs inside a transaction of the caller; those two run outside any."""

    operation: str

    def lock(self, subject: str) -> None:
        """Lock what the transmission is about, always before the transmission."""
        ...

    def objection(self, transmission: Transmission) -> str:
        """Why it must not be sent any more; empty if nothing has changed."""
        ...

    def perform(self, client: VendorClient, transmission: Transmission) -> Accepted:
        """Call the vendor. Raises the errors of `vendors.errors`."""
        ...

    def can_look_up(self, transmission: Transmission) -> bool: ...

    def look_up(
        self, client: VendorClient, transmission: Transmission
    ) -> tuple[VendorOrder, ...]:
        """Ask the vendor for everything that carries the reference."""
        ...

    def tell(self, transmission: Transmission, news: News) -> None:
        """Carry what happened to the subject: its state, its timeline."""
        ...


_handlers: dict[str, Handler] = {}


def register(handler: Handler) -> None:
    _handlers[handler.operation] = handler


def handler_of(transmission: Transmission) -> Handler:
    return _handlers[transmission.operation]

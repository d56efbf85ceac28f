"""One thing that happened, in the one shape that all streams are told in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from procurement.access.fields import utc_text


@dataclass(frozen=True)
class Subject:
    """What an event is about.

    Attributes:
        id: as it stands in addresses: a number, a slug, an id.
        external_reference: what the system that entered it calls it, if it said so.
        url: its address in the API, from the root of the host.
    """

    type: str
    id: str
    external_reference: str
    url: str


@dataclass(frozen=True)
class Event:
    """One thing that happened.

    Attributes:
        id: of no other event, in whatever stream; the same for good: `order-123`.
        type: what happened to what: `order.approved`.
        order: the number, of an event of an order.
        supplier: the slug, where it happened at one.
        status: the headline of the order after it.
    """

    id: str
    type: str
    at: datetime
    subject: Subject
    actor: str
    text: str
    data: Mapping[str, Any]
    supplier: str | None
    order: str | None = None
    status: str | None = None

    def json(self) -> dict[str, Any]:
        """As other systems read it; plain JSON values."""
        subject = self.subject
        return {
            "id": self.id,
            "type": self.type,
            "at": utc_text(self.at),
            "subject": {
                "type": subject.type,
                "id": subject.id,
                "external_reference": subject.external_reference,
                "url": subject.url,
            },
            "order": self.order,
            "supplier": self.supplier,
            "kind": self.type.partition(".")[2],
            "actor": self.actor,
            "text": self.text,
            "data": dict(self.data),
            "status": self.status,
        }

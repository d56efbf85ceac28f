"""Whom an event of an order concerns, and what they are told of it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from django.contrib.auth.models import User

from procurement.access.people import who_may
from procurement.approvals.queries import approvers_of
from procurement.notices.kinds import Kind
from procurement.notices.operations import Draft
from procurement.orders.models import OrderEvent

RESOLVE = "orders.resolve_purchaseorder"
ASKING = ("submitted", "level_approved", "handed_on")
"""After each of these it is somebody's turn, perhaps another's than before."""

_TO_BUYER = {
    "returned": Kind.RETURNED,
    "rejected": Kind.REJECTED,
    "approved": Kind.APPROVED,
    "refused": Kind.NOT_TAKEN,
    "failed": Kind.NOT_TAKEN,
    "cancelling_refused": Kind.NOT_TAKEN,
    "cancelling_failed": Kind.NOT_TAKEN,
    "attention": Kind.DEVIATION,
    "attention_by_hand": Kind.DEVIATION,
}
_UNKNOWN = ("unknown", "cancelling_unknown")
_BY_SUPPLIER = (
    "supplier_update",
    "confirmed",
    "picking",
    "partially_shipped",
    "shipped",
)
"""They may carry another promised day."""


def drafts_of(events: Iterable[OrderEvent]) -> Iterator[Draft]:
    """What is to be told of some events, in their order."""
    for event in events:
        if tell := _RULES.get(event.kind):
            yield from tell(event)


def _approval_asked(event: OrderEvent) -> list[Draft]:
    people = approvers_of(event.order)
    # Read after the people: if one is there, it will tell those of that turn.
    later = OrderEvent.objects.filter(
        order=event.order_id, pk__gt=event.pk, kind__in=ASKING
    )
    if not people or later.exists():
        return []
    return [_draft(event, Kind.APPROVAL_ASKED, person) for person in people]


def _to_buyer(event: OrderEvent) -> list[Draft]:
    return [_draft(event, _TO_BUYER[event.kind], event.order.buyer)]


def _unknown(event: OrderEvent) -> list[Draft]:
    people = {user.pk: user for user in who_may(RESOLVE)}
    people[event.order.buyer_id] = event.order.buyer
    # Looked up in vain it is told again, which is the same doubt.
    doubt = f"doubt {event.transmission_id or event.pk}"
    drafts = [_draft(event, Kind.UNKNOWN, person) for person in people.values()]
    return [replace(draft, occasion=doubt) for draft in drafts]


def _another_day(event: OrderEvent) -> list[Draft]:
    """Later than was wanted, or than was promised first."""
    lines = [line for line in event.data.get("lines", ()) if line.get("promised_date")]
    # What somebody recorded is flagged where it is recorded.
    if not lines or event.actor_id is not None:
        return []
    wanted = event.order.requested_date
    days = event.order.lines.values_list("position", "first_promised_date")
    first = dict(days)
    found = []
    for line in lines:
        day, position = line["promised_date"], line["position"]
        limits = [each for each in (wanted, first.get(position)) if each is not None]
        if limits and day > min(limits).isoformat():
            found.append(f"Line {position}: promised for {day}, not for {min(limits)}.")
    if not found:
        return []
    return [_draft(event, Kind.DEVIATION, event.order.buyer, " ".join(found))]


def _draft(event: OrderEvent, kind: Kind, person: User, detail: str = "") -> Draft:
    return Draft(
        kind=kind,
        recipient=person,
        occasion=f"event {event.pk}",
        order=event.order,
        detail=detail or event.text,
        data={
            "event": event.kind,
            "by": event.actor_name,
            "transmission": event.transmission_id,
        },
        by=event.actor_id,
    )


Tell = Callable[[OrderEvent], list[Draft]]
_RULES: dict[str, Tell] = {
    **dict.fromkeys(ASKING, _approval_asked),
    **dict.fromkeys(_TO_BUYER, _to_buyer),
    **dict.fromkeys(_UNKNOWN, _unknown),
    **dict.fromkeys(_BY_SUPPLIER, _another_day),
}

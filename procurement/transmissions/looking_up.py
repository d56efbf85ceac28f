"""Asking a vendor whether what nobody knows about has landed."""

from django.conf import settings
from django.db import transaction

from procurement.suppliers.conversations import conversation
from procurement.transmissions import moves
from procurement.transmissions.handlers import Found, News, handler_of
from procurement.transmissions.models import State, Transmission
from vendors.contracts import Accepted
from vendors.errors import VendorError


def look_up(*, transmission_id: int) -> None:
    """Ask the vendor about an unknown one; adopt it if it is there exactly once."""
    transmission = (
        Transmission.objects.select_related("supplier")
        .filter(pk=transmission_id, state=State.UNKNOWN)
        .first()
    )
    if transmission is None or not handler_of(transmission).can_look_up(transmission):
        return
    failure = ""
    found: tuple[Found, ...] = ()
    try:
        with conversation(
            transmission.supplier, subject=transmission.reference
        ) as talk:
            found = handler_of(transmission).look_up(talk.client, transmission)
    except VendorError as error:
        failure = f"Looking it up did not work: {error.text}"
    with transaction.atomic():
        handler_of(transmission).lock(transmission.subject)
        transmission = Transmission.objects.select_for_update().get(pk=transmission_id)
        if transmission.state != State.UNKNOWN:
            return
        if len(found) == 1:
            _adopt(transmission, found[0])
        elif found:
            _raise_alarm(transmission, found)
        else:
            _look_up_later(
                transmission, failure or "Looked up: the supplier does not have it."
            )


def _adopt(transmission: Transmission, found: Found) -> None:
    how = found.found_by or "Found at the supplier by our reference."
    number = moves.number_to_keep(found.number)
    moves.end(transmission, State.SENT, number=number)
    handler_of(transmission).tell(
        transmission,
        News(
            "sent",
            f"{how} Its number there is {found.number[:80]}.",
            accepted=Accepted(number=number or None, order=found.order),
        ),
    )


def _raise_alarm(transmission: Transmission, found: tuple[Found, ...]) -> None:
    numbers = ", ".join(each.number for each in found)
    moves.move(transmission, next_look_up_at=None)
    handler_of(transmission).tell(
        transmission,
        News(
            "duplicate",
            f"The supplier has it {len(found)} times: {numbers}. "
            "Have all but one cancelled, then settle it by hand.",
            needs_person=True,
        ),
    )


def _look_up_later(transmission: Transmission, text: str) -> None:
    """Plan the next look-up; after the last one a person decides."""
    transmission.look_up_count += 1
    is_last = transmission.look_up_count >= len(settings.LOOK_UP_WAITS)
    moves.move(
        transmission,
        look_up_count=transmission.look_up_count,
        hinted_at=None,
        next_look_up_at=None if is_last else moves.look_up_due(transmission),
    )
    advice = " That was the last look-up; a person has to decide." if is_last else ""
    handler_of(transmission).tell(
        transmission, News("looked_up", text + advice, needs_person=is_last)
    )

"""How a transmission moves from state to state once an outcome is known.

Each function runs inside the caller's transaction, with the subject and the
transmission locked, and tells the app it belongs to.
"""

import random
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from procurement.transmissions.handlers import Handler, News
from procurement.transmissions.models import State, Transmission
from vendors.contracts import Accepted
from vendors.errors import Kind, NotSent, Refused, VendorError

GIVE_UP_THROTTLED_AFTER = timedelta(days=1)
_NUMBER_LENGTH = Transmission._meta.get_field("number").max_length or 0


def number_to_keep(number: str | None) -> str:
    """Return a vendor's number; empty if it is longer than any could be."""
    return number if number and len(number) <= _NUMBER_LENGTH else ""


def accept(transmission: Transmission, accepted: Accepted, handler: Handler) -> None:
    if accepted.number and not number_to_keep(accepted.number):
        told = f"{accepted.number[:40]}… is too long for a number, and not kept."
        accepted = replace(
            accepted, number=None, note=f"{accepted.note} {told}".strip()
        )
    end(transmission, State.SENT, number=accepted.number or "", text=accepted.note)
    number = f"number {accepted.number}" if accepted.number else "no number given"
    handler.tell(
        transmission,
        News("sent", f"The supplier took it; {number}.", accepted=accepted),
    )


def refuse(transmission: Transmission, error: Refused, handler: Handler) -> None:
    end(
        transmission,
        State.REFUSED,
        kind=error.kind,
        text=error.text,
        vendor_text=error.vendor_text,
    )
    handler.tell(transmission, News("refused", error.text, needs_person=True))


def retry_or_give_up(
    transmission: Transmission, error: NotSent, handler: Handler
) -> None:
    said = {
        "kind": error.kind,
        "text": error.text,
        "vendor_text": error.vendor_text,
    }
    if error.kind == Kind.BUG or _is_hopeless(transmission, error):
        end(transmission, State.FAILED, **said)
        handler.tell(transmission, News("failed", error.text, needs_person=True))
        return
    wait = _wait(transmission, error)
    due = timezone.now() + timedelta(seconds=wait)
    move(
        transmission,
        state=State.QUEUED,
        next_attempt_at=due,
        claim=None,
        lease_until=None,
        hinted_at=None,
        next_look_up_at=None,
        **said,
    )
    handler.tell(
        transmission,
        News("not_sent", f"{error.text} Nothing was sent; next try in {wait:.0f} s."),
    )


def _is_hopeless(transmission: Transmission, error: NotSent) -> bool:
    """Whether it has been tried often enough, or throttled for long enough."""
    if error.kind == Kind.THROTTLED:
        return timezone.now() - transmission.created_at > GIVE_UP_THROTTLED_AFTER
    tries: int = transmission.attempt_count
    if tries >= settings.MAX_ATTEMPTS:
        # Being told to wait says nothing against the order.
        tries = transmission.attempts.exclude(kind=Kind.THROTTLED).count()
    return bool(tries >= settings.MAX_ATTEMPTS)


def _wait(transmission: Transmission, error: NotSent) -> float:
    """Growing, and jittered, so that what failed together isn't tried together.

    A supplier that throttles is held as a whole until it takes calls again, so one
    order's wait need not grow as well.
    """
    waits = settings.RETRY_WAITS
    tries = 1 if error.kind == Kind.THROTTLED else transmission.attempt_count
    base: int = waits[min(tries, len(waits)) - 1]
    jittered = base * random.uniform(0.8, 1.2)  # noqa: S311 - spreads load, no secret
    return max(jittered, error.retry_after or 0)


def become_unknown(
    transmission: Transmission, error: VendorError, handler: Handler
) -> None:
    can_look_up = handler.can_look_up(transmission)
    already_waiting = transmission.state == State.UNKNOWN
    move(
        transmission,
        state=State.UNKNOWN,
        kind=error.kind,
        text=error.text,
        vendor_text=error.vendor_text,
        lease_until=None,
        hinted_at=None,
        next_look_up_at=look_up_due(transmission) if can_look_up else None,
    )
    if already_waiting:
        return
    what_now = (
        "It will be looked up by its reference."
        if can_look_up
        else "This supplier can't be asked by program; a person has to find out."
    )
    handler.tell(
        transmission,
        News(
            "unknown",
            f"{error.text} It may have landed. {what_now}",
            needs_person=not can_look_up,
        ),
    )


def end(transmission: Transmission, state: State, **changes: Any) -> None:
    move(
        transmission,
        state=state,
        ended_at=timezone.now(),
        lease_until=None,
        next_look_up_at=None,
        **changes,
    )


def move(transmission: Transmission, **changes: Any) -> None:
    """Change columns; with others of its group, where the group is written at once."""
    for name, value in changes.items():
        setattr(transmission, name, value)
    if transmission.held is None:
        transmission.save(update_fields=list(changes))
    else:
        transmission.held.add(transmission.pk, changes)


def look_up_due(transmission: Transmission) -> datetime:
    waits = settings.LOOK_UP_WAITS
    wait = waits[min(transmission.look_up_count, len(waits) - 1)]
    return timezone.now() + timedelta(seconds=wait)

"""Finding work that no hint speaks of: due, abandoned, to be looked up."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from procurement.queue import hint
from procurement.transmissions import moves
from procurement.transmissions.handlers import handler_of
from procurement.transmissions.models import Outcome, State, Transmission
from procurement.transmissions.operations import TRANSMIT
from vendors.errors import Kind, OutcomeUnknown

LOOK_UP = "procurement.transmissions.tasks.look_up"
HINT_AGAIN_AFTER = timedelta(seconds=60)
"""A hint that brought no claim by then is taken for lost."""


def sweep(*, limit: int = 200) -> int:
    """Find work that waits for no hint: due, expired, to be looked up."""
    expired = _expire_leases(limit)
    return expired + _hint_due(limit) + _hint_look_ups(limit)


def _expire_leases(limit: int) -> int:
    now = timezone.now()
    overdue = Transmission.objects.filter(state=State.SENDING, lease_until__lte=now)
    ids = list(overdue.order_by("lease_until").values_list("pk", "subject")[:limit])
    return sum(_expire(pk, subject) for pk, subject in ids)


@transaction.atomic
def _expire(transmission_id: int, subject: str) -> bool:
    """A claim nobody finished: its worker died, and the vendor may have been called."""
    handler_of(Transmission.objects.get(pk=transmission_id)).lock(subject)
    transmission = Transmission.objects.select_for_update().get(pk=transmission_id)
    now = timezone.now()
    if (
        transmission.state != State.SENDING
        or transmission.lease_until is None
        or transmission.lease_until > now
    ):
        return False
    error = OutcomeUnknown(
        "The worker that was sending it stopped before the answer was recorded.",
        kind=Kind.CUT,
    )
    transmission.attempts.filter(outcome=Outcome.RUNNING).update(
        outcome=Outcome.UNKNOWN, kind=error.kind, text=error.text, finished_at=now
    )
    moves.become_unknown(transmission, error)
    return True


def _hint_due(limit: int) -> int:
    now = timezone.now()
    due = Transmission.objects.filter(
        Q(supplier__health__blocked_until=None)
        | Q(supplier__health__blocked_until__lte=now),
        state=State.QUEUED,
        next_attempt_at__lte=now,
        supplier__is_paused=False,
    )
    return _hint_each(due.order_by("next_attempt_at"), TRANSMIT, limit)


def _hint_look_ups(limit: int) -> int:
    due = Transmission.objects.filter(
        state=State.UNKNOWN, next_look_up_at__lte=timezone.now()
    ).order_by("next_look_up_at")
    return _hint_each(due, LOOK_UP, limit)


def _hint_each(due: Any, task: str, limit: int) -> int:
    lost = timezone.now() - HINT_AGAIN_AFTER
    unhinted = Q(hinted_at=None) | Q(hinted_at__lte=lost)
    hinted = 0
    for pk in list(due.filter(unhinted).values_list("pk", flat=True)[:limit]):
        with transaction.atomic():
            marked = Transmission.objects.filter(unhinted, pk=pk).update(
                hinted_at=timezone.now()
            )
            if marked:
                hint(task, pk)
                hinted += 1
    return hinted

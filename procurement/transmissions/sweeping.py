"""Finding what nobody was told of: due, abandoned, to be looked up."""

from datetime import timedelta
from functools import partial

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from procurement.queue import wake_carriers
from procurement.suppliers import gates
from procurement.transmissions import errands, moves, waiting
from procurement.transmissions.errands import Errand, Source
from procurement.transmissions.handlers import handler_of
from procurement.transmissions.looking_up import look_up
from procurement.transmissions.models import Outcome, State, Transmission
from vendors.errors import Kind, OutcomeUnknown

HINT_AGAIN_AFTER = timedelta(seconds=60)
"""What was handed out and not done by then is taken for lost."""


def sweep(*, limit: int = 200) -> int:
    """End claims that nobody finished, and wake the carriers if anything is due.

    Returns:
        How many claims had run out.
    """
    expired = _expire_leases(limit)
    if waiting.is_anything_ready() or errands.are_due():
        wake_carriers()
    return expired


def _expire_leases(limit: int) -> int:
    now = timezone.now()
    overdue = Transmission.objects.filter(state=State.SENDING, lease_until__lte=now)
    ids = list(overdue.order_by("lease_until").values_list("pk", "subject")[:limit])
    return sum(_expire(pk, subject) for pk, subject in ids)


@transaction.atomic
def _expire(transmission_id: int, subject: str) -> bool:
    """A claim nobody finished: its worker died, and the vendor may have been called."""
    handler = handler_of(Transmission.objects.get(pk=transmission_id))
    handler.lock(subject)
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
    moves.become_unknown(transmission, error, handler)
    return True


# --- looking up -------------------------------------------------------------------


def _due_look_ups() -> QuerySet[Transmission]:
    now = timezone.now()
    return Transmission.objects.filter(
        Q(hinted_at=None) | Q(hinted_at__lte=now - HINT_AGAIN_AFTER),
        gates.callable_now(now, "supplier__"),
        state=State.UNKNOWN,
        next_look_up_at__lte=now,
    )


def _claim_look_ups(limit: int) -> list[Errand]:
    due = _due_look_ups().order_by("next_look_up_at")
    rows = list(due.values_list("pk", "supplier_id")[:limit])
    return [
        Errand(f"Looking up {pk}", supplier_id, partial(look_up, transmission_id=pk))
        for pk, supplier_id in rows
        if _due_look_ups().filter(pk=pk).update(hinted_at=timezone.now())
    ]


LOOK_UPS = Source(claim=_claim_look_ups, is_due=lambda: _due_look_ups().exists())


# --- trying suppliers that failed -------------------------------------------------


def _claim_probes(limit: int) -> list[Errand]:
    return [
        Errand("Trying a supplier", pk, partial(gates.probe, supplier_id=pk))
        for pk in gates.due_probes()[:limit]
    ]


PROBES = Source(claim=_claim_probes, is_due=lambda: bool(gates.due_probes()))

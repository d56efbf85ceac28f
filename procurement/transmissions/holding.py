"""Sending nothing whose outcome our books may not know, until the supplier was asked.

After a restore the world is ahead of the books: whatever was not sent by then may have
been sent since. What was on its way becomes unknown at once; what is sent for the first
time later becomes unknown at its claim, before anything has left. From there it goes as
with every unknown outcome: looked up by our number where the supplier can be asked, and
settled by a person where it can't be.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from django.db import transaction
from django.utils import timezone

from procurement.transmissions import moves
from procurement.transmissions.handlers import Handler, handler_of
from procurement.transmissions.models import (
    AskFirst,
    Outcome,
    State,
    Transmission,
)
from vendors.errors import Kind, OutcomeUnknown

AT_ONCE = 1000


def ask_first(*, operation: str, subjects: Iterable[str], reason: str) -> int:
    """Have suppliers asked before these are sent for the first time from now on.

    Returns:
        How many there are now that were not there before.
    """
    before = AskFirst.objects.count()
    waiting = iter(subjects)
    while some := list(islice(waiting, AT_ONCE)):
        AskFirst.objects.bulk_create(
            (
                AskFirst(operation=operation, subject=subject, reason=reason)
                for subject in some
            ),
            ignore_conflicts=True,
        )
    return AskFirst.objects.count() - before


def hold_what_is_on_its_way(*, reason: str) -> int:
    """Make unknown whatever waits in the queue or was being sent; say how many."""
    rows = Transmission.objects.filter(state__in=[State.QUEUED, State.SENDING])
    ids = list(rows.order_by("pk").values_list("pk", flat=True))
    return sum(_hold(pk, reason) for pk in ids)


@transaction.atomic
def _hold(transmission_id: int, reason: str) -> bool:
    transmission = Transmission.objects.get(pk=transmission_id)
    handler = handler_of(transmission)
    handler.lock(transmission.subject)
    transmission = Transmission.objects.select_for_update().get(pk=transmission_id)
    if transmission.state not in (State.QUEUED, State.SENDING):
        return False
    transmission.attempts.filter(outcome=Outcome.RUNNING).update(
        outcome=Outcome.UNKNOWN,
        kind=Kind.CUT,
        text=reason,
        finished_at=timezone.now(),
    )
    moves.become_unknown(transmission, _error(reason), handler)
    return True


def to_ask_first(claimed: Sequence[Transmission]) -> Mapping[str, str]:
    """The subjects among some of one operation that must be asked about, and why."""
    if not claimed:
        return {}
    rows = AskFirst.objects.filter(
        operation=claimed[0].operation,
        subject__in=[each.subject for each in claimed],
    )
    return dict(rows.values_list("subject", "reason"))


def ask_instead(transmission: Transmission, reason: str, handler: Handler) -> None:
    """Make a claimed one unknown in place of sending it. Once it is settled that the
    supplier does not have it, it goes as any other."""
    moves.become_unknown(transmission, _error(reason), handler)
    AskFirst.objects.filter(
        operation=transmission.operation, subject=transmission.subject
    ).delete()


def _error(reason: str) -> OutcomeUnknown:
    return OutcomeUnknown(reason, kind=Kind.CUT)

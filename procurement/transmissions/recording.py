"""Writing down how attempts ended: several in one commit, each for sure.

The vendor may have the order, so what it answered is worth waiting for: a database
that is away is tried again, and what spoils a group is recorded by itself.
"""

import logging
import time
from collections.abc import Sequence
from itertools import groupby

from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from procurement.rows import HeldChanges
from procurement.suppliers.conversations import record_failure, record_success
from procurement.suppliers.models import Exchange
from procurement.transmissions import lines, moves
from procurement.transmissions.calling import Called
from procurement.transmissions.handlers import Handler, News, handler_of
from procurement.transmissions.models import Attempt, Outcome, State, Transmission
from vendors.contracts import Accepted
from vendors.errors import NotSent, Refused, VendorError

logger = logging.getLogger(__name__)

RECORDING_WAITS = (0.5, 1, 2, 4, 8, 15, 30)
"""Seconds between tries to record an answer while the database is away."""


def record(called: Sequence[Called]) -> None:
    """Record outcomes; one that can't be recorded leaves the others alone.

    Raises:
        Exception: the only one given could not be recorded. Its claim runs out, and
            it becomes unknown.
    """
    try:
        _record_for_sure(called)
    except Exception:
        if len(called) == 1:
            raise
        logger.exception("A group of %s outcomes is recorded one by one", len(called))
        for each in called:
            try:
                _record_for_sure([each])
            except Exception:
                logger.exception("Attempt %s is not recorded", each.attempt.pk)


def _record_for_sure(called: Sequence[Called]) -> None:
    for wait in RECORDING_WAITS:
        try:
            _record(called)
            return lines.write(called)
        except (OperationalError, InterfaceError) as error:
            logger.warning(
                "%s outcomes wait to be recorded: %s", len(called), type(error).__name__
            )
            connection.close()
            time.sleep(wait)
    return _record(called)


@transaction.atomic
def _record(called: Sequence[Called]) -> None:
    _write_exchanges([each for one in called for each in one.exchanges])
    _close_attempts(called)
    by_operation = sorted(called, key=_operation)
    for _, group in groupby(by_operation, _operation):
        _move_alike(list(group))
    _note_health(called)


def _operation(called: Called) -> str:
    return called.attempt.transmission.operation


def _write_exchanges(exchanges: list[Exchange]) -> None:
    for exchange in exchanges:
        exchange.pk = None
    Exchange.objects.bulk_create(exchanges)


def _close_attempts(called: Sequence[Called]) -> None:
    """Write how the attempts ended; those that ended alike in one statement."""
    now = timezone.now()
    alike: dict[tuple[str, ...], list[int]] = {}
    for each in called:
        ending = _ending(each.outcome)
        for name, value in ending.items():
            setattr(each.attempt, name, value)
        alike.setdefault(tuple(ending.values()), []).append(each.attempt.pk)
    for values, ids in alike.items():
        changes = dict(zip(_ENDING, values, strict=True))
        Attempt.objects.filter(pk__in=ids).update(finished_at=now, **changes)


_ENDING = ("outcome", "kind", "text", "vendor_text")


def _ending(outcome: Accepted | VendorError) -> dict[str, str]:
    if isinstance(outcome, Accepted):
        values: tuple[str, ...] = (Outcome.ACCEPTED, "", outcome.note, "")
    else:
        values = (
            _outcome_of(outcome),
            outcome.kind,
            outcome.text,
            outcome.vendor_text,
        )
    return dict(zip(_ENDING, values, strict=True))


def _outcome_of(error: VendorError) -> Outcome:
    if isinstance(error, Refused):
        return Outcome.REFUSED
    return Outcome.NOT_SENT if isinstance(error, NotSent) else Outcome.UNKNOWN


def _move_alike(called: list[Called]) -> None:
    """Move the transmissions of one operation on, their subjects locked first."""
    subjects = {each.attempt.transmission.subject for each in called}
    conversations = {
        each.attempt.transmission_id: each.attempt.conversation for each in called
    }
    handler = handler_of(called[0].attempt.transmission)
    with handler.together(subjects, conversations) as held:
        rows = Transmission.objects.select_for_update().filter(pk__in=conversations)
        found = {each.pk: each for each in rows.order_by("pk")}
        changes = HeldChanges(Transmission)
        for each in called:
            transmission = found[each.attempt.transmission_id]
            transmission.held = changes
            transmission.supplier = each.attempt.transmission.supplier
            _move(transmission, each, held.handler)
        changes.save()


def _move(transmission: Transmission, called: Called, handler: Handler) -> None:
    """Carry one outcome into its transmission.

    The sweeper may have taken the attempt for dead meanwhile. A true answer still
    counts then, as long as nobody has settled the outcome in another way.
    """
    attempt, outcome = called.attempt, called.outcome
    is_ours = transmission.claim == attempt.claim and transmission.state in (
        State.SENDING,
        State.UNKNOWN,
    )
    if not is_ours:
        _report_late_answer(transmission, attempt, handler)
    elif isinstance(outcome, Accepted):
        moves.accept(transmission, outcome, handler)
    elif isinstance(outcome, Refused):
        moves.refuse(transmission, outcome, handler)
    elif isinstance(outcome, NotSent):
        moves.retry_or_give_up(transmission, outcome, handler)
    else:
        moves.become_unknown(transmission, outcome, handler)


def _report_late_answer(
    transmission: Transmission, attempt: Attempt, handler: Handler
) -> None:
    """An answer to an attempt that was settled without it: a person must compare."""
    if attempt.outcome == Outcome.ACCEPTED or transmission.state == State.SENT:
        handler.tell(
            transmission,
            News(
                "late_answer",
                f"Try {attempt.number} was answered after it had been settled: "
                f"{attempt.get_outcome_display().lower()}. Compare with the supplier.",
                needs_person=attempt.outcome == Outcome.ACCEPTED,
            ),
        )


def _note_health(called: Sequence[Called]) -> None:
    """What the calls say of their suppliers; a row of successes is one success."""
    successes: dict[int, Attempt] = {}
    for each in sorted(called, key=lambda one: one.attempt.started_at):
        supplier, begun_at = each.attempt.transmission.supplier, each.attempt.started_at
        if isinstance(each.outcome, VendorError):
            record_failure(supplier, each.outcome, begun_at=begun_at)
            successes.pop(supplier.pk, None)
        else:
            successes[supplier.pk] = each.attempt
    for attempt in successes.values():
        record_success(attempt.transmission.supplier, begun_at=attempt.started_at)

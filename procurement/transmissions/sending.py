"""Getting an operation to a vendor without ever doing it twice.

Claim, commit, call, record. A claim is a conditional update that one caller wins;
it is committed with its attempt before the vendor is called, and the outcome is
recorded in a second transaction. What is not known to have failed is never tried
again by itself.
"""

import logging
import time
import uuid
from datetime import timedelta

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from procurement.coordination.operations import process_name
from procurement.suppliers.conversations import (
    Conversation,
    record_failure,
    record_success,
)
from procurement.suppliers.models import Exchange
from procurement.transmissions import moves
from procurement.transmissions.handlers import News, handler_of
from procurement.transmissions.models import Attempt, Outcome, State, Transmission
from vendors.contracts import Accepted
from vendors.errors import Kind, NotSent, OutcomeUnknown, Refused, VendorError
from vendors.http import VendorClient

logger = logging.getLogger(__name__)

RECORDING_WAITS = (0.5, 1, 2, 4, 8, 15, 30)
"""Seconds between tries to record an answer while the database is away."""


def transmit(*, transmission_id: int) -> None:
    """Carry one transmission to its vendor, if it is due and nobody else does."""
    attempt = _claim(transmission_id)
    if attempt is None:
        return
    talk = Conversation(
        attempt.transmission.supplier,
        subject=attempt.reference,
        id=attempt.conversation,
    )
    outcome = _call(attempt, talk)
    _record_for_sure(attempt, outcome, talk.take())


def _claim(transmission_id: int) -> Attempt | None:
    """Take a due transmission for ourselves and write its attempt, in one commit."""
    with transaction.atomic():
        transmission = (
            Transmission.objects.select_related("supplier__health")
            .filter(pk=transmission_id)
            .first()
        )
        if transmission is None or not _may_go(transmission):
            return None
        handler = handler_of(transmission)
        handler.lock(transmission.subject)
        claim = uuid.uuid4()
        now = timezone.now()
        won = Transmission.objects.filter(
            pk=transmission_id, state=State.QUEUED, next_attempt_at__lte=now
        ).update(
            state=State.SENDING,
            claim=claim,
            lease_until=now + timedelta(seconds=settings.SEND_LEASE_SECONDS),
            attempt_count=transmission.attempt_count + 1,
            hinted_at=None,
        )
        if not won:
            return None
        transmission.refresh_from_db()
        if objection := handler.objection(transmission):
            moves.end(transmission, State.WITHDRAWN, text=objection)
            handler.tell(transmission, News("withdrawn", objection, needs_person=True))
            return None
        attempt = Attempt.objects.create(
            transmission=transmission,
            number=transmission.attempt_count,
            claim=claim,
            reference=transmission.reference,
            is_test=transmission.is_test,
            request=transmission.request,
            worker=process_name(),
            started_at=now,
        )
        handler.tell(transmission, News("sending", f"Try {attempt.number} begun."))
        return attempt


def _may_go(transmission: Transmission) -> bool:
    supplier = transmission.supplier
    blocked_until = supplier.health.blocked_until
    return not supplier.is_paused and (
        blocked_until is None or blocked_until <= timezone.now()
    )


def _call(attempt: Attempt, talk: Conversation) -> Accepted | VendorError:
    """Call the vendor; whatever happens comes back as one of the four outcomes."""
    has_written = False
    try:
        with talk.open() as client:
            try:
                _prepare(attempt, client)
                transmission = attempt.transmission
                return handler_of(transmission).perform(client, transmission)
            finally:
                has_written = client.has_written
    except VendorError as error:
        return error
    except Exception as error:
        # The order may have gone out before our own code failed: only what was
        # never written is known not to have landed.
        logger.exception("Attempt %s broke off", attempt.pk)
        text = f"The program failed ({type(error).__name__}); the log has the details."
        if has_written:
            return OutcomeUnknown(text, kind=Kind.BUG)
        return NotSent(text, kind=Kind.BUG)


def _prepare(attempt: Attempt, client: VendorClient) -> None:
    """Note what a look-up will compare with; without it, nothing goes out."""
    transmission = attempt.transmission
    try:
        before = handler_of(transmission).prepare(client, transmission)
    except Refused as refusal:
        # What was refused was a list, not the data of the order.
        raise NotSent(
            refusal.text,
            kind=refusal.kind,
            status=refusal.status,
            vendor_text=refusal.vendor_text,
        ) from None
    if before is not None:
        Attempt.objects.filter(pk=attempt.pk).update(before=dict(before))


def _record_for_sure(
    attempt: Attempt, outcome: Accepted | VendorError, exchanges: list[Exchange]
) -> None:
    """Record an outcome even if the database is away for a moment.

    The vendor may have the order: what it answered is worth waiting for.
    """
    for wait in RECORDING_WAITS:
        try:
            return _record(attempt, outcome, exchanges)
        except (OperationalError, InterfaceError) as error:
            logger.warning(
                "Attempt %s waits to be recorded: %s", attempt.pk, type(error).__name__
            )
            connection.close()
            time.sleep(wait)
    return _record(attempt, outcome, exchanges)


def _record(
    attempt: Attempt, outcome: Accepted | VendorError, exchanges: list[Exchange]
) -> None:
    """Write down how an attempt ended, in one commit.

    The sweeper may have taken the attempt for dead meanwhile. A true answer still
    counts then, as long as nobody has settled the outcome in another way.
    """
    with transaction.atomic():
        handler_of(attempt.transmission).lock(attempt.transmission.subject)
        transmission = Transmission.objects.select_for_update().get(
            pk=attempt.transmission_id
        )
        for exchange in exchanges:
            exchange.pk = None
        Exchange.objects.bulk_create(exchanges)
        _close_attempt(attempt, outcome)
        is_ours = transmission.claim == attempt.claim and transmission.state in (
            State.SENDING,
            State.UNKNOWN,
        )
        if not is_ours:
            _report_late_answer(transmission, attempt)
        elif isinstance(outcome, Accepted):
            moves.accept(transmission, outcome)
        elif isinstance(outcome, Refused):
            moves.refuse(transmission, outcome)
        elif isinstance(outcome, NotSent):
            moves.retry_or_give_up(transmission, outcome)
        else:
            moves.become_unknown(transmission, outcome)
        if isinstance(outcome, VendorError):
            record_failure(transmission.supplier, outcome)
        else:
            record_success(transmission.supplier)


def _close_attempt(attempt: Attempt, outcome: Accepted | VendorError) -> None:
    attempt.finished_at = timezone.now()
    if isinstance(outcome, Accepted):
        attempt.outcome = Outcome.ACCEPTED
        attempt.text = outcome.note
    else:
        attempt.outcome = _outcome_of(outcome)
        attempt.kind = outcome.kind
        attempt.text = outcome.text
        attempt.vendor_text = outcome.vendor_text
    attempt.save(
        update_fields=["finished_at", "outcome", "kind", "text", "vendor_text"]
    )


def _outcome_of(error: VendorError) -> Outcome:
    if isinstance(error, Refused):
        return Outcome.REFUSED
    return Outcome.NOT_SENT if isinstance(error, NotSent) else Outcome.UNKNOWN


def _report_late_answer(transmission: Transmission, attempt: Attempt) -> None:
    """An answer to an attempt that was settled without it: a person must compare."""
    if attempt.outcome == Outcome.ACCEPTED or transmission.state == State.SENT:
        handler_of(transmission).tell(
            transmission,
            News(
                "late_answer",
                f"Try {attempt.number} was answered after it had been settled: "
                f"{attempt.get_outcome_display().lower()}. Compare with the supplier.",
                needs_person=attempt.outcome == Outcome.ACCEPTED,
            ),
        )

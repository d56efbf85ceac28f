"""Calling the vendor for a claimed transmission; no transaction is open meanwhile."""

import logging
from dataclasses import dataclass

from procurement.suppliers.conversations import Conversation
from procurement.suppliers.models import Exchange
from procurement.transmissions.handlers import handler_of
from procurement.transmissions.models import Attempt
from vendors.contracts import Accepted
from vendors.errors import Kind, NotSent, OutcomeUnknown, Refused, VendorError
from vendors.http import VendorClient

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Called:
    """How the call of an attempt ended, and what was said; not recorded yet."""

    attempt: Attempt
    outcome: Accepted | VendorError
    exchanges: list[Exchange]


def call(attempt: Attempt) -> Called:
    """Call the vendor; whatever happens comes back as one of the four outcomes."""
    talk = Conversation(
        attempt.transmission.supplier,
        subject=attempt.reference,
        id=attempt.conversation,
    )
    outcome = _outcome(attempt, talk)
    return Called(attempt, outcome, talk.take())


def _outcome(attempt: Attempt, talk: Conversation) -> Accepted | VendorError:
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

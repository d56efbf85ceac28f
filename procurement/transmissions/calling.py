"""Calling the vendor for a claimed transmission; no transaction is open meanwhile."""

import logging
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.utils import timezone

from procurement.suppliers.conversations import Conversation
from procurement.suppliers.models import Exchange
from procurement.transmissions.handlers import handler_of
from procurement.transmissions.models import Attempt
from vendors.contracts import Accepted
from vendors.errors import Kind, NotSent, OutcomeUnknown, Refused, VendorError
from vendors.http import VendorClient

logger = logging.getLogger(__name__)

CLAIM_MARGIN = 0.1
"""The part of a claim's time left for connecting, and for clocks that differ."""


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
            client.before_write = partial(_insist_on_claim, attempt)
            try:
                _prepare(attempt, client)
                transmission = attempt.transmission
                return handler_of(transmission).perform(client, transmission)
            finally:
                has_written = client.has_written
    except VendorError as error:
        return error
    except (DatabaseError, InterfaceError) as error:
        text = f"Our database was away ({type(error).__name__})."
        if has_written:
            return OutcomeUnknown(text, kind=Kind.BUG)
        return NotSent(text, kind=Kind.CONNECTION)
    except Exception as error:
        # The order may have gone out before our own code failed: only what was
        # never written is known not to have landed.
        logger.exception("Attempt %s broke off", attempt.pk)
        text = f"The program failed ({type(error).__name__}); the log has the details."
        if has_written:
            return OutcomeUnknown(text, kind=Kind.BUG)
        return NotSent(text, kind=Kind.BUG)


def _insist_on_claim(attempt: Attempt) -> None:
    """Let nothing out once the claim may be somebody else's.

    A process that stood still for longer than its claim lasts (suspended, or starved)
    doesn't know that the order was given up meanwhile, and perhaps sent again. By the
    wall clock, since others stand still with the machine.
    """
    held_until = attempt.transmission.lease_until
    margin = timedelta(seconds=settings.SEND_LEASE_SECONDS * CLAIM_MARGIN)
    if held_until is None or timezone.now() > held_until - margin:
        raise NotSent(
            "The worker stood still for so long that its claim ran out; nothing left.",
            kind=Kind.CONNECTION,
        )


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

"""What apps and people ask of transmissions: to begin, take back, or settle one."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from procurement.errors import OperationNotAllowed
from procurement.queue import wake_carriers
from procurement.suppliers.models import Supplier
from procurement.transmissions.handlers import News, handler_of
from procurement.transmissions.models import State, Transmission, Urgency
from procurement.transmissions.moves import end
from vendors.contracts import Accepted


def ask_for(
    *,
    supplier: Supplier,
    operation: str,
    subject: str,
    reference: str,
    is_test: bool,
    request: Mapping[str, Any],
    content_hash: str,
    actor: User | None,
    urgency: Urgency = Urgency.NORMAL,
) -> Transmission:
    """Write a transmission into the caller's transaction and wake a worker.

    The caller holds the lock on the subject, and has checked that none is live; a
    unique constraint backs that check.
    """
    asked = Transmission.objects.create(
        supplier=supplier,
        operation=operation,
        subject=subject,
        reference=reference,
        is_test=is_test,
        request=dict(request),
        content_hash=content_hash,
        next_attempt_at=timezone.now(),
        urgency=urgency,
        asked_by=actor,
    )
    wake_carriers()
    return asked


@transaction.atomic
def settle_unknown(
    *,
    transmission_id: int,
    actor: User,
    has_landed: bool,
    number: str = "",
    evidence: str,
) -> Transmission:
    """Record what a person found out about an unknown outcome.

    Args:
        has_landed: the supplier has it. If not, it may be sent again.
        number: the supplier's number, where it has landed and has one.
        evidence: how it was found out; kept with the name of the person.

    Raises:
        OperationNotAllowed: its outcome is not unknown, or there is no evidence.
    """
    transmission = Transmission.objects.get(pk=transmission_id)
    handler = handler_of(transmission)
    handler.lock(transmission.subject)
    transmission = Transmission.objects.select_for_update().get(pk=transmission_id)
    if transmission.state != State.UNKNOWN:
        raise OperationNotAllowed(
            f"{transmission.subject} is not unknown any more: "
            f"{transmission.get_state_display().lower()}."
        )
    if not evidence.strip():
        raise OperationNotAllowed(
            "Say how it was found out: whom you asked, or where you looked.",
            code="evidence_missing",
        )
    end(
        transmission,
        State.SENT if has_landed else State.RELEASED,
        number=number,
        settled_by=actor,
        evidence=evidence,
    )
    if has_landed:
        news = News(
            "sent",
            f"Settled by hand: the supplier has it. {evidence}",
            accepted=Accepted(number=number or None),
        )
    else:
        news = News(
            "released",
            f"Settled by hand: the supplier does not have it. {evidence}",
        )
    handler.tell(transmission, news)
    return transmission


@transaction.atomic
def withdraw(*, transmission_id: int, reason: str) -> bool:
    """Take back what is queued and not claimed; say whether that was still possible.

    The caller holds the lock on the subject.
    """
    transmission = Transmission.objects.select_for_update().get(pk=transmission_id)
    if transmission.state != State.QUEUED:
        return False
    end(transmission, State.WITHDRAWN, text=reason)
    return True

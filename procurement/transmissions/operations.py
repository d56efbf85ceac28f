"""What apps and people ask of transmissions: to begin, take back, or settle one."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from procurement.errors import OperationNotAllowed
from procurement.queue import wake_carriers
from procurement.scoping import scoped
from procurement.suppliers.models import Supplier
from procurement.transmissions.handlers import Handler, News, handler_of
from procurement.transmissions.models import State, Transmission, Urgency
from procurement.transmissions.moves import end, move
from vendors.contracts import Accepted
from vendors.errors import Kind


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
    transmission, handler = _locked(transmission_id, actor)
    _require_unknown(transmission)
    if not evidence.strip():
        raise OperationNotAllowed(
            _("Say how it was found out: whom you asked, or where you looked."),
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


# --- what waits, sooner -----------------------------------------------------------


@transaction.atomic
def ask_for_look_up(*, transmission_id: int, actor: User) -> Transmission:
    """Have the vendor asked soon whether an unknown one has landed; a worker asks.

    Nothing is sent again: what is found once is adopted, anything else is told.

    Raises:
        OperationNotAllowed: its outcome is not unknown, the vendor can't be asked by
            program, or a look-up is due already.
    """
    transmission, handler = _locked(transmission_id, actor)
    _require_unknown(transmission)
    if reason := why_not_look_up(transmission):
        is_able = handler.can_look_up(transmission)
        code = "due_already" if is_able else "cannot_look_up"
        raise OperationNotAllowed(reason, code=code)
    move(transmission, next_look_up_at=timezone.now(), hinted_at=None)
    handler.tell(transmission, News("look_up_asked", "To be looked up.", actor=actor))
    wake_carriers()
    return transmission


def why_not_look_up(transmission: Transmission) -> str:
    """Why an unknown one can't be looked up at a word; empty if it can."""
    supplier = transmission.supplier
    if not handler_of(transmission).can_look_up(transmission):
        text = _(
            "%(supplier)s can't be asked by program. Ask there yourself, "
            "and settle it with what you were told."
        )
        return text % {"supplier": supplier}
    due_at = transmission.next_look_up_at
    if due_at and due_at <= timezone.now():
        text = _(
            "A look-up of %(subject)s is due already. It is made as soon "
            "as %(supplier)s may be called."
        )
        return text % {"subject": transmission.subject, "supplier": supplier}
    return ""


@transaction.atomic
def try_now(*, transmission_id: int, actor: User) -> Transmission:
    """End the wait of what was proven not to have been sent.

    Raises:
        OperationNotAllowed: it does not wait in the queue, the supplier itself asked
            for the wait, its account is in trouble, or a try is due already.
    """
    transmission, handler = _locked(transmission_id, actor)
    if reason := why_not_now(transmission):
        raise OperationNotAllowed(reason, code="not_now")
    move(transmission, next_attempt_at=timezone.now(), hinted_at=None)
    handler.tell(transmission, News("try_asked", "To be tried at once.", actor=actor))
    wake_carriers()
    return transmission


def why_not_now(transmission: Transmission) -> str:
    """Why a person may not end its wait; empty if nothing stands against it."""
    supplier, subject = transmission.supplier, transmission.subject
    if transmission.state != State.QUEUED:
        state = transmission.get_state_display().lower()
        return _("%(subject)s does not wait for a try: %(state)s.") % {
            "subject": subject,
            "state": state,
        }
    if transmission.kind == Kind.THROTTLED:
        return _(
            "%(supplier)s has asked for the wait. %(subject)s is tried once it is over."
        ) % {"supplier": supplier, "subject": subject}
    if supplier.health.blocked_until is not None:
        return _(
            "The account at %(supplier)s is in trouble. Mend that and "
            "check the connection; what waits then goes by itself."
        ) % {"supplier": supplier}
    if transmission.next_attempt_at <= timezone.now():
        return _(
            "A try of %(subject)s is due already, once %(supplier)s may be called."
        ) % {"subject": subject, "supplier": supplier}
    return ""


def _locked(transmission_id: int, actor: User) -> tuple[Transmission, Handler]:
    """A transmission under lock, its subject locked before it.

    Raises:
        OperationNotAllowed: there is none that the person may see.
    """
    seen = scoped(Transmission.objects.filter(pk=transmission_id), actor)
    transmission = next(iter(seen), None)
    if transmission is None:
        raise OperationNotAllowed(
            _("There is no such transmission."), code="no_such_transmission"
        )
    handler = handler_of(transmission)
    handler.lock(transmission.subject)
    locked = Transmission.objects.select_for_update().get(pk=transmission_id)
    return locked, handler


def _require_unknown(transmission: Transmission) -> None:
    if transmission.state != State.UNKNOWN:
        raise OperationNotAllowed(
            _("%(subject)s is not unknown any more: %(get_state_display)s.")
            % {
                "subject": transmission.subject,
                "get_state_display": transmission.get_state_display().lower(),
            }
        )

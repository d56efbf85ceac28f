"""What is written when something happens to a login; each call is one transaction's."""

import uuid
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from procurement.logins.models import LoginAttempt, LoginEvent, Outcome

CREDENTIALS_REFUSED = 401
"""By the standard the code or token is at fault with 400, and our own id with 401."""


def shop_address(supplier: Any) -> str:
    """Where a supplier's tokens come from, and alone may be sent to."""
    return str(supplier.auth_url or supplier.base_url)


def reference(customer_id: int) -> str:
    """What the exchanges about a customer are found by."""
    return f"CUSTOMER-{customer_id}"


def note(
    about: Any,
    kind: str,
    text: str = "",
    *,
    actor: User | None = None,
    attempt: LoginAttempt | None = None,
    conversation: uuid.UUID | None = None,
    **data: Any,
) -> None:
    """Write one event.

    Args:
        about: an attempt or a login: it names the customer and the supplier.
    """
    LoginEvent.objects.create(
        customer_id=about.customer_id,
        supplier_id=about.supplier_id,
        attempt=attempt,
        kind=kind,
        actor=actor,
        text=text,
        data=data,
        conversation=conversation,
    )


def end_attempt(
    attempt: LoginAttempt,
    outcome: Outcome,
    text: str,
    *,
    actor: User | None,
    conversation: uuid.UUID | None = None,
    **data: Any,
) -> bool:
    """End a try that is open, once; say whether it was this call that ended it.

    Runs inside the caller's transaction.
    """
    ended = LoginAttempt.objects.filter(pk=attempt.pk, outcome="").update(
        outcome=outcome,
        text=text,
        ended_at=timezone.now(),
        code_verifier="",
        conversation=conversation,
    )
    if ended:
        note(
            attempt,
            "connected" if outcome == Outcome.CONNECTED else "not_connected",
            text,
            actor=actor,
            attempt=attempt,
            conversation=conversation,
            outcome=outcome,
            **data,
        )
    return bool(ended)

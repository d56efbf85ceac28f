"""How a customer changes: the columns and the event that says so, always together."""

from typing import Any

from django.contrib.auth.models import User

from procurement.customers.models import (
    ATTENTION_LENGTH,
    Customer,
    CustomerEvent,
    CustomerLink,
)
from procurement.transmissions.history import SYSTEM
from procurement.transmissions.models import Transmission


def write(
    link: CustomerLink,
    kind: str,
    *,
    actor: User | None = None,
    text: str = "",
    data: dict[str, Any] | None = None,
    carrier: Transmission | None = None,
    conversation: Any = None,
    **changes: Any,
) -> CustomerEvent:
    """Change columns of a link whose customer is locked, and record why."""
    if "attention" in changes:
        changes["attention"] = changes["attention"][:ATTENTION_LENGTH]
    for name, value in changes.items():
        setattr(link, name, value)
    link.save()
    return note(
        link.customer,
        kind,
        actor=actor,
        text=text,
        data=data or {},
        supplier=link.supplier,
        transmission=carrier,
        conversation=conversation,
    )


def note(
    customer: Customer, kind: str, *, actor: User | None, **values: Any
) -> CustomerEvent:
    return CustomerEvent.objects.create(
        customer=customer,
        kind=kind,
        actor=actor,
        actor_name=actor.get_username() if actor else SYSTEM,
        **values,
    )

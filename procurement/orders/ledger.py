"""How an order changes: the columns and the event that says so, always together."""

from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from procurement.orders.models import OrderEvent, PurchaseOrder
from procurement.transmissions.models import Transmission

SYSTEM = "system"
ATTENTION_LENGTH = PurchaseOrder._meta.get_field("attention").max_length


def write(
    order: PurchaseOrder,
    kind: str,
    *,
    actor: User | None = None,
    actor_name: str = "",
    text: str = "",
    data: dict[str, Any] | None = None,
    carrier: Transmission | None = None,
    conversation: Any = None,
    **changes: Any,
) -> OrderEvent:
    """Change columns of a locked order and record why, in the caller's transaction.

    Args:
        kind: what happened, in one stable word.
        actor: the person; without one, `actor_name` says who (default: the system).
        carrier: the transmission it is about, where there is one.
        changes: columns and their new values; none for an event alone.
    """
    before = order.status
    if "attention" in changes:
        changes["attention"] = changes["attention"][:ATTENTION_LENGTH]
    for name, value in changes.items():
        setattr(order, name, value)
    order.version += 1
    fields = [*changes, "version", "updated_at"]
    if order.status != before:
        order.state_since = timezone.now()
        fields.append("state_since")
    order.save(update_fields=fields)
    return OrderEvent.objects.create(
        order=order,
        kind=kind,
        actor=actor,
        actor_name=actor.get_username() if actor else actor_name or SYSTEM,
        text=text,
        data=data or {},
        status=order.status,
        transmission=carrier,
        conversation=conversation,
    )

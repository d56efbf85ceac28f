"""How a shop changes: the columns and the event that says so, always together."""

from typing import Any

from django.contrib.auth.models import User

from procurement.shops.models import (
    ATTENTION_LENGTH,
    Shop,
    ShopEvent,
    ShopRegistration,
)
from procurement.transmissions.history import SYSTEM
from procurement.transmissions.models import Transmission


def write(
    registration: ShopRegistration,
    kind: str,
    *,
    actor: User | None = None,
    text: str = "",
    data: dict[str, Any] | None = None,
    carrier: Transmission | None = None,
    conversation: Any = None,
    **changes: Any,
) -> ShopEvent:
    """Change columns of a registration whose shop is locked, and record why."""
    if "attention" in changes:
        changes["attention"] = changes["attention"][:ATTENTION_LENGTH]
    for name, value in changes.items():
        setattr(registration, name, value)
    registration.save()
    return note(
        registration.shop,
        kind,
        actor=actor,
        text=text,
        data=data or {},
        supplier=registration.supplier,
        transmission=carrier,
        conversation=conversation,
    )


def note(shop: Shop, kind: str, *, actor: User | None, **values: Any) -> ShopEvent:
    return ShopEvent.objects.create(
        shop=shop,
        kind=kind,
        actor=actor,
        actor_name=actor.get_username() if actor else SYSTEM,
        **values,
    )

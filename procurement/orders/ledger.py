"""How an order changes: the columns and the event that says so, always together."""

import logging
from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from procurement.logs.ids import about, here
from procurement.orders.models import OrderEvent, PurchaseOrder
from procurement.rows import HeldChanges
from procurement.transmissions.models import Transmission

logger = logging.getLogger("procurement.orders")

SYSTEM = "system"
ATTENTION_LENGTH = PurchaseOrder._meta.get_field("attention").max_length


class Together:
    """Changes of several locked orders, held back and written in few statements.

    The events get their numbers in the order in which they were written here.
    """

    def __init__(self) -> None:
        self.now = timezone.now()
        self._changes: dict[int, dict[str, Any]] = defaultdict(dict)
        self._versions: dict[int, int] = {}
        self._events: list[OrderEvent] = []

    def add(
        self, order: PurchaseOrder, changes: dict[str, Any], event: OrderEvent
    ) -> None:
        self._changes[order.pk].update(changes)
        self._versions[order.pk] = order.version
        self._events.append(event)

    def save(self) -> None:
        """Write what was held back."""
        held = HeldChanges(PurchaseOrder)
        for pk, changes in self._changes.items():
            version = self._versions[pk]
            held.add(pk, {**changes, "version": version, "updated_at": self.now})
        held.save()
        OrderEvent.objects.bulk_create(self._events)
        tell(self._events)


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
    together: Together | None = None,
    **changes: Any,
) -> OrderEvent:
    """Change columns of a locked order and record why, in the caller's transaction.

    Args:
        kind: what happened, in one stable word.
        actor: the person.
        actor_name: who it was, where the person's name does not say it all; without
            either it was the system.
        carrier: the transmission it is about, where there is one.
        together: holds it back, to be written with what happens to other orders.
        changes: columns and their new values; none for an event alone.
    """
    before = order.status
    if "attention" in changes:
        changes["attention"] = changes["attention"][:ATTENTION_LENGTH]
    for name, value in changes.items():
        setattr(order, name, value)
    order.version += 1
    if order.status != before:
        order.state_since = together.now if together else timezone.now()
        changes["state_since"] = order.state_since
    event = OrderEvent(
        order=order,
        kind=kind,
        actor=actor,
        actor_name=actor_name or (actor.get_username() if actor else SYSTEM),
        text=text,
        data=data or {},
        status=order.status,
        transmission=carrier,
        conversation=conversation,
    )
    if together:
        together.add(order, changes, event)
    else:
        order.save(update_fields=[*changes, "version", "updated_at"])
        event.save()
        tell([event])
    return event


def tell(events: Sequence[OrderEvent]) -> None:
    """Have the log say what happened, once it stands.

    The words people wrote or suppliers said stay in the history: what a line says is
    read by others than those who may see the order.
    """
    if events:
        transaction.on_commit(here(partial(_write_lines, events)), robust=True)


def _write_lines(events: Sequence[OrderEvent]) -> None:
    for event in events:
        with about(order=event.order.number, transmission=event.transmission_id):
            logger.info(
                "order %s: %s, now %s",
                event.order.number,
                event.kind,
                event.status,
                extra={
                    "event": event.kind,
                    "event_id": event.pk,
                    "status": str(event.status),
                    **({"actor": event.actor_id} if event.actor_id else {}),
                },
            )

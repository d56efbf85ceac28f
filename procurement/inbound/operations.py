"""Taking in what vendors send: checked, kept once, and turned into reads."""

import hashlib
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from procurement.fulfilment.models import PollState
from procurement.inbound.models import (
    DeliveryState,
    DueRead,
    HookState,
    WebhookDelivery,
)
from procurement.suppliers.gateway import account_of
from procurement.suppliers.models import Supplier
from vendors.contracts import (
    BadSignature,
    Notification,
    Topic,
    UnreadableHook,
    Webhooks,
)

COALESCE = timedelta(seconds=2)
"""Reads wait this long for more news of the same thing, which comes in bursts."""
MOST_ACTIONS = 300


def take_in(*, supplier: Supplier, headers: Mapping[str, str], body: bytes) -> None:
    """Check, keep and plan the work of one webhook call; nothing is read yet.

    Raises:
        BadSignature: it can't be shown to come from the vendor. It is counted, and
            nothing of it is kept.
    """
    hooks: Webhooks = supplier.api.webhooks  # type: ignore[assignment]
    try:
        found = hooks.read(account_of(supplier), headers, body)
    except BadSignature:
        _count_refused(supplier)
        raise
    except UnreadableHook as trouble:
        _keep_unreadable(supplier, body, str(trouble))
        return
    with transaction.atomic():
        delivery, is_new = WebhookDelivery.objects.get_or_create(
            supplier=supplier,
            delivery_id=_storable(found.id)[:100],
            defaults={
                "actions": _storable(
                    ", ".join(
                        dict.fromkeys(each.action for each in found.notifications)
                    )
                )[:MOST_ACTIONS],
                "notifications": [_as_json(each) for each in found.notifications],
                "has_unknown": any(
                    each.topic == Topic.UNKNOWN for each in found.notifications
                ),
                "body": _text(body),
            },
        )
        _count_received(supplier, delivery, is_new=is_new)
        if is_new:
            for each in found.notifications:
                _plan(supplier, each)


def _plan(supplier: Supplier, notification: Notification) -> None:
    if notification.topic == Topic.ORDER and not notification.number:
        # It says that some order has changed: the list of changes tells which.
        PollState.objects.filter(supplier=supplier).update(
            next_poll_at=timezone.now(), hinted_at=None
        )
    elif notification.number and notification.topic not in (
        Topic.OTHER,
        Topic.UNKNOWN,
    ):
        ask_to_read(
            supplier=supplier, topic=notification.topic, number=notification.number
        )


def ask_to_read(*, supplier: Supplier, topic: Topic, number: str) -> None:
    """Have something read soon, once, however often it is asked for meanwhile.

    News of one thing comes in bursts; a moment later one read tells it all. Runs
    inside the caller's transaction.
    """
    now = timezone.now()
    row, is_new = DueRead.objects.get_or_create(
        supplier=supplier,
        topic=topic,
        number=_storable(number)[:100],
        defaults={"due_at": now + COALESCE},
    )
    if not is_new:
        DueRead.objects.filter(pk=row.pk).update(asked=F("asked") + 1, tries=0)


def _keep_unreadable(supplier: Supplier, body: bytes, why: str) -> None:
    """What the vendor signed and we can't read is kept for a person, once."""
    with transaction.atomic():
        delivery, is_new = WebhookDelivery.objects.get_or_create(
            supplier=supplier,
            delivery_id=hashlib.sha256(body).hexdigest(),
            defaults={
                "state": DeliveryState.UNREADABLE,
                "body": _text(body),
                "text": why,
            },
        )
        _count_received(supplier, delivery, is_new=is_new)


def _count_received(
    supplier: Supplier, delivery: WebhookDelivery, *, is_new: bool
) -> None:
    now = timezone.now()
    HookState.objects.update_or_create(
        supplier=supplier, defaults={"last_received_at": now}
    )
    if not is_new:
        WebhookDelivery.objects.filter(pk=delivery.pk).update(
            times=F("times") + 1, last_received_at=now
        )


def _count_refused(supplier: Supplier) -> None:
    HookState.objects.get_or_create(supplier=supplier)
    HookState.objects.filter(supplier=supplier).update(
        last_refused_at=timezone.now(), refused_count=F("refused_count") + 1
    )


def _as_json(notification: Notification) -> Any:
    return _storable_json(
        {
            "action": notification.action,
            "topic": notification.topic,
            "number": notification.number,
            "details": dict(notification.details),
        }
    )


def _text(body: bytes) -> str:
    return _storable(body.decode("utf-8", "replace"))


def _storable(text: str) -> str:
    """Text without what a database can't hold: NUL, and halves of a surrogate pair."""
    return _NOT_STORABLE.sub("\N{REPLACEMENT CHARACTER}", text)


_NOT_STORABLE = re.compile("[\x00\ud800-\udfff]")


def _storable_json(data: Any) -> Any:
    if isinstance(data, str):
        return _storable(data)
    if isinstance(data, dict):
        return {_storable(str(key)): _storable_json(each) for key, each in data.items()}
    return [_storable_json(each) for each in data] if isinstance(data, list) else data

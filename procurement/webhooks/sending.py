"""Sending one delivery: claim it, commit, call, record.

A claim is the moment until which nobody else sends it. It ends by itself when its
worker dies, and the same message goes out again: receivers are told at least once.
"""

import logging
import random
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from procurement.logs.ids import about
from procurement.webhooks import operations, queries, receivers, signing
from procurement.webhooks.models import (
    Delivery,
    DeliveryAttempt,
    DeliveryState,
    Endpoint,
)
from procurement.webhooks.receivers import Called
from vendors.masking import Masker

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=45)
"""Three times as long as a call may take."""
MOST_OF_AN_ANSWER = 2000
GONE = 410
JITTER = 0.2
HELD_AFTER = 5
"""Failures in a row after which the endpoint as a whole is tried now and then only."""
HOLDS = (10, 30, 60, 120, 300)
"""Seconds between those tries."""
ROOM_AGAIN = 500


@dataclass(frozen=True)
class Claimed:
    """One attempt that is ours to make; what it needs was read with the claim."""

    endpoint: Endpoint
    delivery: Delivery
    attempt: DeliveryAttempt
    secrets: Sequence[str]


def send_next(
    endpoint_id: int, claim: uuid.UUID, transport: receivers.Transport
) -> bool:
    """Send what is due next at an endpoint; False if there is nothing to send now."""
    claimed = _claim_next(endpoint_id, claim)
    if claimed is None:
        return False
    if claimed.attempt.pk is None:
        # It was withheld; the next one may be sent.
        return True
    began = time.monotonic()
    with about(delivery=claimed.delivery.pk):
        called = _call(claimed, transport)
        duration_ms = round((time.monotonic() - began) * 1000)
        _record(claimed, called, duration_ms)
        _write_line(claimed, called, duration_ms)
    return True


def _write_line(claimed: Claimed, called: Called, duration_ms: int) -> None:
    """One line for each try; one that was not taken is tried again by itself."""
    delivery = claimed.delivery
    logger.info(
        "webhook %s of %s, try %s: %s in %d ms",
        delivery.type,
        delivery.message_id,
        claimed.attempt.number,
        "taken" if called.is_taken else f"not taken ({called.text})",
        duration_ms,
        extra={"message_id": delivery.message_id, "duration_ms": duration_ms},
    )


# --- before the call --------------------------------------------------------------


@transaction.atomic
def _claim_next(endpoint_id: int, claim: uuid.UUID) -> Claimed | None:
    now = timezone.now()
    endpoint = _ours(endpoint_id, claim)
    if endpoint is None or (endpoint.not_before and endpoint.not_before > now):
        return None
    due = queries.due(now).filter(endpoint=endpoint).order_by("pk")
    delivery = due.first()
    if delivery is None:
        return None
    attempt = DeliveryAttempt(delivery=delivery, number=delivery.attempt_count + 1)
    if not queries.is_seen(delivery, queries.reader_of(endpoint)):
        _end(delivery, DeliveryState.WITHHELD, "Its owner may not see this any more.")
        return Claimed(endpoint, delivery, attempt, ())
    delivery.attempt_count += 1
    delivery.tries += 1
    delivery.next_attempt_at = now + LEASE
    delivery.save(update_fields=["attempt_count", "tries", "next_attempt_at"])
    attempt.save()
    Endpoint.objects.filter(pk=endpoint_id).update(leased_until=now + LEASE)
    return Claimed(endpoint, delivery, attempt, _secrets(endpoint, now))


def _ours(endpoint_id: int, claim: uuid.UUID) -> Endpoint | None:
    """The endpoint, locked; None if it is not ours to serve any more."""
    rows = Endpoint.objects.select_for_update(of=("self",))
    return rows.filter(
        pk=endpoint_id, claim=claim, is_active=True, owner__is_active=True
    ).first()


def _secrets(endpoint: Endpoint, now: datetime) -> list[str]:
    until = endpoint.old_secret_until
    has_old = bool(endpoint.old_secret) and until is not None and until > now
    return [endpoint.secret, *([endpoint.old_secret] if has_old else [])]


def _call(claimed: Claimed, transport: receivers.Transport) -> Called:
    body = claimed.delivery.body.encode()
    headers = signing.headers(
        message_id=claimed.delivery.message_id,
        timestamp=int(time.time()),
        body=body,
        signed_with=claimed.secrets,
    )
    return receivers.call(transport, claimed.endpoint.url, body=body, headers=headers)


# --- after it ---------------------------------------------------------------------


@transaction.atomic
def _record(claimed: Claimed, called: Called, duration_ms: int) -> None:
    now = timezone.now()
    rows = Endpoint.objects.select_for_update(of=("self",))
    endpoint = rows.get(pk=claimed.endpoint.pk)
    masked = Masker(claimed.secrets).text(called.body)
    DeliveryAttempt.objects.filter(pk=claimed.attempt.pk).update(
        duration_ms=duration_ms,
        status=called.status,
        text=called.text,
        excerpt=_storable(masked)[:MOST_OF_AN_ANSWER],
    )
    # Sent again by somebody else, after our claim ran out: theirs is the newer news.
    is_newest = Delivery.objects.filter(
        pk=claimed.delivery.pk, attempt_count=claimed.attempt.number
    )
    delivery = is_newest.first() or claimed.delivery
    if called.is_taken:
        # Whoever has it has it, whatever was tried meanwhile.
        _end(delivery, DeliveryState.DELIVERED, called.text, delivered_at=now)
        endpoint.last_success_at = now
        endpoint.failing_since = endpoint.not_before = None
        endpoint.failures = 0
        if endpoint.is_full and queries.waiting_count(endpoint) < ROOM_AGAIN:
            endpoint.is_full = False
    else:
        _note_failure(endpoint, called, now)
        if is_newest.exists():
            _try_later(delivery, called, now)
    endpoint.save(
        update_fields=[
            *("last_success_at", "failing_since", "failures", "not_before"),
            *("is_full", "is_active", "disabled_at", "disabled_by", "disabled_reason"),
        ]
    )


def _note_failure(endpoint: Endpoint, called: Called, now: datetime) -> None:
    endpoint.failures += 1
    endpoint.failing_since = endpoint.failing_since or now
    held = endpoint.failures - HELD_AFTER
    seconds = HOLDS[min(held, len(HOLDS) - 1)] if held >= 0 else 0
    seconds = max(seconds, called.retry_after or 0)
    endpoint.not_before = now + timedelta(seconds=seconds) if seconds else None
    if not endpoint.is_active:
        return
    most = timedelta(days=settings.WEBHOOK_DISABLE_AFTER_DAYS)
    if called.status == GONE:
        operations.disable(endpoint, "It answered that it is gone (HTTP 410).")
    elif now - endpoint.failing_since >= most:
        operations.disable(
            endpoint,
            f"Nothing was taken for {most.days} days; at last: {called.text}.",
        )


def _try_later(delivery: Delivery, called: Called, now: datetime) -> None:
    waits = settings.WEBHOOK_RETRY_WAITS
    if called.status == GONE or delivery.tries > len(waits):
        _end(delivery, DeliveryState.FAILED, called.text)
        return
    seconds = waits[delivery.tries - 1] * (1 + JITTER * random.random())  # noqa: S311
    seconds = max(seconds, called.retry_after or 0)
    Delivery.objects.filter(pk=delivery.pk).update(
        text=called.text, next_attempt_at=now + timedelta(seconds=seconds)
    )


def _end(
    delivery: Delivery,
    state: DeliveryState,
    text: str,
    delivered_at: datetime | None = None,
) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(
        state=state, text=text, next_attempt_at=None, delivered_at=delivered_at
    )


def _storable(text: str) -> str:
    """Text without the NUL that a database can't hold."""
    return text.replace("\x00", "\N{REPLACEMENT CHARACTER}")

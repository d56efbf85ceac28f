"""Talking to a supplier: an open client, what was said, and how it went."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db.models import F, Q
from django.utils import timezone

from procurement.logs.ids import about
from procurement.logs.ids import subject as subject_ids
from procurement.suppliers import breaker, gateway
from procurement.suppliers.models import (
    Breaker,
    Exchange,
    Supplier,
    SupplierHealth,
)
from vendors import contracts
from vendors.errors import HeldBack, Kind, Refused, VendorError
from vendors.http import VendorClient

HEALTH_PRECISION = timedelta(seconds=10)
"""A success is noted at most this often: it is one row that every call would hit."""
BLOCK_AFTER_CREDENTIALS = timedelta(minutes=5)
TROUBLE_OF_THE_SUPPLIER = {Kind.CREDENTIALS, Kind.CONFIGURATION}


class Conversation:
    """The exchanges of one call to a supplier, kept until they are saved.

    `subject` is what it is about, as people search for it: an order number. A long
    conversation (a poll) may turn to one subject after another.
    """

    client: VendorClient
    """Open inside `open()` only."""

    def __init__(
        self, supplier: Supplier, *, subject: str, id: uuid.UUID | None = None
    ) -> None:
        self.supplier = supplier
        self.subject = subject
        self.id = id or uuid.uuid4()
        self._unsaved: list[Exchange] = []

    def hear(self, exchange: contracts.Exchange) -> None:
        self._unsaved.append(
            Exchange(
                conversation=self.id,
                supplier=self.supplier,
                subject=self.subject,
                purpose=exchange.purpose,
                method=exchange.method,
                url=exchange.url,
                request_headers=dict(exchange.request_headers),
                request_body=_storable(exchange.request_body),
                status=exchange.status,
                response_headers=dict(exchange.response_headers),
                response_body=_storable(exchange.response_body),
                error=_storable(exchange.error),
                started_at=exchange.started_at,
                duration_ms=exchange.duration_ms,
            )
        )

    @contextmanager
    def open(self) -> Iterator[VendorClient]:
        supplier = self.supplier
        with (
            about(
                supplier=supplier.slug,
                vendor=supplier.vendor,
                **subject_ids(self.subject),
            ),
            gateway.open_client(supplier, self.hear) as self.client,
        ):
            yield self.client

    @contextmanager
    def about(self, subject: str) -> Iterator[uuid.UUID]:
        """Turn to one subject for the block; its exchanges get an id of their own."""
        before = self.id, self.subject
        self.id, self.subject = uuid.uuid4(), subject
        try:
            with about(**subject_ids(subject)):
                yield self.id
        finally:
            self.id, self.subject = before

    def take(self) -> list[Exchange]:
        """Hand over what was said and is not stored yet."""
        taken, self._unsaved = self._unsaved, []
        return taken

    def save(self) -> None:
        """Store what was said and is not stored yet."""
        Exchange.objects.bulk_create(self.take())


@contextmanager
def conversation(supplier: Supplier, *, subject: str) -> Iterator[Conversation]:
    """Talk to a supplier outside a transmission; keeps exchanges and health."""
    talk = Conversation(supplier, subject=subject)
    begun_at = timezone.now()
    try:
        with talk.open():
            yield talk
    except VendorError as error:
        record_failure(supplier, error, begun_at=begun_at)
        raise
    else:
        record_success(supplier, begun_at=begun_at)
    finally:
        talk.save()


def record_success(supplier: Supplier, *, begun_at: datetime | None = None) -> None:
    """Note a call that went well.

    Args:
        begun_at: when the call was begun; now, if it is not told.
    """
    now = timezone.now()
    stale = Q(last_success_at=None) | Q(last_success_at__lt=now - HEALTH_PRECISION)
    in_trouble = (
        Q(failures_in_a_row__gt=0)
        | Q(breaker_failures__gt=0)
        | Q(blocked_until__isnull=False)
        | ~Q(breaker=Breaker.CLOSED)
    )
    rows = SupplierHealth.objects.filter(supplier=supplier)
    if rows.filter(stale | in_trouble).update(
        last_success_at=now, failures_in_a_row=0, blocked_until=None
    ):
        breaker.note_success(supplier, begun_at or now)


def record_failure(
    supplier: Supplier, error: VendorError, *, begun_at: datetime | None = None
) -> None:
    """Note a failed call; a refusal of the data says nothing about the supplier.

    Refused credentials hold every order of the supplier for a while: more tries
    with the same password could lock the account. What our own call budget held back
    is no call at all.

    Args:
        begun_at: when the call was begun; now, if it is not told.
    """
    if isinstance(error, HeldBack):
        return
    if isinstance(error, Refused):
        record_success(supplier, begun_at=begun_at)
        return
    now = timezone.now()
    changes = {
        "last_failure_at": now,
        "last_failure_kind": error.kind,
        "last_failure_text": error.text,
        "failures_in_a_row": F("failures_in_a_row") + 1,
    }
    if error.kind in TROUBLE_OF_THE_SUPPLIER:
        changes["blocked_until"] = now + BLOCK_AFTER_CREDENTIALS
    SupplierHealth.objects.filter(supplier=supplier).update(**changes)
    breaker.note_failure(supplier, error.kind, begun_at or now)


def _storable(text: str) -> str:
    # PostgreSQL takes no NUL in text, and a hostile answer may hold one.
    return text.replace("\x00", "\N{REPLACEMENT CHARACTER}")

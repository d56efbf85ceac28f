"""Calls that ask a supplier while their caller waits, and may be repeated all the same.

No transaction is open while a supplier thinks, so its answer can't be recorded in one
with the claim. The claim is committed first, with a lease; the answer follows. Where
whoever claimed it died, the call is made again once the lease has run out. So only
what is harmless to do twice goes this way: a question, or an operation that sees for
itself what it did before.
"""

import json
import time
import uuid
from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from procurement.access.idempotency import (
    RETRY_AFTER_SECONDS,
    Answer,
    claim,
    is_gone_by,
    is_same_call,
    keep_refusal,
    read_key,
    replay,
    respond,
)
from procurement.access.models import IdempotencyRecord
from procurement.access.problems import CallInProgress, IdempotencyKeyReused
from procurement.errors import OperationNotAllowed

LEASE = timedelta(minutes=5)
"""As long as the web server lets a call take."""
WAIT_SECONDS = 3.0
"""How long a second, equal call waits for the answer to the first."""
LOOK_SECONDS = 0.1


def answer_asking_once(request: Request, perform: Callable[[], Answer]) -> Response:
    """Perform a call outside of a transaction, or repeat the answer to its first.

    What failed, and what would not do as it was entered, leaves nothing: the same call
    is tried again.

    Raises:
        CallInProgress: the first is still at work.
        IdempotencyKeyReused: the key came before with another body or address.
    """
    key = read_key(request)
    if not key:
        return respond(perform())
    given_up_at = time.monotonic() + WAIT_SECONDS
    while True:
        found = _claim_or_answer(request, f"key:{key}")
        if isinstance(found, Response):
            return found
        if found is not None:
            return _perform(found, perform)
        if time.monotonic() >= given_up_at:
            raise CallInProgress(RETRY_AFTER_SECONDS)
        time.sleep(LOOK_SECONDS)


@transaction.atomic
def _claim_or_answer(request: Request, key: str) -> IdempotencyRecord | Response | None:
    """The record, held by us; the answer that is there; None while another is at it."""
    record, is_new = claim(request, key)
    if not is_new:
        locked = IdempotencyRecord.objects.select_for_update().filter(pk=record.pk)
        held = locked.first()
        if held is None:
            return None
        record = held
        if not is_same_call(record, request):
            raise IdempotencyKeyReused
        if record.status is not None and not is_gone_by(record):
            return replay(record, request, lambda answer: True)
        if record.status is None and _is_at_work(record):
            return None
    record.holder, record.leased_until = uuid.uuid4().hex, timezone.now() + LEASE
    record.status = record.body = None
    record.save(update_fields=["holder", "leased_until", "status", "body"])
    return record


def _is_at_work(record: IdempotencyRecord) -> bool:
    return record.leased_until is not None and record.leased_until > timezone.now()


def _perform(record: IdempotencyRecord, perform: Callable[[], Answer]) -> Response:
    try:
        answer = perform()
    except OperationNotAllowed as refused:
        with transaction.atomic():
            if _is_still_ours(record):
                keep_refusal(record, refused)
        raise
    except BaseException:
        with transaction.atomic():
            if _is_still_ours(record):
                record.delete()
        raise
    _ours(record).update(
        status=answer.status, body=json.dumps(answer.body), leased_until=None
    )
    return respond(answer)


def _ours(record: IdempotencyRecord) -> QuerySet[IdempotencyRecord]:
    return IdempotencyRecord.objects.filter(pk=record.pk, holder=record.holder)


def _is_still_ours(record: IdempotencyRecord) -> bool:
    """Whether nobody took it over meanwhile; then it is locked."""
    return _ours(record).select_for_update().first() is not None

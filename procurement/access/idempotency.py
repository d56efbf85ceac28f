"""Calls that may be repeated: one effect, and the same answer every time.

The record of an answer is written in the transaction of the effect it speaks of, so
neither can be there without the other. A unique constraint makes a second, equal
call wait for the first one and then find its record.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from procurement.access.authentication import key_of
from procurement.access.codes import Code
from procurement.access.models import ApiKey, IdempotencyRecord
from procurement.access.problems import IdempotencyKeyReused
from procurement.errors import OperationNotAllowed, SupplierUnavailable

HEADER = "Idempotency-Key"
MAX_KEY_LENGTH = 200
SOURCE_LENGTH = 100
REFUSED = 409
REFUSAL_HOLDS = timedelta(minutes=2)
"""Longer than a call that was sent twice can be on its way to us."""
REPLAYED = {"Idempotent-Replayed": "true"}


@dataclass(frozen=True)
class Answer:
    """A status and plain JSON values; nothing in it may be a secret."""

    status: int
    body: dict[str, Any]


def answer_once(
    request: Request,
    perform: Callable[[], Answer],
    *,
    is_seen: Callable[[Answer], bool] = lambda answer: True,
) -> Response:
    """Perform a call, or repeat the answer that a call with the same key was given.

    A refusal for the state of things is an answer too, for `REFUSAL_HOLDS`; after that
    the call is tried again. What would not do as it was entered is always tried again.

    Args:
        is_seen: whether what an earlier answer speaks of is the caller's to see.

    Raises:
        NotFound: it is not, any more.
        IdempotencyKeyReused: the key came before with another body or address.
    """
    key = _read_key(request)
    if not key:
        answer = perform()
        return Response(answer.body, status=answer.status)
    refusal: OperationNotAllowed | None = None
    with transaction.atomic():
        record, is_new = claim(request, f"key:{key}")
        if not is_new and not _is_refusal_gone_by(record):
            return _replay(record, request, is_seen)
        try:
            answer = perform()
        except OperationNotAllowed as refused:
            # What a refused operation wrote down about it has to stand, so the
            # refusal goes on its way only after the commit.
            refusal = refused
            _keep_refusal(record, refused)
        else:
            save(record, answer)
    if refusal is not None:
        raise refusal
    return Response(answer.body, status=answer.status)


def claim(request: Request, key: str) -> tuple[IdempotencyRecord, bool]:
    """The record under a key of the calling system, and whether we just made it.

    To be called inside the transaction of the effect.
    """
    source = _source_of(key_of(request))
    try:
        # Written first and looked for second: nearly every call is a new one.
        with transaction.atomic():
            record = IdempotencyRecord.objects.create(
                source=source,
                key=key,
                path=address_of(request),
                body_hash=hash_body(request.data),
            )
    except IntegrityError:
        return IdempotencyRecord.objects.get(source=source, key=key), False
    return record, True


def _keep_refusal(record: IdempotencyRecord, refusal: OperationNotAllowed) -> None:
    """Have the same call refused again for a while, whatever has changed meanwhile.

    One that was sent twice may come in twice, with other calls of the same client in
    between: the late one must not do what its sender was told is not done.
    """
    passes = isinstance(refusal, SupplierUnavailable)
    if passes or refusal.code == Code.VERSION_CONFLICT:
        record.delete()
        return
    said = {"code": str(refusal.code), "detail": str(refusal.text)}
    record.created_at = timezone.now()
    record.status, record.body = REFUSED, json.dumps(said)
    record.save(update_fields=["status", "body", "created_at"])


def _is_refusal_gone_by(record: IdempotencyRecord) -> bool:
    """Whether it holds a refusal that is not repeated any more; then it is ours."""
    if record.status != REFUSED:
        return False
    # Of two that find it gone by, the second waits here and finds the first's answer.
    record.refresh_from_db(from_queryset=IdempotencyRecord.objects.select_for_update())
    is_old = timezone.now() - record.created_at > REFUSAL_HOLDS
    return record.status == REFUSED and is_old


def _source_of(key: ApiKey) -> str:
    """Keys of one system that are bound to different shops hear nothing of each other.

    The name is cut rather than the shop, which is what keeps them apart.
    """
    if key.shop_id is None:
        return key.source
    shop = f"@{key.shop_id}"
    return key.source[: SOURCE_LENGTH - len(shop)] + shop


def save(record: IdempotencyRecord, answer: Answer) -> None:
    # As text, since a JSON column may put the names into another order.
    record.status, record.body = answer.status, json.dumps(answer.body)
    record.save(update_fields=["status", "body"])


def answer_of(record: IdempotencyRecord) -> Answer:
    return Answer(record.status or 200, json.loads(record.body or "{}"))


def is_same_call(record: IdempotencyRecord, request: Request) -> bool:
    return (record.path, record.body_hash) == (
        address_of(request),
        hash_body(request.data),
    )


def address_of(request: Request) -> str:
    return f"{request.method} {request.path}"


def hash_body(data: Any) -> str:
    """The same for the same values, however they were spaced and ordered."""
    text = json.dumps(data, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _replay(
    record: IdempotencyRecord, request: Request, is_seen: Callable[[Answer], bool]
) -> Response:
    if not is_same_call(record, request):
        raise IdempotencyKeyReused
    answer = answer_of(record)
    if record.status == REFUSED:
        raise OperationNotAllowed(answer.body["detail"], code=answer.body["code"])
    if not is_seen(answer):
        raise NotFound
    return Response(answer.body, status=answer.status, headers=REPLAYED)


def _read_key(request: Request) -> str:
    key = request.headers.get(HEADER, "").strip()
    if len(key) > MAX_KEY_LENGTH or not (key.isascii() and key.isprintable()):
        raise ValidationError(
            {HEADER: f"Give at most {MAX_KEY_LENGTH} printable ASCII characters."}
        )
    return key

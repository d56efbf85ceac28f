"""Calls that may be repeated: one effect, and the same answer every time.

The record of an answer is written in the transaction of the effect it speaks of, so
neither can be there without the other. A unique constraint makes a second, equal
call wait for the first one and then find its record. Calls that ask a supplier while
their caller waits have a way of their own, `access.asking`: nothing may be locked while
a supplier thinks.
"""

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from procurement.access.authentication import key_of
from procurement.access.codes import Code
from procurement.access.models import ApiKey, IdempotencyRecord
from procurement.access.problems import (
    CallInProgress,
    IdempotencyKeyReused,
    Refusal,
)
from procurement.access.views import etag
from procurement.errors import OperationNotAllowed, SupplierUnavailable

HEADER = "Idempotency-Key"
MAX_KEY_LENGTH = 200
MAX_ADDRESS_LENGTH = 300
MOST_TRIES = 5
RETRY_AFTER_SECONDS = 2
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
    key = read_key(request)
    if not key:
        return respond(perform())
    refusal: OperationNotAllowed | None = None
    with transaction.atomic():
        record, is_new = claim(request, f"key:{key}")
        if not is_new and not _is_refusal_gone_by(record):
            return replay(record, request, is_seen)
        try:
            answer = perform()
        except OperationNotAllowed as refused:
            # What a refused operation wrote down about it has to stand, so the
            # refusal goes on its way only after the commit.
            refusal = refused
            keep_refusal(record, refused)
        else:
            save(record, answer)
    if refusal is not None:
        raise refusal
    return respond(answer)


def claim(request: Request, key: str) -> tuple[IdempotencyRecord, bool]:
    """The record under a key of the calling system, and whether we just made it.

    To be called inside the transaction of the effect.
    """
    source = _source_of(key_of(request))
    for _ in range(MOST_TRIES):
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
            found = IdempotencyRecord.objects.filter(source=source, key=key).first()
            # Gone already, if the call it was of left nothing to repeat.
            if found is not None:
                return found, False
        else:
            return record, True
    raise CallInProgress(RETRY_AFTER_SECONDS)


def keep_refusal(record: IdempotencyRecord, refusal: OperationNotAllowed) -> None:
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
    return is_gone_by(record)


def is_gone_by(record: IdempotencyRecord) -> bool:
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
    address = f"{request.method} {request.path}"
    if len(address) <= MAX_ADDRESS_LENGTH:
        return address
    # A number in it may have any number of zeros in front.
    return f"{request.method} {hashlib.sha256(request.path.encode()).hexdigest()}"


def hash_body(data: Any) -> str:
    """The same for the same values, however they were spaced and ordered.

    A number with a fraction counts as it was written, and is never the same as a text:
    no text of a body can begin with NUL.
    """
    text = json.dumps(data, sort_keys=True, default=lambda number: f"\0{number}")
    return hashlib.sha256(text.encode()).hexdigest()


def respond(
    answer: Answer, headers: Mapping[str, str] = MappingProxyType({})
) -> Response:
    version = answer.body.get("version")
    tag = etag(version) if version is not None else {}
    return Response(answer.body, status=answer.status, headers={**tag, **headers})


def replay(
    record: IdempotencyRecord, request: Request, is_seen: Callable[[Answer], bool]
) -> Response:
    if not is_same_call(record, request):
        raise IdempotencyKeyReused
    answer = answer_of(record)
    if record.status == REFUSED:
        raise _refused_before(record, answer)
    if not is_seen(answer):
        raise NotFound
    return respond(answer, REPLAYED)


def _refused_before(record: IdempotencyRecord, answer: Answer) -> Refusal:
    """The refusal of then, marked as such: by now things may stand otherwise."""
    left = REFUSAL_HOLDS - (timezone.now() - record.created_at)
    wait = max(1, math.ceil(left.total_seconds()))
    return Refusal(
        answer.body["detail"],
        code=answer.body["code"],
        status=REFUSED,
        headers={**REPLAYED, "Retry-After": str(wait)},
    )


def read_key(request: Request) -> str:
    """The key of a call; empty without the header.

    Raises:
        ValidationError: the header is there and holds no key. Its sender counts on it,
            so it is not passed over.
    """
    given = request.headers.get(HEADER)
    if given is None:
        return ""
    key = given.strip()
    is_plain = key.isascii() and key.isprintable()
    if not 1 <= len(key) <= MAX_KEY_LENGTH or not is_plain:
        raise ValidationError(
            {HEADER: f"Give 1 to {MAX_KEY_LENGTH} printable ASCII characters."}
        )
    return key

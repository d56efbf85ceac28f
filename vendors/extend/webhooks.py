"""Extend's webhooks: a note that something changed, to be followed by a read.

Source: the vendor's page on webhooks documents the members, the names of the triggers
and the signature; what `Details` holds it shows for purchases and products alone. That
a hook is repeated with the same `Id`, and that an address is tried with `echo`, is
inferred from the library whose format it is.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from vendors import reading
from vendors.contracts import (
    Account,
    BadSignature,
    Notification,
    Topic,
    UnreadableHook,
    WebhookDelivery,
)
from vendors.extend.mapping import MAPPING
from vendors.signatures import header, is_hmac_sha256

SECRETS = ("webhook_secret", "webhook_secret_previous")

_SIGNATURE = re.compile(r"\s*sha256=([0-9a-f]{64})\s*", re.ASCII | re.IGNORECASE)
_ID = re.compile(r"[\w.-]{1,64}", re.ASCII)
_ECHO = re.compile(r"[A-Za-z0-9]{1,64}", re.ASCII)


def read(account: Account, headers: Mapping[str, str], body: bytes) -> WebhookDelivery:
    """Check one call and return what it tells; its details are plain JSON.

    Args:
        body: the bytes as they came; the signature is theirs.

    Raises:
        BadSignature: it is not signed with a secret of this account.
        UnreadableHook: it is, and it can't be understood.
    """
    names = {key: name.value for key, name in MAPPING.items()}
    names.update((key, word) for key, word in account.mapping.items() if word.strip())
    _check_signature(account, header(headers, names["header.signature"]), body)
    data = _json(body)
    if isinstance(data, list) and len(data) == 1:
        data = data[0]
    notices = reading.objects(reading.member(data, names["hook.notifications"]))
    if notices is None:
        raise UnreadableHook("The body holds no list of notifications.")
    number = reading.text(reading.member(data, names["hook.id"]))
    attempt = reading.whole(reading.member(data, names["hook.attempt"]))
    return WebhookDelivery(
        id=number if _ID.fullmatch(number) else hashlib.sha256(body).hexdigest(),
        attempt=max(attempt or 1, 1),
        notifications=tuple(_notification(notice, names) for notice in notices),
    )


def echo(query: Mapping[str, str]) -> str | None:
    """Return what proves that the address is ours, if that is what is asked for."""
    if "noecho" in query:
        return None
    token = query.get("echo", "")
    return token if _ECHO.fullmatch(token) else None


def _json(body: bytes) -> Any:
    """Return the body's JSON; a number with a fraction stays the text it came as.

    What a hook tells is kept as plain JSON, which knows no exact fractions.
    """
    try:
        return json.loads(body.decode("utf-8-sig"), parse_float=str, parse_constant=str)
    except (ValueError, RecursionError):
        raise UnreadableHook("The body is not JSON.") from None


def _check_signature(account: Account, signature: str, body: bytes) -> None:
    secrets = [account.credentials.get(name, "") for name in SECRETS]
    if not any(secret.strip() for secret in secrets):
        raise BadSignature("No webhook secret is set, so nothing can be checked.")
    found = _SIGNATURE.fullmatch(signature)
    if not found:
        raise BadSignature("The call carries no signature.")
    if not is_hmac_sha256(body, bytes.fromhex(found[1]), secrets):
        raise BadSignature("The signature is of another body or another secret.")


def _notification(notice: Mapping[str, Any], names: Mapping[str, str]) -> Notification:
    action = reading.text(reading.member(notice, names["hook.action"]))
    topic = _topic(action, names)
    details = reading.member(notice, names["hook.details"])
    if isinstance(details, list) and len(details) == 1:
        details = details[0]
    told = details if isinstance(details, dict) else {}
    # A trigger of no use to us, or unknown, has no key: its number may be anything's.
    keys = names.get(f"details.{topic}", "").split()
    found = (reading.text(reading.member(told, key)) for key in keys)
    return Notification(
        action=action,
        topic=topic,
        number=next((number for number in found if number), ""),
        details=told,
    )


def _topic(action: str, names: Mapping[str, str]) -> Topic:
    wanted = f"trigger.{action}".casefold()
    words = (word for key, word in names.items() if key.casefold() == wanted)
    try:
        return Topic(next(words, Topic.UNKNOWN).strip().lower())
    except ValueError:
        return Topic.UNKNOWN

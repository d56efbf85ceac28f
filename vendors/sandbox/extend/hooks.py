"""Extend's webhooks: what they are sent for, how they look, how they are signed.

Source: the names of the triggers, the members of the body by example, the header and
the HMAC are documented; the keys of `Details` only for purchases and products. The
repeats, and the indented body, are those of the library the format comes from.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

TRIGGERS = (
    "OrderCreated",
    "OrderReserved",
    "OrderPicked",
    "OrderCancelled",
    "OrderDeliveryDataChanged",
    "CustomerInvoiceCreated",
    "CustomerInvoiceChanged",
    "BalanceChanged",
    "AvailableBalanceChanged",
    "CustomerCreated",
    "CustomerChanged",
)
SIGNATURE = "ms-signature"


def hook_message(
    secret: str, document: Mapping[str, Any]
) -> tuple[bytes, tuple[tuple[str, str], ...]]:
    """Return body and headers of a call.

    The body is indented, and that is what is signed: who parses it and writes it anew
    before checking gets another signature.
    """
    body = json.dumps(document, indent=2).encode()
    return body, (
        ("Content-Type", "application/json; charset=utf-8"),
        (SIGNATURE, signature_of(secret, body)),
    )


def signature_of(secret: str, body: bytes) -> str:
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return f"sha256={digest.upper()}"

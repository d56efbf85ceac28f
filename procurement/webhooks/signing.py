"""Signing a message by the Standard Webhooks convention.

Source: https://www.standardwebhooks.com, "symmetric signatures": HMAC-SHA256 over
`id.timestamp.body`, in base64 after `v1,`; of several secrets the signatures stand
beside each other.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable

PREFIX = "whsec_"
SECRET_BYTES = 32


def make_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def headers(
    *, message_id: str, timestamp: int, body: bytes, signed_with: Iterable[str]
) -> dict[str, str]:
    """The three headers of a message.

    Args:
        timestamp: seconds since 1970, of this attempt.
        signed_with: secrets, each of which makes a signature.
    """
    made = (_signature(each, message_id, timestamp, body) for each in signed_with)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(made),
    }


def _signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{message_id}.{timestamp}.".encode() + body
    digest = hmac.new(key, signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"

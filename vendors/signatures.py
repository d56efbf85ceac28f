"""Signatures of what vendors send to us."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping


def header(headers: Mapping[str, str], name: str) -> str:
    """Return a header, whatever the letter case of its name; empty if not there."""
    wanted = name.casefold()
    found = (text for key, text in headers.items() if key.casefold() == wanted)
    return next(found, "")


def is_hmac_sha256(body: bytes, signature: bytes, secrets: Iterable[str]) -> bool:
    """Whether a signature is the HMAC-SHA256 of a body under one of the secrets.

    Args:
        body: as it came, before anything has read it.
        secrets: an empty one never counts, for anybody could sign with it.
    """
    is_ours = False
    for secret in secrets:
        if secret.strip():
            expected = hmac.new(secret.encode(), body, hashlib.sha256).digest()
            # All are compared, so that the time taken does not tell which one fits.
            is_ours |= hmac.compare_digest(expected, signature)
    return is_ours

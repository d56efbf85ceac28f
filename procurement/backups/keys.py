"""Which credential keys the secrets of a database were written with."""

import hashlib
import hmac
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from procurement.backups.books import Books
from procurement.backups.shape import Table
from procurement.secrets import _fernet_key


def fingerprint(key: str) -> str:
    """Names a key to people; nothing of the key can be had from it."""
    return hmac.new(
        _fernet_key(key), b"procurement key fingerprint", hashlib.sha256
    ).hexdigest()[:12]


def fingerprints() -> list[str]:
    return [fingerprint(key) for key in settings.CREDENTIAL_KEYS]


def keys_in_use(books: Books, tables: Sequence[Table]) -> tuple[dict[str, int], int]:
    """How many secrets each key opens, by its fingerprint, and how many none opens."""
    ciphers = [
        (fingerprint(key), Fernet(_fernet_key(key))) for key in settings.CREDENTIAL_KEYS
    ]
    counts: dict[str, int] = {}
    unreadable = 0
    for table in tables:
        for column in table.columns:
            if not column.is_secret:
                continue
            for value in books.values(table.name, column.name):
                if name := _opener(ciphers, value):
                    counts[name] = counts.get(name, 0) + 1
                else:
                    unreadable += 1
    return counts, unreadable


def _opener(ciphers: Sequence[tuple[str, Fernet]], value: str) -> str:
    for name, cipher in ciphers:
        try:
            cipher.decrypt(value.encode())
        except InvalidToken:
            continue
        return name
    return ""

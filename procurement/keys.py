"""The keys in CREDENTIAL_KEYS: read, checked, made, and named without being told.

Knows no settings, so that a key can be made before there are any:
`python -m procurement.keys`.
"""

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.core.exceptions import ImproperlyConfigured

MIN_KEY_LENGTH = 32
LEAST_DIFFERENT = 4
"""Characters a key has to be made of; the placeholder of an example has fewer."""
MAKE_ONE = "Make one with `python -m procurement.keys`."


@dataclass(frozen=True)
class Key:
    """One key; its fingerprint tells it from others and does not help to guess it."""

    fingerprint: str
    fernet: Fernet = field(repr=False, compare=False)


def make_key() -> str:
    """A random text that will do as a key in CREDENTIAL_KEYS, or as SECRET_KEY."""
    return secrets.token_urlsafe(48)


def checked(texts: Sequence[str]) -> list[str]:
    """The texts themselves, if each will do as a key.

    Raises:
        ImproperlyConfigured: one won't; it is named by its place, never by its text.
    """
    for place, text in enumerate(texts, start=1):
        which = f"Key {place} of {len(texts)} in CREDENTIAL_KEYS"
        if len(text) < MIN_KEY_LENGTH:
            raise ImproperlyConfigured(
                f"{which} is shorter than {MIN_KEY_LENGTH} characters. Is a comma in "
                f"the middle of it? {MAKE_ONE}"
            )
        if len(set(text)) < LEAST_DIFFERENT:
            raise ImproperlyConfigured(
                f"{which} is made of so few different characters that it can be "
                f"guessed. {MAKE_ONE}"
            )
        if text in texts[: place - 1]:
            raise ImproperlyConfigured(
                f"{which} stands there twice. Take one of the two away."
            )
    return list(texts)


def read(texts: Sequence[str]) -> tuple[Key, ...]:
    """The keys of these texts, in their order.

    Raises:
        ImproperlyConfigured: there is none, or one that won't do.
    """
    return _read(tuple(texts))


@lru_cache(maxsize=4)
def _read(texts: tuple[str, ...]) -> tuple[Key, ...]:
    if not texts:
        raise ImproperlyConfigured(
            "CREDENTIAL_KEYS is empty, so no credential can be kept. Set it to a "
            f"random text of {MIN_KEY_LENGTH} characters or more. {MAKE_ONE}"
        )
    return tuple(_key(text) for text in checked(texts))


def _key(text: str) -> Key:
    raw = _fernet_key(text)
    mark = HKDF(
        algorithm=SHA256(), length=4, salt=None, info=b"procurement key fingerprint"
    ).derive(raw)
    return Key(mark.hex(), Fernet(raw))


def _fernet_key(text: str) -> bytes:
    """A Fernet key as it is; any other long random text stretched into one."""
    try:
        if len(base64.urlsafe_b64decode(text.encode())) == 32:
            return text.encode()
    except ValueError:
        pass
    derived = HKDF(
        algorithm=SHA256(), length=32, salt=None, info=b"procurement credentials"
    ).derive(text.encode())
    return base64.urlsafe_b64encode(derived)


if __name__ == "__main__":
    print(make_key())

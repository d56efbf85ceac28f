"""Fields whose values are encrypted at rest, with keys that can be rotated.

`CREDENTIAL_KEYS` holds the keys, newest first. The first one encrypts; every one
of them decrypts, so a new key is put in front, `rotate_credentials` run, and the
old one taken away. A value that none of the keys opens is an error, never an
empty or mangled value.
"""

import base64
import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models

MIN_KEY_LENGTH = 32
UNREADABLE = (
    "A stored secret can't be opened with any key in CREDENTIAL_KEYS. Put the key it "
    "was written with back into the list, or enter the secret anew."
)


class SecretUnreadable(Exception):
    """A stored secret can't be opened with any of the keys in use."""


def encrypt(text: str) -> str:
    return _ciphers(tuple(settings.CREDENTIAL_KEYS)).encrypt(text.encode()).decode()


def decrypt(stored: str) -> str:
    """Open a stored value.

    Raises:
        SecretUnreadable: the key it was written with is not in CREDENTIAL_KEYS.
    """
    try:
        opened = _ciphers(tuple(settings.CREDENTIAL_KEYS)).decrypt(stored.encode())
    except InvalidToken:
        raise SecretUnreadable(UNREADABLE) from None
    return opened.decode()


@lru_cache(maxsize=4)
def _ciphers(keys: tuple[str, ...]) -> MultiFernet:
    if not keys:
        raise ImproperlyConfigured(
            "CREDENTIAL_KEYS is empty, so no credential can be kept. Set it to a "
            "random text of 32 characters or more; .env.example says how to make one."
        )
    return MultiFernet([Fernet(_fernet_key(key)) for key in keys])


def _fernet_key(text: str) -> bytes:
    """A Fernet key as it is; any other long random text stretched into one."""
    try:
        if len(base64.urlsafe_b64decode(text.encode())) == 32:
            return text.encode()
    except ValueError:
        pass
    if len(text) < MIN_KEY_LENGTH:
        raise ImproperlyConfigured(
            f"A key in CREDENTIAL_KEYS is shorter than {MIN_KEY_LENGTH} characters."
        )
    derived = HKDF(
        algorithm=SHA256(), length=32, salt=None, info=b"procurement credentials"
    ).derive(text.encode())
    return base64.urlsafe_b64encode(derived)


# The classes take type arguments in the stubs alone.
if TYPE_CHECKING:
    TextField = models.TextField[Any, Any]
else:
    TextField = models.TextField


class EncryptedTextField(TextField):
    """Text, encrypted in the database. It can't be searched or compared there."""

    def from_db_value(
        self, value: str | None, expression: Any, connection: Any
    ) -> str | None:
        return decrypt(value) if value else value

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return encrypt(value) if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        # Equal texts are stored as different ones, so a comparison can't match.
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None


class UnreadableSecrets(dict[str, str]):
    """Stands for secrets that none of the keys opens: empty, and never stored.

    A supplier whose key is lost can still be shown, and given new credentials.
    """


class EncryptedJSONField(EncryptedTextField):
    """A JSON object of secrets, encrypted as a whole; empty is stored as ''."""

    def from_db_value(  # type: ignore[override]
        self, value: str | None, expression: Any, connection: Any
    ) -> dict[str, str]:
        try:
            return json.loads(decrypt(value)) if value else {}
        except SecretUnreadable:
            return UnreadableSecrets()

    def to_python(self, value: Any) -> Any:
        return value

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, UnreadableSecrets):
            raise SecretUnreadable(UNREADABLE)
        return encrypt(json.dumps(value, sort_keys=True)) if value else ""

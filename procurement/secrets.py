"""Fields whose values are encrypted at rest, with keys that can be rotated.

`CREDENTIAL_KEYS` holds the keys, newest first. The first one encrypts; every one
of them decrypts, so a new key is put in front, `rotate_credentials` run, and the
old one taken away. A value that none of the keys opens is an error, never an
empty or mangled value.
"""

import json
from typing import TYPE_CHECKING, Any

from cryptography.fernet import InvalidToken, MultiFernet
from django.conf import settings
from django.db import models

from procurement import keys
from procurement.keys import Key

UNREADABLE = (
    "A stored secret can't be opened with any key in CREDENTIAL_KEYS. Put the key it "
    "was written with back into the list, or enter the secret anew."
)


class SecretUnreadable(Exception):
    """A stored secret can't be opened with any of the keys in use."""


def keys_in_use() -> tuple[Key, ...]:
    """The keys in CREDENTIAL_KEYS, newest first; one or more.

    Raises:
        ImproperlyConfigured: there is none, or one that won't do.
    """
    return keys.read(settings.CREDENTIAL_KEYS)


def encrypt(text: str) -> str:
    return keys_in_use()[0].fernet.encrypt(text.encode()).decode()


def decrypt(stored: str) -> str:
    """Open a stored value.

    Raises:
        SecretUnreadable: the key it was written with is not in CREDENTIAL_KEYS.
    """
    try:
        opened = _ciphers().decrypt(stored.encode())
    except InvalidToken:
        raise SecretUnreadable(UNREADABLE) from None
    return opened.decode()


def key_of(stored: str) -> Key | None:
    """The key a stored value opens with; None if none does. It is not returned."""
    for key in keys_in_use():
        try:
            key.fernet.decrypt(stored.encode())
        except InvalidToken:
            continue
        return key
    return None


def written_anew(stored: str) -> str:
    """A stored value under the newest key.

    Raises:
        SecretUnreadable: no key opens it.
    """
    return encrypt(decrypt(stored))


def _ciphers() -> MultiFernet:
    return MultiFernet([key.fernet for key in keys_in_use()])


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

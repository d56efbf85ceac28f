"""What must not get into the trail, whoever hands it in."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings

from vendors.masking import MASK, Masker

LONGEST_TEXT = 500
MOST_ENTRIES = 100
_OUR_OWN = re.compile(
    # Fernet texts, API keys, hashes of passwords, webhook secrets.
    r"gAAAA[\w-]{20,}=*|\b[0-9a-f]{8}\.[\w-]{30,}|\b(?:pbkdf2_|argon2|bcrypt|scrypt|md5)"
    r"\S*\$\S+|\bwhsec_\S+"
)


def masked(details: Mapping[str, Any]) -> dict[str, Any]:
    """Details as plain JSON of bounded size, with nothing in it that opens anything.

    Names may speak of secrets (`new_credentials: ["password"]`), so it goes by value
    here: keys of this installation, and texts of the form ours have.
    """
    found = _plain(details, Masker(_known()))
    return found if isinstance(found, dict) else {}


def _known() -> list[str]:
    secrets = [
        settings.SECRET_KEY,
        *settings.SECRET_KEY_FALLBACKS,
        *settings.CREDENTIAL_KEYS,
        settings.METRICS_TOKEN,
        str(settings.DATABASES["default"].get("PASSWORD") or ""),
    ]
    return [secret for secret in secrets if secret]


def _plain(value: Any, masker: Masker) -> Any:
    if isinstance(value, Mapping):
        pairs = list(value.items())[:MOST_ENTRIES]
        return {str(name): _plain(inner, masker) for name, inner in pairs}
    if isinstance(value, list | tuple | set | frozenset):
        several = (
            sorted(value, key=str) if isinstance(value, set | frozenset) else value
        )
        return [_plain(inner, masker) for inner in list(several)[:MOST_ENTRIES]]
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return _OUR_OWN.sub(MASK, masker.text(str(value)))[:LONGEST_TEXT]

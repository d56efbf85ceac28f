"""What is kept out of logs and error reports, whoever writes them.

Three nets: the secret part of addresses that need no login, what stands behind a name
that promises a secret, and secrets this process knows by value.
"""

import re
from typing import Any
from urllib.parse import quote

MASK = "…"
_SHORTEST = 8
"""A shorter value would blot out words that are no secrets."""
_MOST_KNOWN = 5000

_IN_ADDRESSES = re.compile(r"((?<!/admin)/calendar/|/approve/)[^/\s\"'?\\]+")
_NAMES = (
    r"authori[sz]ation|passw(?:or)?d|passwd|pwd|passphrase|secret|token|cookie"
    r"|api[-_]?key|credentials?|private[-_]?key|session[-_]?id|sessionid|dsn"
)
_SECRET_NAME = re.compile(_NAMES, re.IGNORECASE)
_BY_NAME = re.compile(
    # name=value, name = 'value', 'name': 'value', "name": "value", name: Bearer value
    rf"((?:[\w-]*(?:{_NAMES})[\w-]*)(?:\\?[\"'])?\s*"
    r"(?:=|(?<=[\"'])\s*:|:(?=\s*(?:bearer|basic)\b))\s*)"
    r"((?:bearer|basic)\s+[^\s\"',;)}]+|b?\\?\"(?:[^\"\\]|\\.)*\\?\"|b?'(?:[^'\\]|\\.)*'"
    r"|[^\s\"',;&)}\]]+)",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"\b(bearer|basic)(\s+)[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE)
_USER_IN_ADDRESS = re.compile(r"(://)[^/\s:@\"']*(?::[^/\s@\"']*)?@")
_SIGNING = re.compile(r"\bwhsec_[A-Za-z0-9+/=]+")
_OWN_KEY = re.compile(r"\b([0-9a-f]{8})\.[A-Za-z0-9_-]{43}")
_HINT = re.compile(
    rf"calendar/|approve/|://|whsec_|bearer|basic|[0-9a-f]{{8}}\.|{_NAMES}",
    re.IGNORECASE,
)

_known: set[str] = set()


def keep_out(*secrets: str) -> None:
    """Mask these wherever they come up, as they are or as an address spells them."""
    for secret in secrets:
        if len(secret) >= _SHORTEST and len(_known) < _MOST_KNOWN:
            _known.update({secret, quote(secret, safe="")})


def mask(text: str) -> str:
    """The text without secrets."""
    for secret in _known:
        if secret in text:
            text = text.replace(secret, MASK)
    # Most lines hold nothing of the kind, and one look is cheaper than six.
    if not _HINT.search(text):
        return text
    text = _USER_IN_ADDRESS.sub(rf"\1{MASK}@", text)
    text = _IN_ADDRESSES.sub(rf"\1{MASK}", text)
    text = _BY_NAME.sub(rf"\1{MASK}", text)
    text = _SCHEME.sub(rf"\1\2{MASK}", text)
    text = _OWN_KEY.sub(rf"\1.{MASK}", text)
    return _SIGNING.sub(f"whsec_{MASK}", text)


def is_secret_name(name: str) -> bool:
    """Whether what goes by this name is no text for a log."""
    return _SECRET_NAME.search(name) is not None


def masked(value: Any) -> Any:
    """The same for all texts within lists and dicts, keys included."""
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        return {
            masked(key): MASK
            if isinstance(key, str) and is_secret_name(key)
            else masked(each)
            for key, each in value.items()
        }
    if isinstance(value, list | tuple):
        return [masked(each) for each in value]
    return value

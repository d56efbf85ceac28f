"""Keeping secrets out of everything that is stored or shown.

Two nets, because either alone has holes: by value (every credential and token, in
every spelling it may come back in) and by name (`Authorization`, `password`, ...),
which also catches secrets we were never told.
"""

import base64
import html
import json
import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache

MASK = "***"
CLIP = 64 * 1024
"""How many characters of a body are kept."""

_SHORTEST = 4
"""A shorter value would blot out half the text; it is still masked by name."""

_SHORTEST_CORE = 8
"""Of base64 without its ends: a shorter piece stands in texts by chance."""
_URLSAFE = str.maketrans("+/", "-_")

_LONGEST_SPELLING = 12
"""Characters one character may become: 😀 is \\ud83d\\ude00 or %F0%9F%98%80."""

_WORD = (
    r"authori[sz]ation|passw|pwd|secret|token|cookie|api[-_]?key|credential"
    r"|user[-_]?name|client_id"
)
_NAME = re.compile(_WORD, re.IGNORECASE)
_JSON_MEMBER = re.compile(
    # JSON inside a JSON string has its quotes escaped.
    rf'("[^"\\]{{0,60}}(?:{_WORD})[^"\\]{{0,60}}\\*"\s*:\s*)'
    r'("(?:[^"\\]|\\.)*"?|\\+"[^"\\]*(?:\\+")?|\{[^{}]*\}?|\[[^\[\]]*\]?|[^\s,}\]]+)',
    re.IGNORECASE,
)
_FORM_MEMBER = re.compile(
    rf"((?:^|[?&\s])[\w.-]{{0,60}}(?:{_WORD})[\w.-]{{0,60}}=)[^&\s]*", re.IGNORECASE
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


class Masker:
    """Masks the secrets it knows; more may be added while it is in use."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._told: frozenset[str] = frozenset()
        self._secrets: frozenset[str] = frozenset()
        self._nets: tuple[Callable[[str], str], ...] = ()
        self._margin = 0
        self.add(*secrets)

    def add(self, *secrets: str) -> None:
        if self._told.issuperset(secrets):
            return
        self._told |= set(secrets)
        spelt = {form for secret in secrets for form in (secret, *_encoded(secret))}
        self._secrets |= {secret for secret in spelt if len(secret) >= _SHORTEST}
        # Longest first, or a short one inside a long one would leave its rest.
        ordered = sorted(self._secrets, key=lambda secret: (-len(secret), secret))
        self._nets = tuple(_net(secret) for secret in ordered)
        self._margin = max(map(len, ordered), default=0) * _LONGEST_SPELLING

    def text(self, text: str) -> str:
        """Mask by value alone."""
        for net in self._nets:
            text = net(text)
        return text

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        return {
            name: MASK if _NAME.search(name) else self.text(value)
            for name, value in headers.items()
        }

    def url(self, url: str) -> str:
        return self.text(_FORM_MEMBER.sub(rf"\1{MASK}", url))

    def body(self, body: bytes) -> str:
        """Return a body fit to be kept: masked, of bounded length, text or a size."""
        try:
            text = body.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = body.decode("latin-1")
        if _is_binary(text):
            return f"[{len(body)} bytes, not text]"
        is_clipped = len(text) > CLIP
        # Masked before it is clipped: a secret cut in two would not be known again.
        window = self._masked(text[: CLIP + self._margin])
        if not is_clipped:
            return window
        kept = window[: max(0, min(CLIP, len(window) - self._margin))]
        return f"{kept}\n[clipped: {len(text)} characters in all]"

    def _masked(self, text: str) -> str:
        text = _JSON_MEMBER.sub(rf'\1"{MASK}"', text)
        return self.text(_FORM_MEMBER.sub(rf"\1{MASK}", text))


def pair(user: str, password: str) -> str:
    """Return what HTTP Basic sends for a user and a password."""
    return base64.b64encode(f"{user}:{password}".encode()).decode()


def _is_binary(text: str) -> bool:
    return _CONTROL.search(text) is not None


@lru_cache(maxsize=512)
def _encoded(secret: str) -> tuple[str, ...]:
    """Base64, wherever in a longer text it was encoded, and hex."""
    raw = secret.encode(errors="replace")
    standard = base64.b64encode(raw).decode().rstrip("=")
    forms = [standard, raw.hex(), raw.hex().upper()]
    for before in range(3):
        text = base64.b64encode(b"\0" * before + raw).decode().rstrip("=")
        # The characters at either end are mixed with the neighbours.
        end = -1 if (before + len(raw)) % 3 else None
        core = text[(0, 2, 3)[before] : end]
        if len(core) >= _SHORTEST_CORE:
            forms.append(core)
    urlsafe = (form.translate(_URLSAFE) for form in tuple(forms))
    return tuple(dict.fromkeys([*forms, *urlsafe]))


# A client is opened for each call, and an account has the same few secrets each time.
@lru_cache(maxsize=512)
def _net(secret: str) -> Callable[[str], str]:
    if all(map(_is_plain, secret)):
        return lambda text: text.replace(secret, MASK)
    pattern = re.compile("".join(map(_spellings, secret)), re.IGNORECASE)
    return lambda text: pattern.sub(MASK, text)


def _is_plain(char: str) -> bool:
    """Whether every encoder leaves the character as it is."""
    return char.isascii() and (char.isalnum() or char in "-_.")


def _spellings(char: str) -> str:
    """Return a pattern of one character as JSON, HTML and addresses may spell it.

    What is escaped may be escaped again: JSON inside JSON, an address in another.
    """
    if _is_plain(char):
        return re.escape(char)
    units = char.encode("utf-16-be", "surrogatepass").hex()
    forms = {
        char,
        json.dumps(char)[1:-1],
        "".join(rf"\u{units[at : at + 4]}" for at in range(0, len(units), 4)),
        html.escape(char),
        f"&#{ord(char)};",
        f"&#x{ord(char):x};",
        "+" if char == " " else char,
    }
    longest_first = sorted(forms, key=lambda form: (-len(form), form))
    # As in an address first: of `%25` a bare `%` would be masked and 25 left over.
    in_address = (f"%(?:25)*{byte:02X}" for byte in char.encode(errors="replace"))
    patterns = ["".join(in_address)]
    patterns += [re.escape(form).replace(r"\\", r"\\+") for form in longest_first]
    return rf"\\*(?:{'|'.join(patterns)})"

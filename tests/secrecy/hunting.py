"""Looking for secrets where they don't belong, in every spelling they may have."""

import base64
import html
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

SHORTEST = 8
"""A shorter one turns up by chance."""


@dataclass(frozen=True)
class Secret:
    """A secret, what it is, and how it is spelt elsewhere than plain."""

    name: str
    text: str

    def spellings(self) -> set[str]:
        raw = self.text.encode()
        return {
            self.text,
            quote(self.text, safe=""),
            quote_plus(self.text),
            json.dumps(self.text)[1:-1],
            json.dumps(json.dumps(self.text))[3:-3],
            html.escape(self.text),
            raw.hex(),
            raw.hex().upper(),
            *_base64(raw),
        }


@dataclass(frozen=True)
class Find:
    place: str
    secret: str
    around: str
    """What stands before and after it, without it."""


def pair(name: str, user: str, password: str) -> Secret:
    """As a login by HTTP Basic has it; base64 of it is one of its spellings."""
    return Secret(name, f"{user}:{password}")


def _base64(raw: bytes) -> Iterator[str]:
    """What stays the same of it at each place it may have in a longer text."""
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + raw).decode().rstrip("=")
        # Its first and last characters mix with the neighbours.
        first = (0, 2, 3)[shift]
        rest = (len(raw) + shift) % 3
        core = encoded[first : len(encoded) - (1 if rest else 0)]
        yield core
        yield core.replace("+", "-").replace("/", "_")


class Hunt:
    """Every spelling of every secret, looked for in one text after another."""

    def __init__(self, secrets: Iterable[Secret]) -> None:
        self.names: dict[str, str] = {}
        for secret in secrets:
            if len(secret.text) < SHORTEST:
                continue
            for spelling in secret.spellings():
                self.names.setdefault(spelling, secret.name)

    def look(self, place: str, text: str) -> list[Find]:
        return [
            Find(place, name, _around(text, spelling))
            for spelling, name in self.names.items()
            if spelling in text
        ]


def _around(text: str, spelling: str) -> str:
    at = text.index(spelling)
    before = text[max(0, at - 60) : at]
    after = text[at + len(spelling) : at + len(spelling) + 30]
    return f"{before}<HERE>{after}".replace("\n", " ")

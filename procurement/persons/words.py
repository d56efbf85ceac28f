"""Finding what a person is called in texts of any kind, and taking it out."""

import html
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote, quote_plus

ERASED = "[erased]"
SHORTEST_PART = 3
SHORTEST_ALONE = 5
"""A name of one word that is shorter stands in too many texts that mean another."""
LEAST_DIGITS = 6
NATIONAL_DIGITS = 9
_GAP = r"[\s()/.\-]*"
KEYS = frozenset(
    {
        "name",
        "street",
        "street_number",
        "entrance",
        "zip_code",
        "city",
        "email",
        "phone",
        "organization_number",
        "note",
    }
)
"""Of JSON that is about the customer: whatever stands under these is personal."""


@dataclass(frozen=True)
class Words:
    """Words to be taken out.

    Attributes:
        words: as people write them.
        keys: names of JSON members whose values are taken out, whatever they say.
    """

    words: tuple[str, ...]
    keys: frozenset[str] = frozenset()

    @cached_property
    def variants(self) -> tuple[str, ...]:
        """As they stand in addresses, JSON, HTML; the longest first."""
        found = {each for word in self.words for each in _variants(word)}
        return tuple(sorted(found, key=lambda each: (-len(each), each)))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        parts = [re.escape(each) for each in self.variants]
        parts += [_spaced(word) for word in self.words if _is_number(word)]
        return re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)", re.IGNORECASE)

    def are_in(self, text: str) -> bool:
        return bool(self.words) and bool(self._pattern.search(text))

    def out_of(self, value: Any) -> Any:
        """The same without them; plain JSON values, and texts that hold JSON."""
        if isinstance(value, str):
            return self._out_of_text(value)
        if isinstance(value, list):
            return [self.out_of(each) for each in value]
        if isinstance(value, dict):
            return {
                self.out_of(key): (
                    _emptied(each) if _bare(key) in self.keys else self.out_of(each)
                )
                for key, each in value.items()
            }
        return value

    def _out_of_text(self, text: str) -> str:
        if text[:1] in ("{", "[") and self.keys:
            try:
                value = json.loads(text)
            except ValueError:
                pass
            else:
                without = self.out_of(value)
                if without == value:
                    return text
                return json.dumps(without, ensure_ascii=False, separators=(",", ":"))
        return self._pattern.sub(ERASED, text) if self.words else text


def _bare(key: str) -> str:
    """`delivery_address.city`, `delivery_city` and `city` are one."""
    return str(key).rpartition(".")[2].removeprefix("delivery_")


def _emptied(value: Any) -> Any:
    if isinstance(value, str):
        return ERASED if value else value
    if isinstance(value, list):
        return [_emptied(each) for each in value]
    if isinstance(value, dict):
        return {key: _emptied(each) for key, each in value.items()}
    return value


def _variants(word: str) -> Iterable[str]:
    in_json = json.dumps(word)[1:-1]
    yield from (word, quote(word, safe=""), quote_plus(word), html.escape(word))
    yield from (in_json, json.dumps(word, ensure_ascii=False)[1:-1])
    # A text that holds JSON, within JSON.
    yield json.dumps(in_json)[1:-1]
    if _is_number(word):
        yield re.sub(r"\D", "", word)


def _is_number(word: str) -> bool:
    """A phone or an organization number, which people space as they like."""
    digits = sum(sign.isdigit() for sign in word)
    return digits >= LEAST_DIGITS and not any(sign.isalpha() for sign in word)


def _spaced(word: str) -> str:
    """The digits however they are spaced; of a phone with or without its country."""
    digits = re.findall(r"\d", word)
    if not word.strip().startswith(("+", "00")) or len(digits) <= NATIONAL_DIGITS:
        return _GAP.join(digits)
    country, rest = digits[:-NATIONAL_DIGITS], digits[-NATIONAL_DIGITS:]
    abroad = rf"(?:\+|00)?{_GAP.join(country)}{_GAP}(?:\(?0\)?)?{_GAP}"
    return rf"(?:{abroad}|0)?{_GAP.join(rest)}"


def _has_letters(text: str) -> bool:
    """A number of a house or a zip code may as well be a quantity or a price."""
    return any(sign.isalpha() for sign in text)


def wholes(values: Iterable[str]) -> tuple[str, ...]:
    """Values that mean this person wherever they stand."""
    stripped = {value.strip() for value in values}
    return tuple(sorted(value for value in stripped if _is_telling(value)))


def _is_telling(value: str) -> bool:
    return (" " in value and len(value) >= SHORTEST_ALONE) or _is_long(value)


def _is_long(value: str) -> bool:
    return "@" in value or len(value) > SHORTEST_ALONE


def with_parts(values: Iterable[str], *, but: Sequence[str] = ()) -> tuple[str, ...]:
    """Values and their parts: what means this person in what is about them.

    Args:
        but: names of others, whose parts are left alone.
    """
    spared = {part.lower() for name in but for part in re.findall(r"\w+", name)}
    found = {value.strip() for value in values if value.strip()}
    parts = {part for value in found for part in re.findall(r"\w+", value)}
    telling = {
        part
        for part in parts
        if len(part) >= SHORTEST_PART
        and _has_letters(part)
        and part.lower() not in spared
    }
    whole = {
        value
        for value in found
        if len(value) >= SHORTEST_PART and (_has_letters(value) or _is_number(value))
    }
    return tuple(sorted((whole - {*but}) | telling))

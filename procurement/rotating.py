"""Stored secrets and the keys they are under: looked over, and written anew.

What is under the newest key already is passed over, so rotation may be broken off and
begun again, on several machines at once if need be. Each text is put in the place of
the very one that was read, so whoever changes a secret meanwhile keeps their change.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from procurement.secretplaces import Place, Stored, all_places
from procurement.secrets import SecretUnreadable, key_of, keys_in_use, written_anew

BATCH = 200
TRIES = 5
"""How often a secret that is changed under our hands is read again."""
NAMED = 20
"""Unreadable rows told by name."""


@dataclass
class Look:
    """What one place holds: how many texts under which key, by its fingerprint."""

    place: str
    under: Counter[str] = field(default_factory=Counter)
    unreadable: list[str] = field(default_factory=list)
    unreadable_count: int = 0
    is_whole: bool = True
    """False where only the first rows were looked at."""


@dataclass
class Rotated:
    """What became of one place."""

    place: str
    rewritten: int = 0
    current: int = 0
    """Under the newest key before we came to them."""
    discarded: int = 0
    """Unreadable, and of the kind that is had again by itself."""
    unreadable: list[str] = field(default_factory=list)
    moving: list[str] = field(default_factory=list)
    """Changed by others each time we came; still readable, for another run."""


def look(*, most: int | None = None) -> list[Look]:
    """Say which keys the stored secrets are under.

    Args:
        most: rows looked at in each place; all of them without it.
    """
    return [_look_at(place, most) for place in all_places() if place.is_there()]


def _look_at(place: Place, most: int | None) -> Look:
    found = Look(place.name)
    seen = 0
    for pks in _pages(place):
        if most is not None and seen >= most:
            found.is_whole = False
            break
        seen += len(pks)
        for stored in place.texts(pks):
            if key := key_of(stored.text):
                found.under[key.fingerprint] += 1
                continue
            found.unreadable_count += 1
            if len(found.unreadable) < NAMED:
                found.unreadable.append(place.title(stored.pk))
    return found


def rotate(
    tell: Callable[[str, int], None] = lambda place, rows: None, *, batch: int = BATCH
) -> list[Rotated]:
    """Write every stored secret anew that is not under the newest key.

    Args:
        tell: is told the place and its rows gone through, after each batch.
        batch: rows of one transaction.
    """
    return [_rotate(place, tell, batch) for place in all_places() if place.is_there()]


def _rotate(place: Place, tell: Callable[[str, int], None], batch: int) -> Rotated:
    result = Rotated(place.name)
    rows = 0
    for pks in _pages(place, batch):
        _rotate_rows(place, pks, result)
        rows += len(pks)
        tell(place.name, rows)
    return result


def _rotate_rows(place: Place, pks: Sequence[Any], result: Rotated) -> None:
    newest = keys_in_use()[0].fingerprint
    for attempt in range(TRIES):
        wanted: list[tuple[Stored, str]] = []
        for stored in place.texts(pks):
            key = key_of(stored.text)
            if key is None and place.discard(stored.pk):
                result.discarded += 1
            elif key is None:
                result.unreadable.append(place.title(stored.pk))
            elif key.fingerprint != newest:
                wanted.append((stored, _anew(stored)))
            elif not attempt:
                result.current += 1
        if not wanted:
            return
        with transaction.atomic():
            missed = [old for old, new in wanted if not place.swap(old, new)]
        result.rewritten += len(wanted) - len(missed)
        pks = list(dict.fromkeys(stored.pk for stored in missed))
        if not pks:
            return
    result.moving += [place.title(pk) for pk in pks]


def _anew(stored: Stored) -> str:
    try:
        return written_anew(stored.text)
    except SecretUnreadable:
        raise AssertionError("a key that opened it just now") from None


def _pages(place: Place, size: int = BATCH) -> Iterator[list[Any]]:
    after: Any = None
    while pks := place.page(after, size):
        yield pks
        after = pks[-1]

"""Which credential keys the secrets of a database were written with."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence

from django.apps import apps

from procurement.backups.books import Books
from procurement.backups.shape import Table
from procurement.secretplaces import member_places
from procurement.secrets import key_of
from procurement.secrets import keys_in_use as keys_at_hand


def fingerprints() -> list[str]:
    return [key.fingerprint for key in keys_at_hand()]


def keys_in_use(books: Books, tables: Sequence[Table]) -> tuple[dict[str, int], int]:
    """How many secrets each key opens, by its fingerprint, and how many none opens."""
    counts: Counter[str] = Counter()
    unreadable = 0
    for stored in _stored(books, tables):
        if key := key_of(stored):
            counts[key.fingerprint] += 1
        else:
            unreadable += 1
    return dict(counts), unreadable


def _stored(books: Books, tables: Sequence[Table]) -> Iterator[str]:
    for table in tables:
        for column in table.columns:
            if column.is_secret:
                yield from books.values(table.name, column.name)
    names = {table.name for table in tables}
    for place in member_places():
        name = apps.get_model(place.label)._meta.db_table
        if name not in names:
            continue
        for text in books.values(name, place.column):
            data = json.loads(text)
            held = [data.get(member) for member in place.members]
            yield from (each for each in held if isinstance(each, str) and each)

"""Which credential keys the secrets of a database were written with."""

from collections import Counter
from collections.abc import Sequence

from procurement.backups.books import Books
from procurement.backups.shape import Table
from procurement.secrets import key_of
from procurement.secrets import keys_in_use as keys_at_hand


def fingerprints() -> list[str]:
    return [key.fingerprint for key in keys_at_hand()]


def keys_in_use(books: Books, tables: Sequence[Table]) -> tuple[dict[str, int], int]:
    """How many secrets each key opens, by its fingerprint, and how many none opens."""
    counts: Counter[str] = Counter()
    unreadable = 0
    for table in tables:
        for column in table.columns:
            if not column.is_secret:
                continue
            for value in books.values(table.name, column.name):
                if key := key_of(value):
                    counts[key.fingerprint] += 1
                else:
                    unreadable += 1
    return dict(counts), unreadable

"""The same books: a count and a digest of each table, whatever holds it."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from procurement.backups.books import Books
from procurement.backups.shape import Table


@dataclass(frozen=True)
class Sum:
    """How many rows a table has, and the SHA-256 of them all."""

    rows: int
    sha256: str


@dataclass
class Summing:
    """Adds up what goes by, in constant memory."""

    rows: int = 0
    _digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def add(self, lines: bytes) -> None:
        self.rows += lines.count(b"\n")
        self._digest.update(lines)

    def all_of(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Hand on what goes by."""
        for lines in chunks:
            self.add(lines)
            yield lines

    def sum(self) -> Sum:
        return Sum(self.rows, self._digest.hexdigest())


def sums_of(books: Books, tables: Sequence[Table]) -> dict[str, Sum]:
    found = {}
    for table in tables:
        summing = Summing()
        for lines in books.lines(table):
            summing.add(lines)
        found[table.name] = summing.sum()
    return found


def digest_of(sums: Mapping[str, Sum]) -> str:
    """One digest of all tables: equal books have equal ones."""
    text = "".join(
        f"{name} {sums[name].rows} {sums[name].sha256}\n" for name in sorted(sums)
    )
    return hashlib.sha256(text.encode()).hexdigest()


def differences(expected: Mapping[str, Sum], found: Mapping[str, Sum]) -> list[str]:
    """What differs, a line for each table."""
    lines = []
    for name in sorted(expected.keys() | found.keys()):
        one, other = expected.get(name), found.get(name)
        if one is None or other is None:
            lines.append(f"{name}: {'not expected' if one is None else 'missing'}")
        elif one.rows != other.rows:
            lines.append(f"{name}: {other.rows} rows, expected {one.rows}")
        elif one != other:
            lines.append(f"{name}: as many rows, but not the same")
    return lines

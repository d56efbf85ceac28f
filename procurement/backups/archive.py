"""A backup: one zip file of tables as `canonical` writes them, and a manifest.

It is written under a name that no backup has, synced, read again from the first byte to
the last, and only then given its name: what looks like a backup is one.
"""

import fcntl
import json
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, TypeVar

from procurement import VERSION
from procurement.backups.books import CHUNK_BYTES, Books
from procurement.backups.digest import Sum, Summing, differences, digest_of
from procurement.backups.shape import LEFT_OUT, Table, table_from_json
from procurement.errors import OperationNotAllowed

T = TypeVar("T")
FORMAT = 1
MANIFEST = "manifest.json"
NAME = "procurement-{:%Y%m%dT%H%M%SZ}.zip"
PATTERN = "procurement-*Z.zip"
PARTIAL = ".{}.partial"
PARTIALS = ".procurement-*Z.zip.partial"
LEVEL = 1
"""The quickest: higher ones take four times as long for a tenth of the size."""
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
    KeyError,
    TypeError,
)
"""What comes of reading a zip file of which some byte is not as it was."""


class Damaged(OperationNotAllowed):
    """The file is no backup, or not all of one; the text says what is wrong."""


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself.

    Attributes:
        taken_at: the moment at which its books were true.
        migrations: those the database had had, as `app.name`.
        last_keys: the last key handed out, for each table that numbers its rows.
        keys: how many secrets each credential key opens, by its fingerprint.
        unreadable: secrets no key opened when it was made.
    """

    version: str
    database: str
    taken_at: datetime
    migrations: tuple[str, ...]
    tables: tuple[Table, ...]
    sums: Mapping[str, Sum]
    last_keys: Mapping[str, int]
    keys: Mapping[str, int]
    unreadable: int

    @property
    def digest(self) -> str:
        return digest_of(self.sums)

    @property
    def rows(self) -> int:
        return sum(each.rows for each in self.sums.values())

    def to_json(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "version": self.version,
            "database": self.database,
            "taken_at": self.taken_at.isoformat(),
            "digest": self.digest,
            "sums": {
                name: {"rows": each.rows, "sha256": each.sha256}
                for name, each in self.sums.items()
            },
            "left_out": dict(LEFT_OUT),
            "credential_keys": dict(self.keys),
            "unreadable_secrets": self.unreadable,
            "last_keys": dict(self.last_keys),
            "migrations": list(self.migrations),
            "tables": [table.to_json() for table in self.tables],
        }


def _manifest(data: Mapping[str, Any]) -> Manifest:
    return Manifest(
        version=data["version"],
        database=data["database"],
        taken_at=datetime.fromisoformat(data["taken_at"]),
        migrations=tuple(data["migrations"]),
        tables=tuple(map(table_from_json, data["tables"])),
        sums={name: Sum(**each) for name, each in data["sums"].items()},
        last_keys=data["last_keys"],
        keys=data["credential_keys"],
        unreadable=data["unreadable_secrets"],
    )


# --- writing ------------------------------------------------------------------------


def write_backup(
    directory: Path,
    books: Books,
    tables: Sequence[Table],
    *,
    migrations: Sequence[str],
    keys: tuple[Mapping[str, int], int],
    taken_at: datetime,
) -> Path:
    """Write the books of a moment into a file of their own; return it, verified.

    Raises:
        OperationNotAllowed: another backup is being written there.
        Damaged: what was read again is not what was written.
        OSError: there is no room, or no right to write.
    """
    name = NAME.format(taken_at.astimezone(UTC))
    with _alone_in(directory):
        if (directory / name).exists():
            raise OperationNotAllowed(f"{directory / name} is there already.")
        partial = directory / PARTIAL.format(name)
        try:
            with _new_file(partial) as file:
                _write(file, books, tables, migrations, keys, taken_at)
                file.flush()
                os.fsync(file.fileno())
            verify(partial)
            partial.rename(directory / name)
        finally:
            partial.unlink(missing_ok=True)
        _sync(directory)
    return directory / name


def delete_old(directory: Path, *, keep: int) -> list[Path]:
    """Delete all but the newest backups of a directory."""
    old = sorted(directory.glob(PATTERN), reverse=True)[keep:]
    for path in old:
        path.unlink()
    return old


def _write(
    file: IO[bytes],
    books: Books,
    tables: Sequence[Table],
    migrations: Sequence[str],
    keys: tuple[Mapping[str, int], int],
    taken_at: datetime,
) -> None:
    sums = {}
    with zipfile.ZipFile(
        file, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL
    ) as archive:
        for table in tables:
            summing = Summing()
            with archive.open(_member(table), "w", force_zip64=True) as member:
                for lines in summing.all_of(books.lines(table)):
                    member.write(lines)
            sums[table.name] = summing.sum()
        manifest = Manifest(
            version=VERSION,
            database=books.kind,
            taken_at=taken_at,
            migrations=tuple(migrations),
            tables=tuple(tables),
            sums=sums,
            last_keys=books.last_keys(tables),
            keys=keys[0],
            unreadable=keys[1],
        )
        archive.writestr(MANIFEST, json.dumps(manifest.to_json(), indent=1))


def _member(table: Table) -> str:
    return f"tables/{table.name}.copy"


@contextmanager
def _alone_in(directory: Path) -> Iterator[None]:
    """Hold a directory, so that what is unfinished in it is nobody's any more."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OperationNotAllowed(
                f"Another backup is being written into {directory}. Wait for it."
            ) from None
        for left in directory.glob(PARTIALS):
            left.unlink()
        yield
    finally:
        os.close(handle)


@contextmanager
def _new_file(path: Path) -> Iterator[IO[bytes]]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w+b") as file:
        yield file


def _sync(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# --- reading ------------------------------------------------------------------------


class Archive:
    """An open backup."""

    def __init__(self, archive: zipfile.ZipFile, manifest: Manifest) -> None:
        self._archive = archive
        self.manifest = manifest

    def lines(self, table: Table) -> Iterator[bytes]:
        """The rows of a table: whole lines."""
        rest = b""
        with self._archive.open(_member(table)) as member:
            while piece := member.read(CHUNK_BYTES):
                whole, end, begun = piece.rpartition(b"\n")
                if end:
                    yield rest + whole + end
                    rest = begun
                else:
                    rest += begun
        if rest:
            raise Damaged(f"{table.name} ends in the middle of a row.")

    def sums(self) -> dict[str, Sum]:
        found = {}
        for table in self.manifest.tables:
            summing = Summing()
            for lines in self.lines(table):
                summing.add(lines)
            found[table.name] = summing.sum()
        return found

    def members(self) -> set[str]:
        return set(self._archive.namelist())


@contextmanager
def open_backup(path: Path) -> Iterator[Archive]:
    """
    Raises:
        Damaged: the file is no backup, or was cut off.
    """
    if not path.is_file():
        raise Damaged(f"There is no file {path}.")
    with path.open("rb") as file:
        archive = _reading(path, lambda: zipfile.ZipFile(file))
        data = _reading(path, lambda: json.loads(archive.read(MANIFEST)))
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            raise Damaged(
                f"{path} is of a format that version {VERSION} does not know. Take "
                "the version that wrote it, or a newer one."
            )
        manifest = _reading(path, lambda: _manifest(data))
        if manifest.digest != data.get("digest"):
            raise Damaged(f"{path} is damaged: its manifest contradicts itself.")
        with archive:
            yield Archive(archive, manifest)


def verify(path: Path) -> Manifest:
    """Read a backup from the first byte to the last, and compare it with itself.

    Raises:
        Damaged: it is not as it was written.
    """
    with open_backup(path) as backup:
        expected = {MANIFEST, *map(_member, backup.manifest.tables)}
        if missing := expected ^ backup.members():
            raise Damaged(
                f"{path} is damaged: {', '.join(sorted(missing))} is missing "
                "or does not belong there."
            )
        sums = _reading(path, backup.sums)
        if wrong := differences(backup.manifest.sums, sums):
            raise Damaged(f"{path} is damaged: {'; '.join(wrong)}.")
        return backup.manifest


def _reading(path: Path, read: Callable[[], T]) -> T:
    try:
        return read()
    except Damaged:
        raise
    except _DAMAGE as error:
        raise Damaged(
            f"{path} is damaged, cut off, or no backup: "
            f"{str(error) or type(error).__name__}."
        ) from None

"""The bytes of a price file in the database, so that any machine can read them."""

import io
import zlib
from collections.abc import Iterable
from typing import Any, BinaryIO, cast

from procurement.catalogue.models import PriceFile, PriceFilePart

PART_BYTES = 1_000_000
"""Of a part, before it is compressed; one part is in memory at a time."""


def store_parts(file: PriceFile, chunks: Iterable[bytes]) -> None:
    """Keep the bytes of a file, in parts of the same size whatever the chunks are."""
    waiting, position = bytearray(), 0
    for chunk in chunks:
        waiting += chunk
        while len(waiting) >= PART_BYTES:
            _store(file, position, bytes(waiting[:PART_BYTES]))
            del waiting[:PART_BYTES]
            position += 1
    if waiting:
        _store(file, position, bytes(waiting))


def _store(file: PriceFile, position: int, content: bytes) -> None:
    PriceFilePart.objects.create(
        file=file, position=position, content=zlib.compress(content, 6)
    )


class _Parts(io.RawIOBase):
    """Reads the parts one after the other; `position` counts the bytes handed out."""

    def __init__(self, file: PriceFile) -> None:
        self._file = file
        self._part = 0
        self._left = b""
        self.position = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._left:
            self._left = self._next()
        size = min(len(buffer), len(self._left))
        buffer[:size] = self._left[:size]
        self._left = self._left[size:]
        self.position += size
        return size

    def _next(self) -> bytes:
        parts = PriceFilePart.objects.filter(file=self._file, position=self._part)
        content = parts.values_list("content", flat=True).first()
        self._part += 1
        return b"" if content is None else zlib.decompress(bytes(content))


class StoredFile:
    """A file in the database as one that can be read from the beginning."""

    def __init__(self, file: PriceFile) -> None:
        self._parts = _Parts(file)
        self.reader = cast(BinaryIO, io.BufferedReader(self._parts, 256 * 1024))

    @property
    def position(self) -> int:
        return self._parts.position

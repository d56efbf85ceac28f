"""Bytes of a file in the database, in compressed parts.

Web and worker machines share no disk, only the database; and the parts come and go in
the transaction of what they belong to. A model of parts has `position`, counted from
0 within its file, and `content`; these functions are given the parts of one file.
"""

import io
import zlib
from collections.abc import Iterable
from typing import Any, BinaryIO, cast

PART_BYTES = 1_000_000
"""Of a part, before it is compressed; one part is in memory at a time."""


def store_part(parts: Any, position: int, content: bytes) -> None:
    parts.create(position=position, content=zlib.compress(content, 6))


def store_parts(parts: Any, chunks: Iterable[bytes]) -> None:
    """Keep the bytes of a file, in parts of the same size whatever the chunks are."""
    waiting, position = bytearray(), 0
    for chunk in chunks:
        waiting += chunk
        while len(waiting) >= PART_BYTES:
            store_part(parts, position, bytes(waiting[:PART_BYTES]))
            del waiting[:PART_BYTES]
            position += 1
    if waiting:
        store_part(parts, position, bytes(waiting))


class _Parts(io.RawIOBase):
    """Reads the parts one after the other; `position` counts the bytes handed out."""

    def __init__(self, parts: Any) -> None:
        self._all = parts
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
        found = self._all.filter(position=self._part)
        content = found.values_list("content", flat=True).first()
        self._part += 1
        return b"" if content is None else zlib.decompress(bytes(content))


class StoredFile:
    """A file in the database as one that can be read from the beginning."""

    def __init__(self, parts: Any) -> None:
        self._parts = _Parts(parts)
        self.reader = cast(BinaryIO, io.BufferedReader(self._parts, 256 * 1024))

    @property
    def position(self) -> int:
        return self._parts.position

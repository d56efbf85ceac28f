"""Unpacking answers as they come, whatever their headers say of it.

Whether a body is packed is read off its first two bytes: no JSON, HTML or text
begins like gzip. So a packed body without `Content-Encoding` is read, and so is a
plain one that is marked as packed; vendors send both.
"""

import zlib
from collections.abc import Iterable, Iterator

_MAGIC = b"\x1f\x8b"
_GZIP = 16 + zlib.MAX_WBITS
_PIECE = 64 * 1024
"""Bytes unpacked at once, so that a bomb is noticed before it fills the memory."""


class BadPackingError(ValueError):
    """The body began like gzip, and is none or was cut."""


def unpacked(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a body in pieces of bounded size, unpacked if it is gzip.

    Raises:
        BadPackingError: while iterating; what was yielded before is still good.
    """
    waiting = iter(chunks)
    start = b""
    for chunk in waiting:
        start += chunk
        if len(start) >= len(_MAGIC):
            break
    if not start.startswith(_MAGIC):
        yield start
        yield from waiting
        return
    yield from _gunzipped(start, waiting)


def _gunzipped(start: bytes, waiting: Iterator[bytes]) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(_GZIP)
    data = start
    while True:
        try:
            yield unpacker.decompress(data, _PIECE)
        except zlib.error:
            raise BadPackingError("not gzip") from None
        # A body may be several packed ones in a row.
        if unpacker.eof and unpacker.unused_data:
            data = unpacker.unused_data
            unpacker = zlib.decompressobj(_GZIP)
            continue
        data = unpacker.unconsumed_tail or next(waiting, b"")
        if not data:
            break
        if unpacker.eof:
            unpacker = zlib.decompressobj(_GZIP)
    if not unpacker.eof:
        raise BadPackingError("cut")

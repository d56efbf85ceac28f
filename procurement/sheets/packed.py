"""Whether an XLSX file may be opened at all.

It is a ZIP of XML: small as it lies there, it may be gigabytes once unpacked, or hold
programs. What it says of its own size is kept to by the unpacking, so it can be judged
before anything is unpacked.
"""

import re
import struct
import zlib
from typing import BinaryIO
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

from procurement.sheets.faults import unreadable

ZIP = b"PK\x03\x04"
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
MOST_PARTS = 500
MOST_UNPACKED = 150_000_000
MOST_TEXTS = 40_000_000
"""Of the texts all cells share, since they are in memory together."""
MOST_TIMES = 200
"""So many times smaller than its content no table written by people becomes."""
TIMES_COUNT_FROM = 2_000_000
READ_BYTES = 64 * 1024

DAMAGE = (
    BadZipFile,
    zlib.error,
    struct.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    KeyError,
    ValueError,
)
"""What unpacking stumbles over in bytes that are no ZIP, or not any more."""

_MACROS = re.compile(r"vbaproject|macrosheets?/|activex|\.bin$", re.IGNORECASE)
_PRINTER = re.compile(r"printersettings/[^/]*\.bin$", re.IGNORECASE)


def is_sheet(content: bytes) -> bool:
    return content.startswith((ZIP, OLD_EXCEL))


def require_harmless(content: BinaryIO) -> None:
    """Refuse what is no XLSX, holds programs, or would not end when unpacked.

    Raises:
        InvalidInput: it must not be opened; the text says what to do instead.
    """
    if content.read(4) == OLD_EXCEL:
        raise unreadable(
            "This is an Excel file of the old kind, or one with a password. Save it as "
            "an Excel workbook (.xlsx) without a password."
        )
    content.seek(0)
    try:
        with ZipFile(content) as packed:
            _require_workbook(packed)
            _require_size(packed)
            for name in packed.namelist():
                if name.endswith((".xml", ".rels")):
                    _require_plain_xml(packed, name)
    except DAMAGE:
        raise _damaged() from None
    finally:
        content.seek(0)


def _damaged() -> Exception:
    return unreadable("The file is damaged, or no XLSX. Save it again with Excel.")


def _require_workbook(packed: ZipFile) -> None:
    names = packed.namelist()
    if "xl/workbook.xml" not in names:
        raise unreadable("This is no Excel workbook. Save it as .xlsx or CSV.")
    if any(_MACROS.search(name) and not _PRINTER.search(name) for name in names):
        raise unreadable(
            "The file holds macros or other programs, which are never opened here. "
            "Save it as an Excel workbook (.xlsx) without macros."
        )


def _require_size(packed: ZipFile) -> None:
    parts = packed.infolist()
    whole = sum(part.file_size for part in parts)
    texts = sum(p.file_size for p in parts if p.filename.endswith("sharedStrings.xml"))
    is_bomb = any(
        part.file_size > TIMES_COUNT_FROM
        and part.file_size > part.compress_size * MOST_TIMES
        for part in parts
    )
    if is_bomb or len(parts) > MOST_PARTS or whole > MOST_UNPACKED:
        raise unreadable(
            "The file is far larger inside than a table would be, so it is not opened. "
            "Copy the rows into a new workbook, or save the table as CSV."
        )
    if texts > MOST_TEXTS:
        raise unreadable("There is too much text in the file. Split it.")


class _BeginsPlainly(Exception):
    """The first element was reached, and there was nothing before it."""


def _require_plain_xml(packed: ZipFile, name: str) -> None:
    """Nothing may be defined before the first element: texts would multiply."""

    def refuse(*_about: object) -> None:
        raise unreadable("The file defines things no Excel workbook has. Save it anew.")

    def stop(*_about: object) -> None:
        raise _BeginsPlainly

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = stop
    try:
        with packed.open(name) as part:
            while chunk := part.read(READ_BYTES):
                parser.Parse(chunk, False)
    except _BeginsPlainly:
        return
    except expat.ExpatError:
        raise _damaged() from None

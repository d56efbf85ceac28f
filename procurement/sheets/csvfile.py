"""A CSV file from its bytes to rows of text."""

import csv
import io
from collections.abc import Iterator

from django.utils.translation import gettext

from procurement.sheets.faults import unreadable

MARKS = {"sep=;": ";", "sep=,": ",", "sep=\t": "\t"}
"""Excel's own mark of the delimiter, in a line before the first."""


def decode(content: bytes) -> tuple[str, str]:
    """The text of a file, and the name of the encoding it was found to have.

    Raises:
        InvalidInput: it is no text, or in no encoding we know for sure.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise unreadable(gettext("The file is UTF-16. Save it as “CSV UTF-8”."))
    if b"\x00" in content:
        raise unreadable(gettext("This is no text. Save the table as CSV first."))
    try:
        return content.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError:
        pass
    try:
        return content.decode("cp1252"), "Windows-1252"
    except UnicodeDecodeError:
        raise unreadable(
            gettext(
                "The file is neither UTF-8 nor Windows-1252. Save it as “CSV UTF-8”."
            )
        ) from None


def lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not empty, each with the number of its first line.

    Raises:
        InvalidInput: it is no CSV.
    """
    first, _, rest = text.partition("\n")
    skipped = 0
    if mark := MARKS.get(first.strip("\r ").lower()):
        text, skipped, delimiter = rest, 1, mark
    else:
        delimiter = next((sign for sign in ";\t" if sign in first), ",")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    before = 0
    try:
        for parts in reader:
            number, before = before + 1 + skipped, reader.line_num
            if any(cell.strip() for cell in parts):
                yield number, parts
    except csv.Error as error:
        raise unreadable(
            gettext("Line %(value)s is no CSV: %(error)s. Is a quotation mark missing?")
            % {"value": reader.line_num + skipped, "error": error}
        ) from None

"""How a row is written down, the same whichever database it comes from.

It is what PostgreSQL's COPY writes, with UTC as time zone: a line for a row, values
parted by tabs, `\\N` for none, decimals with all their places, `t` and `f`, JSON as its
`jsonb` shows it. So PostgreSQL reads and writes it by itself, and the work is done here
for SQLite alone: column by column, since a row at a time costs three times as much.
"""

import ipaddress
import json
import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Any

from procurement.backups.shape import Column, Table

NONE = "\\N"
_ESCAPES = {
    "\\": "\\\\",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
}
_ESCAPING = str.maketrans(_ESCAPES)
_PLAIN = {written[1]: meant for meant, written in _ESCAPES.items()}
_WRITTEN = re.compile(r"\\(.)", re.DOTALL)


# --- out of SQLite ------------------------------------------------------------------


def write_rows(table: Table, rows: Sequence[Sequence[Any]]) -> bytes:
    """Rows as SQLite keeps them, each with its columns in the table's order."""
    columns = zip(*rows, strict=True)
    written = [
        _write_column(column, values)
        for column, values in zip(table.columns, columns, strict=True)
    ]
    lines = map("\t".join, zip(*written, strict=True))
    # A lone surrogate can only have come from a broken program; it is kept as it is.
    return ("\n".join(lines) + "\n").encode("utf-8", "surrogatepass")


def _write_column(column: Column, values: Sequence[Any]) -> Sequence[str]:
    write = _WRITERS[column.kind](column)
    if None in values:
        return [NONE if value is None else write(value) for value in values]
    return list(map(write, values))


def _write_text(value: Any) -> str:
    text = value if isinstance(value, str) else str(value)
    return text if text.isprintable() and "\\" not in text else _escape(text)


def _escape(text: str) -> str:
    return text.translate(_ESCAPING)


def _write_moment(value: str) -> str:
    return (value.rstrip("0").rstrip(".") if "." in value else value) + "+00"


def _decimal_writer(column: Column) -> Callable[[Any], str]:
    written = f"%.{column.places}f"
    # Adding nothing makes zero of minus zero.
    return lambda value: (
        written % (Decimal(value) if isinstance(value, str) else value + 0)
    )


def _write_uuid(value: str) -> str:
    return f"{value[:8]}-{value[8:12]}-{value[12:16]}-{value[16:20]}-{value[20:]}"


def _write_address(value: str) -> str:
    return str(ipaddress.ip_address(value))


def _write_bytes(value: bytes) -> str:
    return "\\\\x" + value.hex()


@lru_cache(maxsize=4096)
def _write_json(text: str) -> str:
    return _escape(json_text(text))


_WRITERS: dict[str, Callable[[Column], Callable[[Any], str]]] = {
    "integer": lambda column: str,
    "boolean": lambda column: lambda value: "t" if value else "f",
    "text": lambda column: _write_text,
    "decimal": _decimal_writer,
    "moment": lambda column: _write_moment,
    "day": lambda column: str,
    "uuid": lambda column: _write_uuid,
    "bytes": lambda column: _write_bytes,
    "json": lambda column: _write_json,
    "address": lambda column: _write_address,
}


# --- JSON ---------------------------------------------------------------------------


def json_text(text: str) -> str:
    """JSON as PostgreSQL's `jsonb` writes it."""
    return _json(json.loads(text, parse_float=Decimal))


def _json(value: Any) -> str:
    if isinstance(value, str):
        return str(encode_basestring(value))
    if value is True or value is False or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, Decimal):
        return format(value if value else abs(value), "f")
    if isinstance(value, dict):
        pairs = sorted(value.items(), key=_by_length)
        return (
            "{" + ", ".join(f"{_json(key)}: {_json(each)}" for key, each in pairs) + "}"
        )
    if isinstance(value, list):
        return "[" + ", ".join(map(_json, value)) + "]"
    return str(value)


def _by_length(pair: tuple[str, Any]) -> tuple[int, bytes]:
    key = pair[0].encode("utf-8", "surrogatepass")
    return len(key), key


# --- into SQLite --------------------------------------------------------------------


def read_rows(table: Table, lines: bytes) -> Iterator[tuple[Any, ...]]:
    """Rows as SQLite keeps them, out of whole lines."""
    text = lines.decode("utf-8", "surrogatepass")
    rows = [line.split("\t") for line in text.split("\n")[:-1]]
    read = [
        _read_column(column, values)
        for column, values in zip(table.columns, zip(*rows, strict=True), strict=True)
    ]
    return zip(*read, strict=True)


def _read_column(column: Column, values: Sequence[str]) -> Sequence[Any]:
    read = _READERS[column.kind]
    if NONE in values:
        return [None if value == NONE else read(value) for value in values]
    return list(map(read, values))


def unescape(value: str) -> str:
    if "\\" not in value:
        return value
    return _WRITTEN.sub(lambda found: _PLAIN.get(found[1], found[1]), value)


def _read_moment(value: str) -> str:
    moment = value.removesuffix("+00")
    return f"{moment:0<26}" if "." in moment else moment


_READERS: dict[str, Callable[[str], Any]] = {
    "integer": int,
    "boolean": lambda value: int(value == "t"),
    "text": unescape,
    # SQLite keeps it as a number, as it does with what Django writes.
    "decimal": lambda value: value,
    "moment": _read_moment,
    "day": lambda value: value,
    "uuid": lambda value: value.replace("-", ""),
    "bytes": lambda value: bytes.fromhex(unescape(value)[2:]),
    "json": unescape,
    "address": lambda value: value,
}

"""JSON with exact numbers: a price is a `Decimal` on the way in and on the way out.

The standard library reads decimals on request but can't write them, and a price that
went through a binary float would come back as 0.30000000000000004.
"""

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from json.encoder import encode_basestring_ascii
from typing import Any, NoReturn

# Far beyond any price or quantity; 1e999999999 written out would fill the memory.
MOST_DIGITS = 30


def loads(text: bytes) -> Any:
    """Read a JSON document; whole numbers become `int`, all others `Decimal`.

    Raises:
        ValueError: not JSON, not UTF-8, nested too deeply, or an absurd number.
    """
    try:
        return json.loads(
            text.decode(),
            parse_float=_decimal,
            parse_int=_whole_number,
            parse_constant=_refuse_constant,
        )
    except RecursionError:
        raise ValueError("nested too deeply") from None


def dumps(value: Any) -> str:
    """Write a document as ASCII JSON; decimals with exactly the digits they have."""
    if isinstance(value, str):
        return encode_basestring_ascii(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Mapping):
        members = (f"{dumps(str(key))}:{dumps(item)}" for key, item in value.items())
        return "{" + ",".join(members) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join([dumps(item) for item in value]) + "]"
    if isinstance(value, datetime | date):
        return f'"{value.isoformat()}"'
    raise TypeError(f"no JSON for {type(value).__name__}")


def _decimal(text: str) -> Decimal:
    number = Decimal(text)
    if len(text) > 2 * MOST_DIGITS or abs(number.adjusted()) > MOST_DIGITS:
        raise ValueError("a number with too many digits")
    return number


def _whole_number(text: str) -> int:
    if len(text) > MOST_DIGITS:
        raise ValueError("a number with too many digits")
    return int(text)


def _refuse_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")

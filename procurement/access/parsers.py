"""JSON as it was written: exact numbers, no name twice, no more than 1 MB."""

import json
import re
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import IO, Any, NoReturn

from rest_framework.parsers import BaseParser

from procurement.access.problems import MalformedJSON, PayloadTooLarge
from procurement.bodies import MAX_BODY_BYTES

MAX_NUMBER_LENGTH = 40
"""Digits and exponent; no column holds more than 15 digits."""
_MAY_HOLD_BAD_TEXT = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")


class ExactJSONParser(BaseParser):
    """Numbers with a fraction become `Decimal`, whole ones `int`; never a float."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        body = stream.read(MAX_BODY_BYTES + 1)
        if len(body) > MAX_BODY_BYTES:
            raise PayloadTooLarge(MAX_BODY_BYTES)
        try:
            data = json.loads(
                body.decode(),
                parse_float=_exact,
                parse_int=_whole,
                parse_constant=_refuse_constant,
                object_pairs_hook=_object,
            )
        except UnicodeDecodeError:
            raise MalformedJSON("The body is not UTF-8.") from None
        except RecursionError:
            raise MalformedJSON("The body is nested too deeply.") from None
        except json.JSONDecodeError as error:
            raise MalformedJSON(
                f"Line {error.lineno}, column {error.colno}: {error.msg}."
            ) from None
        if _MAY_HOLD_BAD_TEXT.search(body):
            _refuse_bad_text(data)
        return data


def _exact(text: str) -> Decimal:
    number = Decimal(_whole_text(text))
    if abs(number.adjusted()) > MAX_NUMBER_LENGTH:
        raise MalformedJSON(f"The number {text} is out of range.")
    return number


def _whole(text: str) -> int:
    return int(_whole_text(text))


def _whole_text(text: str) -> str:
    if len(text) > MAX_NUMBER_LENGTH:
        raise MalformedJSON(f"The number {text[:MAX_NUMBER_LENGTH]}… is too long.")
    return text


def _refuse_constant(word: str) -> NoReturn:
    raise MalformedJSON(f"{word} is not a number in JSON.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = Counter(name for name, _ in pairs)
        (twice, _), *_ = names.most_common(1)
        raise MalformedJSON(f"The name {twice[:80]!r} is there twice.")
    return found


def _refuse_bad_text(data: Any) -> None:
    """No database holds a NUL or half a character, so neither may come in."""
    if isinstance(data, dict):
        for name, value in data.items():
            _refuse_bad_text(name)
            _refuse_bad_text(value)
    elif isinstance(data, list):
        for value in data:
            _refuse_bad_text(value)
    elif isinstance(data, str):
        if "\x00" in data:
            raise MalformedJSON("A text holds the character NUL.")
        if any("\ud800" <= character <= "\udfff" for character in data):
            raise MalformedJSON("A text holds half of a surrogate pair.")

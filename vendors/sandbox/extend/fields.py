"""Strict reading of what a client sends: members of a JSON body, query parameters.

A value of the wrong type is refused, never converted; the text says where it stood.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from vendors.sandbox import jsontext
from vendors.sandbox.extend.answers import bad_request
from vendors.sandbox.messages import Request

EARLIEST_YEAR, LATEST_YEAR = 1753, 9000


class Members:
    """The members of one JSON object, with its place in the body for complaints."""

    def __init__(self, value: Any, where: str) -> None:
        if not isinstance(value, dict):
            raise bad_request(f"{where or 'The body'} must be an object.")
        self.sent: dict[str, Any] = value
        self._where = where

    @classmethod
    def of_body(cls, request: Request) -> "Members":
        try:
            return cls(jsontext.loads(request.body), "")
        except ValueError as error:
            raise bad_request(f"The request is invalid: {error}.") from None

    def place(self, name: str) -> str:
        return f"{self._where}.{name}" if self._where else name

    def has(self, name: str) -> bool:
        return self.sent.get(name) is not None

    def text(self, name: str, longest: int = 0, least: int = 0) -> str | None:
        value = self.sent.get(name)
        if value is None and not least:
            return None
        if not isinstance(value, str):
            raise bad_request(f"{self.place(name)} must be a string.")
        if len(value.strip()) < least:
            raise bad_request(f"{self.place(name)} is mandatory.")
        if longest and len(value) > longest:
            raise bad_request(f"{self.place(name)}: at most {longest} characters.")
        return value

    def required_text(self, name: str, longest: int = 0) -> str:
        return self.text(name, longest, least=1) or ""

    def number(self, name: str) -> Decimal | None:
        value = self.sent.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise bad_request(f"{self.place(name)} must be a number.")
        return Decimal(value)

    def whole_number(self, name: str) -> int | None:
        value = self.sent.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            raise bad_request(f"{self.place(name)} must be a whole number.")
        return value

    def flag(self, name: str) -> bool | None:
        value = self.sent.get(name)
        if value is not None and not isinstance(value, bool):
            raise bad_request(f"{self.place(name)} must be true or false.")
        return value

    def word(self, name: str, words: Collection[str]) -> str | None:
        value = self.text(name)
        if value is not None and value not in words:
            raise bad_request(f"{self.place(name)}: unknown value '{value}'.")
        return value

    def moment(self, name: str) -> datetime | None:
        value = self.text(name)
        return None if value is None else read_moment(self.place(name), value)

    def object(self, name: str) -> "Members":
        return Members(self.sent.get(name), self.place(name))

    def objects(self, name: str) -> Sequence["Members"]:
        """Return the objects of an array; none where it was not sent."""
        value = self.sent.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise bad_request(f"{self.place(name)} must be an array.")
        return [
            Members(item, f"{self.place(name)}[{index}]")
            for index, item in enumerate(value)
        ]


def read_moment(name: str, text: str) -> datetime:
    """Read a date-time; one without a zone is taken for UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise bad_request(f"{name}: '{text}' is not a date-time.") from None
    if not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
        raise bad_request(f"{name}: the year {moment.year} is out of range.")
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def moment_parameter(request: Request, name: str) -> datetime | None:
    text = request.parameter(name)
    return None if text is None else read_moment(name, text)


def whole_parameter(request: Request, name: str, default: int, least: int) -> int:
    text = request.parameter(name)
    if text is None:
        return default
    is_number = text.isascii() and text.isdigit() and len(text) < 10
    if not is_number or int(text) < least:
        raise bad_request(f"{name} must be a whole number of {least} or more.")
    return int(text)

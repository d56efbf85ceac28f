"""HTTP requests and answers as plain values, free of sockets."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from vendors.sandbox import jsontext

JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it arrived.

    Attributes:
        path: still percent-encoded, so that an encoded slash stays in its segment.
        query: every value of every parameter, decoded, in the order sent.
        headers: by lower-case name.
    """

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes

    def parameter(self, name: str) -> str | None:
        """Return the first value of a parameter; an empty one counts as not sent."""
        return next((value for value in self.query.get(name, ()) if value), None)

    @property
    def media_type(self) -> str:
        """Return the content type without its parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer before it is put on the wire; `Content-Length` is added there."""

    status: int
    body: bytes = b""
    content_type: str = ""
    headers: tuple[tuple[str, str], ...] = ()

    @classmethod
    def json(cls, status: int, document: Any, content_type: str = JSON) -> "Answer":
        return cls(status, jsontext.dumps(document).encode("ascii"), content_type)

    @classmethod
    def html(cls, status: int, page: str) -> "Answer":
        return cls(status, page.encode("utf-8", "replace"), HTML)

    def with_headers(self, *headers: tuple[str, str]) -> "Answer":
        return replace(self, headers=self.headers + headers)


@dataclass(frozen=True, slots=True)
class Delivery:
    """How an answer goes out.

    Attributes:
        answer: None closes the connection without a byte.
        wait_seconds: real seconds before the first byte.
        hold_seconds: the same, but a release on the control address ends it.
        missing_bytes: promised by `Content-Length`, never sent; then the cut.
        drip_seconds: real seconds over which the body trickles out byte by byte.
    """

    answer: Answer | None
    wait_seconds: float = 0.0
    hold_seconds: float = 0.0
    missing_bytes: int = 0
    drip_seconds: float = 0.0


class Refusal(Exception):
    """Raised by a vendor's own checks: the request ends with this answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"{answer.status} {answer.body!r}")
        self.answer = answer

"""Answers that are true, and hard to take: huge ones, and texts nobody expects."""

import gzip
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from vendors.sandbox import jsontext
from vendors.sandbox.messages import Answer

HUGE_BYTES = 5 * 2**20
LONG_CHARACTERS = 5000
# What breaks a query, a page, a sheet, a path, a line, a column, or the eye.
HOSTILE_TEXT = (
    "'\"; DROP TABLE x; --<script>alert(1)</script>\u202etxet\u2066\N{PILE OF POO}\x00"
    '\r\n=HYPERLINK("//x")../../{0}%00'
)


def followed_by_blanks(answer: Answer) -> Answer:
    """Make an answer huge; blanks mean nothing in JSON, so it says what it said."""
    return _edited(answer, lambda body: body + b" " * HUGE_BYTES)


def with_hostile_texts(answer: Answer) -> Answer:
    return _with_texts(answer, lambda text: text + HOSTILE_TEXT)


def with_long_texts(answer: Answer) -> Answer:
    return _with_texts(answer, lambda text: text.ljust(LONG_CHARACTERS, "x"))


def _with_texts(answer: Answer, change: Callable[[str], str]) -> Answer:
    def edit(body: bytes) -> bytes:
        document = _texts_changed(jsontext.loads(body), change)
        return jsontext.dumps(document).encode("ascii")

    return _edited(answer, edit)


def _texts_changed(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return {name: _texts_changed(each, change) for name, each in value.items()}
    if isinstance(value, list):
        return [_texts_changed(each, change) for each in value]
    return change(value) if isinstance(value, str) else value


def _edited(answer: Answer, edit: Callable[[bytes], bytes]) -> Answer:
    """Change the body of a JSON answer, compressed or not; leave all others alone."""
    if "json" not in answer.content_type or not answer.body:
        return answer
    if ("Content-Encoding", "gzip") not in answer.headers:
        return replace(answer, body=edit(answer.body))
    body = edit(gzip.decompress(answer.body))
    return replace(answer, body=gzip.compress(body, mtime=0))

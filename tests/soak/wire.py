"""One client's connection: every call is timed, and what was not expected is kept."""

import http.client
import json
import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

CALL_SECONDS = 60
CUT = (OSError, http.client.HTTPException)


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    headers: dict[str, str]


@dataclass
class Book:
    """What all clients of a slice measured and ran into.

    Attributes:
        milliseconds: of every answered call, by the name of the call.
        errors: calls that were answered otherwise than they had to be, or not at all.
    """

    milliseconds: dict[str, list[float]] = field(
        default_factory=lambda: defaultdict(list)
    )
    errors: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def took(self, name: str, seconds: float) -> None:
        with self.lock:
            self.milliseconds[name].append(seconds * 1000)

    def error(self, text: str) -> None:
        with self.lock:
            self.errors.append(text)


class Unexpected(Exception):
    """A call went wrong and stands in the book; what hangs on it is left."""


class Wire:
    """Calls one server with a key, over a connection that is kept."""

    def __init__(self, port: int, key: str, book: Book) -> None:
        self._port, self._key, self._book = port, key, book
        self._line: http.client.HTTPConnection | None = None

    def get(self, name: str, path: str) -> Answer:
        return self.call(name, "GET", path, None, {}, (200,))

    def post(
        self,
        name: str,
        path: str,
        body: Any,
        expected: Collection[int],
        *,
        key: str | None = None,
        **headers: str,
    ) -> Answer:
        """Post under an `Idempotency-Key`, a new one unless it is given."""
        headers["Idempotency-Key"] = key or str(uuid.uuid4())
        return self.call(name, "POST", path, body, headers, expected)

    def call(
        self,
        name: str,
        method: str,
        path: str,
        body: Any,
        headers: dict[str, str],
        expected: Collection[int],
    ) -> Answer:
        """Call once.

        Raises:
            Unexpected: no answer, or another status than one of those expected.
        """
        try:
            answer = self._call(name, method, path, body, headers)
        except CUT as error:
            self.close()
            raise self._note(f"{method} {path}: {error!r}") from None
        if answer.status not in expected:
            said = f"{answer.status} {str(answer.body)[:300]}"
            raise self._note(f"{name} {method} {path}: {said}")
        return answer

    def _note(self, text: str) -> Unexpected:
        self._book.error(text)
        return Unexpected(text)

    def abandon(self, path: str, body: Any, key: str) -> None:
        """Post and go away before the answer comes, as if it were lost."""
        line = self._connection()
        line.request(
            "POST", path, json.dumps(body), self._headers({"Idempotency-Key": key})
        )
        self.close()

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        kept = {"Content-Type": "application/json"}
        if self._key:
            kept["Authorization"] = f"Bearer {self._key}"
        return kept | more

    def _call(
        self, name: str, method: str, path: str, body: Any, headers: dict[str, str]
    ) -> Answer:
        line = self._connection()
        began = time.perf_counter()
        sent = None if body is None else json.dumps(body)
        line.request(method, path, sent, self._headers(headers))
        answer = line.getresponse()
        text = answer.read()
        self._book.took(name, time.perf_counter() - began)
        if answer.will_close:
            self.close()
        try:
            shown = json.loads(text) if text else None
        except ValueError:
            shown = text[:300].decode(errors="replace")
        return Answer(answer.status, shown, dict(answer.getheaders()))

    def _connection(self) -> http.client.HTTPConnection:
        if self._line is None:
            self._line = http.client.HTTPConnection(
                "127.0.0.1", self._port, timeout=CALL_SECONDS
            )
        return self._line

    def close(self) -> None:
        if self._line is not None:
            self._line.close()
        self._line = None

"""A client of our REST: keeps its connection, and repeats what got no answer."""

import contextlib
import http.client
import json
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass
from typing import Any

CALL_SECONDS = 60
PATIENCE_SECONDS = 240
"""How long a call is repeated before its client gives up."""


class GaveUp(Exception):
    """No definite answer came; what the call did is not known."""


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any

    @property
    def is_good(self) -> bool:
        return 200 <= self.status < 300

    @property
    def code(self) -> str:
        return str(self.body.get("code", "")) if isinstance(self.body, dict) else ""


class Client:
    """Speaks with one key; each thread has a connection of its own."""

    trouble: Counter[str] = Counter()
    """Of all clients: what went wrong on the way, by kind."""

    def __init__(self, port: int, key: str) -> None:
        self._port, self._key = port, key
        self._own = threading.local()

    def get(self, path: str) -> Answer:
        return self._until_answered("GET", path, None, "", is_dropped=False)

    def post(
        self,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        is_dropped: bool = False,
    ) -> Answer:
        """Post until an answer comes, always under one key.

        Args:
            key: `Idempotency-Key`; None makes one, "" leaves it out.
            is_dropped: the first answer is thrown away unread, as if it were lost.
        """
        key = str(uuid.uuid4()) if key is None else key
        return self._until_answered("POST", path, body or {}, key, is_dropped)

    def patch(self, path: str, body: Any) -> Answer:
        return self._until_answered("PATCH", path, body, "", is_dropped=False)

    def _until_answered(
        self, method: str, path: str, body: Any, key: str, is_dropped: bool
    ) -> Answer:
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        wait = 0.05
        while time.monotonic() < give_up_at:
            try:
                answer = self._call(method, path, body, key, is_dropped)
            except (OSError, http.client.HTTPException) as error:
                self.trouble[type(error).__name__] += 1
                self._forget()
            else:
                if answer is not None and answer.status < 500:
                    return answer
                if answer is not None:
                    self.trouble[f"HTTP {answer.status}"] += 1
            if is_dropped:
                is_dropped = False
                continue
            time.sleep(wait)
            wait = min(wait * 2, 2)
        raise GaveUp(f"{method} {path} got no answer in {PATIENCE_SECONDS} s")

    def _call(
        self, method: str, path: str, body: Any, key: str, is_dropped: bool
    ) -> Answer | None:
        line = self._connection()
        headers = {"Authorization": f"Bearer {self._key}"}
        sent = None
        if body is not None:
            sent = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        if key:
            headers["Idempotency-Key"] = key
        line.request(method, f"/api/v1/{path}", body=sent, headers=headers)
        if is_dropped:
            self.trouble["dropped on purpose"] += 1
            self._forget()
            return None
        answer = line.getresponse()
        content = answer.read()
        if answer.will_close:
            self._forget()
        try:
            return Answer(answer.status, json.loads(content) if content else None)
        except ValueError:
            return Answer(answer.status, content[:200].decode(errors="replace"))

    def _connection(self) -> http.client.HTTPConnection:
        line: http.client.HTTPConnection | None = getattr(self._own, "line", None)
        if line is None:
            line = http.client.HTTPConnection(
                "127.0.0.1", self._port, timeout=CALL_SECONDS
            )
            self._own.line = line
        return line

    def _forget(self) -> None:
        line = getattr(self._own, "line", None)
        self._own.line = None
        if line is not None:
            with contextlib.suppress(OSError):
                line.close()

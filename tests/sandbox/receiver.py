"""Somebody who takes webhooks: notes each call, answers as told."""

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

SECRET = "kX3-demo-secret-for-tests-only-0001"


@dataclass
class Taken:
    """One call as it came in."""

    body: bytes
    signature: str
    content_type: str

    @property
    def document(self) -> Any:
        return json.loads(self.body)

    @property
    def actions(self) -> list[str]:
        return [told["Action"] for told in self.document["Notifications"]]

    @property
    def is_signed(self) -> bool:
        right = hmac.new(SECRET.encode(), self.body, hashlib.sha256).hexdigest()
        return self.signature == f"sha256={right.upper()}"


@dataclass
class Receiver:
    """Answers with `statuses` one after the other, then with 200."""

    url: str = ""
    taken: list[Taken] = field(default_factory=list)
    echoes: list[str] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    echo_answer: str | None = None

    def wait_for(self, count: int) -> list[Taken]:
        wait_until(lambda: len(self.taken) >= count)
        return self.taken


def wait_until(is_so: Callable[[], Any], seconds: float = 5) -> None:
    until = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > until:
            raise AssertionError("waited in vain")
        time.sleep(0.01)


def wait_a_few_turns() -> None:
    """Let the sender come round several times, to see that nothing is sent."""
    time.sleep(0.3)


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            query = parse_qs(urlsplit(self.path).query)
            token = query.get("echo", [""])[0]
            receiver.echoes.append(token)
            answer = token if receiver.echo_answer is None else receiver.echo_answer
            self._answer(200, answer.encode())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = receiver.statuses.pop(0) if receiver.statuses else 200
            signature = self.headers.get("ms-signature", "")
            kind = self.headers.get("Content-Type", "")
            receiver.taken.append(Taken(body, signature, kind))
            self._answer(status, b"")

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    receiver.url = f"http://127.0.0.1:{server.server_port}/hooks/nord/"
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()

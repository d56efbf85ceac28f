"""A web shop that takes webhooks, and does what it is told with each call."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks.webhooks import Webhook

Step = int | Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Taken:
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def message(self) -> Any:
        return json.loads(self.body)

    def verified_with(self, secret: str) -> Any:
        """The message, if somebody else's code finds its signature right."""
        return Webhook(secret).verify(self.body.decode(), self.headers)


@dataclass
class Receiver:
    """Answers with `steps` one after the other, then with `always`."""

    url: str = ""
    taken: list[Taken] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    always: Step = 204

    @property
    def ids(self) -> list[str]:
        return [each.id for each in self.taken]


class _Server(ThreadingHTTPServer):
    def handle_error(self, *args: object) -> None:
        """Print nothing: that we hang up is what some tests are about."""


@contextmanager
def receiving(always: Step = 204) -> Iterator[Receiver]:
    receiver = Receiver(always=always)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            names = {name.lower(): value for name, value in self.headers.items()}
            receiver.taken.append(Taken(names, body))
            step = receiver.steps.pop(0) if receiver.steps else receiver.always
            if callable(step):
                step(self)
            else:
                answer(self, step)

        def log_message(self, *args: object) -> None:
            """Print nothing."""

    server = _Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    receiver.url = f"http://127.0.0.1:{server.server_port}/hooks"
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()


def answer(
    handler: BaseHTTPRequestHandler, status: int, body: bytes = b"", **headers: str
) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    if status != 204:
        handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)

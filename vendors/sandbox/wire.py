"""HTTP/1.1 on sockets: reads requests; sends answers whole, in part, late or never.

Nothing here knows a vendor. Rubbish gets a plain 4xx and never a traceback.
"""

import logging
import socket
import sys
import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from vendors.sandbox.messages import Answer, Delivery, Request

logger = logging.getLogger(__name__)

HOST = "127.0.0.1"
LONGEST_BODY = 4 * 2**20
IDLE_SECONDS = 75
# An over-long body is read and dropped for as long as this, so that the sender gets to
# see the answer rather than a broken pipe.
DRAIN_SECONDS = 2.0


class Gate:
    """Where held answers wait until somebody lets them go."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._releases = 0
        self.waiting = 0

    def wait(self, seconds: float) -> None:
        with self._changed:
            before = self._releases
            self.waiting += 1
            self._changed.wait_for(lambda: self._releases > before, seconds)
            self.waiting -= 1

    def release(self) -> int:
        """Let all held answers go; return how many there were."""
        with self._changed:
            self._releases += 1
            self._changed.notify_all()
            return self.waiting


class Server(ThreadingHTTPServer):
    """One thread for each connection, all of them gone when the server closes."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, port: int, respond: Callable[[Request], Delivery]) -> None:
        self.respond = respond
        self.gate = Gate()
        self.stopping = threading.Event()
        self._connections: set[socket.socket] = set()
        super().__init__((HOST, port), Handler)

    def server_bind(self) -> None:
        # HTTPServer would look up the machine's name here, which can take seconds.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = HOST, self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that went away."""
        if not isinstance(sys.exception(), OSError):
            logger.exception("a connection of the vendor sandbox broke down")

    def close_connections(self) -> None:
        """Let nobody wait any longer, neither held answers nor idle clients."""
        self.stopping.set()
        for connection in tuple(self._connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # closed by the other side meanwhile
        # Only now, or a held answer would still go out.
        self.gate.release()


class BadRequest(Exception):
    """A request that can't be read; the connection ends with this status."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = IDLE_SECONDS

    def log_message(self, *args: object) -> None:
        """Print nothing: the calls are in the log of the sandbox."""

    def answer_request(self) -> None:
        try:
            request = self._read_request()
        except BadRequest as bad:
            self.close_connection = True
            self._write(_head(Answer(bad.status), 0, is_last=True))
            self._drain()
            return
        try:
            delivery = self.server.respond(request)
        except Exception:
            logger.exception("the vendor sandbox failed at %s", request.path)
            delivery = Delivery(Answer(500))
        self._send(delivery)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer_request

    def _read_request(self) -> Request:
        try:
            address = urlsplit(self.path)
            query = parse_qs(address.query, keep_blank_values=True, max_num_fields=1000)
        except ValueError:
            raise BadRequest(HTTPStatus.BAD_REQUEST) from None
        return Request(
            method=self.command,
            path=address.path,
            query=query,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self._read_body(),
        )

    def _read_body(self) -> bytes:
        length = self.headers.get("Content-Length")
        if length is None:
            has_body = self.command in ("POST", "PUT", "PATCH")
            if has_body or "Transfer-Encoding" in self.headers:
                raise BadRequest(HTTPStatus.LENGTH_REQUIRED)
            return b""
        if not (length.isascii() and length.isdigit()):
            raise BadRequest(HTTPStatus.BAD_REQUEST)
        if len(length) > 18 or int(length) > LONGEST_BODY:
            raise BadRequest(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            raise BadRequest(HTTPStatus.BAD_REQUEST)
        return body

    def _drain(self) -> None:
        until = time.monotonic() + DRAIN_SECONDS
        self.connection.shutdown(socket.SHUT_WR)
        self.connection.settimeout(DRAIN_SECONDS)
        while time.monotonic() < until and self.connection.recv(2**16):
            pass

    def _send(self, delivery: Delivery) -> None:
        if delivery.wait_seconds:
            self.server.stopping.wait(delivery.wait_seconds)
        if delivery.hold_seconds:
            self.server.gate.wait(delivery.hold_seconds)
        answer = delivery.answer
        if answer is None or delivery.missing_bytes:
            self.close_connection = True
        if answer is None:
            return
        length = len(answer.body) + delivery.missing_bytes
        head = _head(answer, length, is_last=self.close_connection)
        if delivery.drip_seconds and answer.body:
            self._write(head)
            self._drip(answer.body, delivery.drip_seconds / len(answer.body))
        else:
            self._write(head + answer.body)

    def _drip(self, body: bytes, gap_seconds: float) -> None:
        for position in range(len(body)):
            if self.server.stopping.wait(gap_seconds):
                return
            self._write(body[position : position + 1])

    def _write(self, data: bytes) -> None:
        self.connection.sendall(data)


def _head(answer: Answer, length: int, is_last: bool) -> bytes:
    phrase = HTTPStatus(answer.status).phrase
    lines = [f"HTTP/1.1 {answer.status} {phrase}", f"Content-Length: {length}"]
    if answer.content_type:
        lines.append(f"Content-Type: {answer.content_type}")
    lines += [f"{name}: {value}" for name, value in answer.headers]
    if is_last:
        lines.append("Connection: close")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")

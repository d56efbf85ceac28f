"""A server that answers with bytes as they are, whole or cut, from a script."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator

Step = bytes | Callable[[socket.socket], None]


class ScriptedServer:
    """Answers the requests of all connections with one step each, in order."""

    def __init__(self, steps: list[Step]) -> None:
        self._steps = iter(steps)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.requests: list[bytes] = []
        self.connections = 0
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                threading.Thread(
                    target=self._talk, args=(connection,), daemon=True
                ).start()

    def _talk(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            while request := read_request(connection):
                self.requests.append(request)
                step = next(self._steps)
                if callable(step):
                    step(connection)
                    return
                connection.sendall(step)
                if b"connection: close" in step.lower():
                    return

    def close(self) -> None:
        self._listener.close()


def read_request(connection: socket.socket) -> bytes:
    """Read one request with its body; empty when the other side has gone."""
    data = b""
    while b"\r\n\r\n" not in data:
        if not (more := connection.recv(65536)):
            return b""
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


@contextlib.contextmanager
def serving(*steps: Step) -> Iterator[ScriptedServer]:
    server = ScriptedServer(list(steps))
    try:
        yield server
    finally:
        server.close()


def reply(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(head).encode() + body


def hang_up(connection: socket.socket) -> None:
    """Close as a crashed server does: the peer sees a reset, not an end."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    connection.close()


def stay_silent(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.settimeout(3)
        connection.recv(1)


def drip(data: bytes) -> Callable[[socket.socket], None]:
    """Send a byte every 50 ms, faster than any read limit."""

    def step(connection: socket.socket) -> None:
        for at in range(len(data)):
            connection.sendall(data[at : at + 1])
            time.sleep(0.05)

    return step


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])

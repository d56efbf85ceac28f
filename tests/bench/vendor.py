"""A vendor that takes 50 ms for everything, and next to no time of the machine's.

It speaks as EET does: `POST /login` brings a token, `POST /order` a number. There is
no check of what is sent; `vendors.sandbox` has the stand-ins that judge.
Prints its port on a line of its own, then serves until it is ended.
"""

import asyncio
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from tests.bench.servers import ROOT, end

SECONDS = 0.05
_numbers = itertools.count(4_500_000)


class Conversation(asyncio.Protocol):
    """One connection; requests come one after another, each with its length."""

    transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]
        self._read = b""

    def data_received(self, data: bytes) -> None:
        self._read += data
        head, end_of_head, rest = self._read.partition(b"\r\n\r\n")
        if not end_of_head:
            return
        length = _length(head)
        if len(rest) < length:
            return
        self._read = rest[length:]
        body = _login() if b" /login" in head.split(b"\r\n", 1)[0] else _order()
        loop = asyncio.get_running_loop()
        loop.call_later(SECONDS, self._answer, body)

    def _answer(self, body: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
            )


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


def _login() -> bytes:
    expires = datetime.now(UTC) + timedelta(hours=24)
    return json.dumps(
        {"Token": "t" * 120, "Expiration": f"{expires:%Y-%m-%dT%H:%M:%SZ}"}
    ).encode()


def _order() -> bytes:
    return json.dumps({"OrderNumber": str(next(_numbers))}).encode()


async def serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Conversation, "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def slow_vendor() -> Iterator[str]:
    """Run it in a process of its own; yields its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.vendor"],
        cwd=ROOT,
        env=dict(os.environ),
        stdout=subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        end(process)


if __name__ == "__main__":
    asyncio.run(serve())

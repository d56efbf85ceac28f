"""One HTTP request: sent once, bounded in time and size, and never twice.

It answers what nobody can tell from an exception's type: whether bytes of the
request may have left the machine. A broken TLS handshake and a connection that
broke while reading raise the same `SSLError`; only the first proves that the
vendor got nothing.
"""

import io
import socket
import time
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import IntEnum
from functools import partial
from http.client import HTTPResponse
from typing import Any, cast

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from vendors import decimals
from vendors.destinations import (
    PUBLIC,
    DestinationRefused,
    Destinations,
    connect,
)
from vendors.errors import Kind
from vendors.unpacking import BadPackingError, unpacked

MAX_BODY = 20 * 1024 * 1024
"""Bytes of an answer, unpacked, beyond which it is not read on."""

_CHUNK = 64 * 1024
_IDLE_SECONDS = 4.0
"""A server may close an idle connection in the very moment we write on it, and an
order's outcome would be unknown for nothing; so an idle one is not used again."""


@dataclass(frozen=True)
class TimeLimits:
    """Seconds: for connecting, for a silence while reading, for all of it."""

    connect: float = 10
    read: float = 60
    total: float = 180


@dataclass(frozen=True)
class Answer:
    """What came back, whatever its status."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    @property
    def is_surely_empty(self) -> bool:
        """Whether it has no body, and was not just cut before its first byte."""
        is_framed = bool(
            self.status == requests.codes.no_content
            or self.header("content-length")
            or self.header("transfer-encoding")
        )
        return is_framed and not self.body.strip()

    def header(self, name: str) -> str:
        """One header, asked for in lower case; empty if it is not there."""
        found = (text for key, text in self.headers.items() if key.lower() == name)
        return next(found, "")

    def text(self) -> str:
        """The body as text; what is no UTF-8 is read as Latin-1."""
        try:
            return self.body.decode("utf-8-sig")
        except UnicodeDecodeError:
            return self.body.decode("latin-1")

    def json(self) -> Any:
        """Parse the body, whatever type it claims to be.

        Raises:
            ValueError: it is not JSON.
        """
        return decimals.loads(self.text())


@dataclass(frozen=True)
class Failure:
    """No whole answer came. `partial` holds what was read of it."""

    kind: Kind
    cause: str
    is_unsent: bool = False
    """Proven: no byte of the request left the machine."""
    partial: Answer | None = None


class _Stage(IntEnum):
    UNTOUCHED = 0
    CONNECTING = 1
    SENDING = 2


@dataclass
class _Flight:
    """The one request under way in this thread."""

    limits: TimeLimits
    deadline: float
    destinations: Destinations = PUBLIC
    stage: _Stage = _Stage.UNTOUCHED


_flight: ContextVar[_Flight | None] = ContextVar("flight", default=None)


class Transport:
    """Kept-alive connections to one vendor; may be used by several threads.

    There is no `requests.Session` behind it: a session follows redirects, keeps
    cookies and reads proxies and passwords from the environment.
    """

    def __init__(self) -> None:
        self._adapter = _Adapter(pool_maxsize=32)

    def close(self) -> None:
        self._adapter.close()

    def send(
        self,
        request: requests.PreparedRequest,
        limits: TimeLimits,
        *,
        destinations: Destinations = PUBLIC,
        most: int | None = None,
    ) -> Answer | Failure:
        """Send a request once and read its whole answer.

        Args:
            destinations: the machines it may go to, whatever the host's name says.
            most: bytes of an answer, unpacked, beyond which it is not read on; by
                default `MAX_BODY`.
        """
        most = MAX_BODY if most is None else most
        flight = _Flight(limits, time.monotonic() + limits.total, destinations)
        token = _flight.set(flight)
        status, headers = 0, dict[str, str]()
        body = bytearray()
        try:
            response = self._adapter.send(
                request, stream=True, timeout=(limits.connect, limits.read)
            )
            status, headers = response.status_code, dict(response.headers)
            with response:
                packed = response.raw.stream(_CHUNK, decode_content=False)
                for chunk in unpacked(packed):
                    body += chunk
                    if len(body) > most:
                        raise _TooLargeError
        except (OSError, ValueError, urllib3.exceptions.HTTPError) as error:
            partial_answer = Answer(status, headers, bytes(body)) if status else None
            return _failure(error, flight, partial_answer)
        finally:
            _flight.reset(token)
        return Answer(status, headers, bytes(body))


class _TooLargeError(ValueError):
    pass


def _failure(error: Exception, flight: _Flight, partial: Answer | None) -> Failure:
    """Say what a failed request means; `error` itself may quote an address."""
    cause = type(error).__name__
    if isinstance(error, DestinationRefused):
        return Failure(Kind.CONFIGURATION, str(error), is_unsent=True)
    if partial is None and _is_unsent(error, flight):
        return Failure(Kind.CONNECTION, cause, is_unsent=True)
    if isinstance(error, _TooLargeError):
        return Failure(Kind.UNREADABLE, "answer too large", partial=partial)
    late = (requests.Timeout, TimeoutError, urllib3.exceptions.TimeoutError)
    if any(isinstance(inner, late) for inner in _causes(error)):
        return Failure(Kind.TIMEOUT, cause, partial=partial)
    if isinstance(error, BadPackingError):
        return Failure(Kind.UNREADABLE, cause, partial=partial)
    return Failure(Kind.CUT, cause, partial=partial)


def _is_unsent(error: Exception, flight: _Flight) -> bool:
    if flight.stage is not _Stage.UNTOUCHED:
        return flight.stage is _Stage.CONNECTING
    # No connection of ours was in it, as with a stand-in for the network.
    proof = (requests.ConnectTimeout, requests.exceptions.SSLError, NewConnectionError)
    return any(isinstance(cause, proof) for cause in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and those inside it; requests hides them two deep."""
    yield error
    inside = (*error.args, getattr(error, "reason", None), error.__cause__)
    for cause in inside:
        if isinstance(cause, BaseException) and cause is not error:
            yield from _causes(cause)


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {
            "http": _HTTPPool,
            "https": _HTTPSPool,
        }


class _Watched:
    """What both kinds of connection do for the request under way."""

    host: str
    port: int
    timeout: Any
    socket_options: Any
    sock: socket.socket | None
    _used_at = 0.0

    def _new_conn(self) -> socket.socket:
        """Connect to the address that was checked, for the name that was given."""
        flight = _flight.get()
        if flight is None:
            raise RuntimeError("A connection is opened by `Transport.send` alone.")
        try:
            return connect(
                flight.destinations,
                # Of `[::1]` the brackets belong to the address as it is written.
                self.host.strip("[]"),
                self.port,
                seconds=flight.limits.connect,
                deadline=flight.deadline,
                options=self.socket_options or (),
            )
        except TimeoutError as error:
            raise ConnectTimeoutError(self, "no connection in time") from error
        except OSError as error:
            text = f"no connection: {type(error).__name__}"
            raise NewConnectionError(cast(HTTPConnection, self), text) from error

    def connect(self) -> None:
        if flight := _flight.get():
            flight.stage = _Stage.CONNECTING
        super().connect()  # type: ignore[misc]

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        if flight := _flight.get():
            flight.stage = _Stage.SENDING
            timed = partial(_TimedResponse, flight=flight)
            setattr(self, "response_class", timed)  # noqa: B010 - typed as a class
        self._used_at = time.monotonic()
        super().send(data)  # type: ignore[misc]

    @property
    def is_connected(self) -> bool:
        if time.monotonic() - self._used_at > _IDLE_SECONDS:
            return False
        return bool(super().is_connected)  # type: ignore[misc]


class _HTTPConnection(_Watched, HTTPConnection):
    pass


class _HTTPSConnection(_Watched, HTTPSConnection):
    pass


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _HTTPConnection


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _HTTPSConnection


class _TimedResponse(HTTPResponse):
    """An answer, headers too, that has to be there before the deadline.

    A socket's own time-out begins again with every byte, so a server that drips
    could hold a worker for hours.
    """

    def __init__(self, sock: socket.socket, *args: Any, flight: _Flight, **kwargs: Any):
        super().__init__(sock, *args, **kwargs)
        reader = _TimedReader(self.fp.detach(), sock, flight)
        self.fp = io.BufferedReader(reader)


class _TimedReader(io.RawIOBase):
    def __init__(self, raw: io.RawIOBase, sock: socket.socket, flight: _Flight) -> None:
        self._raw = raw
        self._sock = sock
        self._flight = flight

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._flight.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("deadline")
        self._sock.settimeout(min(left, self._flight.limits.read))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()

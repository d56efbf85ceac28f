"""Waiting for an event while a reader holds on: a long poll.

Each waiting call takes a thread of the web server, so that only a few may wait in one
process; the others are answered at once. Nothing of the database is held meanwhile: a
look is one query, and between two looks no transaction is open.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.conf import settings

LONGEST_SECONDS = 25
"""Proxies give up on a silent connection after a minute, or half of one."""
LOOK_SECONDS = 0.5
COME_BACK_SECONDS = 2
"""When a reader who found no place should ask again."""

_places = threading.Lock()
_taken = 0
_server_ends: list[Callable[[], bool]] = []


def end_when(is_ending: Callable[[], bool]) -> None:
    """Let the web server say when this process is being stopped."""
    _server_ends.append(is_ending)


@contextmanager
def place() -> Iterator[bool]:
    """A place to wait at, as long as it is held; false if all of them are taken."""
    global _taken
    with _places:
        has_one = _taken < settings.EVENT_WAITERS
        _taken += has_one
    try:
        yield has_one
    finally:
        with _places:
            _taken -= has_one


def looks(seconds: float, environ: Mapping[str, Any]) -> Iterator[None]:
    """Pause before each look, until the time is over or nobody waits any more.

    Args:
        environ: the request's, by WSGI.
    """
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        time.sleep(min(LOOK_SECONDS, left))
        if any(ends() for ends in _server_ends) or has_gone(environ):
            return
        yield


def has_gone(environ: Mapping[str, Any]) -> bool:
    """Whether the caller has closed the connection, where the server lets us see it."""
    connection = environ.get("gunicorn.socket")
    if type(connection) is not socket.socket:
        return False
    try:
        return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True

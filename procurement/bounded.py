"""Looking at what may hang, with an answer in time.

A database that stands still (frozen, or behind a network that swallows everything)
answers nothing and refuses nothing. Whoever asks whether it is there must not wait for
it, so a thread does. At most one thread waits: as long as it does, nothing is asked
again.
"""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from django.db import connection

Found = TypeVar("Found")


class Hangs(Exception):
    """There was no answer in time."""


class Bounded(Generic[Found]):
    """One look that is bounded in time.

    Args:
        seconds: after so long whoever asked is told that it hangs.
    """

    def __init__(self, look: Callable[[], Found], *, seconds: float) -> None:
        self._look = look
        self._seconds = seconds
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def __call__(self) -> Found:
        """Look.

        Raises:
            Hangs: nothing came in time; the thread is left to wait.
        """
        if connection.in_atomic_block:
            # Only a test stands inside a transaction here, and no other thread would
            # see what it has written.
            return self._look()
        found: list[Found] = []
        failed: list[BaseException] = []

        def look() -> None:
            try:
                found.append(self._look())
            except BaseException as error:
                failed.append(error)
            finally:
                connection.close()

        # Several may ask at once (two proxies and Prometheus); they take turns.
        if not self._lock.acquire(timeout=self._seconds):
            raise Hangs
        try:
            if self._thread is not None and self._thread.is_alive():
                raise Hangs
            self._thread = threading.Thread(target=look, name="look", daemon=True)
            self._thread.start()
            self._thread.join(self._seconds)
        finally:
            self._lock.release()
        if failed:
            raise failed[0]
        if not found:
            raise Hangs
        return found[0]

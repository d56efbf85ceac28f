"""Waiting for our own call budget in the middle of a long piece of work."""

import time
from collections.abc import Callable
from typing import TypeVar

from vendors.errors import HeldBack

T = TypeVar("T")

LONGEST_WAIT = 10
"""Seconds for one call: a supplier that is closed for longer is left to the next poll,
for the thread that waits is wanted by others."""

SECONDS = 300
"""In one poll at most; what is left then waits for the next."""


class Patience:
    """Makes calls again that the call budget held back, until patience runs out.

    A list of many pages would else never be read to its end on a small budget.
    """

    def __init__(self, seconds: int = SECONDS) -> None:
        self._left = seconds

    def call(self, function: Callable[[], T]) -> T:
        """Call a function that may be called again.

        Raises:
            HeldBack: it was held back for longer than we wait.
        """
        while True:
            try:
                return function()
            except HeldBack as held:
                wait = held.retry_after or 1
                if wait > min(self._left, LONGEST_WAIT):
                    raise
                self._left -= wait
                time.sleep(wait)

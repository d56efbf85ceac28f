"""A worker's turn at a price file: how long it may take, and whether it still has it.

A turn is shorter than a task may run. What is left over is done in the next one, by
whichever worker has it then.
"""

import time
from dataclasses import dataclass, field

from procurement.coordination.operations import HeldLease

SECONDS = 240


@dataclass
class Turn:
    held: HeldLease
    seconds: int = field(default_factory=lambda: SECONDS)
    began_at: int = field(default_factory=time.monotonic_ns)

    class Interrupted(Exception):
        """The turn is over; another one goes on where this one stopped."""

    def go_on(self) -> None:
        """Hold on for another batch.

        Raises:
            Interrupted: somebody else has it now, or the turn has been long enough.
        """
        if not self.held.renew():
            raise Turn.Interrupted
        if time.monotonic_ns() - self.began_at > self.seconds * 1_000_000_000:
            raise Turn.Interrupted

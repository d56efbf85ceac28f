"""A supplier's turn at being polled: one poller at a time, on all machines.

The turn is a lease, renewed for as long as the work goes on and no longer. Whoever
dies is taken over when it has run out; whoever has lost it writes nothing more.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from procurement.coordination.jobs import renewing
from procurement.coordination.operations import HeldLease, lease
from procurement.suppliers.models import Supplier

LEASE_SECONDS = 120


class TakenOver(Exception):
    """Another process has this supplier's turn by now."""


class Turn:
    """The right to follow one supplier's orders."""

    def __init__(self, held: HeldLease) -> None:
        self._held = held

    def keep(self) -> None:
        """Hold it for another while.

        Raises:
            TakenOver: somebody else has it.
        """
        if not self._held.renew():
            raise TakenOver

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A transaction that stands only if the turn is still ours at its end.

        Raises:
            TakenOver: it is not; nothing was written.
        """
        with transaction.atomic():
            # The row of the lease stays locked until the commit.
            self.keep()
            yield


@contextmanager
def turn_at(supplier: Supplier) -> Iterator[Turn | None]:
    """Have a supplier's turn for the block; None if somebody else has it."""
    with lease(f"poll:{supplier.slug}", seconds=LEASE_SECONDS) as held:
        if held is None:
            yield None
            return
        # One call of a slow supplier may outlast the lease.
        with renewing(held):
            yield Turn(held)

"""Long work in turns: how long one may take, whose it is, and who goes on with it.

A turn is shorter than a task may run. What is left over is done in the next one, by
whichever worker has it then. The row that stands for the work has a column
`hinted_at`, the moment at which a worker was last told of it.
"""

import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from procurement.coordination.operations import HeldLease
from procurement.queue import hint

SECONDS = 240
HINT_AGAIN_AFTER = timedelta(seconds=90)


@dataclass
class Turn:
    held: HeldLease
    seconds: float = field(default_factory=lambda: SECONDS)
    renew_seconds: float = 0
    """The lease is renewed no more often; for work in many small steps."""
    began_at: int = field(default_factory=time.monotonic_ns)
    renewed_at: int = field(default_factory=time.monotonic_ns)

    class Interrupted(Exception):
        """The turn is over; another one goes on where this one stopped."""

    def go_on(self) -> None:
        """Hold on for another batch.

        Raises:
            Interrupted: somebody else has it now, or the turn has been long enough.
        """
        now = time.monotonic_ns()
        if now - self.renewed_at >= self.renew_seconds * 1_000_000_000:
            if not self.held.renew():
                raise Turn.Interrupted
            self.renewed_at = now
        if now - self.began_at > self.seconds * 1_000_000_000:
            raise Turn.Interrupted


def hint_again(task: str, rows: QuerySet[Any], pk: int) -> None:
    """Have a worker take the next turn at one of the rows."""
    with transaction.atomic():
        rows.filter(pk=pk).update(hinted_at=timezone.now())
        hint(task, pk)


def hint_overdue(task: str, rows: QuerySet[Any]) -> int:
    """Hint the rows nobody seems to work at: the hint was lost, or the worker killed.

    Args:
        rows: what is still to be worked at.
    """
    now = timezone.now()
    unhinted = Q(hinted_at=None) | Q(hinted_at__lte=now - HINT_AGAIN_AFTER)
    hinted = 0
    for pk in list(rows.filter(unhinted).order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            if rows.filter(unhinted, pk=pk).update(hinted_at=now):
                hint(task, pk)
                hinted += 1
    return hinted

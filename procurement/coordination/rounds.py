"""The rounds: once a second, look for work that is due and that no hint speaks of.

Of all workers one at a time makes them. Who it is says a lease of a few seconds,
which another takes over as soon as its holder is gone.
"""

import logging
import time
from collections.abc import Callable, Iterable

from django.db import DatabaseError, InterfaceError
from django_q.scheduler import scheduler

from procurement.coordination.operations import keep_lease, release_lease

logger = logging.getLogger(__name__)

LEASE = "rounds"
LEASE_SECONDS = 5
SCHEDULES_SECONDS = 5.0
"""How often it is looked which recurring jobs are due."""
COMPLAIN_SECONDS = 60.0
"""The same trouble is written to the log no more often."""


class Rounds:
    """What has to be looked at again and again.

    Args:
        holder: who we are among all workers.
        finders: each finds one kind of work and hints at it. What one of them raises
            is logged and keeps no other from its turn.
    """

    def __init__(
        self, finders: Iterable[Callable[[], object]] = (), *, holder: str
    ) -> None:
        self._finders = list(finders)
        self._holder = holder
        self._scheduled_at = float("-inf")
        self._complained_at: dict[str, float] = {}

    def go(self) -> None:
        """Make one round, if it is ours to make.

        Raises:
            DatabaseError, InterfaceError: the database can't say whose turn it is.
        """
        if not keep_lease(name=LEASE, seconds=LEASE_SECONDS, holder=self._holder):
            return
        self._fire_schedules()
        for finder in self._finders:
            self._run(finder)

    def hand_over(self) -> None:
        """Let another worker make the next round."""
        release_lease(name=LEASE, holder=self._holder)

    def _fire_schedules(self) -> None:
        if time.monotonic() - self._scheduled_at >= SCHEDULES_SECONDS:
            self._scheduled_at = time.monotonic()
            self._run(scheduler)

    def _run(self, finder: Callable[[], object]) -> None:
        name = f"{finder.__module__}.{finder.__qualname__}"
        try:
            finder()
        except (DatabaseError, InterfaceError) as error:
            self._complain(name, "%s failed: %s", name, error)
        except Exception:
            self._complain(name, "%s failed", name, with_trace=True)

    def _complain(
        self, about: str, text: str, *values: object, with_trace: bool = False
    ) -> None:
        now = time.monotonic()
        if now - self._complained_at.get(about, float("-inf")) >= COMPLAIN_SECONDS:
            self._complained_at[about] = now
            logger.error(text, *values, exc_info=with_trace)

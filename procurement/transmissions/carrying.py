"""Carrying many calls at once in one process.

A call spends its time waiting for the supplier, so it waits on a thread while this
thread claims and records for all of them, several in one commit. What hangs at one
supplier holds threads up to that supplier's limit, and nobody else's.

Nothing is done twice: claim, commit, call, record. A claim is a conditional update that
one caller wins, committed with its attempt before the vendor is called; the outcome is
recorded in a second transaction. What is not known to have failed is never tried again
by itself.

A carrier runs as a task of the queue until nothing is due. Told to stop, it begins
nothing more and finishes what is under way.
"""

import logging
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.db import (
    DatabaseError,
    InterfaceError,
    close_old_connections,
    connection,
)

from procurement.coordination.stopping import is_stopping
from procurement.coordination.tasks import sign_of_life
from procurement.logs.ids import about, here
from procurement.memory import settle_memory
from procurement.suppliers import gateway
from procurement.transmissions import errands
from procurement.transmissions.calling import Called, call
from procurement.transmissions.claiming import claim_next, renew
from procurement.transmissions.errands import Errand
from procurement.transmissions.lines import ids_of
from procurement.transmissions.models import Attempt
from procurement.transmissions.recording import record

logger = logging.getLogger(__name__)

ERRAND_THREADS = 8
"""Of errands at most so many at once: each holds a database connection."""
MOST_AT_A_TIME = 64
"""Outcomes recorded in one commit, and transmissions claimed in one."""
PATIENCE = 0.1
"""Seconds for which a few free places wait for more to get free."""
LOOK_AGAIN_SECONDS = 0.2
LOOK_FOR_ERRANDS_SECONDS = 1.0
LINGER_SECONDS = 2.0
"""With nothing due, a carrier looks on for this long: work rarely comes alone."""


class Carrier:
    """Claims, calls and records until nothing is due.

    Args:
        threads: sends under way at once.
        seconds: after so long nothing new is begun, so that the task has an end.
        should_stop: asked before anything is begun.
    """

    def __init__(
        self,
        *,
        threads: int,
        seconds: float,
        should_stop: Callable[[], bool] = is_stopping,
    ) -> None:
        self._threads = threads
        self._ends_at = time.monotonic() + seconds
        self._should_stop = should_stop
        self._finished: queue.SimpleQueue[Called | Errand | Attempt] = (
            queue.SimpleQueue()
        )
        self._sends: dict[int, Attempt] = {}
        self._errands: set[Errand] = set()
        self._renewed_at = time.monotonic()
        self._claimed_at = float("-inf")
        self._looked_for_errands_at = float("-inf")
        self._idle_since: float | None = None
        self.carried = 0

    def run(self) -> int:
        """Carry what is due; return how many sends and errands that was."""
        with (
            gateway.kept_alive(),
            ThreadPoolExecutor(self._threads, "send") as sends,
            ThreadPoolExecutor(ERRAND_THREADS, "errand") as others,
        ):
            while self._goes_on():
                sign_of_life()
                if begun := self._begin(sends, others):
                    self._idle_since = None
                self._record(self._take_finished(waits=not begun))
        return self.carried

    def _begin(self, sends: ThreadPoolExecutor, others: ThreadPoolExecutor) -> int:
        """Hold what is under way and begin more; whatever fails, what is under way
        must still be recorded."""
        try:
            self._renew_claims()
            if self._is_ending():
                return 0
            return self._begin_sends(sends) + self._begin_errands(others)
        except (DatabaseError, InterfaceError) as error:
            logger.warning("Nothing can be begun: %s", type(error).__name__)
            connection.close()
        except Exception:
            logger.exception("Carrying ends early")
            self._ends_at = float("-inf")
        return 0

    def _is_ending(self) -> bool:
        return time.monotonic() > self._ends_at or self._should_stop()

    def _goes_on(self) -> bool:
        if self._sends or self._errands:
            return True
        if self._is_ending():
            return False
        now = time.monotonic()
        self._idle_since = self._idle_since or now
        return now - self._idle_since < LINGER_SECONDS

    # --- beginning ----------------------------------------------------------------

    def _begin_sends(self, pool: ThreadPoolExecutor) -> int:
        free = min(self._threads - len(self._sends), MOST_AT_A_TIME)
        now = time.monotonic()
        # A claim costs much the same for one as for many, so more are waited for.
        is_early = free < self._threads / 2 and now - self._claimed_at < PATIENCE
        if not free or is_early:
            return 0
        self._claimed_at = now
        attempts = claim_next(
            free,
            here=Counter(
                each.transmission.supplier_id for each in self._sends.values()
            ),
            elsewhere=Counter(errand.supplier_id for errand in self._errands),
        )
        for attempt in attempts:
            self._sends[attempt.pk] = attempt
            pool.submit(here(self._call), attempt)
        return len(attempts)

    def _call(self, attempt: Attempt) -> None:
        with about(**ids_of(attempt)):
            self._call_it(attempt)

    def _call_it(self, attempt: Attempt) -> None:
        try:
            self._finished.put(call(attempt))
        except BaseException:
            # Let go of, its claim runs out and it becomes unknown; held, it would be
            # renewed and stay under way for ever.
            logger.exception("Attempt %s broke off", attempt.pk)
            self._finished.put(attempt)
        finally:
            # Threads touch the database now and then only; 32 of them would hold
            # as many connections of the server's.
            connection.close()

    def _begin_errands(self, pool: ThreadPoolExecutor) -> int:
        free = ERRAND_THREADS - len(self._errands)
        now = time.monotonic()
        if not free or now - self._looked_for_errands_at < LOOK_FOR_ERRANDS_SECONDS:
            return 0
        self._looked_for_errands_at = now
        begun = errands.claim(free)
        for errand in begun:
            self._errands.add(errand)
            pool.submit(here(self._run), errand)
        return len(begun)

    def _run(self, errand: Errand) -> None:
        with about(errand=errand.what):
            self._run_it(errand)

    def _run_it(self, errand: Errand) -> None:
        try:
            close_old_connections()
            errand.run()
        except Exception:
            logger.exception("%s broke off", errand.what)
        finally:
            connection.close()
            self._finished.put(errand)

    # --- ending -------------------------------------------------------------------

    def _take_finished(self, *, waits: bool) -> list[Called]:
        """What has come back by now; waits a moment where there is nothing else."""
        called: list[Called] = []
        timeout = LOOK_AGAIN_SECONDS if waits else 0
        while len(called) < MOST_AT_A_TIME:
            try:
                one = self._finished.get(timeout=timeout) if timeout else None
                one = one or self._finished.get_nowait()
            except queue.Empty:
                break
            timeout = 0
            if isinstance(one, Called):
                called.append(one)
            elif isinstance(one, Attempt):
                self._sends.pop(one.pk, None)
            else:
                self._errands.discard(one)
            self.carried += 1
        return called

    def _record(self, called: list[Called]) -> None:
        if not called:
            return
        try:
            record(called)
        except Exception:
            logger.exception("Attempt %s is not recorded", called[0].attempt.pk)
        for each in called:
            self._sends.pop(each.attempt.pk, None)

    def _renew_claims(self) -> None:
        now = time.monotonic()
        if now - self._renewed_at > settings.SEND_LEASE_SECONDS / 3 and self._sends:
            self._renewed_at = now
            renew(self._sends.values())


_at_work = threading.Lock()


def carry() -> int:
    """Carry what is due in this process, unless it does so already."""
    if not _at_work.acquire(blocking=False):
        return 0
    try:
        settle_memory()
        carrier = Carrier(
            threads=settings.CARRIER_THREADS, seconds=settings.CARRY_SECONDS
        )
        return carrier.run()
    finally:
        _at_work.release()

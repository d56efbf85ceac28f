"""Running a recurring job: never twice for one firing, never beside itself.

The scheduler may fire a job on several machines, or again for a run that goes on.
The row of the job decides which firing counts; a lease, renewed as long as the
process lives, keeps a second run out while the first one lasts.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import DatabaseError, InterfaceError, connection
from django.db.models import F, Q
from django.utils import timezone

from procurement.coordination.models import JobRun
from procurement.coordination.operations import HeldLease, job_lease, lease

logger = logging.getLogger(__name__)

LEASE_SECONDS = 120
RENEW_SECONDS = 30.0
MOST_OF_AN_ERROR = 1000


def run_job(name: str, work: Callable[[], object], *, every: timedelta) -> bool:
    """Run a job now, unless it runs or has just run; say whether it did.

    Firings are some seconds early or late, so one counts as a second firing of the
    same turn if it comes before half the interval is over.

    Raises:
        Exception: what the work raised, after it was noted.
    """
    with lease(job_lease(name), seconds=LEASE_SECONDS) as held:
        if held is None or not _begin(name, held.holder, every):
            return False
        error = ""
        try:
            with renewing(held):
                work()
        except BaseException as raised:
            error = f"{type(raised).__name__}: {raised}"[:MOST_OF_AN_ERROR]
            raise
        finally:
            _end(name, held.holder, error)
    return True


def expect(names: Iterable[str]) -> None:
    """From now on these are jobs that have to run."""
    for name in names:
        JobRun.objects.get_or_create(name=name)


def _begin(name: str, holder: str, every: timedelta) -> bool:
    now = timezone.now()
    expect([name])
    # A run that began and never ended died, since the lease is ours: no reason to
    # wait for the next turn.
    in_turn = (
        Q(last_began_at=None)
        | Q(last_began_at__lte=now - every / 2)
        | Q(last_ended_at=None)
        | Q(last_ended_at__lt=F("last_began_at"))
    )
    ours = JobRun.objects.filter(in_turn, name=name)
    return bool(ours.update(last_began_at=now, holder=holder))


def _end(name: str, holder: str, error: str) -> None:
    """Note the end. A run whose end isn't noted counts as one that died."""
    try:
        JobRun.objects.filter(name=name, holder=holder).update(
            last_ended_at=timezone.now(), last_error=error
        )
    except (DatabaseError, InterfaceError) as away:
        logger.warning("The end of %r not noted: %s", name, type(away).__name__)


@contextmanager
def renewing(held: HeldLease) -> Iterator[None]:
    """Renew a lease for the block, however long it takes, as long as we live."""
    done = threading.Event()
    thread = threading.Thread(
        target=_renew_until, args=(held, done), name="renewing", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _renew_until(held: HeldLease, done: threading.Event) -> None:
    while not done.wait(RENEW_SECONDS):
        try:
            if not held.renew():
                logger.warning("The lease %r went to somebody else", held.name)
                return
        except (DatabaseError, InterfaceError) as error:
            logger.warning("%r not renewed: %s", held.name, type(error).__name__)
        finally:
            connection.close()

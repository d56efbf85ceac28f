"""The watchdog over one queue cluster.

A cluster of django-q2 can freeze for good when one of its processes is killed, and
looks healthy from outside while it does. So the only sign of life that counts is a
task that ran: the supervisor queues a heartbeat, and a cluster that has not run
one for too long is killed with all its processes and replaced.

The supervisor also ticks: once a second it looks for work that is due and that no
hint speaks of, since the queue's own scheduler looks every half minute only.
"""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import FrameType

from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections
from django.utils import timezone

from procurement.coordination.models import Heartbeat
from procurement.coordination.operations import process_name
from procurement.coordination.tasks import WORKER_NAME
from procurement.queue import hint

logger = logging.getLogger(__name__)

BEAT = "procurement.coordination.tasks.beat"
RESTART_PAUSE_SECONDS = 5
"""A cluster that ends at once is not started more often than this."""


class Supervisor:
    """Runs one cluster until told to stop, and replaces it when it dies or freezes.

    Args:
        command: starts the cluster in the foreground.
        look_for_work: called at every tick.
    """

    def __init__(
        self,
        command: Sequence[str],
        look_for_work: Callable[[], None],
        *,
        tick_seconds: float = 1.0,
    ) -> None:
        self.name = process_name()
        self._command = list(command)
        self._look_for_work = look_for_work
        self._tick_seconds = tick_seconds
        self._cluster: subprocess.Popen[bytes] | None = None
        self._started_at = timezone.now()
        self._started_clock = 0.0
        self._asked_for_beat_at = 0.0
        self._is_stopping = False

    def run(self) -> None:
        """Supervise until SIGTERM or SIGINT, then let the cluster finish its work."""
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        self._start()
        while not self._is_stopping:
            self._tick()
            time.sleep(self._tick_seconds)
        self._finish()

    def _stop(self, signum: int, frame: FrameType | None) -> None:
        self._is_stopping = True

    def _tick(self) -> None:
        """One round; a database that is away is waited for, not died of."""
        try:
            close_old_connections()
            if self._cluster is None or self._cluster.poll() is not None:
                self._replace("its main process ended")
            elif self._is_frozen():
                self._replace("it ran no task for too long")
            self._ask_for_beat()
            self._look_for_work()
        except (DatabaseError, InterfaceError) as error:
            logger.warning("The database does not answer: %s", type(error).__name__)
        except Exception:
            # Whatever it is, a worker without its watchdog would be worse.
            logger.exception("Worker %s: a round failed", self.name)

    # --- the cluster --------------------------------------------------------------

    def _start(self) -> None:
        self._cluster = subprocess.Popen(  # noqa: S603 - our own manage.py
            self._command,
            env={**os.environ, WORKER_NAME: self.name},
            start_new_session=True,
        )
        self._started_at = timezone.now()
        self._started_clock = time.monotonic()
        logger.info("Worker %s: cluster %s started", self.name, self._cluster.pid)

    def _replace(self, reason: str) -> None:
        if time.monotonic() - self._started_clock < RESTART_PAUSE_SECONDS:
            return
        logger.error("Worker %s: cluster is replaced: %s", self.name, reason)
        self._kill()
        self._start()

    def _kill(self) -> None:
        """End the cluster and every process of its session, orphans as well."""
        if self._cluster is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._cluster.pid, signal.SIGKILL)
        self._cluster.wait()

    def _finish(self) -> None:
        """Let the cluster finish what it has begun and taken, then end it."""
        cluster = self._cluster
        if cluster is None:
            return
        logger.info("Worker %s: finishing", self.name)
        # To the main process alone: a signal to the whole group cuts running tasks.
        with suppress(ProcessLookupError):
            cluster.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            cluster.wait(timeout=settings.Q_CLUSTER["retry"])
        self._kill()
        Heartbeat.objects.filter(worker=self.name).delete()

    # --- signs of life ------------------------------------------------------------

    def _last_sign(self) -> float:
        """Seconds since the cluster last ran a heartbeat, or was started."""
        beat = Heartbeat.objects.filter(worker=self.name).first()
        last = max(beat.at, self._started_at) if beat else self._started_at
        return (timezone.now() - last).total_seconds()

    def _is_frozen(self) -> bool:
        limit: int = settings.HEARTBEAT_LIMIT_SECONDS
        return self._last_sign() > limit

    def _ask_for_beat(self) -> None:
        """Queue a heartbeat now and then.

        Another cluster may pick it up, so they are asked for often enough that
        each one gets its share well within the limit.
        """
        interval = settings.HEARTBEAT_LIMIT_SECONDS / 9
        if time.monotonic() - self._asked_for_beat_at > interval:
            self._asked_for_beat_at = time.monotonic()
            hint(BEAT)


def cluster_command() -> list[str]:
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), "qcluster"]

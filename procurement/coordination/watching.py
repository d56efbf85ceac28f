"""A cluster from outside: started, watched, told to stop, ended.

A cluster of django-q2 may freeze for good when one of its processes is killed: the
dead one may have held the lock of a queue that all of them share. From outside it
looks healthy, so each death is reason enough to replace the whole cluster.
"""

import logging
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connections
from django.utils import timezone

from procurement.coordination import stopping
from procurement.coordination.clusters import enter_cluster
from procurement.coordination.notes import NOTES, Notes
from procurement.coordination.processes import (
    CAN_LOOK,
    Process,
    look_at,
    members_of,
)
from procurement.coordination.tasks import WORKER_NAME

logger = logging.getLogger(__name__)

IDLE_SECONDS = 5.0
"""A cluster that was told to stop and does nothing for so long has nothing to do."""
OVERDUE_SECONDS = 15
"""So long after its time limit a task is beyond being interrupted."""
_writing_ends: set[int] = set()
"""Of the pipes of all clusters. A cluster that inherited one would keep it open."""


@dataclass(frozen=True)
class Spec:
    """A cluster that has to be there."""

    label: str
    queue: str
    processes: int
    signs_itself: bool
    """Its long tasks give signs of life; being busy is none."""


class Cluster:
    """One started cluster, in a session of its own."""

    def __init__(self, spec: Spec, name: str) -> None:
        self.spec = spec
        self.name = name
        self.alive_since: datetime = timezone.now()
        """It has been asked for signs of life since then."""
        self.started_clock = time.monotonic()
        self._notes = Notes(Path(tempfile.mkdtemp(prefix="worker-")))
        self._roster: dict[str, Process] = {}
        self._stopped_since: float | None = None
        self._told_at: float | None = None
        self._busy_at = time.monotonic()
        self._writing_end = -1
        self.pid = self._start()
        """Of its main process, and with it of its session and group."""

    def _start(self) -> int:
        """Fork it from the supervisor, so that all of them share what is loaded."""
        reading, writing = os.pipe()
        # A connection that two processes use is of no use to either.
        connections.close_all()
        pid = os.fork()
        if pid == 0:
            for foreign in (writing, *_writing_ends):
                os.close(foreign)
            enter_cluster(
                {
                    WORKER_NAME: self.name,
                    stopping.STOP_PIPE: stopping.named(reading),
                    NOTES: str(self._notes.directory),
                },
                queue=self.spec.queue,
                processes=self.spec.processes,
            )
        os.close(reading)
        self._writing_end = writing
        _writing_ends.add(writing)
        return pid

    # --- is it well? --------------------------------------------------------------

    def damage(self) -> str:
        """What is wrong with its processes; empty where nothing is."""
        if self._has_ended():
            return "its main process ended"
        if not self._roster:
            self._roster = self._call_the_roll()
        for part, known in self._roster.items():
            seen = look_at(known.pid)
            if not seen or not seen.is_alive or seen.started != known.started:
                return f"its {part} died"
            if seen.megabytes > settings.WORKER_MEMORY_MB:
                return f"its {part} has grown to {seen.megabytes} MB"
        return ""

    def is_held_up(self) -> bool:
        """Whether one of its processes has stood still for the heartbeat's limit."""
        seen = [look_at(known.pid) for known in self._roster.values()]
        if not any(process and process.is_stopped for process in seen):
            self._stopped_since = None
            return False
        now = time.monotonic()
        self._stopped_since = self._stopped_since or now
        limit: int = settings.HEARTBEAT_LIMIT_SECONDS
        return now - self._stopped_since > limit

    def is_fully_busy(self) -> bool:
        """Whether it can't answer, as all its processes are at tasks within limits."""
        if self.spec.signs_itself:
            return False
        return len(list(self._busy())) >= self.spec.processes

    def end_what_hangs(self) -> None:
        """Kill processes whose task let its time limit pass unheard."""
        limit = settings.Q_CLUSTER["timeout"] + OVERDUE_SECONDS
        for pid, began in self._busy():
            if time.time() - began > limit:
                logger.error("Worker %s: task hangs in %s; killed", self.name, pid)
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def _has_ended(self) -> bool:
        # Looked at without being reaped: as long as it is there its number, by which
        # the rest of its session is killed, belongs to nobody else.
        flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, self.pid, flags) is not None

    def _call_the_roll(self) -> dict[str, Process]:
        """Who belongs to it, by part; empty as long as it isn't complete."""
        members = members_of(self.pid) if CAN_LOOK else []
        sentinels = [each for each in members if each.parent == self.pid]
        if len(sentinels) != 1:
            return {}
        parts = [each for each in members if each.parent == sentinels[0].pid]
        # In the order in which the sentinel makes them.
        workers = [f"process {n + 1}" for n in range(self.spec.processes)]
        names = [*workers, "monitor", "pusher"]
        if len(parts) != len(names):
            return {}
        return {"sentinel": sentinels[0], **dict(zip(names, parts, strict=True))}

    def _busy(self) -> Iterator[tuple[int, float]]:
        """Living processes at a task, and when they began it."""
        for pid, began in self._notes.busy().items():
            seen = look_at(pid)
            if seen and seen.is_alive and seen.session == self.pid:
                yield pid, began

    # --- its end ------------------------------------------------------------------

    def tell_to_stop(self) -> None:
        """Nothing new is begun; orphans without a main process hear it as well."""
        if self._told_at is None:
            self._told_at = self._busy_at = time.monotonic()
            _writing_ends.discard(self._writing_end)
            os.close(self._writing_end)

    def has_finished(self) -> bool:
        """Whether nothing is under way any more, or it has had its time."""
        now = time.monotonic()
        if any(True for _ in self._busy()):
            self._busy_at = now
        idle_for = now - self._busy_at
        told_for = now - (self._told_at or now)
        if self._has_ended() and (idle_for > 1 or not members_of(self.pid)):
            return True
        return idle_for > IDLE_SECONDS or told_for > settings.Q_CLUSTER["timeout"]

    def kill(self) -> list[int]:
        """End it and every process of its session, orphans as well.

        Returns:
            the messages that it had fetched and not begun.
        """
        self.tell_to_stop()
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        # Just forked, it may not have a group of its own yet.
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        left = self._notes.not_begun()
        shutil.rmtree(self._notes.directory, ignore_errors=True)
        return left

"""A post: one cluster that has to be there at any time, and its predecessors."""

import logging
import os
import socket
import time
from dataclasses import dataclass

from django.conf import settings
from django.dispatch import Signal
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.models import OrmQ

from procurement.coordination import operations
from procurement.coordination.models import Heartbeat
from procurement.coordination.operations import private_queue
from procurement.coordination.watching import Cluster, Spec
from procurement.queue import hint

logger = logging.getLogger(__name__)

BEAT = "procurement.coordination.tasks.beat"
worker_replaced = Signal()
"""Sent by a supervisor with `cluster`, the label of what it had to replace."""
RESTART_PAUSE_SECONDS = 5
"""A cluster that ends at once is not started more often than this."""


@dataclass(frozen=True)
class Left:
    """What a cluster that has been ended leaves behind in the database."""

    worker: str
    messages: list[int]

    def clear_away(self) -> None:
        """Give messages back that it fetched and never began; forget it."""
        OrmQ.objects.filter(pk__in=self.messages).update(lock=timezone.now())
        get_broker(private_queue(self.worker)).delete_queue()
        operations.forget_worker(worker=self.worker)


class Post:
    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self._started = 0
        self._asked_at = float("-inf")
        self._leaving: list[Cluster] = []
        self._left: list[Left] = []
        self._current = self._start()

    def _start(self) -> Cluster:
        self._started += 1
        machine, pid = socket.gethostname(), os.getpid()
        name = f"{machine}:{pid}:{self.spec.label}:{self._started}"
        cluster = Cluster(self.spec, name)
        logger.info("Worker %s: cluster %s started", name, cluster.pid)
        return cluster

    # --- each round ---------------------------------------------------------------

    def look_after(self) -> None:
        """Replace the cluster if it is damaged; end those that have finished."""
        self._current.end_what_hangs()
        if damage := self._current.damage():
            self._replace(damage)
        elif self._current.is_held_up():
            self._replace("a process of it stands still", at_once=True)
        for cluster in [each for each in self._leaving if each.has_finished()]:
            self._end(cluster)

    def look_for_signs(self) -> None:
        """Replace the cluster if it is silent; ask for its next sign of life.

        Raises:
            DatabaseError, InterfaceError: which says nothing about the cluster.
        """
        self.clear_away()
        for cluster in self._leaving:
            operations.mark_leaving(worker=cluster.name)
        silent_for = self._silent_for()
        is_silent = silent_for > settings.HEARTBEAT_LIMIT_SECONDS
        if is_silent and not self._current.is_fully_busy():
            self._replace(f"no sign of life for {silent_for:.0f} s", at_once=True)
        self._ask_for_a_sign()

    def excuse(self) -> None:
        """Whatever was missed until now was no fault of the cluster."""
        self._current.alive_since = timezone.now()

    def _silent_for(self) -> float:
        beat = Heartbeat.objects.filter(worker=self._current.name).first()
        since = self._current.alive_since
        last = max(beat.at, since) if beat else since
        return (timezone.now() - last).total_seconds()

    def _ask_for_a_sign(self) -> None:
        interval = settings.HEARTBEAT_LIMIT_SECONDS / 9
        if time.monotonic() - self._asked_at < interval:
            return
        self._asked_at = time.monotonic()
        queue = private_queue(self._current.name)
        if not get_broker(queue).queue_size():
            hint(BEAT, cluster=queue)

    # --- replacing ----------------------------------------------------------------

    def _replace(self, reason: str, *, at_once: bool = False) -> None:
        """Start another one. What the old one has under way may finish.

        Args:
            at_once: the old one does nothing any more, so there is nothing to wait for.
        """
        old = self._current
        if time.monotonic() - old.started_clock < RESTART_PAUSE_SECONDS:
            return
        logger.error("Worker %s is replaced: %s", old.name, reason)
        worker_replaced.send_robust(sender=type(self), cluster=self.spec.label)
        old.tell_to_stop()
        self._leaving.append(old)
        if at_once:
            self._end(old)
        self._current = self._start()

    def _end(self, cluster: Cluster) -> None:
        messages = cluster.kill()
        if cluster in self._leaving:
            self._leaving.remove(cluster)
        self._left.append(Left(cluster.name, messages))
        logger.info("Worker %s: ended", cluster.name)

    def clear_away(self) -> None:
        """Settle what ended clusters left in the database.

        Raises:
            DatabaseError, InterfaceError: the rest can be settled later.
        """
        while self._left:
            self._left[0].clear_away()
            self._left.pop(0)

    # --- stopping -----------------------------------------------------------------

    def tell_to_stop(self) -> None:
        self._current.tell_to_stop()
        if self._current not in self._leaving:
            self._leaving.append(self._current)

    def has_finished(self) -> bool:
        """End each cluster that has nothing under way; say whether all are ended."""
        for cluster in [each for each in self._leaving if each.has_finished()]:
            self._end(cluster)
        return not self._leaving

    def kill(self) -> None:
        for cluster in list(self._leaving):
            self._end(cluster)

"""The queue's brokers, made to be supervised.

Beside the queue it shares with others, each cluster has one of its own, for the
heartbeats it alone shall answer. Nothing is fetched once the worker is to stop. A
broker that is away is waited for: django-q2 would end the process that fetches.
"""

import logging
import os
import signal
import time
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connections
from django.utils import timezone
from django_q.brokers.orm import ORM
from django_q.brokers.redis_broker import Redis
from django_q.conf import Conf
from django_q.models import OrmQ
from redis.exceptions import RedisError

from procurement.coordination.notes import Notes
from procurement.coordination.operations import PRIVATE, private_queue
from procurement.coordination.stopping import STOP_PIPE, is_stopping
from procurement.coordination.tasks import WORKER_NAME

logger = logging.getLogger(__name__)

AWAY_PAUSE_SECONDS = 1.0
PRIVATE_KEPT_SECONDS = 3600


class _Supervised:
    """What both brokers do when they fetch."""

    _told_to_stop_at: float | None = None
    list_key: str

    def fetch_unless_stopping(self) -> Any:
        if is_stopping():
            self._wait_for_the_end()
            return None
        try:
            return self.fetch()
        except (DatabaseError, InterfaceError, RedisError) as error:
            logger.warning("The queue does not answer: %s", type(error).__name__)
            connections.close_all()
            time.sleep(AWAY_PAUSE_SECONDS)
            return None

    def fetch(self) -> Any:
        raise NotImplementedError

    def queues(self) -> list[str]:
        worker = os.environ.get(WORKER_NAME)
        own = [self.queue_named(private_queue(worker))] if worker else []
        return [*own, self.list_key]

    def queue_named(self, name: str) -> str:
        return name

    def set_stat(self, key: str, value: str, timeout: int) -> None:
        """Nobody reads django-q2's own statistics; they cost two writes a second."""

    def _wait_for_the_end(self) -> None:
        """Fetch nothing; where nobody is left to end us, do it ourselves, in time."""
        now = time.monotonic()
        self._told_to_stop_at = self._told_to_stop_at or now
        is_late = now - self._told_to_stop_at > settings.Q_CLUSTER["timeout"] + 60
        if is_late and STOP_PIPE in os.environ and os.getpgrp() == os.getsid(0):
            os.killpg(0, signal.SIGKILL)
        time.sleep(Conf.POLL)


class OrmBroker(_Supervised, ORM):  # type: ignore[misc]
    """Messages in the database, oldest first."""

    def dequeue(self) -> list[tuple[int, str]] | None:
        found: list[tuple[int, str]] | None = self.fetch_unless_stopping()
        return found

    def fetch(self) -> list[tuple[int, str]] | None:
        waiting = self.get_connection().filter(
            key__in=self.queues(), lock__lt=timezone.now()
        )
        message: OrmQ | None = waiting.order_by("pk").first()
        if message is None:
            time.sleep(Conf.POLL)
            return None
        ours = self.get_connection().filter(pk=message.pk, lock=message.lock)
        if not ours.update(lock=self.timeout(message)):
            return None
        if notes := Notes.of_this_process():
            notes.fetched(message.pk)
        return [(message.pk, message.payload)]


class RedisBroker(_Supervised, Redis):  # type: ignore[misc]
    """Messages in Redis; those in the hands of a killed process are lost."""

    def dequeue(self) -> list[tuple[None, bytes]] | None:
        found: list[tuple[None, bytes]] | None = self.fetch_unless_stopping()
        return found

    def fetch(self) -> list[tuple[None, bytes]] | None:
        popped = self.connection.blpop(self.queues(), 1)
        return [(None, popped[1])] if popped else None

    def enqueue(self, task: str) -> int:
        length: int = self.connection.rpush(self.list_key, task)
        if self.list_key.startswith(self.queue_named(PRIVATE).removesuffix(":q")):
            # Of a worker that was killed nobody clears it away.
            self.connection.expire(self.list_key, PRIVATE_KEPT_SECONDS)
        return length

    def queue_named(self, name: str) -> str:
        return f"django_q:{name}:q"

    def ping(self) -> bool:
        """A cluster starts whether Redis is there or not; fetching waits for it."""
        return True

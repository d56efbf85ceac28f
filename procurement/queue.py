"""Hints to the workers. A hint says "look at this"; losing one loses no work."""

import threading
import time
from typing import Any

from django.conf import settings
from django.db import transaction
from django_q.brokers import get_broker
from django_q.tasks import async_task

CARRIERS: str = settings.CARRIERS
"""The cluster that calls vendors; its processes keep many calls open at a time."""
CARRY = "procurement.transmissions.tasks.carry"
WAKE_PAUSE_SECONDS = 0.5
"""One process wakes the carriers no more often; the worker's tick does the rest."""


def hint(task: str, *args: Any, cluster: str | None = None) -> None:
    """Wake a worker for a task, once the current transaction stands.

    With the database as broker the message is part of the transaction. Redis knows
    no transactions, so there it is sent after the commit, and a Redis that is away
    is logged: what the hint is about has been saved, and the sweeps will find it.

    Args:
        cluster: whose workers; those of the default cluster if none is named, also
            where a process of another one gives the hint.
    """
    queue = cluster or settings.Q_CLUSTER["name"]
    if "orm" in settings.Q_CLUSTER:
        async_task(task, *args, cluster=queue)
    else:

        def send() -> None:
            async_task(task, *args, cluster=queue)

        transaction.on_commit(send, robust=True)


class _Pause:
    """When this process last woke the carriers; shared by its threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._woken_at = float("-inf")

    def is_over(self) -> bool:
        """Whether a wake-up is in order now; if so, the next pause begins."""
        with self._lock:
            now = time.monotonic()
            if now - self._woken_at < WAKE_PAUSE_SECONDS:
                return False
            self._woken_at = now
            return True

    def end(self) -> None:
        with self._lock:
            self._woken_at = float("-inf")


pause = _Pause()


def wake_carriers() -> None:
    """Have the carriers look for what is due, once the current transaction stands.

    After the commit rather than with it, whatever the broker: a message that a
    carrier fetched before the commit would find nothing, and a rollback must not
    count as a wake-up. A skipped or lost one costs no more than the time until the
    worker's next tick.
    """
    transaction.on_commit(_wake, robust=True)


def _wake() -> None:
    if not pause.is_over():
        return
    try:
        # A carrier runs until nothing is due, so one message is as good as many.
        if not get_broker(CARRIERS).queue_size():
            async_task(CARRY, cluster=CARRIERS)
    except BaseException:
        pause.end()
        raise

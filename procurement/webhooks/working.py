"""Serving many endpoints at once in one process, one thread each at a time.

A receiver that hangs holds its own thread and no other endpoint's turn. What is next
is asked of the database again and again, so that no message has to be relied on; a
worker that dies leaves claims that run out, and another one goes on.
"""

import logging
import queue
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from django.conf import settings
from django.db import (
    DatabaseError,
    InterfaceError,
    close_old_connections,
    connection,
    transaction,
)
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.tasks import async_task

from procurement.coordination.stopping import is_stopping
from procurement.coordination.tasks import sign_of_life
from procurement.logs.ids import about, here
from procurement.webhooks import queries
from procurement.webhooks.models import Endpoint
from procurement.webhooks.reading import read_on
from procurement.webhooks.receivers import Transport
from procurement.webhooks.sending import LEASE, send_next

logger = logging.getLogger(__name__)

DELIVER = "procurement.webhooks.tasks.deliver"
TURN_SECONDS = 5.0
"""So long one endpoint is served before others that wait get the thread."""
LOOK_AGAIN_SECONDS = 0.3
LINGER_SECONDS = 10.0
"""With nothing to serve it looks on for this long; then the worker's tick does."""
BROKEN_AGAIN_AFTER = timedelta(minutes=1)


class Courier:
    """Serves endpoints until there is nothing to serve.

    Args:
        threads: endpoints served at once.
        seconds: after so long nothing new is begun, so that the task has an end.
        should_stop: asked before anything is begun.
    """

    def __init__(
        self,
        *,
        threads: int,
        seconds: float,
        should_stop: Callable[[], bool] = is_stopping,
        linger_seconds: float = LINGER_SECONDS,
    ) -> None:
        self._threads = threads
        self._ends_at = time.monotonic() + seconds
        self._should_stop = should_stop
        self._linger_seconds = linger_seconds
        self._at_work: set[int] = set()
        self._finished: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._transport = Transport()

    def run(self) -> None:
        idle_since = time.monotonic()
        with ThreadPoolExecutor(self._threads, "webhooks") as pool:
            while self._at_work or not self._is_ending():
                sign_of_life()
                if self._begin(pool) or self._at_work:
                    idle_since = time.monotonic()
                elif time.monotonic() - idle_since > self._linger_seconds:
                    break
                self._take_finished()
        self._transport.close()

    def _is_ending(self) -> bool:
        return time.monotonic() > self._ends_at or self._should_stop()

    def _begin(self, pool: ThreadPoolExecutor) -> int:
        free = self._threads - len(self._at_work)
        if not free or self._is_ending():
            return 0
        try:
            turns = claim_endpoints(free)
        except (DatabaseError, InterfaceError) as error:
            logger.warning("No webhook can be sent: %s", type(error).__name__)
            connection.close()
            return 0
        for endpoint_id, claim in turns:
            self._at_work.add(endpoint_id)
            pool.submit(here(self._serve), endpoint_id, claim)
        return len(turns)

    def _take_finished(self) -> None:
        """Wait a moment for threads that get free."""
        timeout: float | None = LOOK_AGAIN_SECONDS
        while True:
            try:
                endpoint_id = self._finished.get(timeout=timeout)
            except queue.Empty:
                return
            self._at_work.discard(endpoint_id)
            timeout = 0.001

    def _serve(self, endpoint_id: int, claim: uuid.UUID) -> None:
        with about(endpoint=endpoint_id):
            self._serve_it(endpoint_id, claim)

    def _serve_it(self, endpoint_id: int, claim: uuid.UUID) -> None:
        try:
            close_old_connections()
            serve(endpoint_id, claim, self._transport, self._should_stop)
        except Exception:
            logger.exception("The turn of webhook endpoint %s broke off", endpoint_id)
            _put_off(endpoint_id, claim)
        finally:
            connection.close()
            self._finished.put(endpoint_id)


def claim_endpoints(limit: int) -> list[tuple[int, uuid.UUID]]:
    """Take endpoints that need serving, the longest unserved first; for `LEASE`."""
    now = timezone.now()
    rows = queries.endpoints_to_serve(now).order_by("served_at", "pk")
    taken = []
    for pk in list(rows.values_list("pk", flat=True)[:limit]):
        claim = uuid.uuid4()
        free = Endpoint.objects.filter(pk=pk, leased_until__lte=now)
        if free.update(claim=claim, leased_until=now + LEASE, served_at=now):
            taken.append((pk, claim))
    return taken


def serve(
    endpoint_id: int,
    claim: uuid.UUID,
    transport: Transport,
    should_stop: Callable[[], bool],
) -> None:
    """Take one turn at an endpoint: read on, and send what is due."""
    until = time.monotonic() + TURN_SECONDS
    endpoint = Endpoint.objects.select_related("owner").get(pk=endpoint_id)
    while read_on(endpoint) and time.monotonic() < until:
        endpoint.refresh_from_db(fields=["cursor", "version", "types", "shop"])
    while time.monotonic() < until and not should_stop():
        if not send_next(endpoint_id, claim, transport):
            break
    ours = Endpoint.objects.filter(pk=endpoint_id, claim=claim)
    ours.update(leased_until=timezone.now())


def _put_off(endpoint_id: int, claim: uuid.UUID) -> None:
    """Something of ours is wrong with it: the others must not suffer from its trying
    again and again."""
    try:
        ours = Endpoint.objects.filter(pk=endpoint_id, claim=claim)
        ours.update(leased_until=timezone.now() + BROKEN_AGAIN_AFTER)
    except (DatabaseError, InterfaceError) as error:
        # The claim runs out by itself.
        logger.warning("Not put off: %s", type(error).__name__)


_at_work = threading.Lock()


def deliver() -> None:
    """Serve endpoints in this process, unless it does so already."""
    if not _at_work.acquire(blocking=False):
        return
    try:
        courier = Courier(
            threads=settings.WEBHOOK_THREADS, seconds=settings.CARRY_SECONDS
        )
        courier.run()
    finally:
        _at_work.release()


def wake_couriers() -> None:
    """Have couriers look, if anything is to be served and none is told already."""
    if not queries.is_anything_to_serve(timezone.now()):
        return
    with transaction.atomic():
        if not get_broker(settings.COURIERS).queue_size():
            async_task(DELIVER, cluster=settings.COURIERS)

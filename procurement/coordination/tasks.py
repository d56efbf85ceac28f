"""What the worker runs for its own sake."""

import logging
import os
import threading
import time

from django.db import DatabaseError, InterfaceError

from procurement.coordination import operations

logger = logging.getLogger(__name__)

WORKER_NAME = "WORKER_NAME"
"""Environment variable by which a cluster's processes know whose they are."""
SIGN_SECONDS = 5
"""A long task's signs of life are written no more often."""

_lock = threading.Lock()
_signed_at = float("-inf")


def beat() -> None:
    """A sign of life of the cluster that picked this up."""
    operations.record_heartbeat(worker=os.environ.get(WORKER_NAME, "unnamed"))


def sign_of_life() -> None:
    """What a long task calls often, so that its cluster isn't taken for frozen.

    Writes at most each five seconds, nothing outside a worker, and never raises: a
    database that is away is no reason to drop the work at hand.
    """
    global _signed_at
    worker = os.environ.get(WORKER_NAME)
    with _lock:
        is_due = time.monotonic() - _signed_at >= SIGN_SECONDS
        if not worker or not is_due:
            return
        _signed_at = time.monotonic()
    try:
        operations.record_heartbeat(worker=worker)
    except (DatabaseError, InterfaceError) as error:
        logger.warning("No sign of life written: %s", type(error).__name__)

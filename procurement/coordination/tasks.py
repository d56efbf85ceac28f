"""What the worker runs for its own sake."""

import os
from datetime import timedelta

from procurement.coordination import operations

WORKER_NAME = "WORKER_NAME"
"""Environment variable by which a supervisor's processes know whose they are."""


def beat() -> None:
    """A sign of life of whichever worker picked this up."""
    operations.record_heartbeat(worker=os.environ.get(WORKER_NAME, "unnamed"))


def purge_heartbeats() -> None:
    operations.forget_heartbeats(older_than=timedelta(days=7))

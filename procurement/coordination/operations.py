"""Taking and giving back leases; signs of life.

All of it is conditional updates on single rows, which PostgreSQL and SQLite both
decide in favour of exactly one caller. Nothing here may run inside a longer
transaction: a lease that isn't committed binds nobody.
"""

import os
import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from procurement.coordination.models import Heartbeat, Lease


def process_name() -> str:
    """Who we are among all machines: host, process and thread."""
    return f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident()}"


def keep_lease(*, name: str, seconds: int, holder: str) -> bool:
    """Take a lease or hold it for another while; say whether we have it now."""
    until = timezone.now() + timedelta(seconds=seconds)
    if Lease.objects.filter(name=name, holder=holder).update(expires_at=until):
        return True
    return take_lease(name=name, seconds=seconds, holder=holder)


def take_lease(*, name: str, seconds: int, holder: str) -> bool:
    """Take a lease that is free or has run out; say whether we have it now."""
    now = timezone.now()
    until = now + timedelta(seconds=seconds)
    free = Lease.objects.filter(name=name, expires_at__lte=now)
    if free.update(holder=holder, expires_at=until):
        return True
    if Lease.objects.filter(name=name).exists():
        return False
    try:
        with transaction.atomic():
            Lease.objects.create(name=name, holder=holder, expires_at=until)
    except IntegrityError:
        return False
    return True


def release_lease(*, name: str, holder: str) -> None:
    """Give a lease back; one that somebody else has taken over is left alone."""
    Lease.objects.filter(name=name, holder=holder).update(expires_at=timezone.now())


def forget_lease(*, name: str) -> None:
    """Drop a lease nobody will ask for again: of work that comes once."""
    Lease.objects.filter(name=name).delete()


def job_lease(name: str) -> str:
    """The name of the lease of a recurring job."""
    return f"job {name}"


@dataclass(frozen=True)
class HeldLease:
    """A lease we hold; long work renews it from time to time."""

    name: str
    holder: str
    seconds: int

    def renew(self) -> bool:
        """Hold it for another while; False if somebody has taken it over."""
        until = timezone.now() + timedelta(seconds=self.seconds)
        ours = Lease.objects.filter(name=self.name, holder=self.holder)
        return bool(ours.update(expires_at=until))


@contextmanager
def lease(name: str, *, seconds: int) -> Iterator[HeldLease | None]:
    """Hold a lease for the block; None if somebody else has it."""
    holder = f"{process_name()}:{uuid.uuid4().hex[:8]}"
    if not take_lease(name=name, seconds=seconds, holder=holder):
        yield None
        return
    try:
        yield HeldLease(name, holder, seconds)
    finally:
        release_lease(name=name, holder=holder)


def record_heartbeat(*, worker: str) -> None:
    now = timezone.now()
    if not Heartbeat.objects.filter(worker=worker).update(at=now):
        Heartbeat.objects.get_or_create(worker=worker, defaults={"at": now})


def mark_leaving(*, worker: str) -> None:
    """From now on its silence is nothing to be alarmed about."""
    Heartbeat.objects.filter(worker=worker).update(is_leaving=True)


def forget_worker(*, worker: str) -> None:
    Heartbeat.objects.filter(worker=worker).delete()


def forget_heartbeats(*, older_than: timedelta) -> int:
    """Drop the signs of life of workers that are long gone."""
    gone = Heartbeat.objects.filter(at__lt=timezone.now() - older_than)
    return gone.delete()[0]


# --- the queue's own tables -------------------------------------------------------

PRIVATE = "beats of "
"""Queues whose names begin so are read by one cluster only."""


def private_queue(worker: str) -> str:
    """The queue that only this cluster reads; names of queues have 100 characters."""
    return PRIVATE + worker[-80:]

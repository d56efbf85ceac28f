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
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from procurement.coordination.models import Heartbeat, Lease


def process_name() -> str:
    """Who we are among all machines: host, process and thread."""
    return f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident()}"


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


@contextmanager
def lease(name: str, *, seconds: int) -> Iterator[bool]:
    """Hold a lease for the block; the value says whether we got it."""
    holder = f"{process_name()}:{uuid.uuid4().hex[:8]}"
    got = take_lease(name=name, seconds=seconds, holder=holder)
    try:
        yield got
    finally:
        if got:
            release_lease(name=name, holder=holder)


def record_heartbeat(*, worker: str) -> None:
    Heartbeat.objects.update_or_create(worker=worker, defaults={"at": timezone.now()})


def forget_heartbeats(*, older_than: timedelta) -> int:
    """Drop the signs of life of workers that are long gone."""
    gone = Heartbeat.objects.filter(at__lt=timezone.now() - older_than)
    return gone.delete()[0]

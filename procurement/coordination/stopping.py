"""How long-running tasks learn that their worker is to stop.

A supervisor makes a pipe for each cluster and keeps its only writing end. The
cluster's processes inherit the reading end, which is at its end as soon as the
supervisor closes the other one, or dies in whatever way.
"""

import os
import select

STOP_PIPE = "WORKER_STOP_PIPE"
"""Environment variable `descriptor:inode` of the reading end."""


def is_stopping() -> bool:
    """Whether nothing new should be begun; false outside a worker.

    Two system calls, for any thread, also after a fork.
    """
    given = os.environ.get(STOP_PIPE, "")
    if not given:
        return False
    descriptor, inode = (int(part) for part in given.split(":"))
    return _is(descriptor, inode) and _has_ended(descriptor)


def named(descriptor: int) -> str:
    """What goes into the environment of those who inherit a reading end."""
    return f"{descriptor}:{os.fstat(descriptor).st_ino}"


def _is(descriptor: int, inode: int) -> bool:
    """A process may inherit the variable without the pipe, and reuse its number."""
    try:
        return os.fstat(descriptor).st_ino == inode
    except OSError:
        return False


def _has_ended(descriptor: int) -> bool:
    look = select.poll()
    look.register(descriptor, 0)
    return any(event & select.POLLHUP for _, event in look.poll(0))

"""Between being told to stop and stopping: proxies look elsewhere meanwhile.

A web server that closes its door at once refuses whoever was just sent to it. With
`WEB_DRAIN_SECONDS` it goes on serving for so long and answers 503 at `/readyz`, by
which a proxy sends the next calls to another one. Behind a socket that outlives the
server, as systemd keeps one, nobody is refused and nothing is to be waited for.
"""

import mmap
import signal
from typing import Any

_mark = mmap.mmap(-1, 1)
"""One byte that a process shares with all it forks."""


def is_draining() -> bool:
    return _mark[0] != 0


def drain_before_stopping(arbiter: Any, seconds: float) -> None:
    """Have gunicorn's main process stop so many seconds after the first SIGTERM.

    A second one stops it without further delay.
    """

    def stop(signum: int, frame: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        arbiter.signal(signal.SIGTERM, None)

    def begin(signum: int, frame: object) -> None:
        if seconds <= 0 or is_draining():
            stop(signum, frame)
            return
        _mark[0] = 1
        signal.setitimer(signal.ITIMER_REAL, seconds)

    signal.signal(signal.SIGALRM, stop)
    signal.signal(signal.SIGTERM, begin)

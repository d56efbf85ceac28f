"""Looking at other processes, by what Linux tells of them under /proc.

Elsewhere nothing is found, and a worker is judged by its heartbeat alone.
"""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
CAN_LOOK = (PROC / "self" / "stat").exists()


@dataclass(frozen=True)
class Process:
    """What one process is at this moment."""

    pid: int
    parent: int
    session: int
    state: str
    started: int
    """In clock ticks since boot: with the pid it names a process for ever."""
    megabytes: int
    """Resident, shared pages included."""

    @property
    def is_alive(self) -> bool:
        return self.state not in "ZXx"

    @property
    def is_stopped(self) -> bool:
        return self.state == "T"


def look_at(pid: int) -> Process | None:
    """What is known of a process; None if there is none."""
    try:
        text = (PROC / str(pid) / "stat").read_text()
    except OSError:
        return None
    # The name stands in brackets and may hold anything, brackets and blanks included.
    fields = text.rpartition(")")[2].split()
    pages = int(fields[21])
    return Process(
        pid=pid,
        parent=int(fields[1]),
        session=int(fields[3]),
        state=fields[0],
        started=int(fields[19]),
        megabytes=pages * os.sysconf("SC_PAGE_SIZE") // 1_000_000,
    )


def members_of(session: int) -> list[Process]:
    """The living processes of a session, oldest first."""
    found = []
    with suppress(OSError):
        for name in os.listdir(PROC):
            process = look_at(int(name)) if name.isdigit() else None
            if process and process.session == session and process.is_alive:
                found.append(process)
    return sorted(found, key=lambda process: (process.started, process.pid))

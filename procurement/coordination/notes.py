"""What a cluster's processes note for their supervisor.

One small file for each message that was fetched and not begun, and for each process
that is at a task. A file outlives the process that was killed, which is the point.
"""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

NOTES = "WORKER_NOTES"
"""Environment variable: the directory of a cluster's notes."""


@dataclass(frozen=True)
class Notes:
    directory: Path

    @classmethod
    def of_this_process(cls) -> "Notes | None":
        """Those of the cluster we belong to; None outside a worker."""
        given = os.environ.get(NOTES)
        return cls(Path(given)) if given else None

    # --- written by the cluster ---------------------------------------------------

    def fetched(self, message: int) -> None:
        self._write(f"fetched-{message}")

    def begun(self, message: int | None) -> None:
        """This process is at a task now; its message, if it has one, is used up."""
        self._write(f"busy-{os.getpid()}")
        if message is not None:
            self._drop(f"fetched-{message}")

    def ended(self) -> None:
        self._drop(f"busy-{os.getpid()}")

    # --- read by the supervisor ---------------------------------------------------

    def not_begun(self) -> list[int]:
        """Messages in the queue's table that were fetched and never begun."""
        return [int(name) for name in self._names("fetched-")]

    def busy(self) -> dict[int, float]:
        """Process -> when it began its task, in seconds since the epoch.

        A process that was killed at its task is still among them.
        """
        found = {}
        for name in self._names("busy-"):
            with suppress(OSError):
                at = (self.directory / f"busy-{name}").stat().st_mtime
                found[int(name)] = at
        return found

    # --- files --------------------------------------------------------------------

    def _write(self, name: str) -> None:
        # A note that can't be written costs a hint some time, never the task.
        with suppress(OSError):
            (self.directory / name).touch()

    def _drop(self, name: str) -> None:
        with suppress(OSError):
            (self.directory / name).unlink()

    def _names(self, prefix: str) -> list[str]:
        try:
            entries = os.listdir(self.directory)
        except OSError:
            return []
        return [name[len(prefix) :] for name in entries if name.startswith(prefix)]

"""What a kind without items is given: its place in the work, and its file."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, BinaryIO

from django.db import transaction
from django.db.models import F

from procurement import parts
from procurement.coordination.turns import Turn
from procurement.runs.models import Run, RunFilePart

LOOK_SECONDS = 2
"""Whether it is to stop is looked up no more often."""
READ_BYTES = 256 * 1024


class Progress:
    """How far a run is. What was kept before a worker died is what the next one has."""

    def __init__(self, run: Run, turn: Turn, look: Callable[[], None]) -> None:
        """
        Args:
            look: raises if the run is to stop.
        """
        self._run = run
        self._turn = turn
        self._look = look
        self._looked_at = time.monotonic()
        self._file: FileWriter | None = None

    @property
    def cursor(self) -> Mapping[str, Any]:
        """What was kept last; empty at the beginning."""
        kept: Mapping[str, Any] = self._run.cursor.get("at", {})
        return kept

    def go_on(self) -> None:
        """Hold on for another batch.

        Raises:
            an exception that is not for the kind to catch: the turn or the run is over.
        """
        self._turn.go_on()
        if time.monotonic() - self._looked_at >= LOOK_SECONDS:
            self._look()
            self._looked_at = time.monotonic()

    def set_total(self, total: int) -> None:
        """Say how much there is, where it is known."""
        self._run.total = total
        Run.objects.filter(pk=self._run.pk).update(total=total)

    def keep(
        self,
        *,
        cursor: Mapping[str, Any] | None = None,
        done: int = 0,
        skipped: int = 0,
        failed: int = 0,
    ) -> None:
        """Write down what was done since, with what was put into the file.

        Args:
            cursor: from where to go on after a kill. Without one, and without one
                before, the work begins anew then.
        """
        at = dict(self.cursor if cursor is None else cursor)
        with self._ours():
            if self._file is not None:
                self._file.flush()
            if at:
                self._run.cursor = {"at": at, **self._kept_file()}
            Run.objects.filter(pk=self._run.pk).update(
                done=F("done") + done,
                skipped=F("skipped") + skipped,
                failed=F("failed") + failed,
                cursor=self._run.cursor,
                tries=0 if at else F("tries"),
            )

    def _kept_file(self) -> dict[str, Any]:
        file = self._file
        return {"parts": file.count, "size": file.size} if file else {}

    @contextmanager
    def _ours(self) -> Iterator[None]:
        """A transaction that stands only if the run is still ours at its end."""
        with transaction.atomic():
            if not self._turn.held.renew():
                raise Turn.Interrupted
            yield

    # --- the file -----------------------------------------------------------------

    @contextmanager
    def file(self, name: str, content_type: str) -> Iterator["FileWriter"]:
        """The file of the run, open for writing where the last kept part ended."""
        with self._ours():
            writer = FileWriter(self._run)
            Run.objects.filter(pk=self._run.pk).update(
                file_name=name[:150], file_type=content_type[:100]
            )
        self._file = writer
        yield writer
        with self._ours():
            writer.flush()
            Run.objects.filter(pk=self._run.pk).update(file_size=writer.size)

    def attach(self, content: BinaryIO, name: str, content_type: str) -> None:
        """Take a whole file, such as one that can only be written at random places."""
        content.seek(0)
        with self.file(name, content_type) as writer:
            while chunk := content.read(READ_BYTES):
                writer.write(chunk)
                self.go_on()


class FileWriter:
    """Writes into the database, a part at a time; at most one is in memory."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._waiting = bytearray()
        self.count: int = run.cursor.get("parts", 0)
        self.size: int = run.cursor.get("size", 0)
        # What a worker wrote that died before it kept its place.
        RunFilePart.objects.filter(run=run, position__gte=self.count).delete()

    def write(self, content: bytes | str) -> int:
        data = content.encode() if isinstance(content, str) else content
        self._waiting += data
        while len(self._waiting) >= parts.PART_BYTES:
            self._store(parts.PART_BYTES)
        return len(content)

    def flush(self) -> None:
        if self._waiting:
            self._store(len(self._waiting))

    def _store(self, length: int) -> None:
        parts.store_part(self._run.parts, self.count, bytes(self._waiting[:length]))
        del self._waiting[:length]
        self.count += 1
        self.size += length

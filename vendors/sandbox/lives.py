"""How an order moves on by itself, and the lives a test can give it instead."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from vendors.sandbox.errors import BadInput
from vendors.sandbox.world import Pace


class Turn(StrEnum):
    """What is particular about a life."""

    NORMAL = "normal"
    STUCK = "stuck"  # stays where it is
    UNKNOWN_WORD = "unknown_word"  # shows a status no list of the vendor has
    BACKWARD = "backward"  # shows the stage before: an answer from a stale copy
    REPEATED = "repeated"  # is told once more as if it had changed, with nothing new
    SHORT = "short"  # ends without the rest being delivered
    IN_REVIEW = "in_review"  # waits for a person at the vendor


class Life:
    """The stages an order passes, one after another as sandbox time goes by.

    Nothing runs in the background: `settle` takes the steps that have fallen due, each
    dated when it fell due, so that nobody can tell the difference.
    """

    def __init__(self, path: Sequence[str], begun_at: datetime) -> None:
        self.path = tuple(path)
        self.stage = self.path[0]
        self.changed_at = begun_at
        self.reached_at = {self.stage: begun_at}
        self.turn = Turn.NORMAL

    @property
    def has_ended(self) -> bool:
        return self.stage == self.path[-1]

    @property
    def shown_stage(self) -> str:
        """Return the stage a reader is told."""
        if self.turn is not Turn.BACKWARD:
            return self.stage
        return self.path[max(self.path.index(self.stage) - 1, 0)]

    @property
    def shown_change(self) -> datetime:
        """Return the moment of the last change, as a reader is told it."""
        later = timedelta(seconds=1 if self.turn is Turn.REPEATED else 0)
        return self.changed_at + later

    @property
    def times_listed(self) -> int:
        """Return how often a list shows the order."""
        return 2 if self.turn is Turn.REPEATED else 1

    def step(self, now: datetime, pace: Pace) -> datetime | None:
        """Take the next step if it has fallen due; return when that was."""
        if self.turn not in (Turn.NORMAL, Turn.SHORT) or self.has_ended:
            return None
        due = pace.next_step(self.changed_at)
        if due > now:
            return None
        self._reach(self.path[self.path.index(self.stage) + 1], due)
        return due

    def settle(self, now: datetime, pace: Pace) -> None:
        """Take all steps that have fallen due."""
        while self.step(now, pace):
            pass

    def touch(self, now: datetime) -> None:
        """Note that the order was changed; the next step is counted from here."""
        self.changed_at = now

    def end(self, stage: str, now: datetime) -> None:
        """Bring the order to a last stage off its path, as a cancellation does."""
        self.path = (*self.path[: self.path.index(self.stage) + 1], stage)
        self._reach(stage, now)

    def take(self, turn: Turn, now: datetime) -> None:
        """Give the order another life from now on.

        Raises:
            BadInput: it has ended, so it can't be stuck or delivered short.
        """
        if self.has_ended and turn in (Turn.STUCK, Turn.SHORT, Turn.IN_REVIEW):
            raise BadInput("life", f"the order has ended ({self.stage}); not {turn}")
        self.turn = turn
        self.touch(now)

    def _reach(self, stage: str, at: datetime) -> None:
        self.stage = stage
        self.changed_at = at
        self.reached_at[stage] = at

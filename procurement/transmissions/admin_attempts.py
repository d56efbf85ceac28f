"""How one try at a vendor is shown, here and on the page of an order."""

from dataclasses import dataclass

from django.utils.safestring import SafeString

from procurement.adminshow import badge
from procurement.transmissions.models import Attempt, Outcome

_TONES = {
    Outcome.RUNNING: "blue",
    Outcome.ACCEPTED: "green",
    Outcome.REFUSED: "red",
    Outcome.NOT_SENT: "amber",
    Outcome.UNKNOWN: "red",
}


@dataclass(frozen=True)
class AttemptRow:
    attempt: Attempt
    outcome: SafeString
    took: str

    @classmethod
    def of(cls, attempt: Attempt) -> "AttemptRow":
        took = ""
        if attempt.finished_at:
            seconds = (attempt.finished_at - attempt.started_at).total_seconds()
            took = f"{seconds:.1f} s"
        tone = _TONES[Outcome(attempt.outcome)]
        return cls(attempt, badge(attempt.get_outcome_display(), tone), took)

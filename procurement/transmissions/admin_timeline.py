"""The timeline of a shop or a customer: events, with what was said behind them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from procurement.scoping import scoped
from procurement.suppliers.models import Exchange
from procurement.texts import gettext_lazy
from procurement.transmissions.admin_attempts import AttemptRow
from procurement.transmissions.history import PartyEvent
from procurement.transmissions.models import Attempt

LENGTH = 200
_WORDS = {
    "created": gettext_lazy("Entered"),
    "changed": gettext_lazy("Changed"),
    "creating_asked": gettext_lazy("To be created"),
    "creating_sending": gettext_lazy("Being created"),
    "creating_sent": gettext_lazy("Created"),
    "creating_not_sent": gettext_lazy("Not sent, is tried again"),
    "creating_refused": gettext_lazy("Refused"),
    "creating_failed": gettext_lazy("Could not be created"),
    "creating_unknown": gettext_lazy("Outcome unknown"),
    "creating_look_up_asked": gettext_lazy("Look-up asked for"),
    "creating_looked_up": gettext_lazy("Looked up"),
    "creating_try_asked": gettext_lazy("Next try brought forward"),
    "creating_handed_over": gettext_lazy("Handed over"),
    "creating_duplicate": gettext_lazy("There more than once"),
    "creating_released": gettext_lazy("Proven not to be there"),
    "creating_withdrawn": gettext_lazy("Taken back before sending"),
    "push_asked": gettext_lazy("Changes to be pushed"),
    "push_sending": gettext_lazy("Being pushed"),
    "pushed": gettext_lazy("Changes pushed"),
    "push_not_sent": gettext_lazy("Not pushed, is tried again"),
    "push_refused": gettext_lazy("Push refused"),
    "push_failed": gettext_lazy("Could not be pushed"),
    "push_unknown": gettext_lazy("Outcome of the push unknown"),
    "push_released": gettext_lazy("Proven not to have been pushed"),
    "push_withdrawn": gettext_lazy("Push taken back"),
    "push_try_asked": gettext_lazy("Next try brought forward"),
    "push_handed_over": gettext_lazy("Handed over"),
    "late_answer": gettext_lazy("A late answer"),
    "id_recorded": gettext_lazy("Id recorded by hand"),
    "number_recorded": gettext_lazy("Number recorded by hand"),
    "linked": gettext_lazy("Linked"),
    "unlinked": gettext_lazy("Unlinked"),
    "exported": gettext_lazy("Handed out"),
    "erased": gettext_lazy("Personal data erased"),
}
_GREEN = {"creating_sent", "pushed", "linked", "id_recorded", "number_recorded"}
_BLUE = {
    "creating_asked",
    "creating_sending",
    "creating_looked_up",
    "push_asked",
    "push_sending",
}
_AMBER = {
    "creating_not_sent",
    "creating_withdrawn",
    "push_not_sent",
    "push_withdrawn",
    "unlinked",
}
_RED_ENDINGS = ("refused", "failed", "unknown", "duplicate", "late_answer")


@dataclass
class Entry:
    """One event, with the attempt and the exchanges where they first came up."""

    event: PartyEvent
    title: str
    tone: str
    changes: list[str]
    vendor_text: str
    attempt: AttemptRow | None = None
    exchanges: list[Exchange] = field(default_factory=list)


def timeline(events: QuerySet[Any], reader: Any) -> list[Entry]:
    """The latest events, newest first; the queries do not grow with them.

    Args:
        reader: whose eyes the exchanges are for; None where they are for nobody's.
    """
    rows = events.select_related("supplier").defer("supplier__credentials")
    latest = list(rows.order_by("-pk")[:LENGTH])
    talks = [event.conversation for event in latest if event.conversation]
    attempts = _attempts(talks)
    exchanges = _exchanges(talks, reader) if reader else {}
    entries, shown = [], set()
    for event in reversed(latest):
        entry = Entry(
            event=event,
            title=_title(event),
            tone=_tone(event.kind),
            changes=change_texts(event.data.get("changes", {})),
            vendor_text=event.data.get("vendor_text", ""),
        )
        if event.conversation and event.conversation not in shown:
            shown.add(event.conversation)
            entry.attempt = attempts.get(event.conversation)
            entry.exchanges = exchanges.get(event.conversation, [])
        entries.append(entry)
    return entries[::-1]


def _title(event: PartyEvent) -> str:
    words = _WORDS.get(event.kind) or event.kind.replace("_", " ").capitalize()
    return f"{words}: {event.supplier}" if event.supplier else words


def _tone(kind: str) -> str:
    if kind.endswith(_RED_ENDINGS):
        return "red"
    if kind in _GREEN:
        return "green"
    if kind in _BLUE:
        return "blue"
    return "amber" if kind in _AMBER else "grey"


def _attempts(talks: Sequence[UUID]) -> dict[UUID, AttemptRow]:
    rows = Attempt.objects.filter(conversation__in=talks)
    return {attempt.conversation: AttemptRow.of(attempt) for attempt in rows}


def _exchanges(talks: Sequence[UUID], reader: Any) -> dict[UUID, list[Exchange]]:
    """What was said in each, without the bodies: those have a page of their own."""
    columns = ("conversation", "purpose", "method", "status", "error", "duration_ms")
    found: dict[UUID, list[Exchange]] = defaultdict(list)
    said = Exchange.objects.filter(conversation__in=talks).only(*columns)
    for exchange in scoped(said, reader):
        found[exchange.conversation].append(exchange)
    return found


def change_texts(changes: Mapping[str, Any]) -> list[str]:
    """What a change changed, one line each: `city: Oslo → Bergen`."""
    texts = []
    for name, (before, after) in changes.items():
        if isinstance(before, dict) and isinstance(after, dict):
            inner = {
                key: [before.get(key), after[key]]
                for key in after
                if before.get(key) != after[key]
            }
            texts += change_texts(inner)
        else:
            label = name.replace("_", " ")
            texts.append(f"{label}: {said(before)} → {said(after)}")
    return texts


def said(value: Any) -> str:
    """A value for the screen."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "–" if value in (None, "") else str(value)

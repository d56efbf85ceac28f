"""How a run is written out: in the list, on its page, in the side bar."""

from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from procurement.adminshow import badge
from procurement.runs.kinds import get_kind, label_of
from procurement.runs.models import ItemState, Run, RunItem, RunState

SHOWN = {
    ItemState.FAILED: 500,
    ItemState.SKIPPED: 500,
    ItemState.WAITING: 100,
    ItemState.DONE: 100,
}
"""Of each group; what can still be acted upon comes first and is shown longest."""

TONES = {
    RunState.WAITING: "grey",
    RunState.RUNNING: "blue",
    RunState.DONE: "green",
    RunState.FAILED: "red",
    RunState.STOPPED: "amber",
}
GROUP_TONES = {
    ItemState.FAILED: "red",
    ItemState.SKIPPED: "amber",
    ItemState.WAITING: "blue",
    ItemState.DONE: "green",
}


def state_words(run: Run) -> tuple[str, str]:
    """The state as people see it, and its tone."""
    state = RunState(run.state)
    if state == RunState.DONE and run.failed:
        return _("Done, with failures"), "red"
    if run.is_in_work and run.stop_asked_at:
        return _("Stopping"), "amber"
    return str(state.label), TONES[state]


def state_badge(run: Run) -> SafeString:
    return badge(*state_words(run))


def said(run: Run) -> str:
    """How far it is and what became of it, in a line."""
    figures = {
        "handled": run.handled,
        "total": run.total,
        "done": run.done,
        "skipped": run.skipped,
        "failed": run.failed,
    }
    if run.total is None:
        text = _("%(done)d done, %(skipped)d skipped, %(failed)d failed")
    else:
        text = _(
            "%(handled)d of %(total)d: %(done)d done, %(skipped)d skipped, "
            "%(failed)d failed"
        )
    return text % figures


def took(run: Run) -> str:
    if run.started_at is None or run.ended_at is None:
        return "–"
    seconds = (run.ended_at - run.started_at).total_seconds()
    if seconds < 60:
        return _("%(seconds)d s") % {"seconds": round(seconds)}
    return timesince(run.started_at, run.ended_at, depth=1)


@dataclass(frozen=True)
class Row:
    run: Run
    kind: str
    state: SafeString
    said: str
    took: str

    @classmethod
    def of(cls, run: Run) -> "Row":
        return cls(run, label_of(run.kind), state_badge(run), said(run), took(run))


@dataclass(frozen=True)
class Group:
    """The items of one outcome, with the address of what each is about."""

    label: str
    tone: str
    count: int
    items: list[tuple[RunItem, str]]

    @property
    def left_off(self) -> int:
        return self.count - len(self.items)


def groups(run: Run) -> list[Group]:
    """What became of the items, the worst first; as many as a page can hold."""
    kind = get_kind(run.kind)
    if run.total is None or (kind and kind.work):
        return []
    counts = {
        ItemState.FAILED: run.failed,
        ItemState.SKIPPED: run.skipped,
        # As long as they still come to their turn they are no result.
        ItemState.WAITING: 0 if run.is_in_work else run.total - run.handled,
        ItemState.DONE: run.done,
    }
    made = []
    for state, count in counts.items():
        if not count:
            continue
        rows = run.items.filter(state=state).order_by("position")[: SHOWN[state]]
        items = [(item, kind.link(item) if kind else "") for item in rows]
        made.append(Group(str(state.label), GROUP_TONES[state], count, items))
    return made


def as_json(run: Run) -> dict[str, Any]:
    """What the page asks for while it is open."""
    state, tone = state_words(run)
    return {
        "state": state,
        "tone": tone,
        "said": said(run),
        "percent": run.percent,
        "is_over": not run.is_in_work,
    }

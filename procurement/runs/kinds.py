"""What can be done in the background; each app registers its own."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import User

from procurement.runs.models import Run, RunItem

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from procurement.runs.progress import Progress


@dataclass(frozen=True, kw_only=True)
class NewItem:
    """One thing a run shall go through.

    Attributes:
        subject: what it is about, such as a key; once in a run.
        label: how people know it.
        parameters: JSON, what `do_one` needs beside the subject.
        skipped: why it is left alone from the beginning; it is only listed.
    """

    subject: str
    label: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    skipped: str = ""


def _no_link(item: RunItem) -> str:
    return ""


@dataclass(frozen=True, kw_only=True)
class RunKind:
    """One kind of work: `do_one` for each item, or `work` for all of it.

    Attributes:
        may: whether the person may (still) have this done; asked when it is asked
            for and before every item, with a user read afresh.
        do_one: does one item for a person; returns what was done in a sentence.
        in_transaction: `do_one` shares a transaction with the mark on its item. Off
            for what calls a supplier, and then a repeat has to be harmless.
        prepare: finds the items, in the worker, for a run that was asked for
            without any.
        work: does all of it, for kinds without items.
        turn_seconds: how long a worker is kept from other work at a time; at most
            `procurement.runs.working.LONGEST_TURN`.
        link: the address of what an item is about, where there is a page of it.
        fetched: told whenever the person fetches the file, before it is handed out.
        back: the label and the address of the list it was asked for from.
    """

    name: str
    label: "str | _StrPromise"
    may: Callable[[User, Run], bool]
    do_one: Callable[[RunItem, User], str] | None = None
    in_transaction: bool = True
    prepare: Callable[[Run], Iterable[NewItem]] | None = None
    work: "Callable[[Run, Progress], None] | None" = None
    turn_seconds: int = 60
    link: Callable[[RunItem], str] = _no_link
    fetched: Callable[[Run, User], None] | None = None
    back: Callable[[], tuple[str, str]] | None = None


_kinds: dict[str, RunKind] = {}


def register(kind: RunKind) -> None:
    if (kind.do_one is None) == (kind.work is None):
        raise ValueError(f"{kind.name} needs either do_one or work.")
    _kinds[kind.name] = kind


def get_kind(name: str) -> RunKind | None:
    """The kind of that name; None where an earlier version had one."""
    return _kinds.get(name)


def label_of(name: str) -> str:
    kind = get_kind(name)
    return str(kind.label) if kind else name

"""What the work at hand is about, so that every line of the log can say it.

Doors set it: a request, a carrier's thread, a task. Whoever logs names none of it.
It goes with the thread; work handed to another thread takes it along by `here`.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from functools import partial
from types import MappingProxyType
from typing import Any

Value = str | int | None
Given = Value | Callable[[], Value]
"""A callable is asked each time a line is written; it must not read anything."""

NAMES = (
    "request_id",
    "user",
    "key",
    "order",
    "subject",
    "transmission",
    "attempt",
    "supplier",
    "vendor",
    "errand",
    "endpoint",
    "delivery",
    "run",
    "job",
    "task",
)
"""Every id there is, in the order in which lines have them."""

_NOTHING: Mapping[str, Given] = MappingProxyType({})
_ids: ContextVar[Mapping[str, Given]] = ContextVar("ids", default=_NOTHING)


def ids() -> dict[str, str | int]:
    """What is known now, by name; what is not known is left out."""
    given = _ids.get()
    if not given:
        return {}
    found: dict[str, str | int] = {}
    for name in NAMES:
        value = given.get(name)
        if callable(value):
            value = value()
        if value not in (None, ""):
            found[name] = value
    return found


def request_id() -> str:
    """The id of the request that is being answered; empty where there is none."""
    return str(_ids.get().get("request_id", ""))


@contextmanager
def about(**given: Given) -> Iterator[None]:
    """Say for the block what the work is about, beside what is known already."""
    token = _ids.set({**_ids.get(), **given})
    try:
        yield
    finally:
        _ids.reset(token)


def start_anew(**given: Given) -> None:
    """Forget what was known and say this: where no block encloses the work."""
    _ids.set(given)


def here(work: Callable[..., Any]) -> Callable[..., Any]:
    """The same work, to be done by another thread, still about what it is about now."""
    return partial(copy_context().run, work)


def subject(text: str) -> dict[str, Given]:
    """A subject as suppliers' calls have it: the number of an order, or another."""
    return {"order" if text.startswith("PO-") else "subject": text}

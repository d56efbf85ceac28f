"""Writing the audit trail: who did what to accounts, rights, keys and secrets.

Any app records through `record`, in the transaction of what it tells of. The kinds an
app records it registers when it is loaded:

    trail.register("accounts", {"accounts.locked": _("Account locked")})
    trail.record("accounts.locked", subject=user, details={"after": 5})

Who does it and from which address is taken from the request that is being answered,
where the caller does not say. What is kept, and who sees it, is `procurement.audit`.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models
from django.http import HttpRequest

from procurement.texts import Text, gettext_lazy


class Outcome(models.TextChoices):
    DONE = "done", gettext_lazy("Done")
    FAILED = "failed", gettext_lazy("Failed")


@dataclass(frozen=True)
class Kind:
    """One kind of entry.

    Args:
        code: `group.verb`, kept for as long as entries are.
        label: what people read.
        group: kinds that are looked for together.
    """

    code: str
    label: Text
    group: str


_kinds: dict[str, Kind] = {}
_groups: dict[str, Text] = {}


def register(group: str, title: Text, kinds: Mapping[str, Text]) -> None:
    """Make kinds known, by their codes; a group may be added to by several apps."""
    _groups.setdefault(group, title)
    for code, label in kinds.items():
        _kinds[code] = Kind(code, label, group)


def kinds() -> list[Kind]:
    """Every kind there is, group by group."""
    order = list(_groups)
    return sorted(_kinds.values(), key=lambda kind: order.index(kind.group))


def groups() -> dict[str, Text]:
    return dict(_groups)


def label_of(code: str) -> Text:
    """What people read; a kind that nobody knows any more stands as its code."""
    known = _kinds.get(code)
    return known.label if known else code


# --- who does it ------------------------------------------------------------------

_request: ContextVar[HttpRequest | None] = ContextVar("audited_request", default=None)


@contextmanager
def answering(request: HttpRequest) -> Iterator[None]:
    """While this lasts, what is recorded is done by whoever sent the request."""
    token = _request.set(request)
    try:
        yield
    finally:
        _request.reset(token)


def request_now() -> HttpRequest | None:
    return _request.get()


# --- writing ----------------------------------------------------------------------


def record(
    kind: str,
    *,
    actor: Any = None,
    subject: Any = None,
    subject_text: str = "",
    details: Mapping[str, Any] | None = None,
    outcome: Outcome = Outcome.DONE,
    request: HttpRequest | None = None,
) -> None:
    """Write an entry, in the transaction that is open.

    Args:
        kind: a registered one.
        actor: the user; without one, whoever sent the request that is answered, and
            where there is none, whoever has the command line.
        subject: the row it is about, if there is one.
        subject_text: what people know it by, where that is not the row's own text.
        details: JSON without secrets: names of what changed, what was and what is.
            What looks like a secret all the same is masked.
        request: the one it belongs to, if that is not the one being answered.

    Raises:
        LookupError: no app has registered the kind.
    """
    if kind not in _kinds:
        raise LookupError(f"No app has registered {kind!r} with the audit trail.")
    apps.get_model("audit", "Entry").write(
        kind=kind,
        actor=actor,
        subject=subject,
        subject_text=subject_text,
        details=dict(details or {}),
        outcome=outcome,
        request=request or request_now(),
    )


def record_deletions(model: type[models.Model], kind: str) -> None:
    """Have every deletion of a model's rows recorded, through whichever door."""

    def deleted(sender: Any, instance: models.Model, **more: Any) -> None:
        record(kind, subject=instance)

    models.signals.post_delete.connect(
        deleted, sender=model, weak=False, dispatch_uid=f"trail.{kind}"
    )

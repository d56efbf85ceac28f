"""A notice in words, in the language that is active."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from procurement.adminshow import amount
from procurement.notices.kinds import TONES, Kind
from procurement.notices.models import Notice
from procurement.runs.models import RunState


@dataclass(frozen=True)
class Told:
    """What a list and a mail say of a notice; the order's figures are of now.

    Args:
        about: the order's number, or what stands in its place.
        path: where a person can do something about it.
    """

    pk: int
    kind: str
    tone: str
    about: str
    supplier: str
    amount: str
    is_test: bool
    detail: str
    by: str
    path: str
    at: datetime
    is_unread: bool
    is_over: bool


def told(notice: Notice) -> Told:
    """Put a notice in words; its order is read with its supplier."""
    order = notice.order
    return Told(
        pk=notice.pk,
        kind=notice.get_kind_display(),
        tone=TONES[Kind(notice.kind)],
        about=order.number if order else _about(notice),
        supplier=order.supplier.name if order else "",
        amount=amount(order.total, order.currency) if order else "",
        is_test=bool(order and order.is_test),
        detail=notice.detail,
        by=notice.data.get("by", ""),
        path=path_of(notice),
        at=notice.created_at,
        is_unread=notice.is_unread,
        is_over=notice.over_at is not None,
    )


def path_of(notice: Notice) -> str:
    data = notice.data
    if notice.order_id is not None and notice.kind == Kind.APPROVAL_ASKED:
        return reverse("approving:order", args=[notice.order_id])
    if notice.order_id is not None:
        return reverse("admin:orders_purchaseorder_change", args=[notice.order_id])
    if notice.kind == Kind.RUN_ENDED:
        return reverse("admin:runs_run_change", args=[data["run"]])
    if notice.kind == Kind.STAND_IN:
        return reverse("approving:queue")
    path: str = data.get("path", "")
    return path


def _about(notice: Notice) -> str:
    data = notice.data
    if notice.kind == Kind.RUN_ENDED:
        state = RunState(data["state"]).label
        return _("%(title)s: %(state)s") % {"title": data["title"], "state": state}
    if notice.kind == Kind.STAND_IN:
        return _("For %(person)s, to %(day)s") % {
            "person": data["absent"],
            "day": data["last_day"],
        }
    about: str = data.get("about", "")
    return about


def subject(one: Told) -> str:
    """Of a mail about one notice: supplier, number, amount."""
    facts = [one.supplier, one.about, one.amount, _("test") if one.is_test else ""]
    said = ", ".join(fact for fact in facts if fact)
    return " ".join(f"{one.kind}: {said}".split())

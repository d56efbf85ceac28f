"""What is no event and is told all the same; apps above may add their own."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from procurement import clock
from procurement.approvals.people import standing_in
from procurement.notices.kinds import Kind
from procurement.notices.models import Notice, NoticeProgress
from procurement.notices.operations import Draft
from procurement.orders.models import IS_OPEN, PurchaseOrder
from procurement.orders.states import Sending
from procurement.runs.models import Run

LATE_LOOKED_BACK = timedelta(days=14)
"""A promise that was passed when it came is still told of; an old one is an alarm."""
ENDS_SEEN_LATE = timedelta(minutes=10)
"""A run's end is written some time before it is there to be read."""
WATCHED = timedelta(seconds=15)
"""A run that took less was done before its asker had left the page."""


@dataclass(frozen=True)
class Trigger:
    """Finds what there is to be told now.

    Args:
        name: told apart by it.
        find: called every minute with the progress row, locked, and the moment; it
            may move columns of the row, which is saved with the notices.
    """

    name: str
    find: Callable[[NoticeProgress, datetime], Iterable[Draft]]


_triggers: dict[str, Trigger] = {}


def register_trigger(trigger: Trigger) -> None:
    """Add a trigger; one of the same name is replaced."""
    _triggers[trigger.name] = trigger


def triggers() -> list[Trigger]:
    return list(_triggers.values())


def find_late(progress: NoticeProgress, now: datetime) -> list[Draft]:
    """Once a day: orders whose promised day is past, once for each such day."""
    today = clock.today()
    if progress.late_read_on == today:
        return []
    progress.late_read_on = today
    began = clock.day_of(progress.began_at) - timedelta(days=1)
    orders = PurchaseOrder.objects.filter(
        IS_OPEN,
        transmission=Sending.SENT,
        promised_date__gte=max(today - LATE_LOOKED_BACK, began),
        promised_date__lt=today,
    )
    return [
        Draft(
            kind=Kind.LATE,
            recipient=order.buyer,
            occasion=f"late {order.pk} {order.promised_date}",
            order=order,
            detail=f"Promised for {order.promised_date}, and not here.",
        )
        for order in orders.select_related("buyer")
    ]


def find_ended_runs(progress: NoticeProgress, now: datetime) -> list[Draft]:
    """Runs that ended since the last look, to those who asked for them."""
    since = max(progress.runs_read_to - ENDS_SEEN_LATE, progress.began_at)
    progress.runs_read_to = now
    runs = Run.objects.filter(ended_at__gte=since).select_related("asked_by")
    return [
        Draft(
            kind=Kind.RUN_ENDED,
            recipient=run.asked_by,
            occasion=f"run {run.pk}",
            data={"run": run.pk, "title": run.title, "state": run.state},
            detail=run.text,
            by=run.stop_asked_by_id,
        )
        for run in runs
        if run.ended_at and run.ended_at - run.asked_at > WATCHED
    ]


def find_stand_ins(progress: NoticeProgress, now: datetime) -> list[Draft]:
    """Who stands in from today on, and was not told yet."""
    began = clock.day_of(progress.began_at)
    rows = standing_in().select_related("stand_in", "absent")
    known = set(
        Notice.objects.filter(
            kind=Kind.STAND_IN, recipient__in=rows.order_by().values("stand_in")
        ).values_list("occasion", flat=True)
    )
    drafts = [
        Draft(
            kind=Kind.STAND_IN,
            recipient=row.stand_in,
            occasion=f"stand-in {row.pk} {row.first_day}",
            detail=row.reason,
            data={
                "stand_in": row.pk,
                "absent": row.absent.get_username(),
                "first_day": row.first_day.isoformat(),
                "last_day": row.last_day.isoformat(),
            },
            by=row.created_by_id,
        )
        for row in rows
        if row.first_day >= began or row.created_at >= progress.began_at
    ]
    return [draft for draft in drafts if draft.occasion not in known]


def register() -> None:
    for name, find in (
        ("late", find_late),
        ("runs", find_ended_runs),
        ("stand-ins", find_stand_ins),
    ):
        register_trigger(Trigger(name, find))

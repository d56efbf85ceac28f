"""What the worker does each minute: read on in the events, and look for the rest."""

import time
from datetime import datetime

from django.db import transaction

from procurement.events.frontier import settled_of
from procurement.notices.clearing import clear_orders
from procurement.notices.events import drafts_of
from procurement.notices.models import NoticeProgress
from procurement.notices.operations import give_notices
from procurement.notices.triggers import triggers
from procurement.orders.models import OrderEvent

PAGE = 200
LONGEST_SECONDS = 40
PROGRESS_KEY = 1


def progress_row(now: datetime) -> NoticeProgress:
    """The row that says how far the worker is; a new one begins at the present end."""
    row = NoticeProgress.objects.filter(pk=PROGRESS_KEY).first()
    if row is None:
        row, _ = NoticeProgress.objects.get_or_create(
            pk=PROGRESS_KEY,
            defaults={
                "cursor": settled_of(OrderEvent),
                "began_at": now,
                "runs_read_to": now,
            },
        )
    return row


def gather(now: datetime) -> None:
    """Make the notices of all that has happened, and end those that are over."""
    until = time.monotonic() + LONGEST_SECONDS
    while _read_page(now) and time.monotonic() < until:
        pass
    _look(now)


def _read_page(now: datetime) -> bool:
    """Take one page of events; say whether there is another one.

    The page is worked out before anything is locked. What two workers make of it is
    the same, and kept once; the cursor is moved by the first of them.
    """
    after = progress_row(now).cursor
    events = _read_on(after)
    if not events:
        return False
    drafts = list(drafts_of(events))
    with transaction.atomic():
        progress = NoticeProgress.objects.select_for_update().get(pk=PROGRESS_KEY)
        if progress.cursor != after:
            return True
        give_notices(drafts=drafts, now=now)
        clear_orders(order_ids=(event.order_id for event in events), now=now)
        progress.cursor = events[-1].pk
        progress.save(update_fields=["cursor"])
    return len(events) == PAGE


def _read_on(after: int) -> list[OrderEvent]:
    """The next page of events before which none can appear any more."""
    settled = OrderEvent.objects.filter(pk__gt=after, pk__lte=settled_of(OrderEvent))
    return list(settled.select_related("order__buyer").order_by("pk")[:PAGE])


@transaction.atomic
def _look(now: datetime) -> None:
    progress_row(now)
    progress = NoticeProgress.objects.select_for_update().get(pk=PROGRESS_KEY)
    for trigger in triggers():
        give_notices(drafts=trigger.find(progress, now), now=now)
    progress.save(update_fields=["runs_read_to", "late_read_on"])

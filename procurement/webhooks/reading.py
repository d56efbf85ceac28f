"""Reading on in the events for one endpoint, and putting in what it is to be told."""

from django.db import transaction
from django.utils import timezone

from procurement.access.fields import utc_text
from procurement.events import feed
from procurement.events.cursors import Position, cursor_text, parse_cursor
from procurement.events.frontier import settled
from procurement.webhooks import queries, receivers
from procurement.webhooks.models import Delivery, Endpoint

PAGE = 100
MOST_WAITING = 1000
"""With so many waiting no more is read: the feed keeps it, and a receiver that is
away for days does not fill the table."""


def read_on(endpoint: Endpoint) -> bool:
    """Put in the next page of what the endpoint is to be told; say if there is more.

    The page is worked out before anything is locked; the cursor moves together with
    what it stands for, and only from where it stood.
    """
    if queries.waiting_count(endpoint) >= MOST_WAITING:
        Endpoint.objects.filter(pk=endpoint.pk).update(is_full=True)
        return False
    end = settled()
    reader = queries.reader_of(endpoint)
    page = feed.read_events(
        after=endpoint.cursor, limit=PAGE, user=reader, types=endpoint.types
    )
    if page.cursor == endpoint.cursor:
        _come_back(endpoint, end)
        return False
    now = timezone.now()
    deliveries = [
        Delivery(
            endpoint=endpoint,
            message_id=event.id,
            type=event.type,
            event_at=event.at,
            body=receivers.as_body(event.type, utc_text(event.at) or "", event.json()),
            next_attempt_at=now,
        )
        for event in page.events
    ]
    with transaction.atomic():
        ours = Endpoint.objects.filter(
            pk=endpoint.pk, cursor=endpoint.cursor, version=endpoint.version
        )
        if not ours.update(cursor=page.cursor, is_full=False):
            # It was changed meanwhile: what was read is read anew, as it is now.
            return True
        # An endpoint that was made to begin earlier may come past the same event.
        Delivery.objects.bulk_create(deliveries, ignore_conflicts=True)
    endpoint.cursor = page.cursor
    return page.has_more


def _come_back(endpoint: Endpoint, end: Position) -> None:
    """Put a cursor that stands beyond the end back to it, or it would seem to lag.

    It may have been given so, or the newest events were deleted with their subject.
    Read twice, an event is put in once.
    """
    position = parse_cursor(endpoint.cursor)
    back = {letter: min(last, end[letter]) for letter, last in position.items()}
    ours = Endpoint.objects.filter(pk=endpoint.pk, cursor=endpoint.cursor)
    ours.update(cursor=cursor_text(back))

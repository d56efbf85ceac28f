"""Going through a supplier's list of changes, and how far that proves it read.

A list that is being read page by page moves meanwhile: an order that changes goes to
another place, and what stood behind it moves up, maybe onto a page that was read
already. So a list of several pages that holds anything new is gone through forwards
and then backwards. What moves up in between is met on the way back, what moves down
is met on the way there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from procurement.fulfilment.entries import EntryReader
from procurement.fulfilment.looks import ENDED
from procurement.fulfilment.models import PollState
from procurement.fulfilment.patience import Patience
from procurement.fulfilment.turns import Turn
from procurement.orders.models import PurchaseOrder
from procurement.suppliers.conversations import Conversation
from procurement.suppliers.models import Supplier
from vendors.contracts import ChangedPage
from vendors.http import VendorClient

FIRST_LOOK_BACK = timedelta(days=1)


@dataclass(frozen=True)
class Reached:
    """How far the list has been read.

    Attributes:
        cursor: every change before it has been seen; None where nothing is dated.
        newest_seen: the latest change that was listed.
    """

    cursor: datetime | None
    newest_seen: datetime | None


class ListReader:
    """Goes through the list of changes of one supplier, once."""

    def __init__(
        self,
        talk: Conversation,
        turn: Turn,
        entries: EntryReader,
        patience: Patience,
        since: datetime,
    ) -> None:
        self._talk = talk
        self._turn = turn
        self._entries = entries
        self._patience = patience
        self._since = since
        self._newest: datetime | None = None

    def read(self, newest_before: datetime | None) -> Reached:
        """Go through the list as often as it takes; say how far that was.

        Args:
            newest_before: the latest change listed when it was read last time.

        Raises:
            VendorError: the list or an order on it could not be read.
            TakenOver: the turn was lost.
        """
        began = timezone.now()
        pages = self._forwards()
        took = max(timezone.now() - began, timedelta())
        newest = self._newest
        if newest is None or (newest_before and newest <= newest_before):
            # Nothing new is dated, so there is nothing for the cursor to pass.
            return Reached(self._since, newest_before)
        if len(pages) > 1:
            self._backwards(pages)
            reached = newest - took
        else:
            reached = newest
        # A time in the future, which is a mistake of somebody's, must not make us
        # blind until then; and a cursor that lags costs a longer list at most.
        return Reached(max(self._since, min(reached, began)), newest)

    def _forwards(self) -> list[int]:
        pages: list[int] = []
        page: int | None = 0
        while page is not None:
            pages.append(page)
            page = self._turn_to(page).next_page
        return pages

    def _backwards(self, pages: list[int]) -> None:
        """Go back over all pages but the last, which was read this moment."""
        newest = self._newest
        for page in reversed(pages[:-1]):
            self._turn_to(page)
        # What was met on the way back proves nothing of what lies before it.
        self._newest = newest

    def _turn_to(self, page: int) -> ChangedPage:
        list_changed: Callable[[VendorClient, datetime, int], ChangedPage]
        list_changed = self._talk.supplier.api.list_changed_orders  # type: ignore[assignment]
        found = self._patience.call(
            lambda: list_changed(self._talk.client, self._since, page)
        )
        self._turn.keep()
        self._entries.take(found.orders)
        times = [each.changed_at for each in found.orders if each.changed_at]
        self._newest = max([*times, *filter(None, [self._newest])], default=None)
        return found


def beginning(state: PollState) -> datetime:
    """Since when to ask: the cursor, else from before the oldest open order."""
    return state.cursor or _oldest_open(state.supplier) - FIRST_LOOK_BACK


def _oldest_open(supplier: Supplier) -> datetime:
    first = (
        PurchaseOrder.objects.filter(supplier=supplier, sent_at__isnull=False)
        .exclude(fulfilment__in=ENDED)
        .order_by("sent_at")
        .values_list("sent_at", flat=True)
        .first()
    )
    return first or timezone.now()

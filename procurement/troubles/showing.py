"""How other screens show that something needs a person."""

import threading
import time
from typing import Any

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.translation import gettext as _

from procurement.adminshow import capped_count
from procurement.orders.models import PurchaseOrder
from procurement.troubles import queries
from procurement.troubles.buttons import buttons
from procurement.troubles.rows import COLUMNS, Row, read_rows

MOST_IN_A_BADGE = 99
COUNTED_AGAIN_AFTER = 10.0
"""Seconds. Putting the question together costs every page more than its answer."""
_MOST_REMEMBERED = 1000


class _Counts:
    """What this process counted lately for each person; shared by its threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[int, tuple[float, str]] = {}

    def of(self, user: User) -> str:
        now = time.monotonic()
        with self._lock:
            counted_at, count = self._known.get(user.pk, (float("-inf"), ""))
        if now - counted_at < COUNTED_AGAIN_AFTER:
            return count
        count = capped_count(queries.needing_a_person(user), MOST_IN_A_BADGE)
        with self._lock:
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.clear()
            self._known[user.pk] = (now, count)
        return count


counts = _Counts()


def navigation_entry(user: User) -> dict[str, Any]:
    """The entry of the side bar; its badge counts no further than it shows, and may
    be some seconds old."""
    entry: dict[str, Any] = {
        "title": _("Needs a person"),
        "icon": "front_hand",
        "link": reverse("troubles:list"),
    }
    count = counts.of(user)
    if count != "0":
        entry["badge"] = count
    return entry


def troubles_of(order: PurchaseOrder, user: User) -> list[Row]:
    """What is in trouble about one order, with its buttons, for the order's page."""
    found = list(queries.of_order(order).only(*COLUMNS))
    shown = read_rows(found, user) if found else []
    for row in shown:
        row.buttons = buttons(row, user)
    return shown

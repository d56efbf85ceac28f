"""Finding an order whose answer was lost, in the list of all orders.

Source: that all own orders are listed with their products is documented; the rest
is our procedure. Our number decides, in its own member or in the note. Only where
the shop shows no such number at any order may the contents speak, and then only of
orders that were not there before: people order in the web shop too.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from vendors.contracts import LookUp, OrderRequest, VendorOrder
from vendors.http import VendorClient
from vendors.kvik.comparing import holds_the_same
from vendors.kvik.entries import Entry
from vendors.kvik.listing import list_entries

FOUND_BY = (
    "It was not there before the order was sent, carries no order number of ours, and "
    "holds the same items in the same quantities."
)


def note_before_placing(client: VendorClient, order: OrderRequest) -> Mapping[str, Any]:
    """Return the numbers of all orders there are before this one is placed.

    Raises:
        NotSent: the list could not be read to its end.
    """
    entries = list_entries(client, purpose="note_before_placing")
    return {"numbers": sorted(entry.order.number for entry in entries)}


def find_orders(client: VendorClient, sought: LookUp) -> tuple[VendorOrder, ...]:
    """Return every order that carries our number; without any, those alike.

    Raises:
        NotSent: it can't be told; the orders found may not be all.
    """
    entries = list_entries(client, purpose="find_orders")
    marked = [entry for entry in entries if carries(entry, sought.reference)]
    if marked:
        return tuple(
            replace(entry.order, reference=sought.reference) for entry in marked
        )
    if any(_is_marked(entry, sought.reference) for entry in entries):
        # The shop shows our numbers, so an order without one was made by somebody
        # else, however much it looks like ours.
        return ()
    tolerance = timedelta(minutes=client.option("clock_tolerance"))
    return tuple(
        replace(entry.order, found_by=FOUND_BY)
        for entry in entries
        if _is_alike(entry, sought, tolerance)
    )


def carries(entry: Entry, reference: str) -> bool:
    """Whether an order has our number as its reference, or as a word of its note."""
    is_its_own = entry.order.reference.casefold() == reference.casefold()
    return is_its_own or _as_word(re.escape(reference), entry.note)


def _is_alike(entry: Entry, sought: LookUp, tolerance: timedelta) -> bool:
    before = _numbers_before(sought)
    if before is None or entry.order.number in before | sought.taken_numbers:
        return False
    created_at = entry.created_at
    if created_at is not None and created_at < sought.sent_at - tolerance:
        return False
    return not entry.order.reference and holds_the_same(sought.order, entry)


def _is_marked(entry: Entry, reference: str) -> bool:
    """Whether an order carries a number made like ours, in one place or the other."""
    shape = _shape(reference)
    return _as_word(shape, entry.order.reference) or _as_word(shape, entry.note)


def _numbers_before(sought: LookUp) -> frozenset[str] | None:
    """Return what was listed before the order went out; None if it is not known."""
    numbers = (sought.before or {}).get("numbers")
    return frozenset(map(str, numbers)) if isinstance(numbers, list) else None


def _shape(reference: str) -> str:
    """Return a pattern of all numbers made like ours: PO-2031-000042, any digits."""
    parts = re.split(r"\d+", reference)
    return r"\d+".join(map(re.escape, parts))


def _as_word(pattern: str, text: str) -> bool:
    alone = rf"(?<![\w/-]){pattern}(?![\w/-])"
    return re.search(alone, text, re.IGNORECASE) is not None

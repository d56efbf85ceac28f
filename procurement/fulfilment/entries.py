"""The entries of a supplier's list of orders: which are ours, and which have moved."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from django.utils import timezone

from procurement.fulfilment.looks import ENDED
from procurement.fulfilment.patience import Patience
from procurement.fulfilment.reading import read_or_flag, record
from procurement.fulfilment.recording import flag
from procurement.fulfilment.timetable import OrderFacts
from procurement.fulfilment.turns import Turn
from procurement.orders import ledger
from procurement.orders.models import PurchaseOrder
from procurement.orders.operations import lock
from procurement.orders.states import Sending
from procurement.suppliers.conversations import Conversation
from procurement.transmissions.models import Operation, State, Transmission
from vendors.contracts import ChangedOrder

AT_ONCE = 500
"""Entries compared in one query; a list that is given whole may hold thousands."""


class _Ours(NamedTuple):
    """What of an order of ours is compared with an entry."""

    pk: int
    number: str
    supplier_order_number: str
    supplier_changed_at: datetime | None
    supplier_fingerprint: str
    fulfilment: str
    sent_at: datetime | None
    promised_date: object
    requested_date: object


class EntryReader:
    """Works off the entries of a list in one poll: reads those of ours that moved.

    Attributes:
        read: how many it has read.
        open_orders: what is known of each order of ours that was listed and is open.
    """

    def __init__(self, talk: Conversation, turn: Turn, patience: Patience) -> None:
        self._talk = talk
        self._turn = turn
        self._patience = patience
        self._supplier = talk.supplier
        self._newest: dict[str, datetime] = {}
        self.read = 0
        self.open_orders: dict[int, OrderFacts] = {}

    def take(self, entries: tuple[ChangedOrder, ...]) -> None:
        """Work off the entries of one page.

        Raises:
            VendorError: an order could not be read; those before it are recorded.
            TakenOver: the turn was lost; nothing more was recorded.
        """
        for some in _in_parts(entries):
            self._learn_numbers(some)
            self._look_up_witnessed(some)
            ours = self._ours(some)
            for each in self._latest(some):
                order = ours.get(each.number)
                if order is not None and _has_moved(order, each):
                    self._read(order, each)

    def _read(self, order: _Ours, seen: ChangedOrder) -> None:
        self.read += 1
        if seen.order is not None:
            record(
                self._talk,
                order.pk,
                seen.order,
                fingerprint=seen.fingerprint,
                turn=self._turn,
            )
            return
        known = PurchaseOrder(
            pk=order.pk,
            number=order.number,
            supplier_order_number=order.supplier_order_number,
        )
        self._patience.call(
            lambda: read_or_flag(
                self._talk, known, changed_at=seen.changed_at, turn=self._turn
            )
        )

    def _ours(self, entries: list[ChangedOrder]) -> dict[str, _Ours]:
        numbers = {each.number for each in entries} - {""}
        rows = PurchaseOrder.objects.filter(
            supplier=self._supplier, supplier_order_number__in=numbers
        ).values_list(*_Ours._fields)
        ours = {}
        for row in rows:
            order = _Ours(*row)
            ours[order.supplier_order_number] = order
            if order.fulfilment not in ENDED and order.sent_at:
                self.open_orders[order.pk] = OrderFacts(
                    order_id=order.pk,
                    sent_at=order.sent_at,
                    due_on=order.promised_date or order.requested_date,  # type: ignore[arg-type]
                )
        return ours

    def _latest(self, entries: list[ChangedOrder]) -> Iterable[ChangedOrder]:
        """Of several entries of one order the latest; none older than seen before."""
        latest: dict[str, ChangedOrder] = {}
        for each in entries:
            if each.changed_at is not None:
                newest = self._newest.setdefault(each.number, each.changed_at)
                if each.changed_at < newest:
                    continue
                self._newest[each.number] = each.changed_at
            latest[each.number] = each
        return latest.values()

    def _learn_numbers(self, entries: list[ChangedOrder]) -> None:
        """Compare the numbers our references are listed under with those we know.

        An order that was taken without a number gets its number; one that is listed
        under a second number was placed twice, by whomever, and needs a person.
        """
        listed: dict[str, set[str]] = {}
        for each in entries:
            if each.reference and each.number:
                listed.setdefault(each.reference, set()).add(each.number)
        if not listed:
            return
        ours = PurchaseOrder.objects.filter(
            supplier=self._supplier, transmission=Sending.SENT, number__in=list(listed)
        )
        for pk, reference, number in list(
            ours.values_list("pk", "number", "supplier_order_number")
        ):
            if listed[reference] != {number}:
                self._learn(pk, listed[reference])

    def _learn(self, order_id: int, listed: set[str]) -> None:
        with self._turn.writing():
            order = lock(order_id)
            known = {order.supplier_order_number} - {""}
            numbers = sorted(listed | known)
            if len(numbers) > 1:
                flag(
                    order,
                    f"The supplier has it under {len(numbers)} numbers: "
                    f"{', '.join(numbers)}. Have all but one cancelled.",
                )
            elif not known:
                ledger.write(
                    order,
                    "number_learnt",
                    actor_name=self._supplier.name,
                    text=f"The supplier lists it under the number {numbers[0]}.",
                    supplier_order_number=numbers[0],
                )

    def _look_up_witnessed(self, entries: list[ChangedOrder]) -> None:
        """An unknown order that is listed has landed: look it up at once."""
        listed = {each.reference for each in entries} - {""}
        if not listed:
            return
        unknown = Transmission.objects.filter(
            supplier=self._supplier,
            operation=Operation.PLACE_ORDER,
            state=State.UNKNOWN,
        )
        witnessed = [
            pk
            for pk, reference in unknown.values_list("pk", "reference")
            if reference in listed
        ]
        if witnessed:
            unknown.filter(pk__in=witnessed).update(
                next_look_up_at=timezone.now(), hinted_at=None
            )


def _has_moved(order: _Ours, seen: ChangedOrder) -> bool:
    """Whether the entry of a list tells of something we have not recorded.

    An earlier time than the recorded one is news as well: clocks go back.
    """
    if seen.fingerprint:
        return order.supplier_fingerprint != seen.fingerprint
    return order.supplier_changed_at != seen.changed_at


def _in_parts(entries: tuple[ChangedOrder, ...]) -> Iterator[list[ChangedOrder]]:
    for start in range(0, len(entries), AT_ONCE):
        yield list(entries[start : start + AT_ONCE])

"""A supplier that answers from memory, as the play wishes, and keeps honest books."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from tests.fakes import FakeClient, FakeVendor
from tests.rest.model import FORWARD, ZERO, derived_of
from vendors.contracts import (
    Accepted,
    ChangedOrder,
    ChangedPage,
    Fulfilment,
    ItemKey,
    LookUp,
    Offer,
    OrderRequest,
    Vendor,
    VendorLine,
    VendorOrder,
)
from vendors.errors import Kind, NotSent, OutcomeUnknown, Refused

LANDS = ("accepted", "accepted without a number", "lost after")
MOODS = (*LANDS, "lost before", "refused", "not sent", "throttled")
"""How a call that writes goes; what is lost before or after never got an answer."""

MOVES = ("confirm", "pick", "ship some", "ship", "deliver", "cancel")


@dataclass
class TheirLine:
    position: int
    item_number: str
    quantity: Decimal
    is_confirmed: bool = False
    picking: Decimal = ZERO
    shipped: Decimal = ZERO
    cancelled: Decimal = ZERO

    def state(self) -> str:
        if self.cancelled >= self.quantity:
            return "cancelled"
        if self.shipped >= self.quantity - self.cancelled:
            return "shipped"
        if self.shipped:
            return "partially_shipped"
        if self.picking:
            return "picking"
        return "confirmed" if self.is_confirmed else "none"


@dataclass
class Booked:
    """One order in the supplier's books, as far as it has come there."""

    number: str
    request: OrderRequest
    lines: list[TheirLine]
    changed_at: datetime
    is_delivered: bool = False

    def header(self) -> str:
        derived = derived_of([line.state() for line in self.lines])
        return "delivered" if self.is_delivered and derived == "shipped" else derived

    def move(self, how: str) -> None:
        """Confirm, pick, ship some, ship, deliver or cancel what can still be."""
        for line in self.lines:
            open_now = line.quantity - line.cancelled - line.shipped
            line.is_confirmed = True
            if how == "pick":
                line.picking = max(line.picking, open_now)
            elif how == "ship some":
                line.shipped += min(open_now, Decimal(1))
            elif how in ("ship", "deliver"):
                line.shipped += open_now
            elif how == "cancel" and not line.shipped:
                line.cancelled = line.quantity
        self.is_delivered |= how == "deliver"
        self.changed_at = timezone.now()

    def shown(self) -> VendorOrder:
        return VendorOrder(
            number=self.number,
            reference=self.request.reference,
            raw_status=self.header().title(),
            fulfilment=Fulfilment(self.header()),
            lines=tuple(
                VendorLine(
                    position=line.position,
                    item_number=line.item_number,
                    quantity=line.quantity,
                    is_confirmed=line.is_confirmed,
                    quantity_picking=line.picking,
                    quantity_shipped=line.shipped,
                    quantity_cancelled=line.cancelled,
                )
                for line in self.lines
            ),
            changed_at=self.changed_at,
        )


@dataclass
class PlayedSupplier(FakeVendor):
    """`mood` says how the next call that writes goes."""

    mood: str = "accepted"
    booked: list[Booked] = field(default_factory=list)
    prices: dict[str, Decimal] = field(default_factory=dict)

    def place(self, client: FakeClient, order: OrderRequest) -> Accepted:
        self._go(client, self.mood)
        if self.on_place:
            self.on_place(order)
        if self.mood not in LANDS:
            raise OutcomeUnknown("Nothing came back.", kind=Kind.TIMEOUT)
        landed = self.take(order)
        if self.mood == "lost after":
            raise OutcomeUnknown("Nothing came back.", kind=Kind.TIMEOUT)
        client.said("place_order")
        has_number = self.mood == "accepted"
        return Accepted(number=landed.number if has_number else None)

    def take(self, order: OrderRequest) -> Booked:
        """Write an order down, whatever answer is given."""
        lines = [
            TheirLine(line.position, line.item_number, line.quantity)
            for line in order.lines
        ]
        number = f"{self.code.upper()}-{len(self.booked) + 1}"
        self.booked.append(Booked(number, order, lines, timezone.now()))
        return self.booked[-1]

    def cancel(self, client: FakeClient, number: str) -> Accepted:
        self._go(client, self.mood)
        found = self.under(number)
        if FORWARD.index(found.header()) > FORWARD.index("confirmed"):
            raise Refused("Picking has begun.", kind=Kind.NOT_ALLOWED)
        if self.mood in LANDS:
            found.move("cancel")
        if self.mood.startswith("lost"):
            raise OutcomeUnknown("Nothing came back.", kind=Kind.TIMEOUT)
        client.said("cancel_order")
        return Accepted(number=number)

    def _go(self, client: FakeClient, mood: str) -> None:
        """What ends before the supplier has done anything."""
        if client.before_write:
            client.before_write()
        if mood == "not sent":
            raise NotSent("No connection.", kind=Kind.CONNECTION)
        if mood == "throttled":
            raise NotSent("Too many calls.", kind=Kind.THROTTLED)
        client.has_written = True
        if mood == "refused":
            raise Refused("They won't.")

    def under(self, number: str) -> Booked:
        return next(each for each in self.booked if each.number == number)

    def with_reference(self, reference: str) -> list[Booked]:
        return [each for each in self.booked if each.request.reference == reference]

    def find(self, client: FakeClient, sought: LookUp) -> tuple[VendorOrder, ...]:
        client.said("find_orders")
        return tuple(each.shown() for each in self.with_reference(sought.reference))

    def read(self, client: FakeClient, number: str) -> VendorOrder:
        client.said("read_order")
        return self.under(number).shown()

    def list_changed(
        self, client: FakeClient, since: datetime, page: int
    ) -> ChangedPage:
        client.said("list_changed_orders")
        changed = tuple(
            ChangedOrder(
                number=each.number,
                reference=each.request.reference,
                raw_status=each.header().title(),
                changed_at=each.changed_at,
            )
            for each in self.booked
        )
        return ChangedPage(orders=changed, next_page=None)

    def fetch_offers(
        self, client: FakeClient, items: Sequence[ItemKey]
    ) -> tuple[Offer, ...]:
        client.said("fetch_offers")
        return tuple(
            Offer(
                item_number=item.item_number,
                unit_price=self.prices[item.item_number],
                currency="SEK",
                as_of=timezone.now(),
            )
            for item in items
        )

    def vendor(self) -> Vendor:
        made: Any = super().vendor()
        if not self.can_follow:
            return made  # type: ignore[no-any-return]
        return replace(made, fetch_offers=self.fetch_offers)

"""What is on the shelves, and how much of it orders have taken."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from vendors.sandbox.extend.catalogue import ARTICLES, CHANGED_AT
from vendors.sandbox.extend.orders import CustomerOrder, Row
from vendors.sandbox.extend.words import Stage

Place = tuple[str, str]  # product number, warehouse
NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Claim:
    """Sales units an order holds of one product in one warehouse."""

    reserved: Decimal = NOTHING
    shipped: Decimal = NOTHING

    def __add__(self, other: "Claim") -> "Claim":
        return Claim(self.reserved + other.reserved, self.shipped + other.shipped)


@dataclass(slots=True)
class Shelf:
    """Sales units of one product in one warehouse."""

    physical: Decimal
    reserved: Decimal
    changed_at: datetime

    @property
    def available(self) -> Decimal:
        """Return what is free to sell; negative where more was sold than is there."""
        return self.physical - self.reserved


@dataclass(frozen=True, slots=True)
class Change:
    """A shelf that changed: what is on it, or what of it may be sold."""

    place: Place
    is_physical: bool
    is_available: bool


class Stock:
    """The shelves of the installation. All orders together are booked on them."""

    def __init__(self) -> None:
        self._shelves = {
            (article.number, warehouse): Shelf(Decimal(units), NOTHING, CHANGED_AT)
            for article in ARTICLES.values()
            for warehouse, units in article.stock.items()
        }
        self._claims: dict[str, Mapping[Place, Claim]] = {}

    def shelf(self, place: Place) -> Shelf:
        empty = Shelf(NOTHING, NOTHING, CHANGED_AT)
        return self._shelves.setdefault(place, empty)

    def available_for(self, order: CustomerOrder, row: Row) -> Decimal | None:
        """Return what is left once the row has got its goods; None for no goods."""
        if row.article is None:
            return None
        left = self.shelf((row.product_number, row.warehouse)).available
        is_booked = order.number in self._claims
        return left if is_booked else left - units_of(row, row.quantity)

    def book(self, order: CustomerOrder, at: datetime) -> list[Change]:
        """Put what an order holds now in the place of what it held before."""
        old, new = self._claims.get(order.number, {}), _claims_of(order)
        self._claims[order.number] = new
        changes = []
        for place in dict.fromkeys((*old, *new)):
            before, after = old.get(place, Claim()), new.get(place, Claim())
            if before != after:
                changes.append(self._move(place, before, after, at))
        return changes

    def _move(self, place: Place, before: Claim, after: Claim, at: datetime) -> Change:
        shelf = self.shelf(place)
        physical, available = shelf.physical, shelf.available
        shelf.physical -= after.shipped - before.shipped
        shelf.reserved += after.reserved - before.reserved
        shelf.changed_at = max(shelf.changed_at, at)
        return Change(place, shelf.physical != physical, shelf.available != available)


def units_of(row: Row, quantity: Decimal) -> Decimal:
    """Return a quantity of a row in sales units."""
    factor = row.article.sales_units(row.unit) if row.article else None
    return quantity * (factor or 1)


def _claims_of(order: CustomerOrder) -> dict[Place, Claim]:
    claims: dict[Place, Claim] = defaultdict(Claim)
    for row in order.goods:
        if row.article is not None and row.supply_mode == "Warehouse":
            for claim in _claims_of_row(order, row):
                claims[row.product_number, row.warehouse] += claim
    return claims


def _claims_of_row(order: CustomerOrder, row: Row) -> Iterator[Claim]:
    units, first = units_of(row, row.quantity), units_of(row, order.shipped_first(row))
    match Stage(order.life.stage):
        case Stage.ANNULLED:
            return
        case Stage.SHIPPED:
            yield Claim(shipped=units)
        case Stage.PARTLY_SHIPPED:
            yield Claim(reserved=units - first, shipped=first)
        case Stage.CLOSED_SHORT if Stage.PARTLY_SHIPPED in order.life.reached_at:
            yield Claim(shipped=first)
        case Stage.CLOSED_SHORT:
            return
        case _:
            yield Claim(reserved=units)

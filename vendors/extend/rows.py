"""Extend order rows, and which of our lines they belong to.

What comes back is not what was sent: rows are added (freight, the parts of a kit),
split when a part is delivered, and kept when annulled.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, tzinfo
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from vendors import reading
from vendors.contracts import Fulfilment
from vendors.extend.words import Meaning, Words

POSITION_STEP = 10
"""Our line 3 is Extend's position 30, which leaves room for rows they add."""

RANK = {
    Fulfilment.NONE: 0,
    Fulfilment.CONFIRMED: 1,
    Fulfilment.PICKING: 2,
    Fulfilment.PARTIALLY_SHIPPED: 3,
    Fulfilment.SHIPPED: 4,
    Fulfilment.DELIVERED: 5,
}

ZERO = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of Extend's; quantities in the sales unit."""

    position: int | None
    line: int | None
    """The position of our line, where it can be told."""
    is_sent: bool
    """Whether it carries the mark of a row we sent."""
    parent: int | None
    """The position of the kit it is a part of."""
    item_number: str
    quantity: Decimal
    shipped: Decimal
    level: Fulfilment | None
    """How far it has come; None if its words say nothing."""
    is_goods: bool
    raw_status: str
    attention: str
    unit_price: Decimal | None
    promised_date: date | None
    shipment: str

    @property
    def is_cancelled(self) -> bool:
        return self.level is Fulfilment.CANCELLED


def read_rows(
    rows: Iterable[Mapping[str, Any]],
    names: Mapping[str, str],
    words: Words,
    zone: tzinfo,
) -> list[Row]:
    """Translate rows and tell which of our lines they belong to."""
    found = [_to_row(row, names, words, zone) for row in rows]
    lines = {row.position: row.line for row in found if row.is_sent}
    if lines:
        # A split row may have lost our mark; it keeps its position. What Extend
        # added by itself has a position of its own and belongs to no line.
        return [
            row if row.is_sent else replace(row, line=lines.get(row.position))
            for row in found
        ]
    return [replace(row, line=_line_of(row.position)) for row in found]


def _line_of(position: int | None) -> int | None:
    if not position or position < 0 or position % POSITION_STEP:
        return None
    return position // POSITION_STEP


def _to_row(
    row: Mapping[str, Any], names: Mapping[str, str], words: Words, zone: tzinfo
) -> Row:
    def member(name: str) -> Any:
        return reading.member(row, names[f"row.{name}"])

    sales, mark = member("sales"), member("external")
    ours = reading.whole(reading.member(mark, names["external_row.position"]))
    if ours is None:
        ours = reading.whole(reading.member(mark, names["external_row.id"]))
    quantity = reading.number(reading.member(sales, names["sales.quantity"]))
    status = words.row(reading.text(member("status")))
    level = _level(row, status, names, words)
    position = reading.whole(member("position"))
    delivered = _delivered(member("delivery"), sales, names)
    level, shipped, attention = _progress(level, quantity or ZERO, delivered)
    if status.needs_attention:
        attention = attention or f"is {status.raw}"
    parent = reading.whole(member("parent"))
    mode = reading.text(member("supply_mode"))
    not_goods = names["row_words.not_goods"].casefold().split()
    item = reading.member(member("product"), names["row.item_number"])
    return Row(
        position=position,
        line=ours if ours and ours > 0 else None,
        is_sent=bool(ours and ours > 0),
        parent=parent if parent != position else None,
        item_number=reading.text(item),
        quantity=quantity or ZERO,
        shipped=shipped,
        level=level,
        is_goods=mode.casefold() not in not_goods and (quantity or ZERO) >= 0,
        raw_status=status.raw,
        attention=attention,
        unit_price=reading.number(reading.member(sales, names["sales.price"])),
        promised_date=reading.day(member("expected"), zone),
        shipment=reading.text(member("shipment")),
    )


def _level(
    row: Mapping[str, Any], status: Meaning, names: Mapping[str, str], words: Words
) -> Fulfilment | None:
    """Return how far a row's words say it is; quantities may say more."""
    operation = reading.text(reading.member(row, names["row.operation"]))
    allocation = reading.text(reading.member(row, names["row.allocation"]))
    allocated = words.allocation(allocation).level
    if operation == names["row_words.inactive"]:
        return Fulfilment.CANCELLED
    is_cancelled = status.level is Fulfilment.CANCELLED
    if allocated is Fulfilment.SHIPPED and not is_cancelled:
        return Fulfilment.SHIPPED
    return status.level


def _delivered(delivery: Any, sales: Any, names: Mapping[str, str]) -> Decimal | None:
    """Return what Extend says was delivered, if it counts in the same unit."""
    unit = reading.text(reading.member(delivery, names["sales.unit"]))
    sales_unit = reading.text(reading.member(sales, names["sales.unit"]))
    if unit and sales_unit and unit != sales_unit:
        return None
    return reading.number(reading.member(delivery, names["sales.quantity"]))


def _progress(
    level: Fulfilment | None, quantity: Decimal, delivered: Decimal | None
) -> tuple[Fulfilment | None, Decimal, str]:
    """Return how far a row is, how much of it has left, and what is odd about it."""
    if level in (Fulfilment.SHIPPED, Fulfilment.DELIVERED):
        if delivered is None:
            return level, quantity, ""
        if delivered <= 0 < quantity:
            return Fulfilment.PICKING, ZERO, "is picked, and nothing was delivered"
        short = f"is picked, but only {delivered} of {quantity} was delivered"
        return level, delivered, short if delivered < quantity else ""
    if delivered is None or delivered <= 0:
        return level, ZERO, ""
    if level is Fulfilment.CANCELLED:
        return level, delivered, ""
    is_whole = delivered >= quantity
    reached = Fulfilment.SHIPPED if is_whole else Fulfilment.PARTIALLY_SHIPPED
    return reached, delivered, ""


def roots(rows: Sequence[Row]) -> list[Row]:
    """Return the rows without the parts of kits, each kit as far as its parts are."""
    parts: defaultdict[int, list[Row]] = defaultdict(list)
    positions = {row.position for row in rows}
    for row in rows:
        if row.parent is not None and row.parent in positions:
            parts[row.parent].append(row)
    return [
        _judged_by_parts(row, _leaves(row, parts))
        for row in rows
        if row.parent is None or row.parent not in positions
    ]


def _leaves(row: Row, parts: Mapping[int, list[Row]]) -> list[Row]:
    """Return the goods at the bottom of a kit, which may hold kits."""
    leaves, seen, waiting = list[Row](), set[int](), [row]
    while waiting:
        position = waiting.pop().position
        if position is None or position in seen:
            continue
        seen.add(position)
        for part in parts.get(position, ()):
            waiting.append(part)
            if part.is_goods and part.position not in parts:
                leaves.append(part)
    return leaves


def _judged_by_parts(kit: Row, parts: list[Row]) -> Row:
    if not parts or kit.is_cancelled:
        return kit
    level = combined(parts)
    active = [part for part in parts if not part.is_cancelled and part.quantity > 0]
    kits = min(
        (kit.quantity * part.shipped / part.quantity for part in active),
        default=kit.quantity if level is Fulfilment.SHIPPED else ZERO,
    )
    is_whole = kits >= kit.quantity
    words = dict.fromkeys(part.raw_status for part in parts if part.raw_status)
    days = [part.promised_date for part in (kit, *active) if part.promised_date]
    return replace(
        kit,
        level=level,
        shipped=kit.quantity if is_whole else kits.to_integral_value(ROUND_FLOOR),
        raw_status=", ".join(words),
        attention=next((part.attention for part in parts if part.attention), ""),
        promised_date=max(days, default=None),
    )


def combined(rows: Iterable[Row]) -> Fulfilment | None:
    """Return how far several rows are together; None if no word tells.

    Annulled rows don't hold the others back. As long as one row is not shipped, the
    whole is not, and one that is shipped makes it partially so.
    """
    levels = [row.level for row in rows]
    active = [level for level in levels if level is not Fulfilment.CANCELLED]
    if not active:
        return Fulfilment.CANCELLED if levels else None
    ranks = [-1 if level is None else RANK[level] for level in active]
    if min(ranks) >= RANK[Fulfilment.SHIPPED]:
        return Fulfilment.SHIPPED
    if max(ranks) >= RANK[Fulfilment.PARTIALLY_SHIPPED]:
        return Fulfilment.PARTIALLY_SHIPPED
    if max(ranks) == RANK[Fulfilment.PICKING]:
        return Fulfilment.PICKING
    if min(ranks) == RANK[Fulfilment.CONFIRMED]:
        return Fulfilment.CONFIRMED
    return None if max(ranks) < 0 else Fulfilment.NONE

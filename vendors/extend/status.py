"""Extend order states in our words, from one whole order as the API gives it.

Source: the names of the states are documented, their meaning is not; what is
made of them stands in `mapping.py` and below. "Delivered" does not exist there: it
comes from our own goods receipt. An order is judged by its rows and its head
together, always anew, and a word nobody knows is kept and never guessed at.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import tzinfo
from decimal import Decimal
from typing import Any

from vendors import reading
from vendors.contracts import (
    Fulfilment,
    VendorCharge,
    VendorLine,
    VendorOrder,
    VendorShipment,
)
from vendors.extend.rows import RANK, ZERO, Row, combined, read_rows, roots
from vendors.extend.words import Meaning, Words


def to_order(data: Any, names: Mapping[str, str], zone: tzinfo) -> VendorOrder | None:
    """Translate one order of get-one or of a create's answer; None if it is none.

    Args:
        zone: holds for dates that name none.
    """
    if isinstance(data, list) and len(data) == 1:
        data = data[0]
    header = reading.member(data, names["order.header"])
    if not isinstance(header, dict):
        return None
    words = Words(names)
    status = words.order(reading.text(reading.member(header, names["header.status"])))
    listed = reading.objects(reading.member(data, names["order.rows"])) or []
    rows = read_rows(listed, names, words, zone)
    tops = roots(rows)
    goods = [row for row in tops if row.is_goods]
    fulfilment, doubt = _fulfilment(status, goods)
    lines = [row for row in tops if row.is_goods or row.is_sent]
    return VendorOrder(
        number=reading.text(reading.member(header, names["header.number"])),
        reference=reading.text(reading.member(header, names["header.reference"])),
        raw_status=status.raw,
        fulfilment=fulfilment,
        lines=_lines(lines, status, fulfilment),
        shipments=_shipments(header, lines, names, zone),
        charges=_charges(row for row in tops if not row.is_goods and not row.is_sent),
        is_invoiced=bool(
            reading.objects(reading.member(header, names["header.invoices"]))
        ),
        is_locked=_is_locked(status, goods),
        attention=_attention(status, doubt, goods),
        unknown_words=tuple(words.unknown),
        changed_at=reading.moment(
            reading.member(header, names["header.changed"]), zone
        ),
    )


def _fulfilment(status: Meaning, goods: list[Row]) -> tuple[Fulfilment | None, str]:
    """Return how far the order is, and what is doubtful about it."""
    by_rows = combined(goods)
    shipped = sum((row.shipped for row in goods), ZERO)
    is_annulled = status.level is Fulfilment.CANCELLED
    if is_annulled or by_rows is Fulfilment.CANCELLED:
        if not shipped:
            return Fulfilment.CANCELLED, ""
        return None, "It is annulled, but goods were shipped."
    if status.is_by_rows:
        return _closed(status, goods, shipped)
    reached = [level for level in (status.level, by_rows) if level is not None]
    return max(reached, key=RANK.__getitem__, default=None), ""


def _closed(
    status: Meaning, goods: list[Row], shipped: Decimal
) -> tuple[Fulfilment | None, str]:
    """Judge an order that is closed: after delivery, or cut short."""
    active = [row for row in goods if not row.is_cancelled]
    if any(row.level is Fulfilment.SHIPPED for row in active) or shipped > 0:
        is_whole = all(row.level is Fulfilment.SHIPPED for row in active)
        doubt = "" if is_whole else f"It is {status.raw}, but not all was shipped."
        return Fulfilment.SHIPPED, doubt
    return None, f"It is {status.raw}, and no goods were shipped."


def _charges(rows: Iterable[Row]) -> tuple[VendorCharge, ...]:
    """Return what was added with a price: freight, fees, roundings, discounts."""
    return tuple(
        VendorCharge(text=row.item_number, amount=row.unit_price * row.quantity)
        for row in rows
        if row.unit_price and row.quantity and not row.is_cancelled
    )


def _is_locked(status: Meaning, goods: list[Row]) -> bool:
    """Whether picking has begun, from when on nothing can be changed."""
    levels = [status.level, *(row.level for row in goods)]
    picking = RANK[Fulfilment.PICKING]
    is_begun = any(RANK.get(level, 0) >= picking for level in levels if level)
    return is_begun or status.is_by_rows or any(row.shipped > 0 for row in goods)


def _attention(status: Meaning, doubt: str, goods: Iterable[Row]) -> str:
    said = [f"Extend holds the order: {status.raw}."] if status.needs_attention else []
    said.append(doubt)
    odd = [f"Row {row.position} {row.attention}." for row in goods if row.attention]
    said += odd[:5]
    return " ".join(filter(None, said))


def _lines(
    rows: list[Row], status: Meaning, fulfilment: Fulfilment | None
) -> tuple[VendorLine, ...]:
    """Put the rows of each line together; a row of no line stays by itself."""
    groups: defaultdict[object, list[Row]] = defaultdict(list)
    for row in rows:
        own = (row.position, row.item_number)
        groups[row.line if row.line is not None else own].append(row)
    is_cancelled = fulfilment is Fulfilment.CANCELLED
    is_confirmed = RANK.get(status.level or Fulfilment.NONE, 0) >= 1
    return tuple(
        _line(found, is_confirmed=is_confirmed, is_cancelled=is_cancelled)
        for found in groups.values()
    )


def _line(rows: list[Row], *, is_confirmed: bool, is_cancelled: bool) -> VendorLine:
    def is_void(row: Row) -> bool:
        return is_cancelled or row.is_cancelled

    def left(row: Row) -> Decimal:
        return max(row.quantity - row.shipped, ZERO)

    picking = {Fulfilment.PICKING, Fulfilment.PARTIALLY_SHIPPED}
    active = [row for row in rows if not is_void(row)]
    ranks = [RANK[row.level] if row.level else -1 for row in active]
    promised = [row.promised_date for row in active or rows if row.promised_date]
    first = rows[0]
    return VendorLine(
        position=first.line,
        item_number=first.item_number,
        quantity=sum((row.quantity for row in rows), ZERO),
        is_confirmed=bool(active) and (is_confirmed or min(ranks) >= 1),
        quantity_picking=sum((left(r) for r in active if r.level in picking), ZERO),
        quantity_shipped=sum((row.shipped for row in rows), ZERO),
        quantity_cancelled=sum((left(row) for row in rows if is_void(row)), ZERO),
        unit_price=first.unit_price,
        promised_date=max(promised, default=None),
        raw_status=", ".join(dict.fromkeys(filter(None, (r.raw_status for r in rows)))),
    )


def _shipments(
    header: Mapping[str, Any],
    rows: list[Row],
    names: Mapping[str, str],
    zone: tzinfo,
) -> tuple[VendorShipment, ...]:
    """Return the shipments of the head, and those only rows tell of."""
    quantities: dict[str, dict[int, Decimal]] = {}
    for row in rows:
        if row.shipment and row.shipped > 0:
            of_shipment = quantities.setdefault(row.shipment, {})
            if row.line is not None:
                of_shipment[row.line] = of_shipment.get(row.line, ZERO) + row.shipped
    found = []
    listed = reading.objects(reading.member(header, names["header.shipments"])) or []
    for entry in listed:
        number = reading.text(reading.member(entry, names["shipment.number"]))
        packages = reading.member(entry, names["shipment.packages"])
        picked = reading.moment(reading.member(entry, names["shipment.picked"]), zone)
        created = reading.moment(reading.member(entry, names["shipment.created"]), zone)
        forwarder = reading.member(entry, names["shipment.forwarder"])
        found.append(
            VendorShipment(
                number=number,
                shipped_at=picked or created,
                forwarder=reading.text(forwarder),
                packages=tuple(reading.scalars(packages)),
                quantities=quantities.pop(number, {}),
            )
        )
    found += [VendorShipment(number=n, quantities=q) for n, q in quantities.items()]
    return tuple(found)

"""From what the supplier says of an order to our lines, shipments and state.

Forward only: a stale answer takes nothing back. What the supplier says that we
can't place (an unknown word, a price that isn't the approved one) is kept and
flagged for a person, once.
"""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from uuid import UUID

from procurement.fulfilment.models import Package, Shipment, ShipmentLine
from procurement.money import plain, price_text, round_amount
from procurement.orders import ledger
from procurement.orders.models import OrderEvent, OrderLine, PurchaseOrder
from procurement.orders.states import (
    RANK,
    Fulfilment,
    forward,
    line_fulfilment,
    order_fulfilment,
)
from procurement.suppliers.operations import note_unknown_words
from procurement.transmissions.models import Operation, Transmission
from vendors.contracts import Fulfilment as Theirs
from vendors.contracts import VendorLine, VendorOrder, VendorShipment

NOT_IN_TABLE = "not in its table"
LINE_COLUMNS = (
    "is_confirmed",
    "quantity_picking",
    "quantity_shipped",
    "quantity_cancelled",
    "fulfilment",
    "supplier_status",
    "promised_date",
    "first_promised_date",
)


def record_vendor_order(
    order: PurchaseOrder,
    seen: VendorOrder,
    *,
    conversation: UUID | None = None,
    **read_as: Any,
) -> bool:
    """Carry the supplier's view into a locked order; say whether anything moved.

    Args:
        read_as: columns that say which view this was; written, and no news.
    """
    lines = list(order.lines.all())
    moved = _move_lines(order, lines, seen)
    arrived = _record_shipments(order, lines, seen.shipments)
    changes = _order_changes(order, lines, seen)
    worries = _worries(order, lines, seen)
    if moved or arrived or changes:
        ledger.write(
            order,
            str(changes.get("fulfilment", "supplier_update")),
            actor_name=order.supplier.name,
            text=_summary(seen, changes, arrived),
            data={"lines": moved, "shipments": arrived},
            conversation=conversation,
            **changes,
            **read_as,
        )
    elif read_as:
        for name, value in read_as.items():
            setattr(order, name, value)
        order.save(update_fields=list(read_as))
    _raise_or_clear(order, worries, conversation)
    if seen.unknown_words:
        note_unknown_words(
            supplier=order.supplier, words=seen.unknown_words, subject=order.number
        )
    return bool(moved or arrived or changes)


def _move_lines(
    order: PurchaseOrder, lines: list[OrderLine], seen: VendorOrder
) -> list[dict[str, Any]]:
    matched = match(lines, seen.lines)
    is_confirmed = seen.fulfilment not in (None, Theirs.NONE, Theirs.CANCELLED)
    moved = []
    for line in lines:
        before = {name: getattr(line, name) for name in LINE_COLUMNS}
        line.is_confirmed |= is_confirmed
        if theirs := matched.get(line.position):
            _move_line(line, theirs)
        if seen.fulfilment == Theirs.CANCELLED:
            line.fulfilment = forward(line.fulfilment, Fulfilment.CANCELLED)
        else:
            line.fulfilment = forward(line.fulfilment, line_fulfilment(line))
        if (
            seen.fulfilment == Theirs.DELIVERED
            and line.fulfilment == Fulfilment.SHIPPED
        ):
            # The supplier says that it has arrived; what we count in is another thing.
            line.fulfilment = Fulfilment.DELIVERED
        changed = [name for name in LINE_COLUMNS if getattr(line, name) != before[name]]
        if changed:
            line.save(update_fields=changed)
            moved.append(
                {
                    "position": line.position,
                    **{name: _plain(getattr(line, name)) for name in changed},
                }
            )
    return moved


def _move_line(line: OrderLine, theirs: VendorLine) -> None:
    line.is_confirmed |= theirs.is_confirmed
    line.quantity_picking = max(line.quantity_picking, theirs.quantity_picking)
    line.quantity_shipped = max(line.quantity_shipped, theirs.quantity_shipped)
    line.quantity_cancelled = min(
        max(line.quantity_cancelled, theirs.quantity_cancelled), line.quantity
    )
    line.supplier_status = theirs.raw_status[:100]
    if theirs.promised_date:
        line.promised_date = theirs.promised_date
        line.first_promised_date = line.first_promised_date or theirs.promised_date


def match(
    lines: Iterable[OrderLine], theirs: Iterable[VendorLine]
) -> dict[int, VendorLine]:
    """Find the supplier's line for each of ours: by position, else by item number.

    An item that stands on several of our lines is never guessed; a brand, where both
    sides give one, tells them apart.
    """
    by_position = {line.position: line for line in theirs if line.position is not None}
    theirs_of, ours_of = defaultdict(list), defaultdict(list)
    for their in theirs:
        if their.position is None:
            theirs_of[their.item_number].append(their)
    for line in lines:
        ours_of[line.item_number].append(line)
    found = {}
    for item_number, ours in ours_of.items():
        for line in ours:
            if line.position in by_position:
                found[line.position] = by_position[line.position]
                continue
            alike = [
                their
                for their in theirs_of[item_number]
                if _may_be_one_brand(line.brand, their.brand)
            ]
            if len(alike) != 1:
                continue
            rivals = [
                other
                for other in ours
                if _may_be_one_brand(other.brand, alike[0].brand)
            ]
            if len(rivals) == 1:
                found[line.position] = alike[0]
    return found


def _may_be_one_brand(one: str, other: str) -> bool:
    return not (one and other) or one.casefold() == other.casefold()


def _record_shipments(
    order: PurchaseOrder, lines: list[OrderLine], seen: Iterable[VendorShipment]
) -> list[str]:
    """Store shipments not seen before; return their numbers."""
    by_position = {line.position: line for line in lines}
    known = {shipment.number: shipment for shipment in order.shipments.all()}
    arrived = []
    for theirs in seen:
        shipment = known.get(theirs.number)
        if shipment is None:
            shipment = Shipment.objects.create(
                order=order,
                number=theirs.number,
                shipped_at=theirs.shipped_at,
                forwarder=theirs.forwarder[:80],
            )
            arrived.append(theirs.number)
        # Parcel numbers may come later than the shipment.
        for package in theirs.packages:
            Package.objects.get_or_create(shipment=shipment, number=package[:80])
        for position, quantity in theirs.quantities.items():
            if position in by_position and quantity > 0:
                ShipmentLine.objects.update_or_create(
                    shipment=shipment,
                    order_line=by_position[position],
                    defaults={"quantity": quantity},
                )
    return arrived


def _order_changes(
    order: PurchaseOrder, lines: list[OrderLine], seen: VendorOrder
) -> dict[str, Any]:
    derived = order_fulfilment([Fulfilment(line.fulfilment) for line in lines])
    if (
        seen.fulfilment is not None
        and RANK[Fulfilment(seen.fulfilment)] <= RANK[Fulfilment.PICKING]
    ):
        # Up to picking the header may say more than its rows do.
        derived = forward(derived, seen.fulfilment)
    promised = [line.promised_date for line in lines if line.promised_date]
    now = {
        "fulfilment": forward(order.fulfilment, derived),
        "supplier_status": seen.raw_status[:100],
        "supplier_order_number": order.supplier_order_number or seen.number,
        "payment_status": seen.payment_status[:100] or order.payment_status,
        "supplier_charges": [
            {"text": charge.text, "amount": _amount(charge.amount, order.currency)}
            for charge in seen.charges
        ],
        "is_invoiced": order.is_invoiced or seen.is_invoiced,
        "promised_date": max(promised) if promised else order.promised_date,
    }
    return {name: value for name, value in now.items() if getattr(order, name) != value}


def _worries(
    order: PurchaseOrder, lines: list[OrderLine], seen: VendorOrder
) -> list[str]:
    """What a person should look at, one sentence each."""
    worries = [
        f"{order.supplier} uses a word that is {NOT_IN_TABLE}: "
        f"{key.partition('.')[2] or key}."
        for key in seen.unknown_words
    ]
    if seen.attention:
        worries.append(seen.attention)
    if seen.fulfilment == Theirs.CANCELLED and not _we_cancelled(order):
        worries.append(f"{order.supplier} cancelled the order.")
    matched = match(lines, seen.lines)
    for line in lines:
        theirs = matched.get(line.position)
        if (
            theirs is not None
            and line.fulfilment == Fulfilment.CANCELLED
            and theirs.quantity_shipped > 0
        ):
            worries.append(
                f"Line {line.position} is cancelled, and the supplier has shipped "
                f"{plain(theirs.quantity_shipped)} of it. Call the supplier."
            )
        if theirs is None:
            if seen.lines and seen.fulfilment != Theirs.CANCELLED:
                worries.append(
                    f"{order.supplier} does not show line {line.position} "
                    f"({line.item_number})."
                )
            continue
        if theirs.unit_price is not None and theirs.unit_price != line.unit_price:
            worries.append(
                f"Line {line.position}: the supplier's price is "
                f"{price_text(theirs.unit_price, order.currency)} instead of "
                f"{price_text(line.unit_price, order.currency)}."
            )
        if theirs.quantity != line.quantity:
            worries.append(
                f"Line {line.position}: the supplier has {plain(theirs.quantity)} "
                f"instead of {plain(line.quantity)}."
            )
    return worries


def _we_cancelled(order: PurchaseOrder) -> bool:
    asked = Transmission.objects.filter(
        operation=Operation.CANCEL_ORDER, subject=order.number
    )
    by_hand = OrderEvent.objects.filter(
        order=order, kind="cancelled", data__is_manual=True
    )
    return asked.exists() or by_hand.exists()


def _raise_or_clear(
    order: PurchaseOrder, worries: list[str], conversation: UUID | None
) -> None:
    """Flag worries, or take back a flag whose cause the supplier has removed."""
    text = " ".join(worries)[: ledger.ATTENTION_LENGTH]
    if text:
        flag(order, text, conversation=conversation)
    elif order.attention and _was_flagged(order, order.attention):
        ledger.write(
            order,
            "attention_over",
            actor_name=order.supplier.name,
            text="What was flagged is no longer so at the supplier.",
            conversation=conversation,
            attention="",
        )


def flag(order: PurchaseOrder, text: str, *, conversation: UUID | None = None) -> None:
    """Ask for a person, once: what was flagged and dismissed stays dismissed."""
    if text != order.attention and not _was_flagged(order, text):
        ledger.write(
            order,
            "attention",
            actor_name=order.supplier.name,
            text=text,
            conversation=conversation,
            attention=text,
        )


def _was_flagged(order: PurchaseOrder, text: str) -> bool:
    return OrderEvent.objects.filter(order=order, kind="attention", text=text).exists()


def _amount(amount: Decimal, currency: str) -> str:
    return price_text(round_amount(amount, currency), currency)


def _summary(seen: VendorOrder, changes: dict[str, Any], arrived: list[str]) -> str:
    parts = [f"The supplier says {seen.raw_status}."] if seen.raw_status else []
    if payment := changes.get("payment_status"):
        parts.append(f"Payment: {payment}.")
    if charges := changes.get("supplier_charges"):
        added = (f"{charge['text']} {charge['amount']}" for charge in charges)
        parts.append(f"It adds {', '.join(added)}.")
    if arrived:
        parts.append(f"Shipped: {', '.join(arrived)}.")
    return " ".join(parts)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return plain(value)
    return value if isinstance(value, bool | str | None) else str(value)

"""What becomes of an order when the supplier is called: by hand, as `judging` is."""

from tests.rest.judging import (
    ANY,
    LOOK_UPS,
    SOME,
    TRIES,
    Ask,
    conflict,
    on_its_way,
)
from tests.rest.model import FORWARD, Carrier, Order, derived_of, forward
from tests.rest.supplier import Booked, PlayedSupplier

HOURS_THROTTLED = 24
"""A supplier that asks for patience for longer than that has failed."""


def is_at_eet(order: Order) -> bool:
    """It takes orders and can't be asked about them."""
    return order.supplier == "eet-nord"


# --- one try ----------------------------------------------------------------------


def placed(order: Order, mood: str, number: str, hours: int) -> None:
    """A worker has carried the order to the supplier, and this came of it."""
    carrier = order.placing
    assert carrier is not None
    carrier.tries += mood != "throttled"
    carrier.is_throttled = mood == "throttled"
    if mood in ("accepted", "accepted without a number"):
        arrived(order, number)
    elif mood.startswith("lost"):
        lost(order, carrier)
    elif mood == "refused":
        order.transmission, order.attention, order.placing = "refused", SOME, None
    elif _is_hopeless(carrier, hours):
        order.transmission, order.attention, order.placing = "failed", SOME, None
    else:
        carrier.state, carrier.due = "queued", "later"
        order.transmission, order.attention = "queued", ""


def _is_hopeless(carrier: Carrier, hours: int) -> bool:
    if carrier.is_throttled:
        return hours - carrier.asked_at >= HOURS_THROTTLED
    return carrier.tries >= TRIES


def arrived(order: Order, number: str) -> None:
    order.transmission, order.attention, order.placing = "sent", "", None
    order.supplier_number = number


def lost(order: Order, carrier: Carrier) -> None:
    """Nobody knows whether it landed; never is it sent again by itself."""
    carrier.state = "unknown"
    carrier.due = "never" if is_at_eet(order) else "later"
    if carrier is order.placing:
        order.transmission = "unknown"
        if is_at_eet(order):
            order.attention = SOME


def cancelled_there(order: Order) -> None:
    order.cancelling = None
    # Both can't be right: goods came in, and the supplier agrees to send none.
    order.attention = SOME if any(line.received for line in order.lines) else ""
    order.fulfilment = forward(order.fulfilment, "cancelled")
    for line in order.lines:
        line.state = forward(line.state, "cancelled")


def not_cancelled(order: Order) -> None:
    order.cancelling = None
    if order.fulfilment != "cancelled":
        order.attention = SOME


def cancelling_tried(order: Order, mood: str, hours: int) -> None:
    """A worker has asked the supplier to cancel it, and this came of it."""
    carrier = order.cancelling
    assert carrier is not None
    carrier.tries += mood != "throttled"
    carrier.is_throttled = mood == "throttled"
    if mood in ("accepted", "accepted without a number"):
        cancelled_there(order)
    elif mood.startswith("lost"):
        lost(order, carrier)
    elif mood == "refused" or _is_hopeless(carrier, hours):
        not_cancelled(order)
    else:
        carrier.state, carrier.due = "queued", "later"


# --- asking the supplier ----------------------------------------------------------


def looked_up(order: Order, supplier: PlayedSupplier) -> None:
    """The supplier was asked about an unknown outcome."""
    carrier = on_its_way(order, "unknown")
    assert carrier is not None
    found = supplier.with_reference(order.number)
    if carrier is order.placing and found:
        arrived(order, found[0].number)
        return
    if carrier is order.cancelling and found[0].header() == "cancelled":
        cancelled_there(order)
        return
    carrier.look_ups += 1
    carrier.due = "later"
    if carrier.look_ups >= LOOK_UPS:
        carrier.due = "never"
        if order.fulfilment != "cancelled":
            order.attention = SOME


def merge(order: Order, seen: Booked) -> None:
    """Carry the supplier's view into the order; it only ever adds."""
    header = seen.header()
    by_position = {line.position: line for line in seen.lines}
    for line in order.lines:
        theirs = by_position[line.position]
        is_alive = header not in ("none", "cancelled")
        line.is_confirmed |= is_alive or theirs.is_confirmed
        line.picking = max(line.picking, theirs.picking)
        line.shipped = max(line.shipped, theirs.shipped)
        cancelled = max(line.cancelled, theirs.cancelled)
        line.cancelled = min(cancelled, line.quantity)
        derived = "cancelled" if header == "cancelled" else line.derived()
        line.state = forward(line.state, derived)
        if header == "delivered" and line.state == "shipped":
            line.state = "delivered"
    states = derived_of([line.state for line in order.lines])
    if FORWARD.index(header) <= FORWARD.index("picking"):
        states = forward(states, header)
    order.fulfilment = forward(order.fulfilment, states)
    order.attention = ANY


def refresh(order: Order, supplier: PlayedSupplier) -> None:
    if order.transmission == "unknown" and not is_at_eet(order):
        looked_up(order, supplier)
        return
    if order.transmission != "sent" or is_at_eet(order) or not order.supplier_number:
        raise conflict("not_refreshable")
    merge(order, supplier.under(order.supplier_number))


def check_lines(order: Order, supplier: PlayedSupplier, hours: int) -> None:
    if order.fulfilment == "cancelled" or is_at_eet(order):
        raise conflict("not_checkable")
    other = {
        line.position: supplier.prices[line.item_number]
        for line in order.lines
        if supplier.prices[line.item_number] != line.unit_price
    }
    order.checked = (order.content, hours, other)


def resolve(order: Order, ask: Ask) -> None:
    """A person has found out; the play's people tell the truth."""
    carrier = on_its_way(order, "unknown")
    if carrier is None:
        raise conflict("not_unknown")
    has_landed = ask.body["outcome"] == "placed"
    if carrier is order.placing:
        if has_landed:
            arrived(order, ask.body.get("supplier_order_number", ""))
        else:
            order.transmission, order.attention, order.placing = "none", "", None
    elif has_landed:
        cancelled_there(order)
    else:
        order.cancelling = None


def found_out(order: Order, supplier: PlayedSupplier) -> str:
    """What the supplier's books say of an unknown outcome."""
    booked = supplier.with_reference(order.number)
    if order.cancelling is not None:
        return "placed" if booked[0].header() == "cancelled" else "not_placed"
    return "placed" if booked else "not_placed"


def polled(order: Order, supplier: PlayedSupplier) -> None:
    """The supplier's list was read, and what of it is ours and has moved."""
    for seen in supplier.with_reference(order.number):
        if order.transmission == "unknown" and order.placing:
            order.placing.due = "now"
        elif order.transmission == "sent":
            order.supplier_number = order.supplier_number or seen.number
            merge(order, seen)

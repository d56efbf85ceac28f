"""What each call on an order has to answer, and what it makes of the order.

Written by hand from the product's description, as `model` is: `Refusal` where the
call has to be refused, and else the order is changed in place.
"""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tests.rest.model import ZERO, Carrier, Line, Order
from tests.rest.people import Caller

SOME = "?"
"""An attention flag with a text of the product's own choice."""
ANY = "*"
"""Whether it is flagged is not foretold."""
LOOK_UPS = 3
TRIES = 3
ASKS_LATER = frozenset({"send", "look_up", "try_now"})
BY_THE_RIGHT = frozenset({"approve", "return", "reject", "forward"})


class Refusal(Exception):
    def __init__(self, status: int, code: str = "") -> None:
        super().__init__(f"{status} {code}")
        self.status, self.code = status, code


def conflict(code: str = "") -> Refusal:
    return Refusal(409, code)


INVALID = 400


@dataclass(frozen=True)
class Ask:
    """A call on an order: its body, and what is known of it beforehand.

    Attributes:
        is_bad: the body won't do whatever the order is.
        version: the one given in `If-Match`.
        objects: whether the supplier could not take the order as it is.
        is_taken: whether the supplier has used the invoice's number before.
        hours: on the play's clock.
        lines: what `lines` of the body mean.
    """

    body: Mapping[str, Any]
    is_bad: bool = False
    version: int | None = None
    objects: bool = False
    is_taken: bool = False
    hours: int = 0
    lines: Sequence[Line] = ()


Judge = Callable[[Order, Caller, Ask], None]


# --- approval ---------------------------------------------------------------------


def submit(order: Order, caller: Caller, ask: Ask) -> None:
    if order.fulfilment == "cancelled":
        raise conflict("not_allowed")
    if order.approval not in ("draft", "returned"):
        raise conflict("not_allowed")
    order.approval, order.handed_to = "pending", ""
    order.former_buyers &= {caller.username}


def _require_turn(order: Order, caller: Caller, *, own_matters: bool) -> None:
    if order.fulfilment == "cancelled" or order.approval != "pending":
        raise conflict("not_pending")
    if order.handed_to and order.handed_to != caller.username:
        raise conflict("not_your_turn")
    if own_matters and caller.username in order.owners:
        raise conflict("own_order")


def approve(order: Order, caller: Caller, ask: Ask) -> None:
    _require_turn(order, caller, own_matters=True)
    if ask.version is not None and ask.version != order.version:
        raise Refusal(412, "version_conflict")
    order.approval, order.approver = "approved", caller.username
    order.approved_content = order.content


def decline(order: Order, caller: Caller, ask: Ask, *, approval: str) -> None:
    _require_turn(order, caller, own_matters=bool(order.handed_to))
    order.approval, order.approved_content = approval, None


def send_back(order: Order, caller: Caller, ask: Ask) -> None:
    decline(order, caller, ask, approval="returned")


def reject(order: Order, caller: Caller, ask: Ask) -> None:
    decline(order, caller, ask, approval="rejected")


def hand_on(order: Order, caller: Caller, ask: Ask) -> None:
    _require_turn(order, caller, own_matters=True)
    colleague = ask.body["colleague"]
    if colleague not in ("anna", "axel", "chief"):
        raise Refusal(INVALID)
    if colleague == (order.handed_to or caller.username) or colleague in order.owners:
        raise Refusal(INVALID)
    order.handed_to = colleague


# --- content ----------------------------------------------------------------------


def content_changed(order: Order, caller: Caller) -> None:
    order.changed_by = caller.username
    if order.transmission in ("refused", "failed"):
        order.transmission, order.attention = "none", ""
    order.void_approval()


def change(order: Order, caller: Caller, ask: Ask) -> None:
    if ask.version is not None and ask.version != order.version:
        raise Refusal(412, "version_conflict")
    if not order.is_changeable:
        raise conflict("not_changeable")
    before = order.content
    body = ask.body
    if "lines" in body:
        order.lines = [deepcopy(line) for line in ask.lines]
    order.note = body.get("note", order.note)
    reference_before = order.reference
    order.reference = body.get("external_reference", order.reference)
    if order.content != before:
        content_changed(order, caller)
    elif order.reference != reference_before:
        order.void_if_own()


def take_prices(order: Order, caller: Caller, ask: Ask) -> None:
    if not order.is_changeable or order.checked is None:
        raise conflict("prices_not_taken")
    content, _, prices = order.checked
    assert isinstance(prices, dict)
    if content != order.content or not prices:
        raise conflict("prices_not_taken")
    if ask.version is not None and ask.version != order.version:
        raise Refusal(412, "version_conflict")
    for line in order.lines:
        line.unit_price = prices.get(line.position, line.unit_price)
    content_changed(order, caller)
    order.checked = (order.content, order.checked[1], {})


def comment(order: Order, caller: Caller, ask: Ask) -> None:
    """Whatever the order is."""


def assign(order: Order, caller: Caller, ask: Ask) -> None:
    buyer = ask.body["buyer"]
    if buyer == "nobody":
        raise Refusal(INVALID)
    if buyer == order.buyer:
        raise conflict("already_assigned")
    order.former_buyers.add(order.buyer)
    order.buyer = buyer
    if order.is_changeable:
        order.void_if_own()


# --- sending ----------------------------------------------------------------------


def send(order: Order, caller: Caller, ask: Ask) -> None:
    if order.fulfilment == "cancelled":
        raise conflict()
    if order.transmission not in ("none", "refused", "failed"):
        raise conflict("already_sent")
    if order.approval != "approved":
        raise conflict("not_approved")
    if order.transmission == "refused":
        raise conflict("not_allowed")
    if ask.objects:
        raise conflict("supplier_objects")
    order.transmission, order.attention, order.placing = (
        "queued",
        "",
        Carrier(asked_at=ask.hours),
    )


def cancel(order: Order, caller: Caller, ask: Ask) -> None:
    if order.fulfilment == "cancelled" or order.transmission in ("sending", "unknown"):
        raise conflict("not_cancellable")
    if order.transmission == "sent":
        if (
            order.fulfilment not in ("none", "confirmed")
            or order.supplier == "eet-nord"
            or not order.supplier_number
        ):
            raise conflict("not_cancellable")
        if order.cancelling is not None:
            raise conflict("not_allowed")
        order.cancelling = Carrier(asked_at=ask.hours)
        return
    order.placing, order.transmission = None, "none"
    order.fulfilment, order.attention = "cancelled", ""
    for line in order.lines:
        line.state = "cancelled"


def on_its_way(order: Order, state: str) -> Carrier | None:
    for carrier in (order.placing, order.cancelling):
        if carrier is not None and carrier.state == state:
            return carrier
    return None


def look_up(order: Order, caller: Caller, ask: Ask) -> None:
    carrier = on_its_way(order, "unknown")
    if carrier is None:
        raise conflict("not_unknown")
    if order.supplier == "eet-nord":
        raise conflict("cannot_look_up")
    if carrier.due == "now":
        raise conflict("due_already")
    carrier.due = "now"


def try_now(order: Order, caller: Caller, ask: Ask) -> None:
    carrier = on_its_way(order, "queued")
    if carrier is None or carrier.is_throttled or carrier.due == "now":
        raise conflict("not_now")
    carrier.due = "now"


def dismiss(order: Order, caller: Caller, ask: Ask) -> None:
    if not order.attention or order.transmission not in ("none", "sent"):
        raise conflict("not_allowed")
    order.attention = ""


# --- what the supplier said, by hand ----------------------------------------------


def _require_sent(order: Order, code: str, *too_far: str) -> None:
    if order.transmission != "sent" or order.fulfilment in too_far:
        raise conflict(code)


def _positions(order: Order, given: Mapping[str, str]) -> dict[int, Decimal]:
    """What was given by line; refused where no line has it or it can't be meant."""
    found = {int(position): Decimal(text) for position, text in given.items()}
    for position, quantity in found.items():
        if not order.has_position(position):
            raise Refusal(INVALID)
        if quantity < 0 or quantity > order.line(position).quantity * 10:
            raise Refusal(INVALID)
    return found


def _flag(order: Order, worry: str) -> None:
    """Once for the same words, however often they are true."""
    if worry not in order.flagged:
        order.flagged.add(worry)
        order.attention = SOME


def confirm(order: Order, caller: Caller, ask: Ask) -> None:
    _require_sent(order, "not_confirmable", "shipped", "delivered", "cancelled")
    given = _positions(order, ask.body.get("quantities", {}))
    worries = []
    for line in order.lines:
        wanted = line.quantity - line.cancelled
        confirmed = given.get(line.position, ZERO if given else wanted)
        line.is_confirmed |= confirmed > 0
        if line.position in given and confirmed != wanted:
            worries.append(f"{line.position}: {confirmed} of {wanted}")
    order.derive()
    if worries:
        _flag(order, f"confirmed {worries}")


def _open(
    order: Order, given: Mapping[str, str], nothing_left: Refusal
) -> dict[int, Decimal]:
    """What is taken of the open quantities; all of them where none are given."""
    if not any(line.to_ship for line in order.lines):
        raise nothing_left
    found = _positions(order, given)
    if any(quantity > order.line(at).to_ship for at, quantity in found.items()):
        raise Refusal(INVALID)
    wanted = found or {line.position: line.to_ship for line in order.lines}
    taken = {at: quantity for at, quantity in wanted.items() if quantity}
    if not taken:
        raise Refusal(INVALID)
    return taken


def ship(order: Order, caller: Caller, ask: Ask) -> None:
    _require_sent(order, "not_shippable", "cancelled", "delivered")
    if ask.body["number"] in order.shipments:
        raise conflict("already_recorded")
    given = ask.body.get("quantities", {})
    shipped = _open(order, given, conflict("not_shippable"))
    order.shipments.add(ask.body["number"])
    for at, quantity in shipped.items():
        line = order.line(at)
        line.is_confirmed = True
        line.shipped = max(line.shipped, line.received) + quantity
    order.derive()


def receive(order: Order, caller: Caller, ask: Ask) -> None:
    _require_sent(order, "not_receivable", "cancelled")
    counted = _positions(order, ask.body.get("quantities", {}))
    closes = ask.body.get("close_short", False)
    came = {at: quantity for at, quantity in counted.items() if quantity}
    if not came and not closes:
        raise Refusal(INVALID)
    if not came and not any(line.received for line in order.lines):
        raise conflict("nothing_received")
    document = ask.body.get("document", "")
    if document and (document, came) in order.counted:
        raise conflict("already_recorded")
    if came:
        order.counted.append((document, came))
    for at, quantity in counted.items():
        order.line(at).received += quantity
    for line in order.lines:
        if closes and (line.position in counted or not counted):
            line.cancelled += line.to_come
    order.derive()


def invoice(order: Order, caller: Caller, ask: Ask) -> None:
    _require_sent(order, "not_invoiceable")
    if ask.is_taken:
        raise conflict("already_recorded")
    order.invoiced += Decimal(ask.body["amount"])
    due = sum((line.due for line in order.lines), ZERO)
    is_final = ask.body.get("is_final", False)
    order.is_invoiced |= is_final or order.invoiced >= due
    if order.invoiced > due or (order.invoiced < due and is_final):
        _flag(order, f"invoiced {order.invoiced} of {due}")


def record_cancellation(order: Order, caller: Caller, ask: Ask) -> None:
    if order.fulfilment == "cancelled" or order.placing or order.cancelling:
        raise conflict("not_cancellable")
    _require_sent(order, "not_cancellable", "shipped", "delivered")
    given = ask.body.get("quantities", {})
    for at, quantity in _open(order, given, conflict("not_cancellable")).items():
        order.line(at).cancelled += quantity
    order.derive()
    if order.fulfilment == "cancelled":
        order.attention = ""


JUDGES: dict[str, Judge] = {
    "submit": submit,
    "approve": approve,
    "return": send_back,
    "reject": reject,
    "forward": hand_on,
    "change": change,
    "take_prices": take_prices,
    "comment": comment,
    "assign": assign,
    "send": send,
    "cancel": cancel,
    "look_up": look_up,
    "try_now": try_now,
    "dismiss": dismiss,
    "confirm": confirm,
    "ship": ship,
    "receive": receive,
    "invoice": invoice,
    "record_cancellation": record_cancellation,
}
"""All but `resolve`, `refresh` and `check_lines`, which depend on the supplier."""


def may_see(caller: Caller, order: Order) -> bool:
    return caller.shop is None or caller.shop == order.shop


def require_allowed(caller: Caller, action: str, order: Order, ask: Ask) -> None:
    """What is the same for every call: scope and role, sight, and a readable body."""
    if action not in caller.may:
        raise Refusal(403)
    if not may_see(caller, order):
        raise Refusal(404)
    if ask.is_bad:
        raise Refusal(INVALID)

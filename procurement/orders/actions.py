"""What can be done to an order, declared once for the admin and for REST.

Each app registers its operations here: a name, who may, what has to be entered,
why not now, and the operation. Buttons, confirmation pages, REST addresses and
their documentation are all made from this, so neither door can do what the other
refuses.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.contrib.auth.models import User

from procurement.orders import operations, rules
from procurement.orders.models import PurchaseOrder
from procurement.orders.states import Sending


class InputKind(StrEnum):
    TEXT = "text"
    LONG_TEXT = "long_text"
    CHOICE = "choice"
    BOOLEAN = "boolean"
    DATE = "date"
    LINE_QUANTITIES = "line_quantities"
    """A quantity for each line, by position: `{1: Decimal("3")}`."""


@dataclass(frozen=True, kw_only=True)
class Input:
    """One thing to be entered with an action; handed on by `name`."""

    name: str
    label: str
    kind: InputKind = InputKind.TEXT
    is_required: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    max_length: int | None = None
    help: str = ""


@dataclass(frozen=True, kw_only=True)
class OrderAction:
    """One operation on one order.

    `run` takes `order_id`, `actor`, the inputs, and `version` where `takes_version`
    is set. `why_not` says why the state of the order forbids it, or is empty.
    """

    name: str
    label: str
    summary: str
    permission: str
    scope: str
    run: Callable[..., Any]
    why_not: Callable[[PurchaseOrder, User], str]
    inputs: tuple[Input, ...] = field(default=())
    takes_version: bool = False
    is_dangerous: bool = False
    """What it does can't be taken back: the screen asks once more."""
    is_bulk: bool = False
    """It makes sense for many orders at once."""

    def may(self, user: User) -> bool:
        return user.has_perm(f"orders.{self.permission}")


_actions: dict[str, OrderAction] = {}


def register(*actions: OrderAction) -> None:
    for action in actions:
        _actions[action.name] = action


def all_actions() -> tuple[OrderAction, ...]:
    """Every action, in the order in which people meet them."""
    return tuple(sorted(_actions.values(), key=lambda action: _rank(action.name)))


def get_action(name: str) -> OrderAction:
    return _actions[name]


_SEQUENCE = (
    "submit",
    "approve",
    "return",
    "reject",
    "send",
    "refresh",
    "confirm",
    "receive",
    "resolve",
    "dismiss",
    "cancel",
)


def _rank(name: str) -> int:
    return _SEQUENCE.index(name) if name in _SEQUENCE else len(_SEQUENCE)


def _why_not_resolve(order: PurchaseOrder, user: User) -> str:
    if operations.unknown_transmission(order) is None:
        return f"The outcome of {order} is not unknown."
    return ""


def _why_not_dismiss(order: PurchaseOrder, user: User) -> str:
    if not order.attention:
        return f"{order} needs no attention."
    if order.transmission not in (Sending.NONE, Sending.SENT):
        return "What stands behind the flag has to be settled, not dismissed."
    return ""


OWN_ACTIONS = (
    OrderAction(
        name="submit",
        label="Ask for approval",
        summary="Ask for approval of a draft.",
        permission="submit_purchaseorder",
        scope="orders:write",
        run=operations.submit_order,
        why_not=lambda order, user: rules.why_not_submit(order),
        is_bulk=True,
    ),
    OrderAction(
        name="send",
        label="Send to supplier",
        summary="Have an approved order sent; a worker carries it.",
        permission="send_purchaseorder",
        scope="orders:write",
        run=operations.send_order,
        why_not=lambda order, user: rules.why_not_send(order),
        is_dangerous=True,
        is_bulk=True,
    ),
    OrderAction(
        name="cancel",
        label="Cancel",
        summary="Cancel an order, at the supplier too where it has it.",
        permission="cancel_purchaseorder",
        scope="orders:write",
        run=operations.cancel_order,
        why_not=lambda order, user: rules.why_not_cancel(order),
        inputs=(Input(name="reason", label="Reason"),),
        is_dangerous=True,
        is_bulk=True,
    ),
    OrderAction(
        name="resolve",
        label="Settle unknown outcome",
        summary="Record what was found out about an unknown outcome.",
        permission="resolve_purchaseorder",
        scope="orders:write",
        run=operations.resolve_order,
        why_not=_why_not_resolve,
        inputs=(
            Input(
                name="outcome",
                label="What was found out",
                kind=InputKind.CHOICE,
                is_required=True,
                choices=(
                    ("placed", "The supplier has it"),
                    ("not_placed", "The supplier does not have it"),
                ),
            ),
            Input(
                name="supplier_order_number",
                label="Supplier's order number",
                max_length=80,
                help="If the supplier has it and gave a number.",
            ),
            Input(
                name="evidence",
                label="Evidence",
                kind=InputKind.LONG_TEXT,
                is_required=True,
                help="Whom you asked or where you looked, and what was said.",
            ),
        ),
        is_dangerous=True,
    ),
    OrderAction(
        name="dismiss",
        label="Take the flag off",
        summary="Take the attention flag off, saying what was done.",
        permission="resolve_purchaseorder",
        scope="orders:write",
        run=operations.dismiss_attention,
        why_not=_why_not_dismiss,
        inputs=(
            Input(
                name="note",
                label="What was done about it",
                kind=InputKind.LONG_TEXT,
                is_required=True,
            ),
        ),
    ),
)
"""What can be done to an order without the apps above."""

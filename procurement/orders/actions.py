"""What can be done to an order, declared once for the admin and for REST.

Each app registers its operations here: a name, who may, what has to be entered,
why not now, and the operation. Buttons, confirmation pages, REST addresses and
their documentation are all made from this, so neither door can do what the other
refuses.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from procurement.orders import operations, rules, teamwork
from procurement.orders.models import OrderLine, PurchaseOrder
from procurement.orders.states import Sending
from procurement.texts import gettext_lazy
from vendors.contracts import Capability

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class InputKind(StrEnum):
    TEXT = "text"
    LONG_TEXT = "long_text"
    CHOICE = "choice"
    BOOLEAN = "boolean"
    DATE = "date"
    PERSON = "person"
    """One of `Input.people`, or any member of staff; by username."""
    AMOUNT = "amount"
    """An amount in the order's currency."""
    TEXTS = "texts"
    """Short texts: a list, or one on each line of a form."""
    LINE_QUANTITIES = "line_quantities"
    """A quantity for each line, by position: `{1: Decimal("3")}`."""
    LINE_DATES = "line_dates"
    """A day for each line, by position."""
    LINE_PRICES = "line_prices"
    """A price for each line, by position."""


PER_LINE = {InputKind.LINE_QUANTITIES, InputKind.LINE_DATES, InputKind.LINE_PRICES}


@dataclass(frozen=True, kw_only=True)
class Input:
    """One thing to be entered with an action; handed on by `name`."""

    name: str
    label: "StrOrPromise"
    kind: InputKind = InputKind.TEXT
    is_required: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    people: Callable[[], QuerySet[User]] | None = None
    max_length: int | None = None
    help: "StrOrPromise" = ""
    initial: Callable[[Any], Any] | None = None
    """What a form begins with, from the order; from the line where it is per line."""
    line_help: Callable[[OrderLine], str] | None = None

    @property
    def is_per_line(self) -> bool:
        return self.kind in PER_LINE


@dataclass(frozen=True, kw_only=True)
class OrderAction:
    """One operation on one order.

    `permission` is one of the orders', or another app's with its name before a dot.
    `run` takes `order_id`, `actor`, the inputs, and `version` where `takes_version`
    is set. `why_not` says why the state of the order forbids it, or is empty.
    """

    name: str
    label: "StrOrPromise"
    summary: "StrOrPromise"
    permission: str
    scope: str
    run: Callable[..., Any]
    why_not: Callable[[PurchaseOrder, User], str]
    inputs: tuple[Input, ...] = field(default=())
    prepare: Callable[[Sequence[PurchaseOrder], User], None] | None = None
    """Reads at once what `why_not` needs of many orders."""
    takes_version: bool = False
    is_dangerous: bool = False
    """What it does can't be taken back: the screen asks once more."""
    is_bulk: bool = False
    """It makes sense for many orders at once."""
    is_question: bool = False
    """It only asks a supplier how things stand: slow, outside of a transaction, and
    harmless whatever the order has become."""
    told_by: tuple[Capability, ...] = ()
    """Where a vendor offers any of these, its API does the step, and a person who
    does it by hand corrects the API."""
    correction: str = ""
    """What to say about it then."""
    example: Mapping[str, Any] | None = None
    """A body of the REST call."""
    note: Callable[[PurchaseOrder], str] | None = None
    """What it would do to this order, for the page that asks before it."""
    answer: Callable[[int], dict[str, Any]] | None = None
    """What REST answers instead of the order, from its id; by `answer_serializer`."""
    answer_serializer: Any = None

    @property
    def whole_permission(self) -> str:
        """With the name of its app."""
        is_whole = "." in self.permission
        return self.permission if is_whole else f"orders.{self.permission}"

    def may(self, user: User) -> bool:
        return user.has_perm(self.whole_permission)

    def is_correction(self, order: PurchaseOrder) -> bool:
        api = order.supplier.api
        return any(api.offers(capability) for capability in self.told_by)

    def label_for(self, order: PurchaseOrder) -> str:
        label = str(self.label)
        return f"{label} (correction)" if self.is_correction(order) else label

    def remark(self, order: PurchaseOrder) -> str:
        """What it would do, or why a step is done by hand; may be empty."""
        if self.note is not None:
            return self.note(order)
        if self.is_correction(order):
            return self.correction
        return " ".join(order.supplier.api.why_not(each) for each in self.told_by[:1])


_actions: dict[str, OrderAction] = {}


def register(*actions: OrderAction) -> None:
    for action in actions:
        _actions[action.name] = action


def all_actions() -> tuple[OrderAction, ...]:
    """Every action, in the order in which people meet them."""
    return tuple(sorted(_actions.values(), key=lambda action: _rank(action.name)))


def has_action(name: str) -> bool:
    return name in _actions


def get_action(name: str) -> OrderAction:
    return _actions[name]


_SEQUENCE = (
    "submit",
    "approve",
    "return",
    "reject",
    "forward",
    "send",
    "look_up",
    "try_now",
    "refresh",
    "check_lines",
    "take_prices",
    "confirm",
    "ship",
    "receive",
    "invoice",
    "resolve",
    "dismiss",
    "cancel",
    "record_cancellation",
    "comment",
    "assign",
)


def _rank(name: str) -> int:
    return _SEQUENCE.index(name) if name in _SEQUENCE else len(_SEQUENCE)


def _why_not_resolve(order: PurchaseOrder, user: User) -> str:
    if operations.unknown_transmission(order) is None:
        return _("The outcome of %(order)s is not unknown.") % {"order": order}
    return ""


def _why_not_dismiss(order: PurchaseOrder, user: User) -> str:
    if not order.attention:
        return _("%(order)s needs no attention.") % {"order": order}
    if order.transmission not in (Sending.NONE, Sending.SENT):
        return _("What stands behind the flag has to be settled, not dismissed.")
    return ""


FOUND_OUT = (
    ("placed", "The supplier has it"),
    ("not_placed", "The supplier does not have it"),
)
"""What may have become of an order whose outcome was unknown."""

OWN_ACTIONS = (
    OrderAction(
        name="submit",
        label=gettext_lazy("Ask for approval"),
        summary=gettext_lazy("Ask for approval of a draft."),
        permission="submit_purchaseorder",
        scope="orders:write",
        run=operations.submit_order,
        why_not=lambda order, user: rules.why_not_submit(order),
        is_bulk=True,
    ),
    OrderAction(
        name="send",
        label=gettext_lazy("Send to supplier"),
        summary=gettext_lazy("Have an approved order sent; a worker carries it."),
        permission="send_purchaseorder",
        scope="orders:write",
        run=operations.send_order,
        why_not=lambda order, user: rules.why_not_send(order),
        is_dangerous=True,
        is_bulk=True,
    ),
    OrderAction(
        name="cancel",
        label=gettext_lazy("Cancel"),
        summary=gettext_lazy("Cancel an order, at the supplier too where it has it."),
        permission="cancel_purchaseorder",
        scope="orders:write",
        run=operations.cancel_order,
        why_not=lambda order, user: rules.why_not_cancel(order),
        inputs=(Input(name="reason", label=gettext_lazy("Reason")),),
        is_dangerous=True,
        is_bulk=True,
    ),
    OrderAction(
        name="resolve",
        label=gettext_lazy("Settle unknown outcome"),
        summary=gettext_lazy("Record what was found out about an unknown outcome."),
        permission="resolve_purchaseorder",
        scope="orders:write",
        run=operations.resolve_order,
        why_not=_why_not_resolve,
        inputs=(
            Input(
                name="outcome",
                label=gettext_lazy("What was found out"),
                kind=InputKind.CHOICE,
                is_required=True,
                choices=FOUND_OUT,
            ),
            Input(
                name="supplier_order_number",
                label=gettext_lazy("Supplier's order number"),
                max_length=80,
                help=gettext_lazy("If the supplier has it and gave a number."),
            ),
            Input(
                name="evidence",
                label=gettext_lazy("Evidence"),
                kind=InputKind.LONG_TEXT,
                is_required=True,
                help=gettext_lazy(
                    "Whom you asked or where you looked, and what was said."
                ),
            ),
        ),
        is_dangerous=True,
    ),
    OrderAction(
        name="dismiss",
        label=gettext_lazy("Take the flag off"),
        summary=gettext_lazy("Take the attention flag off, saying what was done."),
        permission="resolve_purchaseorder",
        scope="orders:write",
        run=operations.dismiss_attention,
        why_not=_why_not_dismiss,
        inputs=(
            Input(
                name="note",
                label=gettext_lazy("What was done about it"),
                kind=InputKind.LONG_TEXT,
                is_required=True,
            ),
        ),
    ),
    OrderAction(
        name="comment",
        label=gettext_lazy("Comment"),
        summary=gettext_lazy(
            "Put a note on the timeline; the supplier does not get it."
        ),
        permission="comment_purchaseorder",
        scope="orders:write",
        run=teamwork.comment_order,
        why_not=lambda order, user: "",
        inputs=(
            Input(
                name="comment",
                label=gettext_lazy("Comment"),
                kind=InputKind.LONG_TEXT,
                is_required=True,
                max_length=teamwork.COMMENT_LENGTH,
                help=gettext_lazy(
                    "For your colleagues. Nothing of it goes to the supplier."
                ),
            ),
        ),
        is_bulk=True,
        example={"comment": "They promised to call back on Friday."},
    ),
    OrderAction(
        name="assign",
        label=gettext_lazy("Assign"),
        summary=gettext_lazy("Make somebody else the buyer of the order."),
        permission="assign_purchaseorder",
        scope="orders:write",
        run=teamwork.assign_order,
        why_not=lambda order, user: "",
        inputs=(
            Input(
                name="buyer",
                label=gettext_lazy("New buyer"),
                kind=InputKind.PERSON,
                is_required=True,
                max_length=150,
                help=gettext_lazy(
                    "The username of a member of staff who may see orders."
                ),
            ),
            Input(
                name="comment",
                label=gettext_lazy("Comment"),
                kind=InputKind.LONG_TEXT,
                max_length=teamwork.COMMENT_LENGTH,
            ),
        ),
        is_bulk=True,
        example={"buyer": "bea.buyer"},
    ),
)
"""What can be done to an order without the apps above."""

"""An order as it ought to be: written from what the product promises, by hand.

Nothing of the product is imported here. Where the two differ, one of them is wrong.
"""

from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

ZERO = Decimal(0)
ORE = Decimal("0.01")
FORWARD = (
    "none",
    "confirmed",
    "picking",
    "partially_shipped",
    "shipped",
    "delivered",
    "cancelled",
)
SETTLED = ("none", "refused", "failed")
"""Of the transmission axis: nothing is at the supplier, and nothing may be."""


def forward(now: str, seen: str) -> str:
    """Fulfilment never goes back, and what was delivered is not cancelled."""
    if now == "delivered":
        return now
    return max(now, seen, key=FORWARD.index)


@dataclass
class Line:
    position: int
    item_number: str
    quantity: Decimal
    unit_price: Decimal
    is_confirmed: bool = False
    picking: Decimal = ZERO
    shipped: Decimal = ZERO
    received: Decimal = ZERO
    cancelled: Decimal = ZERO
    state: str = "none"

    @property
    def amount(self) -> Decimal:
        return (self.quantity * self.unit_price).quantize(ORE, ROUND_HALF_UP)

    @property
    def due(self) -> Decimal:
        still = self.quantity - self.cancelled
        return (still * self.unit_price).quantize(ORE, ROUND_HALF_UP)

    @property
    def to_ship(self) -> Decimal:
        gone = max(self.shipped, self.received)
        return max(self.quantity - self.cancelled - gone, ZERO)

    @property
    def to_come(self) -> Decimal:
        return max(self.quantity - self.cancelled - self.received, ZERO)

    def derived(self) -> str:
        wanted = self.quantity - self.cancelled
        if not (wanted or self.received or self.shipped):
            return "cancelled"
        if self.received >= wanted:
            return "delivered"
        if max(self.shipped, self.received) >= wanted:
            return "shipped"
        if self.shipped or self.received:
            return "partially_shipped"
        if self.picking:
            return "picking"
        return "confirmed" if self.is_confirmed else "none"


def derived_of(states: list[str]) -> str:
    """What the states of lines add up to; cancelled ones count only if all are."""
    alive = [state for state in states if state != "cancelled"]
    if not alive:
        return "cancelled"
    ranks = sorted(map(FORWARD.index, alive))
    if ranks[0] >= FORWARD.index("shipped"):
        return FORWARD[ranks[0]]
    if ranks[-1] >= FORWARD.index("partially_shipped"):
        return "partially_shipped"
    return FORWARD[ranks[-1]]


@dataclass
class Carrier:
    """What is on its way to the supplier: `queued`, `sending` or `unknown`.

    `asked_at` is in hours of the play's clock; `due` says when it goes on: `now`,
    `later`, or `never` by itself.
    """

    state: str = "queued"
    asked_at: int = 0
    due: str = "now"
    is_throttled: bool = False
    tries: int = 0
    look_ups: int = 0


@dataclass
class Order:
    number: str
    supplier: str
    shop: str | None
    buyer: str
    creator: str
    lines: list[Line]
    note: str = ""
    reference: str = ""
    approval: str = "draft"
    transmission: str = "none"
    fulfilment: str = "none"
    attention: str = ""
    version: int = 1
    supplier_number: str = ""
    is_invoiced: bool = False

    changed_by: str = ""
    former_buyers: set[str] = field(default_factory=set)
    approver: str = ""
    handed_to: str = ""
    approved_content: tuple[object, ...] | None = None
    placing: Carrier | None = None
    cancelling: Carrier | None = None
    shipments: set[str] = field(default_factory=set)
    counted: list[tuple[str, dict[int, Decimal]]] = field(default_factory=list)
    invoiced: Decimal = ZERO
    checked: tuple[object, ...] | None = None
    """The content at the last check of its prices, until a day has gone by."""
    flagged: set[str] = field(default_factory=set)

    @property
    def total(self) -> Decimal:
        return sum((line.amount for line in self.lines), ZERO)

    @property
    def owners(self) -> set[str]:
        """Whose own order it is: none of them approves it."""
        named = {self.buyer, self.creator, self.changed_by, *self.former_buyers}
        return named - {""}

    @property
    def content(self) -> tuple[object, ...]:
        """What approval binds to."""
        lines = tuple(
            (line.position, line.item_number, line.quantity, line.unit_price)
            for line in self.lines
        )
        return (self.supplier, self.note, lines)

    @property
    def is_changeable(self) -> bool:
        return (
            self.transmission in SETTLED
            and self.approval != "rejected"
            and self.fulfilment == "none"
        )

    @property
    def status(self) -> str:
        """The headline, a function of the three axes and the flag."""
        if self.fulfilment == "cancelled" and not self.attention:
            return "cancelled"
        if self.approval == "rejected":
            return "rejected"
        if self.attention or self.transmission in ("unknown", "refused", "failed"):
            return "needs_attention"
        if self.fulfilment not in ("none", "cancelled"):
            return {"picking": "confirmed"}.get(self.fulfilment, self.fulfilment)
        if self.transmission in ("queued", "sending", "sent"):
            return "sent" if self.transmission == "sent" else "sending"
        return {"approved": "approved", "pending": "pending_approval"}.get(
            self.approval, "draft"
        )

    def line(self, position: int) -> Line:
        return next(line for line in self.lines if line.position == position)

    def has_position(self, position: int) -> bool:
        return any(line.position == position for line in self.lines)

    def derive(self, header: str = "none") -> None:
        """Carry the lines' quantities into the states."""
        for line in self.lines:
            line.state = forward(line.state, line.derived())
        derived = derived_of([line.state for line in self.lines])
        self.fulfilment = forward(self.fulfilment, forward(derived, header))

    def void_approval(self) -> None:
        if self.approval in ("approved", "pending"):
            self.approval, self.approver, self.handed_to = "draft", "", ""
            self.approved_content = None

    def void_if_own(self) -> None:
        """Whose own order it has become may not have approved it."""
        if self.approval == "approved" and self.approver in self.owners:
            self.void_approval()

"""The words in which a vendor's file says what the suite is to try with it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.vendors.suite.desk import Desk
from vendors.contracts import OrderRequest
from vendors.errors import Kind, NotSent, OutcomeUnknown, Refused, VendorError

Step = Callable[[Desk], Any]


@dataclass(frozen=True)
class Ending:
    """How a call ends: with an error of a kind, or by returning, if there is none."""

    error: type[VendorError] | None = None
    kind: Kind | None = None


DONE = Ending()
READS: Mapping[str, Ending] = {
    "refused": Ending(Refused, Kind.DATA),
    "throttled": Ending(NotSent, Kind.THROTTLED),
    "cut_before": Ending(NotSent, Kind.CUT),
    "error_before": Ending(NotSent, Kind.SERVER),
    "redirect": Ending(NotSent, Kind.CONFIGURATION),
    "lost_answer": Ending(NotSent, Kind.CUT),
    "half_answer": Ending(NotSent, Kind.CUT),
    "error_after": Ending(NotSent, Kind.SERVER),
    "slow": Ending(NotSent, Kind.TIMEOUT),
    "slow_drip": Ending(NotSent, Kind.TIMEOUT),
    "html": Ending(NotSent, Kind.UNREADABLE),
    "rubbish_json": Ending(NotSent, Kind.UNREADABLE),
    "gzip_bomb": Ending(NotSent, Kind.UNREADABLE),
}
WRITES: Mapping[str, Ending] = {
    "refused": Ending(Refused, Kind.DATA),
    "throttled": Ending(NotSent, Kind.THROTTLED),
    "cut_before": Ending(OutcomeUnknown, Kind.CUT),
    "error_before": Ending(OutcomeUnknown, Kind.SERVER),
    "redirect": Ending(OutcomeUnknown, Kind.UNREADABLE),
    "lost_answer": Ending(OutcomeUnknown, Kind.CUT),
    "half_answer": Ending(OutcomeUnknown, Kind.CUT),
    "error_after": Ending(OutcomeUnknown, Kind.SERVER),
    "slow": Ending(OutcomeUnknown, Kind.TIMEOUT),
    "slow_drip": Ending(OutcomeUnknown, Kind.TIMEOUT),
    "html": Ending(OutcomeUnknown, Kind.UNREADABLE),
    "rubbish_json": Ending(OutcomeUnknown, Kind.UNREADABLE),
    "gzip_bomb": Ending(OutcomeUnknown, Kind.UNREADABLE),
    "missing_number": Ending(OutcomeUnknown, Kind.UNREADABLE),
}
NOT_DONE = ("refused", "throttled", "cut_before", "error_before", "redirect")
"""Faults that strike before the vendor does anything; all others strike after."""
AT_A_LOGIN: Mapping[str, Ending] = {"refused": Ending(NotSent, Kind.CREDENTIALS)}


@dataclass(frozen=True, kw_only=True)
class Call:
    """One capability that calls the vendor, and what is known of it.

    Attributes:
        name: as it stands in `Vendor`; `customers.read` for one inside another.
        endpoint: the sandbox's name of the call that the faults are to befall.
        run: makes the call; what it returns goes to `check`.
        begin: brings about what has to be there before.
        entries: how often the books hold what the call writes; reads have none.
        but: faults that end otherwise than `READS` or `WRITES` say, and how.
    """

    name: str
    endpoint: str
    run: Step
    check: Callable[[Any, Desk], None]
    begin: Step = lambda desk: None
    entries: Callable[[Desk], int] | None = None
    but: Mapping[str, Ending] = field(default_factory=dict)

    @property
    def writes(self) -> bool:
        return self.entries is not None

    @property
    def endings(self) -> Mapping[str, Ending]:
        return {**(WRITES if self.writes else READS), **self.but}


@dataclass(frozen=True, kw_only=True)
class Buying:
    """What an order looks like that this vendor takes, for the whole engine."""

    order: OrderRequest
    item: Mapping[str, Any]
    """The members of a line of ours, by the names of the back-office."""
    can_look_up: bool
    texts: tuple[str, ...] = ()
    """The texts of an order that go out as they are."""
    reading_options: Mapping[str, Any] = field(default_factory=dict)
    """With these, an order is read by its own call."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """Everything the suite knows of one vendor."""

    code: str
    credentials: Mapping[str, str]
    secret: str
    """Which of the credentials is the one that has to be right."""
    calls: tuple[Call, ...]
    local: Mapping[str, Step]
    """Capabilities that call nobody, and a good use of each."""
    options: Mapping[str, Any] = field(default_factory=dict)
    has_tokens: bool = True
    limits_are_told: bool = False
    """Whether a 429 says when to come back even without `Retry-After`."""
    buying: Buying | None = None
    items: tuple[str, ...] = ()
    """What the checklist is tried with."""


def says(text: str) -> Callable[[Any, Desk], None]:
    """The usual check of a text for people."""

    def check(said: Any, desk: Desk) -> None:
        assert text in said

    return check


def order_is_booked(accepted: Any, desk: Desk) -> None:
    """The usual check of a placed order: one in the books, under its number."""
    [booked] = desk.sandbox.orders(desk.code)
    assert accepted.number == booked["number"]
    assert booked["reference"] == desk.kept["order"].reference


def orders_booked(desk: Desk) -> int:
    return len(desk.sandbox.orders(desk.code))


def keep_order(order: OrderRequest) -> Step:
    def begin(desk: Desk) -> None:
        desk.kept["order"] = order

    return begin


def place(desk: Desk) -> Any:
    return desk.vendor.place_order(desk.client, desk.kept["order"])


def keep_placed(order: OrderRequest) -> Step:
    """Place an order beforehand, and keep its number."""

    def begin(desk: Desk) -> None:
        desk.kept["order"] = order
        desk.kept["number"] = place(desk).number

    return begin

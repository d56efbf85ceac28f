"""The words both sides use: what procurement hands to a vendor and gets back.

Everything here is frozen and knows neither HTTP nor any one vendor. Amounts and
quantities are `Decimal`, moments are aware `datetime`s, unless a line says
otherwise.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from vendors.errors import Kind, Refused

if TYPE_CHECKING:
    from vendors.http import VendorClient


class Fulfilment(StrEnum):
    """How far goods have come, in our words; a vendor's words are mapped onto it."""

    NONE = "none"
    CONFIRMED = "confirmed"
    PICKING = "picking"
    PARTIALLY_SHIPPED = "partially_shipped"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


# --- what a vendor offers -----------------------------------------------------


class Capability(StrEnum):
    """What a vendor module may be able to do; its field name in `Vendor`."""

    CHECK_CONNECTION = "check_connection"
    FETCH_OFFERS = "fetch_offers"
    LIST_CHANGED_PRODUCTS = "list_changed_products"
    CUSTOMERS = "customers"
    CREATE_SHOP = "create_shop"
    UPDATE_SHOP = "update_shop"
    PLACE_ORDER = "place_order"
    FIND_ORDERS = "find_orders"
    LIST_CHANGED_ORDERS = "list_changed_orders"
    READ_ORDER = "read_order"
    CANCEL_ORDER = "cancel_order"
    WEBHOOKS = "webhooks"
    CUSTOMER_LOGIN = "customer_login"


@dataclass(frozen=True)
class NotOffered:
    """Stands where a capability would, and says why it is not there."""

    reason: str


class FieldKind(StrEnum):
    TEXT = "text"
    SECRET = "secret"  # noqa: S105 - the name of a kind, not a secret
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    CHOICE = "choice"


@dataclass(frozen=True, kw_only=True)
class SettingField:
    """One credential or option of a supplier, as forms and REST describe it."""

    name: str
    label: str
    kind: FieldKind = FieldKind.TEXT
    default: str | int | bool | Decimal | None = None
    is_required: bool = False
    choices: tuple[str, ...] = ()
    help: str = ""


class Grade(StrEnum):
    """How sure a name is: written by the vendor, or our best reading."""

    DOCUMENTED = "documented"
    INFERRED = "inferred"


@dataclass(frozen=True)
class Name:
    """A path, field name or status word of a vendor's, and how sure it is."""

    value: str
    grade: Grade
    note: str = ""


def documented(value: str, note: str = "") -> Name:
    return Name(value, Grade.DOCUMENTED, note)


def inferred(value: str, note: str = "") -> Name:
    return Name(value, Grade.INFERRED, note)


# --- accounts, tokens, exchanges ----------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Account:
    """One supplier's account at a vendor: where, as whom, and with what settings."""

    supplier: str
    base_url: str
    auth_url: str = ""
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    options: Mapping[str, Any] = field(default_factory=dict)
    mapping: Mapping[str, str] = field(default_factory=dict)
    """Overrides of the vendor's mapping table, by key."""
    is_test: bool = True
    allow_insecure_loopback: bool = False


@dataclass(frozen=True, kw_only=True)
class Token:
    """An access token and the moment from which it is not to be used any more."""

    value: str = field(repr=False)
    obtained_at: datetime
    expires_at: datetime


class TokenStore(Protocol):
    """Keeps tokens so that one login serves every thread, process and machine."""

    def obtain(
        self,
        key: str,
        login: Callable[[], Token],
        *,
        rejected: str | None = None,
    ) -> Token:
        """Return a usable token, logging in only if nobody else has just done so.

        Args:
            key: names the account and the kind of token.
            login: called at most once, by one caller at a time.
            rejected: a token the vendor just refused; it is never returned again.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """One HTTP request with its answer; secrets are masked before it is made."""

    purpose: str
    method: str
    url: str
    request_headers: Mapping[str, str]
    request_body: str
    started_at: datetime
    duration_ms: int
    status: int | None = None
    response_headers: Mapping[str, str] = field(default_factory=dict)
    response_body: str = ""
    error: str = ""


Recorder: TypeAlias = Callable[[Exchange], None]


# --- offers -------------------------------------------------------------------


@dataclass(frozen=True)
class ItemKey:
    """What an article is asked for by; `brand` only where the vendor wants it."""

    item_number: str
    brand: str = ""


@dataclass(frozen=True, kw_only=True)
class Offer:
    """Price, availability and lead time of one item at a moment.

    `is_known` is False for an item the vendor does not know: that is not the same
    as a stock of nothing. `unit_price` is without VAT.
    """

    item_number: str
    brand: str = ""
    is_known: bool = True
    description: str = ""
    mpn: str = ""
    gtin: str = ""
    unit: str = ""
    unit_price: Decimal | None = None
    currency: str = ""
    price_breaks: tuple[tuple[Decimal, Decimal], ...] = ()
    """(from quantity, unit price), ascending, where the price falls with quantity."""
    quantity_available: Decimal | None = None
    stock_by_kind: Mapping[str, Decimal] = field(default_factory=dict)
    lead_time_days: int | None = None
    next_receiving_on: date | None = None
    as_of: datetime
    warning: str = ""
    """Why the figures should not be bought on, if they should not."""


# --- orders -------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Address:
    name: str = ""
    street: str = ""
    street_number: str = ""
    entrance: str = ""
    zip_code: str = ""
    city: str = ""
    country_code: str = ""

    @property
    def is_given(self) -> bool:
        return any(asdict(self).values())

    @property
    def street_line(self) -> str:
        return f"{self.street} {self.street_number}".strip()


@dataclass(frozen=True, kw_only=True)
class OrderLineRequest:
    position: int
    item_number: str
    quantity: Decimal
    unit_price: Decimal
    unit: str = ""
    brand: str = ""
    description: str = ""
    vat_percent: Decimal | None = None

    def pieces(self) -> int:
        """The quantity as whole pieces.

        Raises:
            Refused: it has a fraction, which the vendor can't take.
        """
        if self.quantity != self.quantity.to_integral_value():
            raise Refused(
                f"Line {self.position}: this supplier takes whole pieces only, "
                f"not {self.quantity}. Change the quantity.",
                kind=Kind.GUARD,
            )
        return int(self.quantity)


@dataclass(frozen=True, kw_only=True)
class OrderRequest:
    """One purchase order as it is sent: one line or more, at the approved prices."""

    reference: str
    currency: str
    is_test: bool
    lines: tuple[OrderLineRequest, ...]
    delivery_address: Address = field(default_factory=Address)
    requested_date: date | None = None
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; decimals as text, dates as ISO 8601."""
        return {
            "reference": self.reference,
            "currency": self.currency,
            "is_test": self.is_test,
            "requested_date": (
                self.requested_date.isoformat() if self.requested_date else None
            ),
            "note": self.note,
            "delivery_address": asdict(self.delivery_address),
            "lines": [
                {
                    name: str(value) if isinstance(value, Decimal) else value
                    for name, value in asdict(line).items()
                }
                for line in self.lines
            ],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "OrderRequest":
        return cls(
            reference=data["reference"],
            currency=data["currency"],
            is_test=data["is_test"],
            requested_date=(
                date.fromisoformat(data["requested_date"])
                if data["requested_date"]
                else None
            ),
            note=data["note"],
            delivery_address=Address(**data["delivery_address"]),
            lines=tuple(
                OrderLineRequest(
                    **{
                        **line,
                        "quantity": Decimal(line["quantity"]),
                        "unit_price": Decimal(line["unit_price"]),
                        "vat_percent": (
                            None
                            if line["vat_percent"] is None
                            else Decimal(line["vat_percent"])
                        ),
                    }
                )
                for line in data["lines"]
            ),
        )


@dataclass(frozen=True, kw_only=True)
class VendorLine:
    """One order line as the vendor sees it now; quantities in the order's unit."""

    position: int | None
    item_number: str
    quantity: Decimal
    is_confirmed: bool = False
    quantity_picking: Decimal = Decimal(0)
    quantity_shipped: Decimal = Decimal(0)
    quantity_cancelled: Decimal = Decimal(0)
    unit_price: Decimal | None = None
    promised_date: date | None = None
    raw_status: str = ""


@dataclass(frozen=True, kw_only=True)
class VendorShipment:
    number: str
    shipped_at: datetime | None = None
    forwarder: str = ""
    packages: tuple[str, ...] = ()
    """Parcel numbers, as far as the vendor gives any."""
    quantities: Mapping[int, Decimal] = field(default_factory=dict)
    """Shipped quantity by our line position, where it can be told."""


@dataclass(frozen=True, kw_only=True)
class VendorCharge:
    """What the vendor adds to an order by itself, such as freight; without VAT."""

    text: str
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class VendorOrder:
    """One order as the vendor sees it now.

    `fulfilment` is None where the vendor's word says nothing we may rely on; then
    `attention` or `unknown_words` tells a person why.
    """

    number: str
    reference: str
    raw_status: str
    fulfilment: Fulfilment | None
    lines: tuple[VendorLine, ...] = ()
    shipments: tuple[VendorShipment, ...] = ()
    charges: tuple[VendorCharge, ...] = ()
    is_invoiced: bool = False
    is_locked: bool = False
    """Picking has begun: neither change nor cancellation is possible any more."""
    attention: str = ""
    unknown_words: tuple[str, ...] = ()
    changed_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """The vendor has done it; some give no number, which is not a failure."""

    number: str | None
    raw: Any = None
    note: str = ""
    order: VendorOrder | None = None
    """The order as the answer showed it, where the answer shows it whole."""


@dataclass(frozen=True, kw_only=True)
class ChangedOrder:
    number: str
    reference: str
    raw_status: str
    changed_at: datetime


@dataclass(frozen=True, kw_only=True)
class ChangedPage:
    """One page of a changed-since list. `next_page` is None on the last one."""

    orders: tuple[ChangedOrder, ...]
    next_page: int | None


# --- the vendor itself --------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Vendor:
    """What one vendor's API can do, on one screen.

    Each capability is a function, or `NotOffered` with the reason. Functions take
    a `VendorClient` first and raise the errors of `vendors.errors`.
    """

    code: str
    name: str
    credentials: tuple[SettingField, ...]
    options: tuple[SettingField, ...]
    mapping: Mapping[str, Name]
    """Every inferred or documented name and status word, by key."""
    open_client: Callable[["Account", "TokenStore", "Recorder"], "VendorClient"]
    has_test_flag: bool
    """Whether an order can be marked as a test on a live account."""
    objections: Callable[[Account, OrderRequest], tuple[str, ...]]
    """What stands against sending this order, found without any call."""

    check_connection: Callable[["VendorClient"], str] | NotOffered
    fetch_offers: (
        Callable[["VendorClient", Sequence[ItemKey]], tuple[Offer, ...]] | NotOffered
    )
    list_changed_products: Callable[..., Any] | NotOffered
    customers: Callable[..., Any] | NotOffered
    create_shop: Callable[..., Any] | NotOffered
    update_shop: Callable[..., Any] | NotOffered
    place_order: Callable[["VendorClient", OrderRequest], Accepted] | NotOffered
    find_orders: (
        Callable[["VendorClient", str, datetime], tuple[VendorOrder, ...]] | NotOffered
    )
    """(client, our reference, sent at): every order there that carries it."""
    list_changed_orders: (
        Callable[["VendorClient", datetime, int], ChangedPage] | NotOffered
    )
    """(client, changed since, page from 0): one page, in the vendor's own order.

    Asks from somewhat earlier than told, as its clock and its habits demand, so what
    was seen before may come again."""
    read_order: Callable[["VendorClient", str], VendorOrder] | NotOffered
    """(client, the vendor's number)."""
    cancel_order: Callable[["VendorClient", str], Accepted] | NotOffered
    """(client, the vendor's number); Refused with NOT_ALLOWED once it is too late."""
    webhooks: Callable[..., Any] | NotOffered
    customer_login: Callable[..., Any] | NotOffered

    def offers(self, capability: Capability) -> bool:
        return not isinstance(getattr(self, capability), NotOffered)

    def why_not(self, capability: Capability) -> str:
        """The reason a capability is not there; empty if it is."""
        found = getattr(self, capability)
        return found.reason if isinstance(found, NotOffered) else ""

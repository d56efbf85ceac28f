"""Purchase orders as they are sent, and as vendors see them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from vendors.contracts.words import Fulfilment
from vendors.errors import Kind, Refused


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
                    for name, value in vars(line).items()
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
    brand: str = ""
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
    """Words of the vendor's that nobody has explained, as the keys they lack in the
    mapping: `order_status.Foo`."""
    payment_status: str = ""
    """The vendor's word for how far payment has come; it moves no state of ours."""
    changed_at: datetime | None = None
    found_by: str = ""
    """On what it was recognised as ours, where not on our reference: a sentence."""


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """The vendor has done it; some give no number, which is not a failure."""

    number: str | None
    raw: Any = None
    note: str = ""
    order: VendorOrder | None = None
    """The order as the answer showed it, where the answer shows it whole."""


@dataclass(frozen=True, kw_only=True)
class LookUp:
    """What is known of an order whose answer was lost, to find it by."""

    reference: str
    sent_at: datetime
    """The moment before the first try that may have landed."""
    order: OrderRequest
    before: Mapping[str, Any] | None = None
    """What `note_before_placing` returned before that try; None if there is none."""
    taken_numbers: frozenset[str] = frozenset()
    """Numbers at this vendor that belong to other orders of ours."""


@dataclass(frozen=True, kw_only=True)
class ChangedOrder:
    """One entry of a list of orders, to be read if it is ours and has moved.

    `order` is there where the list shows the order whole, so that no read is needed;
    `fingerprint` is then a text that changes with anything in it, and takes the place
    of `changed_at`, which such a vendor does not give.
    """

    number: str
    reference: str
    raw_status: str
    changed_at: datetime | None
    order: VendorOrder | None = None
    fingerprint: str = ""


@dataclass(frozen=True, kw_only=True)
class ChangedPage:
    """One page of a changed-since list. `next_page` is None on the last one."""

    orders: tuple[ChangedOrder, ...]
    next_page: int | None

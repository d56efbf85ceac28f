"""Offers as columns: what fits them, and whether two of them say the same."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from procurement.catalogue.models import ItemOffer, Source
from procurement.money import plain
from procurement.suppliers.models import SupplierItem
from vendors.contracts import Offer

COMPARED = (
    "price",
    "currency",
    "price_breaks",
    "quantity_available",
    "stock_by_kind",
    "lead_time_days",
    "next_receiving_on",
    "is_known",
)
MOST_WARNING = 1000
MOST_BREAKS = 50
MOST_KINDS = 50
LONGEST_LEAD_TIME = 10_000
TEXTS = ("brand", "mpn", "gtin", "description", "unit")
_LENGTHS = {
    column.name: column.max_length
    for column in SupplierItem._meta.fields
    if column.name in ("item_number", *TEXTS)
}


def to_offer(told: Offer, source: Source) -> ItemOffer:
    """An unsaved offer with what was told; what no column can hold is warned of."""
    warnings = [told.warning]
    price, trouble = fit(told.unit_price, decimal_places=4, name="price")
    warnings.append(trouble)
    if price is not None and price < 0:
        price = None
        warnings.append("a price below nothing can't be right")
    quantity, trouble = fit(told.quantity_available, decimal_places=3, name="stock")
    warnings.append(trouble)
    days = told.lead_time_days
    return ItemOffer(
        price=price,
        currency=text(told.currency)[:3],
        price_breaks=[
            [plain(each), plain(unit_price)]
            for each, unit_price in told.price_breaks[:MOST_BREAKS]
        ],
        quantity_available=quantity,
        stock_by_kind=kinds(told.stock_by_kind),
        lead_time_days=(
            days if days is not None and 0 <= days <= LONGEST_LEAD_TIME else None
        ),
        next_receiving_on=told.next_receiving_on,
        is_known=told.is_known,
        source=source,
        as_of=told.as_of,
        last_seen_at=told.as_of,
        priced_at=told.as_of if price is not None else None,
        warning=text("; ".join(filter(None, warnings)))[:MOST_WARNING],
    )


def kinds(stock: Mapping[str, Decimal]) -> dict[str, str]:
    shown = list(stock.items())[:MOST_KINDS]
    return {text(kind)[:80]: plain(quantity) for kind, quantity in shown}


def fit(
    number: Decimal | None, *, decimal_places: int, name: str
) -> tuple[Decimal | None, str]:
    """A number as its column can hold it, and what is to be said about it."""
    if number is None:
        return None, ""
    try:
        held = number.quantize(
            Decimal(1).scaleb(-decimal_places), rounding=ROUND_HALF_UP
        )
    except InvalidOperation:
        return None, f"the {name} can't be kept"
    if abs(held) >= Decimal(10) ** (15 - decimal_places):
        return None, f"a {name} of {plain(number)[:40]} can't be right"
    return held, "" if held == number else f"the {name} was rounded from {number}"


def text(value: str) -> str:
    # PostgreSQL takes no NUL in text, and a hostile answer may hold one.
    return value.replace("\x00", "\N{REPLACEMENT CHARACTER}")


def clipped(name: str, value: str) -> str:
    """A text as a column of an item holds it; a GTIN that is too long is none."""
    value, length = text(value).strip(), _LENGTHS[name]
    if name in ("gtin", "item_number") and length is not None and len(value) > length:
        return ""
    return value[:length]


def says_something(offer: Offer) -> bool:
    """Whether an offer tells anything of the item, be it that it is not known."""
    return not offer.is_known or bool(
        offer.unit_price is not None
        or offer.quantity_available is not None
        or offer.stock_by_kind
        or offer.description
    )


def same_figures(one: ItemOffer, other: ItemOffer) -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in COMPARED)


def says_same(one: ItemOffer, other: ItemOffer) -> bool:
    return one.warning == other.warning and same_figures(one, other)


def carry_over(new: ItemOffer, current: ItemOffer) -> None:
    """Keep what a price file can't tell, as long as what it tells agrees with it."""
    new.lead_time_days = current.lead_time_days
    if (new.price, new.currency) == (current.price, current.currency):
        new.price_breaks = current.price_breaks
    if new.quantity_available is None:
        new.quantity_available = current.quantity_available
    if new.quantity_available == current.quantity_available:
        new.stock_by_kind = current.stock_by_kind


def break_price(offer: ItemOffer, quantity: Decimal) -> Decimal | None:
    """What one unit costs if this many are bought."""
    price: Decimal | None = offer.price
    for from_quantity, unit_price in offer.price_breaks:
        if price is not None and Decimal(from_quantity) <= quantity:
            price, _ = fit(Decimal(unit_price), decimal_places=4, name="price")
    return price


def as_json(offer: ItemOffer) -> dict[str, Any]:
    """The figures of an offer as plain JSON, numbers as exact text."""
    return {
        "price": None if offer.price is None else plain(offer.price),
        "currency": offer.currency,
        "quantity_available": (
            None
            if offer.quantity_available is None
            else plain(offer.quantity_available)
        ),
        "stock_by_kind": offer.stock_by_kind,
        "lead_time_days": offer.lead_time_days,
        "next_receiving_on": (
            offer.next_receiving_on.isoformat() if offer.next_receiving_on else None
        ),
    }

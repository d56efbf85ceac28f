"""What vendors sell: articles, and what they offer them for at a moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal


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


@dataclass(frozen=True, kw_only=True)
class Product:
    """An article as the vendor describes it; prices and stock are in its `Offer`."""

    item_number: str
    brand: str = ""
    description: str = ""
    mpn: str = ""
    gtin: str = ""
    unit: str = ""
    pack_quantity: Decimal | None = None
    min_order_quantity: Decimal | None = None
    is_sold: bool = True
    """False once the vendor has taken it out of the range."""
    changed_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ChangedProduct:
    item_number: str
    changed_at: datetime


@dataclass(frozen=True, kw_only=True)
class ChangedProductPage:
    """One page of a changed-since list. `next_page` is None on the last one."""

    products: tuple[ChangedProduct, ...]
    next_page: int | None


@dataclass(frozen=True, kw_only=True)
class StockChange:
    """What is free to sell of one item in one warehouse, or of one kind, now."""

    item_number: str
    kind: str
    quantity: Decimal
    next_receiving_on: date | None = None
    changed_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class StockChangePage:
    """One page of a changed-since list. `next_page` is None on the last one."""

    stocks: tuple[StockChange, ...]
    next_page: int | None


@dataclass(frozen=True, kw_only=True)
class PriceFileRow:
    """One line of a price file that could be read; `line` counts from 1."""

    line: int
    product: Product
    offer: Offer


@dataclass(frozen=True, kw_only=True)
class PriceFileFault:
    """One line of a price file that could not be read, and why, for a person."""

    line: int
    text: str

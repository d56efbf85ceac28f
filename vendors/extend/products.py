"""Extend availability and net prices, by item number.

Source: the vendor's webshop guide and schema, `ProductPrices`; availability is in
`stock.py`. Asking for every product again and again is not accepted; this is for the
few items of an order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from vendors import reading
from vendors.contracts import ItemKey, Offer
from vendors.errors import Kind, Refused
from vendors.extend.paging import read_all
from vendors.extend.stock import Stock, fetch_stock
from vendors.http import VendorClient

PRICES_A_CALL = 10


def fetch_offers(client: VendorClient, items: Sequence[ItemKey]) -> tuple[Offer, ...]:
    """Return one offer for each item asked for, in the same order.

    Prices are the best ones valid for us right now, a snapshot and no quotation.

    Raises:
        Refused: too many items at once, or Extend said no.
        NotSent: one part could not be read, so the result would lack it.
    """
    numbers = list(dict.fromkeys(item.item_number for item in items))
    if len(numbers) > client.option("most_items"):
        raise Refused(
            f"{len(numbers)} items at once are too many for Extend; ask for at most "
            f"{client.option('most_items')}.",
            kind=Kind.GUARD,
        )
    prices = fetch_prices(client, numbers)
    stocks = {number: fetch_stock(client, number) for number in numbers}
    as_of = datetime.now(UTC)
    return tuple(
        _to_offer(
            item.item_number,
            prices.get(item.item_number, Price()),
            stocks[item.item_number],
            as_of,
        )
        for item in items
    )


@dataclass(frozen=True)
class Price:
    """Prices of one item by quantity, in one unit and currency."""

    breaks: tuple[tuple[Decimal, Decimal], ...] = ()
    unit: str = ""
    currency: str = ""
    warning: str = ""


def _to_offer(number: str, price: Price, stock: Stock, as_of: datetime) -> Offer:
    balances = stock.by_warehouse.values()
    warnings = [price.warning]
    if any(balance < 0 for balance in balances):
        warnings.append("a balance is below nothing")
    available = sum((max(balance, Decimal(0)) for balance in balances), Decimal(0))
    return Offer(
        item_number=number,
        is_known=stock.is_listed or bool(price.breaks),
        unit=price.unit,
        unit_price=price.breaks[0][1] if price.breaks else None,
        currency=price.currency,
        price_breaks=price.breaks if len(price.breaks) > 1 else (),
        quantity_available=available if stock.by_warehouse else None,
        stock_by_kind=stock.by_warehouse,
        next_receiving_on=stock.next_receiving_on,
        as_of=as_of,
        warning="; ".join(filter(None, warnings)),
    )


# --- prices -------------------------------------------------------------------


def fetch_prices(client: VendorClient, numbers: list[str]) -> dict[str, Price]:
    names = client.mapping
    rows: dict[str, list[dict[str, Any]]] = {}
    for at in range(0, len(numbers), PRICES_A_CALL):
        params: dict[str, str | Sequence[str]] = {
            names["query.customer"]: client.option("customer_number"),
            names["query.item_numbers"]: numbers[at : at + PRICES_A_CALL],
        }
        if currency := client.option("currency"):
            params[names["query.currency"]] = currency
        for row in read_all(client, "prices", params, purpose="fetch_prices"):
            number = reading.text(reading.member(row, names["prices.item_number"]))
            rows.setdefault(number, []).append(row)
    unit = client.option("unit")
    return {number: _to_price(found, names, unit) for number, found in rows.items()}


def _to_price(
    rows: list[dict[str, Any]], names: Mapping[str, str], our_unit: str
) -> Price:
    """Put the rows of one item together; several units or currencies don't mix."""

    def member(row: dict[str, Any], name: str) -> Any:
        return reading.member(row, names[f"prices.{name}"])

    groups: dict[tuple[str, str], dict[Decimal, Decimal]] = {}
    for row in rows:
        price = reading.number(member(row, "price"))
        from_quantity = reading.number(member(row, "from_quantity")) or Decimal(0)
        if price is not None and price >= 0:
            key = (
                reading.text(member(row, "unit")),
                reading.text(member(row, "currency")),
            )
            groups.setdefault(key, {})[max(from_quantity, Decimal(1))] = price
    if not groups:
        return Price(warning="the price can't be read")
    unit, currency = next(
        (key for key in groups if key[0] == our_unit), next(iter(groups))
    )
    breaks = tuple(sorted(groups[unit, currency].items()))
    warnings = []
    if len(groups) > 1:
        warnings.append(f"there are prices for other units too; this is per {unit}")
    if breaks[0][0] > 1:
        warnings.append(f"the price holds from {breaks[0][0]} on")
    return Price(breaks, unit, currency, "; ".join(warnings))

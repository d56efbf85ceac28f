"""Extend availability: of one item, and what changed of all.

Source: the vendor's webshop guide and schema, `ProductAvailability`. Asking for every
product again and again is not accepted; asking for what changed is what they want.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from vendors import reading
from vendors.contracts import StockChange, StockChangePage
from vendors.extend.auth import zone
from vendors.extend.paging import read_all, read_changes
from vendors.http import VendorClient


@dataclass(frozen=True)
class Stock:
    """What is free to sell, by warehouse. `is_listed`: Extend has the item."""

    by_warehouse: Mapping[str, Decimal] = field(default_factory=dict)
    next_receiving_on: date | None = None
    is_listed: bool = False


def fetch_stock(client: VendorClient, number: str) -> Stock:
    """Return what is free of one item in the warehouses the supplier wants.

    Raises:
        Refused: Extend said no to the request.
        NotSent: it could not be read.
    """
    names = client.mapping
    wanted = wanted_warehouses(client)
    params = {names["query.item_number"]: number, **_only_warehouse(client, wanted)}
    balances: dict[str, Decimal] = {}
    days: list[date] = []
    is_listed = False
    for row in read_all(client, "availability", params, purpose="fetch_availability"):
        found = _to_change(row, client)
        if found.item_number != number:
            continue
        is_listed = True
        if wanted and found.kind not in wanted:
            continue
        balance = _free(row, client)
        if balance is not None:
            balances[found.kind] = balances.get(found.kind, Decimal(0)) + balance
        if found.next_receiving_on:
            days.append(found.next_receiving_on)
    return Stock(balances, min(days, default=None), is_listed)


def list_changed_stock(
    client: VendorClient, since: datetime, page: int
) -> StockChangePage:
    """Return one page of the balances changed since a moment, and some before it.

    What is free counts for our priority group, and may be below nothing. A row whose
    balance can't be read is left out: that is not "none in stock".

    Args:
        since: the last change seen, by Extend's clock.
        page: from 0.

    Raises:
        Refused: Extend said no to the request.
        NotSent: the page could not be read.
    """
    wanted = wanted_warehouses(client)
    found = read_changes(
        client,
        "availability",
        since,
        page,
        purpose="list_changed_stock",
        params=_only_warehouse(client, wanted),
    )
    changes = (
        _to_change(row, client)
        for row in found.objects()
        if _free(row, client) is not None
    )
    return StockChangePage(
        stocks=tuple(
            change
            for change in changes
            if change.item_number and (not wanted or change.kind in wanted)
        ),
        next_page=found.next_page,
    )


def wanted_warehouses(client: VendorClient) -> tuple[str, ...]:
    """Return the warehouses whose stock counts; empty means all of them."""
    listed = client.option("warehouses") or client.option("warehouse")
    return tuple(word.strip() for word in listed.split(",") if word.strip())


def _only_warehouse(client: VendorClient, wanted: tuple[str, ...]) -> dict[str, str]:
    # The parameter takes one; of several, all are asked for and ours picked out.
    return {client.mapping["query.warehouse"]: wanted[0]} if len(wanted) == 1 else {}


def _free(row: Mapping[str, Any], client: VendorClient) -> Decimal | None:
    group = client.option("priority_group")
    return reading.number(
        reading.member(row, client.mapping[f"availability.free_{group}"])
    )


def _to_change(row: Mapping[str, Any], client: VendorClient) -> StockChange:
    def member(name: str) -> Any:
        return reading.member(row, client.mapping[f"availability.{name}"])

    dates = zone(client)
    return StockChange(
        item_number=reading.text(member("item_number")),
        kind=reading.text(member("warehouse")),
        quantity=_free(row, client) or Decimal(0),
        next_receiving_on=reading.day(member("next_receiving"), dates),
        changed_at=reading.moment(member("changed"), dates),
    )

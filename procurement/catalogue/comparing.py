"""The lines of an order beside what their supplier says now; pure, no database."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from procurement.catalogue import figures
from procurement.catalogue.models import ItemOffer, Source
from procurement.catalogue.recording import How, Recorded
from procurement.money import plain, price_text, round_amount
from procurement.orders.models import OrderLine
from procurement.suppliers.models import SupplierItem
from vendors.contracts import Offer

HUNDREDTH = Decimal("0.01")


def compare(
    line: OrderLine,
    told: Offer,
    recorded: Recorded,
    *,
    currency: str,
    wanted: Decimal,
    brands: Sequence[str],
) -> dict[str, Any]:
    """One entry of a check; numbers are exact text.

    Args:
        wanted: what all lines of the order want of this item.
        brands: those we know of the item number.
    """
    offer = figures.to_offer(told, Source.LIVE)
    remarks = _remarks(line, offer, told, currency=currency, wanted=wanted)
    if not line.brand and len(set(brands)) > 1:
        named = ", ".join(sorted(brand or "without a brand" for brand in set(brands)))
        remarks.append(
            remark("ambiguous_brand", f"Several brands have this number: {named}.")
        )
    if recorded.item is not None:
        remarks += _quantity_remarks(line, recorded.item)
    if warning := "; ".join(filter(None, (offer.warning, recorded.warning))):
        remarks.append(remark("warning", warning))
    price = figures.break_price(offer, line.quantity)
    is_comparable = (
        offer.is_known
        and recorded.how != How.HELD
        and not {"other_currency", "other_unit", "ambiguous_brand"} & codes(remarks)
    )
    price = price if is_comparable else None
    return {
        **figures.as_json(offer),
        "position": line.position,
        "item_number": line.item_number,
        "brand": line.brand,
        "description": line.description,
        "unit": line.unit,
        "quantity": plain(line.quantity),
        "is_known": offer.is_known,
        "as_of": told.as_of.isoformat(),
        "remarks": remarks,
        **priced(line, price, currency),
    }


def priced(line: OrderLine, price: Decimal | None, currency: str) -> dict[str, Any]:
    """The part of an entry that depends on the price in the order."""
    ordered = line.unit_price
    entry: dict[str, Any] = {
        "ordered_price": price_text(ordered, currency),
        "price": None,
        "difference": None,
        "percent": None,
        "has_price": price is not None,
        "can_take": False,
    }
    if price is None:
        return entry
    return entry | {
        "price": price_text(price, currency),
        "difference": price_text(price - ordered, currency),
        "percent": percent(ordered, price),
        "can_take": price != ordered,
    }


def percent(before: Decimal, now: Decimal) -> str | None:
    """By how much a price went up or down; nothing can't be measured by 0."""
    if not before:
        return None
    share = (now - before) * 100 / before
    return plain(share.quantize(HUNDREDTH, rounding=ROUND_HALF_UP))


def remark(code: str, text: str) -> dict[str, str]:
    """What a person should see of a line; programs go by the code."""
    return {"code": code, "text": text}


def codes(remarks: Sequence[Mapping[str, str]]) -> set[str]:
    return {each["code"] for each in remarks}


def _remarks(
    line: OrderLine, offer: ItemOffer, told: Offer, *, currency: str, wanted: Decimal
) -> list[dict[str, str]]:
    if not offer.is_known:
        return [remark("unknown_item", "The supplier does not know this item.")]
    found = []
    if offer.price is None:
        found.append(remark("no_price", "The supplier gives no price."))
    elif offer.currency != currency:
        other = offer.currency or "no currency"
        text = f"The price is {plain(offer.price)} {other}, the order in {currency}."
        found.append(remark("other_currency", text))
    if told.unit and line.unit and told.unit.casefold() != line.unit.casefold():
        text = f"The supplier speaks of {told.unit}, the order of {line.unit}."
        found.append(remark("other_unit", text))
    available = offer.quantity_available
    if available is None:
        found.append(remark("stock_unknown", "The supplier tells no stock."))
    elif available < wanted:
        text = f"Only {plain(available)} of {plain(wanted)} are available."
        found.append(remark("too_few", text))
    return found


def _quantity_remarks(line: OrderLine, item: SupplierItem) -> list[dict[str, str]]:
    found = []
    least, pack = Decimal(item.min_order_quantity), Decimal(item.pack_quantity)
    # 1 is what an item has of which nobody said anything.
    if least != 1 and line.quantity < least:
        text = f"The least quantity is {plain(least)}."
        found.append(remark("below_minimum", text))
    if pack != 1 and line.quantity % pack:
        text = f"It comes in packs of {plain(pack)}."
        found.append(remark("not_whole_packs", text))
    return found


def total_now(
    lines: Sequence[OrderLine], entries: Sequence[Mapping[str, Any]], currency: str
) -> Decimal:
    """The order's total at present prices; without one, at the ordered price."""
    return sum(
        (
            round_amount(
                line.quantity
                * (Decimal(entry["price"]) if entry["price"] else line.unit_price),
                currency,
            )
            for line, entry in zip(lines, entries, strict=True)
        ),
        Decimal(0),
    )

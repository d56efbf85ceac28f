"""An order as the shop shows it against the order as it was sent.

The shop prices orders itself, may leave lines out, and shows them in an order of
its own; so lines are matched by brand and code, and never by their place.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from vendors.contracts import OrderLineRequest, OrderRequest, VendorLine, VendorOrder
from vendors.kvik.entries import Entry, Item
from vendors.kvik.names import folded

_MOST_EXTRAS = 5


@dataclass(frozen=True)
class Comparison:
    """`order` has our positions; `differences` is all that is not as ordered.

    Of these, its `attention` holds those that lines can't show.
    """

    order: VendorOrder
    differences: tuple[str, ...]


def compare(order: OrderRequest, entry: Entry) -> Comparison:
    """Match the lines of an answer with ours, and say where they differ."""
    if not entry.items:
        # An answer of a number and little else says nothing of the lines.
        beyond = tuple(_currency(order, entry))
        return Comparison(entry.order, beyond)
    places = _places(order, entry.items)
    lines = list(entry.order.lines)
    by_lines: list[str] = []
    for line, at in places.items():
        position = order.lines[line].position
        if at is None:
            by_lines.append(_lost(order.lines[line], entry.items))
            continue
        lines[at] = replace(lines[at], position=position)
        by_lines += _of_line(order.lines[line], lines[at])
    extras = [
        f"The shop has added {_plain(line.quantity)} of "
        f"{line.item_number[:80] or 'something'}."
        for line, item in zip(lines, entry.items, strict=True)
        if line.position is None and not any(_fits(our, item) for our in order.lines)
    ]
    beyond = (*_currency(order, entry), *extras[:_MOST_EXTRAS])
    attention = " ".join(filter(None, (_told(entry.order), *beyond)))
    seen = replace(entry.order, lines=tuple(lines), attention=attention)
    return Comparison(seen, (*beyond, *by_lines))


def _told(order: VendorOrder) -> str:
    """What the shop's own word says; to have none yet is nothing odd."""
    return order.attention if order.raw_status else ""


def _places(order: OrderRequest, items: tuple[Item, ...]) -> dict[int, int | None]:
    """Return the place of each of our lines among the shop's; None if it has none.

    Lines with their very brand come first, then those where one side has none.
    """
    free = dict(enumerate(items))
    places: dict[int, int | None] = {}
    for is_exact in (True, False):
        for at, line in enumerate(order.lines):
            if places.get(at) is None:
                fitting = [
                    number
                    for number, item in free.items()
                    if _fits(line, item)
                    and (_has_its_brand(line, item) or not is_exact)
                ]
                places[at] = fitting[0] if len(fitting) == 1 else None
                if len(fitting) == 1:
                    del free[fitting[0]]
    return places


def _fits(line: OrderLineRequest, item: Item) -> bool:
    """Whether the item can be the one of a line; a missing brand fits any."""
    is_brand = _has_its_brand(line, item) or not (line.brand and item.brand)
    return folded(line.item_number) == item.code and is_brand


def _has_its_brand(line: OrderLineRequest, item: Item) -> bool:
    return folded(line.brand) == item.brand


def _lost(line: OrderLineRequest, items: tuple[Item, ...]) -> str:
    times = sum(_fits(line, item) for item in items)
    if times > 1:
        return f"Line {line.position} can be {times} lines of the shop's order."
    return f"Line {line.position} is not in the shop's order."


def _of_line(ours: OrderLineRequest, theirs: VendorLine) -> Iterator[str]:
    if theirs.quantity != ours.quantity:
        yield (
            f"Line {ours.position}: the shop has {_plain(theirs.quantity)} instead of "
            f"{_plain(ours.quantity)}."
        )
    if theirs.unit_price is not None and theirs.unit_price != ours.unit_price:
        yield (
            f"Line {ours.position}: the shop's price is {theirs.unit_price} instead "
            f"of {ours.unit_price}."
        )


def _plain(quantity: Decimal) -> str:
    return f"{quantity.normalize():f}"


def _currency(order: OrderRequest, entry: Entry) -> Iterator[str]:
    if entry.currency and entry.currency != order.currency:
        yield f"The shop reckons in {entry.currency}, not in {order.currency}."


def holds_the_same(order: OrderRequest, entry: Entry) -> bool:
    """Whether both have the same items in the same quantities, in any order.

    A brand that one side leaves out fits any brand of the other.
    """
    ours: defaultdict[tuple[str, Decimal], Counter[str]] = defaultdict(Counter)
    theirs: defaultdict[tuple[str, Decimal], Counter[str]] = defaultdict(Counter)
    for line in order.lines:
        ours[folded(line.item_number), line.quantity][folded(line.brand)] += 1
    for item in entry.items:
        theirs[item.code, item.quantity][item.brand] += 1
    if not entry.is_whole or ours.keys() != theirs.keys():
        return False
    return all(_brands_fit(ours[key], theirs[key]) for key in ours)


def _brands_fit(ours: Counter[str], theirs: Counter[str]) -> bool:
    if ours.total() != theirs.total():
        return False
    # Counters subtract down to nothing, never below.
    left_of_ours, left_of_theirs = ours - theirs, theirs - ours
    return left_of_ours.total() - left_of_ours[""] <= theirs[""] and (
        left_of_theirs.total() - left_of_theirs[""] <= ours[""]
    )

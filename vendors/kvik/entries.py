"""One order as a Kvik shop shows it, in the list or in the answer to a create.

Source: that an order shows its products and both statuses is documented; its form
is inferred. Nothing is said of shipments, parcels or invoices.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any

import simplejson

from vendors import reading
from vendors.contracts import Fulfilment, VendorCharge, VendorLine, VendorOrder
from vendors.kvik import names
from vendors.kvik.status import Meaning, Words, key_of

_LONGEST_WORD = 100
_LONGEST_REFERENCE = 50
_ORDER_NUMBER = re.compile(r"(?=.*\d)[A-Z0-9][A-Z0-9]*(?:[-/][A-Z0-9]+)+", re.ASCII)
_CENT = Decimal("0.01")
ZERO = Decimal(0)


@dataclass(frozen=True)
class Item:
    """What a line is about, fit to be compared; brand may be empty."""

    code: str
    brand: str
    quantity: Decimal


@dataclass(frozen=True, kw_only=True)
class Entry:
    """An order with what the contract has no place for.

    `items` stand in the order of `order.lines`.
    """

    order: VendorOrder
    items: tuple[Item, ...]
    is_whole: bool
    """Whether every line could be read."""
    created_at: datetime | None
    note: str
    currency: str
    total: Decimal | None
    """Without VAT."""

    @property
    def fingerprint(self) -> str:
        """A text that changes with anything of meaning, in whatever order it comes.

        What we make of it is in it too, so that a word entered into the table makes
        the orders that carry it be recorded anew.
        """
        lines = [
            [item.code, item.brand, item.quantity, *asdict(line).values()]
            for item, line in zip(self.items, self.order.lines, strict=True)
        ]
        head = asdict(self.order)
        del head["lines"]
        whole = [head, sorted(map(_plain, lines)), self.note, self.currency, self.total]
        return hashlib.sha256(_plain(whole).encode()).hexdigest()


def _plain(value: Any) -> str:
    """Write a value so that equal ones look alike: 6, 6.0 and "6.00"."""
    return simplejson.dumps(_comparable(value), sort_keys=True, ensure_ascii=True)


def _comparable(value: Any) -> Any:
    match value:
        case Decimal():
            return f"{value.normalize():f}"
        case Mapping():
            return {str(key): _comparable(found) for key, found in value.items()}
        case list() | tuple():
            return [_comparable(found) for found in value]
        case bool() | int() | str() | None:
            return value
    return str(value)


def to_entry(data: Any, mapping: Mapping[str, str], zone: tzinfo) -> Entry | None:
    """Translate one order; None if it is none.

    Args:
        zone: holds for times that name none.
    """
    if not isinstance(data, dict):
        return None
    meaning = Words(mapping).meaning(_word(data, mapping["order.processing"]))
    note = names.text(data, mapping["order.note"])
    listed = names.found(data, mapping["order.lines"])
    rows = reading.objects(listed) or []
    read = [_to_line(row, meaning, mapping) for row in rows]
    unread = [line for line in read if isinstance(line, str)]
    pairs = [line for line in read if not isinstance(line, str)]
    lines = tuple(line for _, line in pairs)
    total = reading.number(names.found(data, mapping["order.total"]))
    order = VendorOrder(
        number=names.text(data, mapping["order.number"]),
        reference=_reference(data, note, mapping),
        raw_status=meaning.raw,
        fulfilment=meaning.level,
        lines=lines,
        charges=_charges(lines, total) if not unread else (),
        is_locked=meaning.has_reached(Fulfilment.PICKING),
        attention=_attention(meaning, lines, unread),
        unknown_words=() if meaning.is_known else (key_of(meaning.raw),),
        payment_status=_word(data, mapping["order.payment"]),
    )
    return Entry(
        order=order,
        items=tuple(item for item, _ in pairs),
        is_whole=not unread,
        created_at=reading.moment(names.found(data, mapping["order.created"]), zone),
        note=note,
        currency=_currency(data, rows, mapping),
        total=total,
    )


def _word(data: Any, key: str) -> str:
    return names.text(data, key)[:_LONGEST_WORD]


def _reference(data: Any, note: str, mapping: Mapping[str, str]) -> str:
    """Return our number: its own member, or the first word of the note if it may be."""
    if told := names.text(data, mapping["order.reference"]):
        return told
    first = note.split(maxsplit=1)[0] if note else ""
    is_number = len(first) <= _LONGEST_REFERENCE and _ORDER_NUMBER.fullmatch(first)
    return first if is_number else ""


def _to_line(
    row: Mapping[str, Any], meaning: Meaning, mapping: Mapping[str, str]
) -> tuple[Item, VendorLine] | str:
    """Return a line with what it is about, or what of it can't be read."""

    def number(name: str) -> Decimal | None:
        return reading.number(names.found(row, mapping[f"line.{name}"]))

    code = names.text(row, mapping["line.code"])
    brand = names.text(row, mapping["line.brand"])
    quantity = number("quantity")
    if quantity is None:
        return code[:_LONGEST_WORD] or "a line without a code"
    line = VendorLine(
        position=None,
        item_number=code,
        brand=brand,
        quantity=quantity,
        is_confirmed=meaning.has_reached(Fulfilment.CONFIRMED),
        quantity_shipped=_shipped(quantity, number("quantity_shipped"), meaning),
        quantity_cancelled=(
            quantity if meaning.level is Fulfilment.CANCELLED else ZERO
        ),
        unit_price=number("price"),
    )
    return Item(names.folded(code), names.folded(brand), quantity), line


def _shipped(quantity: Decimal, told: Decimal | None, meaning: Meaning) -> Decimal:
    """Return what has left: the line's own figure, else what the order's word says."""
    if told is not None and told >= 0:
        return min(told, max(quantity, ZERO))
    return quantity if meaning.has_reached(Fulfilment.SHIPPED) else ZERO


def _charges(
    lines: tuple[VendorLine, ...], total: Decimal | None
) -> tuple[VendorCharge, ...]:
    """Return what the total holds beside the lines, roundings apart."""
    prices = [line.unit_price for line in lines]
    if total is None or not lines or None in prices:
        return ()
    in_lines = sum(
        (line.unit_price * line.quantity for line in lines if line.unit_price), ZERO
    )
    beside = total - in_lines
    if abs(beside) <= _CENT * len(lines):
        return ()
    return (VendorCharge(text="beside the lines, such as shipping", amount=beside),)


def _attention(
    meaning: Meaning, lines: tuple[VendorLine, ...], unread: Iterable[str]
) -> str:
    said = [meaning.attention]
    if not meaning.raw:
        said.append("The shop shows no processing status.")
    is_part = meaning.level is Fulfilment.PARTIALLY_SHIPPED
    if is_part and not any(line.quantity_shipped for line in lines):
        said.append("Part of it has left, and the shop does not say which part.")
    said += [f"Its quantity can't be read: {code}." for code in list(unread)[:5]]
    return " ".join(filter(None, said))


def _currency(data: Any, rows: Iterable[Any], mapping: Mapping[str, str]) -> str:
    told = names.text(data, mapping["order.currency"])
    of_lines = (names.text(row, mapping["line.currency"]) for row in rows)
    return (told or next(filter(None, of_lines), ""))[:3].upper()

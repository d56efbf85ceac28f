"""Reading an order as EET would: all complaints at once, each under its field.

Source: only the path and the test flag are documented; the names are the best guess.
Names must be written exactly so: a service that ignores unknown members would take a
misspelt one for a missing one.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from vendors.sandbox.books import BookedLine
from vendors.sandbox.eet.assortment import find_article
from vendors.sandbox.eet.problems import invalid
from vendors.sandbox.messages import Refusal, Request

LONGEST_REFERENCE = 20
LARGEST_QUANTITY = 2**31 - 1
FLAGS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class OrderForm:
    """An order that will do."""

    reference: str
    lines: tuple[BookedLine, ...]
    is_test: bool

    @property
    def total(self) -> Decimal:
        return sum((line.quantity * line.unit_price for line in self.lines), Decimal(0))


@dataclass
class _Complaints:
    by_field: dict[str, list[str]] = field(default_factory=dict)

    def add(self, name: str, text: str) -> None:
        self.by_field.setdefault(name, []).append(text)


def read_order(request: Request, document: dict[str, Any]) -> OrderForm:
    """Check an order.

    Raises:
        Refusal: 400 with all complaints; nothing was ordered.
    """
    complaints = _Complaints()
    form = OrderForm(
        reference=_read_reference(document, complaints),
        lines=tuple(_read_lines(document, complaints)),
        is_test=_read_flag(request, document, complaints),
    )
    _check_address(document, complaints)
    if complaints.by_field:
        raise Refusal(invalid(complaints.by_field))
    return form


def _read_flag(
    request: Request, document: dict[str, Any], complaints: _Complaints
) -> bool:
    """Return whether this is a test; an order that doesn't say so is a real one."""
    in_address = request.parameter("isTest")
    if in_address is not None:
        if in_address.lower() not in FLAGS:
            complaints.add("isTest", f"The value '{in_address}' is not valid.")
        return FLAGS.get(in_address.lower(), False)
    in_body = document.get("IsTest")
    if in_body is not None and not isinstance(in_body, bool):
        complaints.add("IsTest", "The JSON value could not be converted to Boolean.")
    return in_body is True


def _read_reference(document: dict[str, Any], complaints: _Complaints) -> str:
    reference = document.get("CustomerOrderNo")
    if reference is None or reference == "":
        complaints.add("CustomerOrderNo", "The CustomerOrderNo field is required.")
    elif not isinstance(reference, str):
        complaints.add(
            "CustomerOrderNo", "The JSON value could not be converted to String."
        )
    elif len(reference) > LONGEST_REFERENCE:
        complaints.add(
            "CustomerOrderNo",
            "The field CustomerOrderNo must be a string with a maximum length of "
            f"{LONGEST_REFERENCE}.",
        )
    return str(reference)


def _read_lines(document: dict[str, Any], complaints: _Complaints) -> list[BookedLine]:
    items = document.get("Items")
    if not isinstance(items, list) or not items:
        complaints.add("Items", "The Items field is required.")
        return []
    lines = []
    for index, item in enumerate(items):
        line = _read_line(f"Items[{index}]", item, complaints)
        if line:
            lines.append(line)
    return lines


def _read_line(where: str, item: Any, complaints: _Complaints) -> BookedLine | None:
    if not isinstance(item, dict):
        complaints.add(where, "The JSON value could not be converted to Item.")
        return None
    item_id, quantity = item.get("ItemId"), item.get("Quantity")
    article = find_article(item_id)
    if item_id is None or item_id == "":
        complaints.add(f"{where}.ItemId", "The ItemId field is required.")
    elif article is None:
        complaints.add(f"{where}.ItemId", f"The item '{item_id}' does not exist.")
    elif article.price is None:
        complaints.add(f"{where}.ItemId", f"The item '{item_id}' is on request only.")
    if not isinstance(quantity, int) or isinstance(quantity, bool):
        complaints.add(f"{where}.Quantity", "Quantity must be a whole number.")
        return None
    if not 1 <= quantity <= LARGEST_QUANTITY:
        complaints.add(
            f"{where}.Quantity",
            f"The field Quantity must be between 1 and {LARGEST_QUANTITY}.",
        )
    if article is None or article.price is None:
        return None
    return BookedLine(article.item_id, Decimal(quantity), "", article.price)


def _check_address(document: dict[str, Any], complaints: _Complaints) -> None:
    """Check the delivery address, for goods that don't go to the usual place."""
    address = document.get("DeliveryAddress")
    if address is None:
        return
    if not isinstance(address, dict):
        complaints.add(
            "DeliveryAddress", "The JSON value could not be converted to Address."
        )
        return
    for name in ("Name", "Street", "ZipCode", "City", "CountryCode"):
        value = address.get(name)
        if not isinstance(value, str) or not value.strip():
            complaints.add(f"DeliveryAddress.{name}", f"The {name} field is required.")

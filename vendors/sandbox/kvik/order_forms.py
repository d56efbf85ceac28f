"""Reading an order. All of it is the project's own assumption.

The shop takes what it has: a line that stock is short for is cut down, one it has
nothing of is left out. Prices sent along are ignored, as the shop prices the order.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from vendors.sandbox import jsontext
from vendors.sandbox.kvik.answers import failure, invalid
from vendors.sandbox.kvik.catalogue import Product, find_products
from vendors.sandbox.kvik.orders import Item
from vendors.sandbox.messages import Refusal, Request

MOST_UNITS = 1_000_000
TEXTS = ("customerOrderNumber", "note", "shippingMethod", "paymentMethod")
ADDRESS_TEXTS = ("name", "company", "street", "city", "zip", "country")


@dataclass(frozen=True, slots=True)
class OrderForm:
    """An order that will do."""

    reference: str
    note: str
    items: tuple[Item, ...]


def read_order(request: Request) -> OrderForm:
    """Check an order.

    Raises:
        Refusal: 400 with all complaints by field, or 409 where nothing of it can be
            had; nothing was ordered.
    """
    body = _read_body(request)
    complaints: dict[str, str] = {}
    texts = {name: _text(body, name, name, complaints) for name in TEXTS}
    _check_address(body.get("deliveryAddress"), complaints)
    asked = _read_items(body.get("items"), complaints)
    if complaints:
        raise Refusal(invalid("The order is not valid.", complaints))
    items = [
        Item(product, quantity, product.charged or Decimal(0))
        for product, wanted in asked
        if (quantity := _taken(product, wanted)) > 0
    ]
    if not items:
        raise Refusal(failure(409, "not_available", "Nothing of it is in stock."))
    return OrderForm(texts["customerOrderNumber"], texts["note"], tuple(items))


def _read_body(request: Request) -> dict[str, Any]:
    if request.media_type != "application/json":
        raise Refusal(failure(415, "unsupported_media_type", "JSON is expected."))
    try:
        body = jsontext.loads(request.body)
    except ValueError as error:
        raise Refusal(invalid(f"The body is not valid JSON: {error}.")) from None
    if not isinstance(body, dict):
        raise Refusal(invalid("The body must be an object."))
    return body


def _text(
    holder: dict[str, Any], name: str, place: str, complaints: dict[str, str]
) -> str:
    value = holder.get(name)
    if value is not None and not isinstance(value, str):
        complaints[place] = "must be a text"
    return value if isinstance(value, str) else ""


def _check_address(sent: Any, complaints: dict[str, str]) -> None:
    if sent is None:
        return
    if not isinstance(sent, dict):
        complaints["deliveryAddress"] = "must be an object"
        return
    for name in ADDRESS_TEXTS:
        _text(sent, name, f"deliveryAddress.{name}", complaints)


def _read_items(sent: Any, complaints: dict[str, str]) -> list[tuple[Product, Decimal]]:
    if not isinstance(sent, list) or not sent:
        complaints["items"] = "at least one is needed"
        return []
    items = []
    for index, item in enumerate(sent):
        place = f"items[{index}]"
        if not isinstance(item, dict):
            complaints[place] = "must be an object"
            continue
        product = _product(item, place, complaints)
        quantity = _quantity(item.get("quantity"), f"{place}.quantity", complaints)
        if product is not None:
            items.append((product, quantity))
    return items


def _product(
    item: dict[str, Any], place: str, complaints: dict[str, str]
) -> Product | None:
    code = _text(item, "code", f"{place}.code", complaints)
    brand = _text(item, "brand", f"{place}.brand", complaints)
    found = find_products(code, brand or None)
    if len(found) > 1:
        complaints[f"{place}.brand"] = "is needed, more than one brand has this code"
        return None
    if not found or found[0].charged is None:
        complaints.setdefault(f"{place}.code", "can't be ordered")
        return None
    return found[0]


def _quantity(value: Any, place: str, complaints: dict[str, str]) -> Decimal:
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    if not is_number or not 0 < value <= MOST_UNITS:
        complaints[place] = "must be a number above 0, and not absurd"
        return Decimal(0)
    return Decimal(value)


def _taken(product: Product, wanted: Decimal) -> Decimal:
    if product.stock is None:
        return wanted
    return min(wanted, Decimal(product.stock))

"""Kvik orders: what stands against one, and placing it.

Source: that an order can be sent is documented; path and names are inferred. There
is no key that makes a repeated create harmless, no field that surely carries our
number, and no test flag. The shop prices an order itself, so its answer is compared
with what was approved.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

from vendors import reading
from vendors.contracts import (
    Accepted,
    Account,
    Address,
    Fulfilment,
    OrderLineRequest,
    OrderRequest,
    VendorOrder,
)
from vendors.errors import Kind, NotSent, OutcomeUnknown, Refused
from vendors.http import VendorClient
from vendors.kvik import names
from vendors.kvik.comparing import compare
from vendors.kvik.listing import entry_in
from vendors.kvik.settings import OPTIONS
from vendors.options import read_option
from vendors.testmode import mode_objections

HOW_TO_AGREE = (
    "Agree with the merchant that the orders of this customer are cancelled, or on a "
    "trial shop."
)
READ_ONLY = "This supplier is set to read only; nothing is ordered."
NO_NUMBER = "The shop took it and gave no number; the list of orders will tell."

_REFERENCE = re.compile(r"(?=.*\d)[A-Za-z0-9][A-Za-z0-9/_-]{2,49}", re.ASCII)
_BARE_NUMBER = re.compile(r"(?=.*[1-9])[\w./-]{1,40}", re.ASCII)


def objections(account: Account, order: OrderRequest) -> tuple[str, ...]:
    """Return what stands against sending this order; nothing is called."""
    try:
        for option in OPTIONS:
            read_option(OPTIONS, account.options, option.name)
    except NotSent as error:
        return (error.text,)
    return tuple(_objections(account, order))


def _objections(account: Account, order: OrderRequest) -> Iterator[str]:
    if read_option(OPTIONS, account.options, "read_only"):
        yield READ_ONLY
    yield from mode_objections(
        account, order, api="The shop", how_to_agree=HOW_TO_AGREE
    )
    if not _REFERENCE.fullmatch(order.reference):
        yield (
            "An order is found again in the shop by its number, which must be 3 to 50 "
            f"letters, digits and hyphens, not {order.reference!r}."
        )
    yield from _line_objections(order)
    address = order.delivery_address
    if address.is_given and not (address.street_line and address.city):
        yield "A delivery address needs a street and a city."


def _line_objections(order: OrderRequest) -> Iterator[str]:
    if not order.lines:
        yield "The order has no lines."
    for line in order.lines:
        if not line.item_number.strip():
            yield f"Line {line.position} has no item number."
        if not (line.quantity.is_finite() and line.quantity > 0):
            yield f"Line {line.position}: the quantity must be above nothing."
    asked = Counter(key for _, key in _keyed(order))
    for key, times in asked.items():
        if times > 1:
            positions = [str(at) for at, found in _keyed(order) if found == key]
            yield (
                f"Lines {', '.join(positions)} order the same item. The shop may put "
                "them together, and nobody could tell what became of each: make them "
                "one line."
            )


def _keyed(order: OrderRequest) -> Iterator[tuple[int, tuple[str, str]]]:
    """Yield the position of each line with what tells its item from others."""
    for line in order.lines:
        yield (
            line.position,
            (names.folded(line.item_number), names.folded(line.brand)),
        )


def place_order(client: VendorClient, order: OrderRequest) -> Accepted:
    """Place one purchase order; the shop prices it.

    What the shop made of it otherwise than ordered is in the note; in the order's
    `attention` stands what can't be seen by its lines.

    Raises:
        Refused: the data won't do; nothing was ordered.
        NotSent: the shop never took the order; it may be sent again.
        OutcomeUnknown: it may have the order; look it up in the list.
    """
    if found := objections(client.account, order):
        raise Refused(" ".join(found), kind=Kind.GUARD)
    answer = client.act(
        "POST",
        client.path("path.orders"),
        purpose="place_order",
        json=to_payload(order, client),
        allows_empty=True,
    )
    entry = entry_in(answer, client)
    number = (entry.order.number if entry else "") or _bare_number(answer)
    if not number:
        _raise_if_it_complains(client, answer)
        return Accepted(number=None, raw=answer, note=NO_NUMBER)
    if entry is None or not entry.order.number:
        return Accepted(number=number, raw=answer)
    compared = compare(order, entry)
    return Accepted(
        number=number,
        raw=answer,
        note=" ".join(compared.differences),
        order=_placed(compared.order, order) if entry.items else None,
    )


def _placed(seen: VendorOrder, order: OrderRequest) -> VendorOrder:
    """Return the order as answered; one just taken need not have a status yet."""
    changes: dict[str, Any] = {"reference": seen.reference or order.reference}
    if not seen.raw_status:
        changes["fulfilment"] = Fulfilment.NONE
    return replace(seen, **changes)


def _bare_number(answer: Any) -> str:
    """Return the number of an answer that is nothing but one."""
    bare = reading.text(answer)
    return bare if _BARE_NUMBER.fullmatch(bare) else ""


def _raise_if_it_complains(client: VendorClient, answer: Any) -> None:
    """An answer of success with an error in it may mean either."""
    if complaint := names.text(answer, client.mapping["error.code"]):
        raise OutcomeUnknown(
            f"{client.account.supplier}: the shop answered with success and an error.",
            kind=Kind.UNREADABLE,
            vendor_text=", ".join(reading.scalars(answer)) or complaint,
        )


# --- what is sent -------------------------------------------------------------


def to_payload(order: OrderRequest, client: VendorClient) -> dict[str, Any]:
    """Return the body of a create."""
    mapping = client.mapping
    payload: dict[str, Any] = {}
    names.put(payload, mapping["order.reference"], order.reference)
    names.put(payload, mapping["order.note"], _note(order))
    names.put(
        payload,
        mapping["order.lines"],
        [_line(line, client) for line in order.lines],
    )
    if order.delivery_address.is_given:
        names.put(
            payload, mapping["order.address"], _address(order.delivery_address, client)
        )
    if method := client.option("shipping_method"):
        names.put(payload, mapping["order.shipping"], method)
    if method := client.option("payment_method"):
        names.put(payload, mapping["order.payment_method"], method)
    return payload


def _note(order: OrderRequest) -> str:
    """Our number first: by it the order is known again in the list."""
    wish = f"Requested delivery: {order.requested_date}" if order.requested_date else ""
    return "\n".join(filter(None, (order.reference, order.note, wish)))


def _line(line: OrderLineRequest, client: VendorClient) -> dict[str, Any]:
    mapping = client.mapping
    found: dict[str, Any] = {}
    names.put(found, mapping["line.code"], line.item_number)
    if line.brand:
        names.put(found, mapping["line.brand_sent"], line.brand)
    names.put(found, mapping["line.quantity"], _shortest(line.quantity))
    if client.option("send_prices"):
        names.put(found, mapping["line.price_sent"], line.unit_price)
    return found


def _shortest(quantity: Decimal) -> Decimal:
    """Write 6.000 as 6: some shops take whole numbers only."""
    if quantity == quantity.to_integral_value():
        return quantity.to_integral_value()
    return quantity.normalize()


def _address(address: Address, client: VendorClient) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in (
        ("name", address.name),
        ("street", f"{address.street_line} {address.entrance}".strip()),
        ("city", address.city),
        ("zip_code", address.zip_code),
        ("country", address.country_code.upper()),
    ):
        if value:
            names.put(found, client.mapping[f"address.{name}"], value)
    return found

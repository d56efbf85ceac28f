"""Simutek orders: place one.

Source: Simutek's page "API", which prints a whole order. There is no call to look one
up, to follow or to cancel it, no key that makes a repeat harmless, and no test mode:
each order that is taken is a real one, and a known article starts production at once.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from vendors import reading
from vendors.contracts import (
    Accepted,
    Account,
    Address,
    OrderLineRequest,
    OrderRequest,
)
from vendors.errors import Kind, NotSent, OutcomeUnknown, Refused
from vendors.http import VendorClient
from vendors.options import read_option
from vendors.simutek.payload import shortest, to_payload
from vendors.simutek.settings import OPTIONS
from vendors.testmode import mode_objections

HOW_TO_AGREE = (
    "It may start production at once. Agree with the supplier on a customer number "
    "and an article for tests, and set that customer number."
)

_LONGEST_DESCRIPTION = 256
_DECIMALS_OF_A_PRICE = 2
_PHONES = ("billing_phone", "billing_mobile_phone", "delivery_contact_phone")
_PHONE = re.compile(r"\+[1-9][0-9 ()/-]{4,24}")


# --- objections ---------------------------------------------------------------


def objections(account: Account, order: OrderRequest) -> tuple[str, ...]:
    """Return what stands against sending this order; nothing is called."""
    try:
        options = {
            field.name: read_option(OPTIONS, account.options, field.name)
            for field in OPTIONS
        }
    except NotSent as error:
        return (error.text,)
    found = list(mode_objections(account, order, api="GKS", how_to_agree=HOW_TO_AGREE))
    labels = {field.name: field.label for field in OPTIONS}
    found += [
        f"“{labels[name]}” must begin with + and the country code, as +46."
        for name in _PHONES
        if options[name] and not _PHONE.fullmatch(options[name])
    ]
    found += _head_objections(order)
    for line in order.lines:
        found += [f"Line {line.position}: {text}" for text in _line_objections(line)]
    found += _address_objections(order.delivery_address)
    return tuple(found)


def _head_objections(order: OrderRequest) -> Iterator[str]:
    if not order.reference.strip():
        yield "The order has no number of ours, by which the supplier could find it."
    if not re.fullmatch(r"[A-Z]{3}", order.currency):
        yield f"The currency must be three capital letters, not {order.currency!r}."
    if not order.lines:
        yield "The order has no lines."
    positions = [line.position for line in order.lines]
    if len(set(positions)) < len(positions):
        yield "The positions of the lines must differ."


def _line_objections(line: OrderLineRequest) -> Iterator[str]:
    if not line.item_number.strip():
        yield "there is no item number."
    if line.quantity <= 0:
        yield "the quantity must be above nothing."
    if line.unit_price < 0:
        yield "the price must not be below nothing."
    elif _decimals(line.unit_price) > _DECIMALS_OF_A_PRICE:
        yield (
            f"the price {line.unit_price:f} has more than two decimals, which the "
            "supplier's invoicing can't take."
        )
    if len(line.description) > _LONGEST_DESCRIPTION:
        yield (
            f"the description has {len(line.description)} characters; after "
            f"{_LONGEST_DESCRIPTION} the supplier's invoicing would cut it."
        )


def _decimals(number: Decimal) -> int:
    """Return how many decimals a number has, zeros at its end apart."""
    return len(f"{shortest(number):f}".partition(".")[2])


def _address_objections(address: Address) -> Iterator[str]:
    if not address.is_given:
        return
    if not (address.name and address.street_line and address.city):
        yield "A delivery address needs a name, a street and a city."
    if not re.fullmatch(r"[A-Za-z]{2}", address.country_code):
        yield "A delivery address needs a country of two letters."


# --- place --------------------------------------------------------------------


def place_order(client: VendorClient, order: OrderRequest) -> Accepted:
    """Place one purchase order; prices go out as approved.

    The number proves that GKS got the order, not that the supplier accepts price
    and day: that is in the order confirmation.

    Raises:
        Refused: the data or the customer number won't do; nothing was ordered.
        NotSent: GKS never got the order; it may be sent again.
        OutcomeUnknown: GKS may have the order, and has no call to look it up.
    """
    if found := objections(client.account, order):
        raise Refused(" ".join(found), kind=Kind.GUARD)
    answer = _post(client, to_payload(order, client))
    number = order_number(client, answer)
    if not number:
        raise OutcomeUnknown(
            f"{client.account.supplier}: the answer holds no order number; it may "
            "have been done.",
            kind=Kind.UNREADABLE,
        )
    return Accepted(number=number, raw=answer)


def _post(client: VendorClient, payload: dict[str, Any]) -> Any:
    try:
        return client.act(
            "POST", client.path("path.orders"), purpose="place_order", json=payload
        )
    except Refused as refusal:
        if refusal.kind is not Kind.NOT_FOUND:
            raise
        # By its description this 404 is about the customer and not about the path.
        number = client.option("customer_number")
        raise Refused(
            f"{client.account.supplier}: there is no customer {number!r}, so nothing "
            "was ordered. The option “Customer number” is wrong, and not the address "
            f"(HTTP {refusal.status}).",
            kind=Kind.NOT_FOUND,
            status=refusal.status,
            vendor_text=refusal.vendor_text,
        ) from None


def order_number(client: VendorClient, answer: Any) -> str:
    """Return GKS's number for the order, digit for digit; empty if there is none."""
    number = reading.text(reading.member(answer, client.mapping["answer.number"]))
    # An unset number is 0 in .NET.
    return number if number.strip("0") else ""

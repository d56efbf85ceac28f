"""EET orders: place one.

Source: EET Customer API, `/order`. Only the path and the test flag are
documented; the names are inferred and stand in `mapping.py`. There is no call to
look an order up, to follow it or to cancel it.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from vendors import reading
from vendors.addresses import is_loopback
from vendors.contracts import Accepted, Account, Address, OrderRequest
from vendors.eet.settings import OPTIONS
from vendors.errors import Kind, NotSent, OutcomeUnknown, Refused
from vendors.http import VendorClient
from vendors.options import read_option

NOT_CONFIRMED = (
    "No order is sent to EET, not even a test, before the place and the spelling of "
    "its test flag were read off the vendor's Swagger page: with a wrong flag a test "
    "is a real purchase. Compare, correct the names of this supplier if need be, "
    "then tick “Order call confirmed” in its options."
)

_REFERENCE = re.compile(r"[A-Za-z0-9-]{1,20}")
_BARE_NUMBER = re.compile(r"(?=.*\d)[\w./-]{1,40}", re.ASCII)


def objections(account: Account, order: OrderRequest) -> tuple[str, ...]:
    """Return what stands against sending this order; nothing is called."""
    return tuple(_objections(account, order))


def _objections(account: Account, order: OrderRequest) -> Iterator[str]:
    try:
        is_confirmed = read_option(OPTIONS, account.options, "order_contract_confirmed")
        currency = read_option(OPTIONS, account.options, "currency")
    except NotSent as error:
        yield error.text
        return
    if not is_confirmed and not is_loopback(account.base_url):
        yield NOT_CONFIRMED
    if account.is_test and not order.is_test:
        yield "This supplier is in test mode; a real order can't be sent to it."
    if currency and order.currency != currency:
        yield f"This account buys in {currency}, not in {order.currency}."
    if not _REFERENCE.fullmatch(order.reference):
        yield (
            f"EET takes order numbers of up to 20 letters, digits and hyphens, not "
            f"{order.reference!r}."
        )
    if not order.lines:
        yield "The order has no lines."
    for line in order.lines:
        if not line.item_number.strip():
            yield f"Line {line.position} has no item number."
        if line.quantity < 1 or line.quantity != line.quantity.to_integral_value():
            yield (
                f"Line {line.position}: EET takes whole pieces, one or more, not "
                f"{line.quantity}."
            )


def place_order(client: VendorClient, order: OrderRequest) -> Accepted:
    """Place one purchase order at EET.

    Args:
        order: one line or more, quantities in whole pieces. Prices are not sent:
            EET charges its own, so compare before and after.

    Raises:
        Refused: the data won't do; nothing was ordered.
        NotSent: EET never got the order; it may be sent again.
        OutcomeUnknown: EET may have the order, and has no call to look it up.
    """
    if found := objections(client.account, order):
        raise Refused(" ".join(found), kind=Kind.GUARD)
    names = client.mapping
    # Which one EET reads is not known, so the flag is in the address and the body.
    flag = {names["order.test_in_address"]: "true" if order.is_test else "false"}
    answer = client.act(
        "POST",
        names["order.path"],
        purpose="place_order",
        params=flag,
        json=to_payload(order, names),
        allows_empty=True,
    )
    number, complaint = order_number(answer, names), _complaint(answer, names)
    if complaint and not number:
        raise OutcomeUnknown(
            f"{client.account.supplier}: EET answered with success and a complaint.",
            kind=Kind.UNREADABLE,
            vendor_text=complaint,
        )
    return Accepted(number=number, raw=answer, note=complaint)


def to_payload(order: OrderRequest, names: Mapping[str, str]) -> dict[str, Any]:
    """Return the body of the order call."""
    item_number, quantity = names["line.item_number"], names["line.quantity"]
    payload: dict[str, Any] = {names["order.reference"]: order.reference}
    if order.is_test:
        payload[names["order.test_in_body"]] = True
    payload[names["order.lines"]] = [
        {item_number: line.item_number, quantity: line.pieces()} for line in order.lines
    ]
    if order.delivery_address.is_given:
        payload[names["order.address"]] = _address(order.delivery_address, names)
    # There is no member for a wished day, and dropping it in silence won't do.
    wish = f"Requested delivery: {order.requested_date}" if order.requested_date else ""
    if comment := "\n".join(filter(None, (order.note, wish))):
        payload[names["order.comment"]] = comment
    return payload


def _address(address: Address, names: Mapping[str, str]) -> dict[str, str]:
    return {
        names["address.name"]: address.name,
        names["address.street"]: f"{address.street_line} {address.entrance}".strip(),
        names["address.zip_code"]: address.zip_code,
        names["address.city"]: address.city,
        names["address.country"]: address.country_code,
    }


def order_number(answer: Any, names: Mapping[str, str]) -> str | None:
    """Return EET's number for the order; it may accept one and give none.

    It is looked for under several names, one level down too, and as the whole
    answer: a bare number, or a text that could be one.
    """
    if isinstance(answer, list):
        answer = answer[0] if len(answer) == 1 else None
    if not isinstance(answer, dict):
        bare = reading.text(answer)
        return bare if _BARE_NUMBER.fullmatch(bare) and bare != "0" else None
    for inside in _levels(answer):
        for name in names["answer.number"].split():
            number = reading.text(reading.member(inside, name))
            if number not in ("", "0"):
                return number
    return None


def _levels(answer: Mapping[str, Any]) -> Iterator[Any]:
    """Yield an object, then those right inside it, alone or alone in a list."""
    yield answer
    for value in answer.values():
        yield value[0] if isinstance(value, list) and len(value) == 1 else value


def _complaint(answer: Any, names: Mapping[str, str]) -> str:
    """Return what an answer complains of in spite of its 2xx."""
    outer = answer if isinstance(answer, list) else [answer]
    lines = [
        line
        for level in outer
        if isinstance(level, dict)
        for value in level.values()
        for line in (value if isinstance(value, list) else [value])
    ]
    said: list[str] = []
    for level in (*outer, *lines):
        found = (reading.member(level, n) for n in names["answer.complaints"].split())
        said += [text for value in found for text in reading.scalars(value)]
        success = (reading.member(level, n) for n in names["answer.success"].split())
        if False in success:
            said.append("success: false")
    return ", ".join(dict.fromkeys(said))

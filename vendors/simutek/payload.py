"""The body of a Simutek order: only what we mean.

Never in it, though GKS would take them: the day of the order, which is obsolete there;
the supplier's own costs, profit centre and weights; and the export flags, which GKS
keeps with the customer.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from vendors.contracts import OrderLineRequest, OrderRequest
from vendors.http import VendorClient
from vendors.simutek import addresses

_CONTACT = {
    "contact.first_name": "billing_first_name",
    "contact.last_name": "billing_last_name",
    "contact.email": "billing_email",
    "contact.phone": "billing_phone",
    "contact.mobile_phone": "billing_mobile_phone",
    "contact.e_invoice_code": "billing_e_invoice_code",
}

_DELIVERY_CONTACT = {
    "ship_to.contact_name": "delivery_contact_name",
    "ship_to.contact_phone": "delivery_contact_phone",
    "ship_to.contact_email": "delivery_contact_email",
}


def to_payload(order: OrderRequest, client: VendorClient) -> dict[str, Any]:
    """Return the body of the call that places an order."""
    names = client.mapping
    payload: dict[str, Any] = {
        names["order.customer"]: client.option("customer_number")
    }
    if contact := _from_options(client, _CONTACT):
        payload[names["order.contact"]] = contact
    # What GKS does with an address in both places is not known: it is in one.
    ship_to = _ship_to(order, client)
    is_at_lines = client.option("delivery_in") == "lines"
    if ship_to and not is_at_lines:
        payload[names["order.ship_to"]] = ship_to
    suffix = client.option("order_title_suffix")
    payload[names["order.title"]] = f"{order.reference} {suffix}".strip()
    if day := order.requested_date:
        payload[names["order.date"]] = f"{day.isoformat()}T00:00:00Z"
    payload[names["order.reference"]] = order.reference
    payload[names["order.language"]] = client.option("language_code")
    payload[names["order.currency"]] = order.currency
    if order.note:
        payload[names["order.note"]] = order.note
    payload[names["order.lines"]] = [
        _line(line, names, ship_to if is_at_lines else None) for line in order.lines
    ]
    return payload


def _from_options(client: VendorClient, members: Mapping[str, str]) -> dict[str, Any]:
    """Return the members that have an option set, by their names at Simutek."""
    found = {
        client.mapping[key]: client.option(option) for key, option in members.items()
    }
    return {name: value for name, value in found.items() if value}


def _ship_to(order: OrderRequest, client: VendorClient) -> dict[str, Any] | None:
    address, names = order.delivery_address, client.mapping
    if not address.is_given:
        return None
    return {
        names["ship_to.name"]: address.name,
        names["ship_to.address"]: addresses.to_payload(address, names),
        **_from_options(client, _DELIVERY_CONTACT),
    }


def _line(
    line: OrderLineRequest,
    names: Mapping[str, str],
    ship_to: Mapping[str, Any] | None,
) -> dict[str, Any]:
    payload: dict[str, Any] = {names["line.item_number"]: line.item_number}
    if line.description:
        payload[names["line.description"]] = line.description
    payload[names["line.quantity"]] = shortest(line.quantity)
    if line.unit:
        payload[names["line.unit"]] = line.unit
    payload[names["line.unit_price"]] = shortest(line.unit_price)
    if line.vat_percent is not None:
        payload[names["line.vat"]] = shortest(line.vat_percent)
    payload[names["line.is_shipped"]] = True
    if ship_to:
        payload[names["line.allotments"]] = [
            {
                names["allotment.quantity"]: shortest(line.quantity),
                names["allotment.ship_to"]: ship_to,
            }
        ]
    return payload


def shortest(number: Decimal) -> Decimal:
    """Return the same number without zeros at its end: 500.000 as 500.

    Simutek prints whole numbers only, and a reader of whole numbers takes no 500.000.
    """
    digits = f"{number:f}"
    return Decimal(digits.rstrip("0").rstrip(".") if "." in digits else digits)

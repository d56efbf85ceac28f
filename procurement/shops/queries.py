"""Reads of shops worth a name: what is sent, and what a push would change."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from procurement.shops.models import Shop, ShopRegistration
from procurement.suppliers.models import Supplier
from vendors.contracts import Address, ShopRequest

LABELS = {
    "name": "Name",
    "organization_number": "Organization number",
    "email": "E-mail",
    "phone": "Phone",
    "address.name": "Name in the address",
    "address.street": "Street",
    "address.street_number": "Street number",
    "address.entrance": "Entrance",
    "address.zip_code": "Zip code",
    "address.city": "City",
    "address.country_code": "Country",
}


@dataclass(frozen=True)
class Change:
    """One value that a push would change; `before` is None where nobody knows it."""

    field: str
    label: str
    before: Any
    after: Any


def registration_of(shop: Shop, supplier: Supplier) -> ShopRegistration:
    """How a shop stands at a supplier; not saved yet where nothing was ever done."""
    found = shop.registrations.filter(supplier=supplier).first()
    if found is None:
        return new_registration(shop, supplier)
    # One row of each, so that a lock taken on the shop is on the one used.
    found.shop, found.supplier = shop, supplier
    return found


def new_registration(shop: Shop, supplier: Supplier) -> ShopRegistration:
    return ShopRegistration(
        shop=shop,
        supplier=supplier,
        subject=f"shop:{shop.pk}@{supplier.slug}",
        is_test=not supplier.is_live,
    )


def shop_request(registration: ShopRegistration) -> ShopRequest:
    """The whole shop as it would be sent now."""
    shop = registration.shop
    return ShopRequest(
        reference=registration.reference,
        name=shop.legal_name or shop.name,
        organization_number=shop.organization_number,
        email=shop.email,
        phone=shop.phone,
        address=shop.address,
        vendor_id=registration.vendor_id,
        details=dict(registration.details),
    )


def to_json(request: ShopRequest) -> dict[str, Any]:
    """Plain JSON values, as a transmission keeps them."""
    return asdict(request)


def request_from_json(data: Mapping[str, Any]) -> ShopRequest:
    return ShopRequest(**{**data, "address": Address(**data["address"])})


def content_hash(registration: ShopRegistration) -> str:
    """What a person confirms: everything that is sent, and to which account."""
    supplier = registration.supplier
    content = {
        "supplier": supplier.pk,
        "is_live": supplier.is_live,
        **asdict(shop_request(registration)),
    }
    text = json.dumps(content, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def changes_to_push(registration: ShopRegistration) -> list[Change]:
    """Field by field, what the supplier does not have as it is here.

    All that is not empty where nothing is known of what it has.
    """
    now = dict(_values(registration, asdict(shop_request(registration))))
    accepted = registration.last_accepted
    if accepted is None:
        return [
            Change(name, label, None, value)
            for name, (label, value) in now.items()
            if value not in ("", None)
        ]
    before = dict(_values(registration, accepted))
    return [
        Change(name, label, before[name][1] if name in before else "", value)
        for name, (label, value) in now.items()
        if name not in before or before[name][1] != value
    ]


def facts(registration: ShopRegistration) -> list[tuple[str, Any]]:
    """What is sent besides the details, as labels and values."""
    request = asdict(shop_request(registration))
    return [
        (label, value)
        for name, (label, value) in _values(registration, request)
        if not name.startswith("details.")
    ]


def _values(
    registration: ShopRegistration, request: Mapping[str, Any]
) -> Iterator[tuple[str, tuple[str, Any]]]:
    """Each value that is sent: its name, its label, and itself."""
    for name, label in LABELS.items():
        whole, _, part = name.partition(".")
        value = request[whole][part] if part else request[name]
        yield name, (label, value)
    for field in registration.supplier.api.shop_fields:
        value = request["details"].get(field.name)
        # A default and a detail that says the same are one thing to the vendor.
        if value in (None, ""):
            value = "" if field.default is None else field.default
        yield f"details.{field.name}", (field.label, value)

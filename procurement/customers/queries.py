"""Reads of customers worth a name: links, what is sent, what is looked up."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from procurement.customers.models import Customer, CustomerLink
from procurement.suppliers.models import Supplier
from vendors.contracts import Address, CustomerRequest, Customers, NotOffered


def link_of(customer: Customer, supplier: Supplier) -> CustomerLink:
    """A customer's link at a supplier; not saved yet where nothing was ever done."""
    found = customer.links.filter(supplier=supplier).first()
    if found is None:
        return new_link(customer, supplier)
    # One row of each, so that a lock taken on the customer is on the one used.
    found.customer, found.supplier = customer, supplier
    return found


def new_link(customer: Customer, supplier: Supplier) -> CustomerLink:
    return CustomerLink(
        customer=customer,
        supplier=supplier,
        subject=f"customer:{customer.pk}@{supplier.slug}",
    )


def register_of(supplier: Supplier) -> Customers | None:
    """What the vendor can do with its register of customers; None if it has none."""
    found = supplier.api.customers
    return None if isinstance(found, NotOffered) else found


def customer_request(link: CustomerLink) -> CustomerRequest:
    """The customer as it would be made at the supplier now."""
    customer = link.customer
    return CustomerRequest(
        reference=link.reference,
        name=customer.name,
        organization_number=customer.organization_number,
        email=customer.email,
        phone=customer.phone,
        address=customer.address,
    )


def to_json(request: CustomerRequest) -> dict[str, Any]:
    """Plain JSON values, as a transmission keeps them."""
    return asdict(request)


def request_from_json(data: Mapping[str, Any]) -> CustomerRequest:
    return CustomerRequest(**{**data, "address": Address(**data["address"])})


def content_hash(link: CustomerLink) -> str:
    """What a person confirms: everything that is sent, and to which account."""
    content = {
        "supplier": link.supplier.pk,
        "is_live": link.supplier.is_live,
        **to_json(customer_request(link)),
    }
    text = json.dumps(content, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def bare(organization_number: str) -> str:
    """An organization number without what people put between its digits."""
    return "".join(sign for sign in organization_number if sign.isalnum()).upper()

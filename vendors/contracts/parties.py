"""Customers in a vendor's register, and shops made there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from vendors.contracts.accounts import Account
from vendors.contracts.orders import Accepted, Address
from vendors.contracts.settings import NotOffered

if TYPE_CHECKING:
    from vendors.http import VendorClient


@dataclass(frozen=True, kw_only=True)
class VendorCustomer:
    """A customer as it stands in the vendor's register."""

    number: str
    name: str = ""
    organization_number: str = ""
    email: str = ""
    phone: str = ""
    address: Address = field(default_factory=Address)
    changed_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class CustomerQuery:
    """What to look a customer up by; the vendor's answer is checked against it."""

    number: str = ""
    organization_number: str = ""
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class CustomerRequest:
    """A customer to be made in the vendor's register; all of plain JSON values."""

    reference: str
    name: str
    organization_number: str = ""
    email: str = ""
    phone: str = ""
    address: Address = field(default_factory=Address)


@dataclass(frozen=True, kw_only=True)
class ChangedCustomer:
    number: str
    changed_at: datetime


@dataclass(frozen=True, kw_only=True)
class ChangedCustomerPage:
    """One page of a changed-since list. `next_page` is None on the last one."""

    customers: tuple[ChangedCustomer, ...]
    next_page: int | None


@dataclass(frozen=True, kw_only=True)
class Customers:
    """What a vendor's API can do with its register of customers.

    Attributes:
        read: (client, number); Refused with NOT_FOUND for an unknown one.
        find: (client, query): those that match exactly, spelling of an organisation
            number apart; never merely the first of a list.
        create: (client, request); its number is often not told.
        objections: what stands against creating one, found without any call.
        list_changed: (client, changed since, page from 0).
    """

    read: Callable[["VendorClient", str], VendorCustomer] | NotOffered
    find: (
        Callable[["VendorClient", CustomerQuery], tuple[VendorCustomer, ...]]
        | NotOffered
    )
    create: Callable[["VendorClient", CustomerRequest], Accepted] | NotOffered
    list_changed: (
        Callable[["VendorClient", datetime, int], ChangedCustomerPage] | NotOffered
    )
    objections: Callable[[Account, CustomerRequest], tuple[str, ...]] = (
        lambda account, request: ()
    )


@dataclass(frozen=True, kw_only=True)
class ShopRequest:
    """A shop as it is to stand at the vendor: always the whole of it.

    `vendor_id` is empty for one to be made. `details` holds what this vendor alone
    asks for, by the names of its `shop_fields`; plain JSON values.
    """

    reference: str
    name: str
    organization_number: str = ""
    email: str = ""
    phone: str = ""
    address: Address = field(default_factory=Address)
    vendor_id: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)

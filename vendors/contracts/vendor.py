"""What one vendor's API can do, on one screen."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, BinaryIO

from vendors.contracts.accounts import Account, Recorder, TokenStore
from vendors.contracts.checklist import Check, KnownAddress
from vendors.contracts.inbound import CustomerLogin, Webhooks
from vendors.contracts.limits import CallLimits
from vendors.contracts.offers import (
    ChangedProductPage,
    ItemKey,
    Offer,
    PriceFileFault,
    PriceFileRow,
    Product,
    StockChangePage,
)
from vendors.contracts.orders import (
    Accepted,
    ChangedPage,
    LookUp,
    OrderRequest,
    VendorOrder,
)
from vendors.contracts.parties import Customers, ShopRequest
from vendors.contracts.settings import Name, NotOffered, SettingField

if TYPE_CHECKING:
    from vendors.http import VendorClient


class Capability(StrEnum):
    """What a vendor module may be able to do; its field name in `Vendor`."""

    CHECK_CONNECTION = "check_connection"
    FETCH_OFFERS = "fetch_offers"
    LIST_CHANGED_PRODUCTS = "list_changed_products"
    READ_PRODUCT = "read_product"
    LIST_CHANGED_STOCK = "list_changed_stock"
    READ_PRICE_FILE = "read_price_file"
    CUSTOMERS = "customers"
    CREATE_SHOP = "create_shop"
    UPDATE_SHOP = "update_shop"
    PLACE_ORDER = "place_order"
    FIND_ORDERS = "find_orders"
    LIST_CHANGED_ORDERS = "list_changed_orders"
    READ_ORDER = "read_order"
    CANCEL_ORDER = "cancel_order"
    WEBHOOKS = "webhooks"
    CUSTOMER_LOGIN = "customer_login"


@dataclass(frozen=True, kw_only=True)
class Vendor:
    """What one vendor's API can do, on one screen.

    Each capability is a function, or `NotOffered` with the reason. Functions take
    a `VendorClient` first and raise the errors of `vendors.errors`.
    """

    code: str
    name: str
    credentials: tuple[SettingField, ...]
    options: tuple[SettingField, ...]
    mapping: Mapping[str, Name]
    """Every inferred or documented name and status word, by key."""
    word_kinds: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Kinds of keys (`order_status.`) whose rest is a word of the vendor's, and what
    such a word may mean. A supplier may add words of these kinds to the table."""
    keys_of_ours: tuple[str, ...] = ()
    """What keys begin with whose values are no names of the API: words of ours, and
    titles of files. They are not looked for in a description of it."""
    open_client: Callable[[Account, TokenStore, Recorder], "VendorClient"]
    has_test_flag: bool
    """Whether an order can be marked as a test on a live account."""
    objections: Callable[[Account, OrderRequest], tuple[str, ...]]
    """What stands against sending this order, found without any call."""

    check_connection: Callable[["VendorClient"], str] | NotOffered
    fetch_offers: (
        Callable[["VendorClient", Sequence[ItemKey]], tuple[Offer, ...]] | NotOffered
    )
    list_changed_products: (
        Callable[["VendorClient", datetime, int], ChangedProductPage] | NotOffered
    )
    """(client, changed since, page from 0); each is then read by `read_product`."""
    read_product: Callable[["VendorClient", str], Product] | NotOffered
    """(client, item number); Refused with NOT_FOUND for an unknown one."""
    list_changed_stock: (
        Callable[["VendorClient", datetime, int], StockChangePage] | NotOffered
    )
    """(client, changed since, page from 0), of the warehouses the supplier wants."""
    read_price_file: (
        Callable[[Account, BinaryIO], Iterator[PriceFileRow | PriceFileFault]]
        | NotOffered
    )
    """(account, open file), lazily; Refused if it is no price file at all."""
    customers: Customers | NotOffered
    create_shop: Callable[["VendorClient", ShopRequest], Accepted] | NotOffered
    """Its `number` is the vendor's id of the shop, where the answer holds one."""
    update_shop: Callable[["VendorClient", ShopRequest], Accepted] | NotOffered
    """(client, the whole shop with its `vendor_id`); may be made again."""
    place_order: Callable[["VendorClient", OrderRequest], Accepted] | NotOffered
    find_orders: (
        Callable[["VendorClient", LookUp], tuple[VendorOrder, ...]] | NotOffered
    )
    """Every order there that is the one looked for, as far as can be told."""
    list_changed_orders: (
        Callable[["VendorClient", datetime, int], ChangedPage] | NotOffered
    )
    """(client, changed since, page from 0): one page, in the vendor's own order.

    Asks from somewhat earlier than told, as its clock and its habits demand, so what
    was seen before may come again."""
    read_order: Callable[["VendorClient", str], VendorOrder] | NotOffered
    """(client, the vendor's number)."""
    cancel_order: Callable[["VendorClient", str], Accepted] | NotOffered
    """(client, the vendor's number); Refused with NOT_ALLOWED once it is too late."""
    webhooks: Webhooks | NotOffered
    customer_login: CustomerLogin | NotOffered

    lists_whole: bool = False
    """Whether `list_changed_orders` gives the whole list at every poll, for want of a
    filter; it is then asked for as rarely as the open orders allow."""
    note_before_placing: (
        Callable[["VendorClient", OrderRequest], Mapping[str, Any]] | None
    ) = None
    """Reads what a later look-up compares with; plain JSON, kept with the attempt
    before the order goes out. Where it can't be read, the order does not go."""
    shop_fields: tuple[SettingField, ...] = ()
    """What a shop needs at this vendor besides name, numbers and address."""
    shop_objections: Callable[[Account, ShopRequest], tuple[str, ...]] = (
        lambda account, request: ()
    )
    """What stands against creating or updating this shop, found without any call."""
    checklist: tuple[Check, ...] = ()
    """What to try with a real account before the first order, in this order."""
    known_addresses: tuple[KnownAddress, ...] = ()
    limits: CallLimits = field(default_factory=CallLimits)
    """How often it may be called; options of a supplier may say otherwise."""

    def offers(self, capability: Capability) -> bool:
        return not isinstance(getattr(self, capability), NotOffered)

    def why_not(self, capability: Capability) -> str:
        """The reason a capability is not there; empty if it is."""
        found = getattr(self, capability)
        return found.reason if isinstance(found, NotOffered) else ""

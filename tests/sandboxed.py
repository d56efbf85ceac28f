"""Suppliers of ours in the sandbox, one at each vendor, and what they sell."""

from decimal import Decimal
from typing import Any

from procurement.orders.models import PurchaseOrder
from procurement.suppliers.models import Supplier
from procurement.transmissions.models import Transmission
from tests.factories import line, make_queued_order, make_supplier
from vendors.sandbox import Sandbox

ORDER_TAKING = ("eet", "kvik", "simutek", "extend")
VENDORS = (*ORDER_TAKING, "di")
ITEMS = {
    "eet": ("KAB20417", "129.50", "SEK"),
    "kvik": ("TX-4410", "129.00", "CZK"),
    "simutek": ("BRO-A5-16", "3.20", "SEK"),
    "extend": ("SKU-4410", "41.50", "SEK"),
}
"""Item number, price and currency of something each order-taking vendor sells."""
OPTIONS: dict[str, dict[str, Any]] = {
    "simutek": {"customer_number": "K200731"},
    "di": {"owner_party_key": "nordlys-pakker", "transport_solution_ids": "4, 17"},
}
SECRETS = {
    "eet": ("username", "password"),
    "kvik": ("client_id", "client_secret"),
    "simutek": ("client_id", "client_secret"),
    "extend": ("username", "password"),
    "di": ("username", "password"),
}


def secret_of(vendor: str) -> str:
    _, kind = SECRETS[vendor]
    return f"sandbox-{vendor}-{kind.removeprefix('client_')}"


def connect(sandbox: Sandbox, vendor: str, *, secret: str = "") -> Supplier:
    """A supplier in the sandbox, in test mode."""
    user, kind = SECRETS[vendor]
    login_url = sandbox.login_url(vendor)
    changes: dict[str, Any] = {
        "base_url": sandbox.base_url(vendor),
        "auth_url": "" if login_url == sandbox.base_url(vendor) else login_url,
        "credentials": {user: f"sandbox-{vendor}", kind: secret or secret_of(vendor)},
    }
    if vendor in OPTIONS:
        changes["options"] = OPTIONS[vendor]
    return make_supplier(vendor, **changes)


def queue_order(supplier: Supplier) -> tuple[PurchaseOrder, Transmission]:
    """An approved order of one piece, on its way to the supplier."""
    item, price, currency = ITEMS[supplier.vendor]
    wanted = line(item, quantity=Decimal(1), unit_price=Decimal(price))
    return make_queued_order(supplier, currency=currency, lines=[wanted])

"""Objects with good defaults; what a test is about stands in the test."""

from decimal import Decimal
from typing import Any

from django.contrib.auth.models import Permission, User

from procurement.approvals.operations import approve_order
from procurement.orders.models import PurchaseOrder
from procurement.orders.operations import create_order, send_order, submit_order
from procurement.suppliers.models import Supplier
from procurement.suppliers.operations import create_supplier
from procurement.transmissions.models import Transmission

ADDRESS = {
    "name": "Verkstad Nord",
    "street": "Provgatan",
    "street_number": "4",
    "zip_code": "90320",
    "city": "Umea",
    "country_code": "SE",
}


def make_user(username: str, *permissions: str, **attributes: Any) -> User:
    """A member of staff with the given permissions of the orders app."""
    user, _ = User.objects.get_or_create(
        username=username, defaults={"is_staff": True, **attributes}
    )
    user.user_permissions.add(
        *Permission.objects.filter(
            content_type__app_label="orders", codename__in=permissions
        )
    )
    return user


def make_supplier(vendor: str = "extend", **changes: Any) -> Supplier:
    data = {
        "slug": f"{vendor}-nord",
        "name": f"{vendor.title()} Nord",
        "vendor": vendor,
        "base_url": f"http://127.0.0.1:9/{vendor}",
        "currency": "SEK",
        "credentials": {"username": "buyer", "password": "a-password-for-tests"},
        **changes,
    }
    if vendor == "extend":
        data.setdefault(
            "options",
            {"client": "NORD", "customer_number": "K-20417", "warehouse": "WH-SYD"},
        )
    # Calls to this machine need no budget; a test of budgets sets its own.
    unlimited = {"calls_per_minute": 0, "calls_at_once": 0}
    data["options"] = unlimited | data.get("options", {})
    return create_supplier(actor=None, data=data)


def line(item_number: str = "SKU-4410", **changes: Any) -> dict[str, Any]:
    return {
        "item_number": item_number,
        "description": "Filter",
        "quantity": Decimal(6),
        "unit": "ST",
        "unit_price": Decimal("41.50"),
        "vat_percent": Decimal(25),
        **changes,
    }


def make_order(supplier: Supplier | None = None, **changes: Any) -> PurchaseOrder:
    """A draft of one line (6 x 41.50 SEK = 249.00) by the user `buyer`."""
    actor = changes.pop("actor", None) or make_user("buyer")
    source = changes.pop("source", "")
    data = {
        "supplier": supplier or make_supplier(),
        "currency": "SEK",
        "delivery_address": ADDRESS,
        "lines": [line()],
        **changes,
    }
    return create_order(actor=actor, data=data, source=source)


def make_approved_order(
    supplier: Supplier | None = None, **changes: Any
) -> PurchaseOrder:
    order = make_order(supplier, **changes)
    submit_order(order_id=order.pk, actor=order.buyer)
    return approve_order(order_id=order.pk, actor=make_user("approver"))


def make_queued_order(
    supplier: Supplier | None = None, **changes: Any
) -> tuple[PurchaseOrder, Transmission]:
    order = make_approved_order(supplier, **changes)
    transmission = send_order(order_id=order.pk, actor=order.buyer)
    order.refresh_from_db()
    return order, transmission

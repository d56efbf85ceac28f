"""Extend: the one that can do nearly everything, with a password in each call."""

import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.vendors.suite.desk import Desk
from tests.vendors.suite.table import (
    DONE,
    Buying,
    Call,
    Case,
    Ending,
    keep_order,
    keep_placed,
    order_is_booked,
    orders_booked,
    place,
    says,
)
from vendors.contracts import (
    Address,
    CustomerQuery,
    CustomerRequest,
    Fulfilment,
    ItemKey,
    LookUp,
    OrderLineRequest,
    OrderRequest,
    Topic,
)
from vendors.errors import Kind, NotSent

HOOK_SECRET = "a-secret-of-thirty-two-characters-x"
ORDER = OrderRequest(
    reference="PO-2031-000042",
    currency="SEK",
    is_test=True,
    lines=(
        OrderLineRequest(
            position=1,
            item_number="SKU-4410",
            quantity=Decimal(6),
            unit="ST",
            unit_price=Decimal("41.50"),
            vat_percent=Decimal(25),
        ),
    ),
    note="Ring before delivery.",
)
CUSTOMER = CustomerRequest(
    reference="customer-7",
    name="Nya Kafét AB",
    organization_number="559001-2345",
    address=Address(
        street="Hamngatan",
        street_number="3",
        zip_code="21122",
        city="Malmö",
        country_code="SE",
    ),
)
A_MOMENT_AGO = timedelta(seconds=5)


def fetch_offers(desk: Desk) -> Any:
    items = [ItemKey("SKU-4410"), ItemKey("SKU-5102"), ItemKey("NOPE")]
    return desk.vendor.fetch_offers(desk.client, items)


def offers_are_right(offers: Any, desk: Desk) -> None:
    oil_filter, glove, unknown = offers
    assert oil_filter.unit_price == Decimal("41.50")
    assert oil_filter.currency == "SEK"
    # 60 more are in the other warehouse, which the options don't name.
    assert oil_filter.quantity_available == 240
    assert glove.price_breaks == (
        (Decimal(1), Decimal("14.90")),
        (Decimal(50), Decimal("12.75")),
        (Decimal(200), Decimal("10.40")),
    )
    assert not unknown.is_known


def changed_products(desk: Desk) -> Any:
    since = datetime(2025, 6, 1, tzinfo=UTC)
    return desk.vendor.list_changed_products(desk.client, since, 0)


def only_the_jack_has_changed(page: Any, desk: Desk) -> None:
    assert [changed.item_number for changed in page.products] == ["SKU-8003"]
    assert page.next_page is None


def product_is_right(product: Any, desk: Desk) -> None:
    assert product.item_number == "SKU-4410"
    assert product.description == "Oljefilter 76 mm"
    assert product.gtin == "7330000044105"


def changed_stock(desk: Desk) -> Any:
    since = datetime.now(UTC) + timedelta(hours=2)  # the overlap reaches back
    return desk.vendor.list_changed_stock(desk.client, since, 0)


def six_filters_are_taken(page: Any, desk: Desk) -> None:
    [change] = page.stocks
    assert (change.item_number, change.kind) == ("SKU-4410", "WH-SYD")
    assert change.quantity == 234


def customer_is_us(customer: Any, desk: Desk) -> None:
    assert customer.number == "K-20417"
    assert customer.name == "Verkstad Nord AB"
    assert customer.address.city == "Umeå"


def find(desk: Desk) -> Any:
    # The list also matches what only begins so.
    query = CustomerQuery(name="Verkstad Nord AB")
    return desk.vendor.customers.find(desk.client, query)


def one_is_found(customers: Any, desk: Desk) -> None:
    assert [found.number for found in customers] == ["K-20417"]


def customer_is_booked(accepted: Any, desk: Desk) -> None:
    [booked] = desk.sandbox.customers("extend")
    assert accepted.number == booked["customerNumber"]
    assert booked["name"] == "Nya Kafét AB"


def create_customer(desk: Desk) -> Any:
    return desk.vendor.customers.create(desk.client, CUSTOMER)


def keep_customer(desk: Desk) -> None:
    desk.kept["customer"] = create_customer(desk).number


def changed_customers(desk: Desk) -> Any:
    since = datetime.now(UTC) + timedelta(hours=2)
    return desk.vendor.customers.list_changed(desk.client, since, 0)


def new_one_is_listed(page: Any, desk: Desk) -> None:
    assert [changed.number for changed in page.customers] == [desk.kept["customer"]]


def look_up(desk: Desk) -> Any:
    sought = LookUp(
        reference=ORDER.reference,
        sent_at=datetime.now(UTC) - A_MOMENT_AGO,
        order=ORDER,
    )
    return desk.vendor.find_orders(desk.client, sought)


def it_is_found(orders: Any, desk: Desk) -> None:
    [found] = orders
    assert found.number == desk.kept["number"]
    assert found.lines[0].unit_price == Decimal("41.50")


def changed_orders(desk: Desk) -> Any:
    return desk.vendor.list_changed_orders(desk.client, datetime.now(UTC), 0)


def it_is_listed(page: Any, desk: Desk) -> None:
    assert [changed.number for changed in page.orders] == [desk.kept["number"]]
    assert page.orders[0].reference == ORDER.reference


def it_is_read(order: Any, desk: Desk) -> None:
    assert order.number == desk.kept["number"]
    assert order.fulfilment is Fulfilment.NONE
    assert order.lines[0].quantity == 6


def annulled(desk: Desk) -> int:
    return [order["status"] for order in desk.sandbox.orders("extend")].count(
        "Annulled"
    )


def it_is_annulled(accepted: Any, desk: Desk) -> None:
    assert accepted.number == desk.kept["number"]
    assert annulled(desk) == 1


def hook_is_read(desk: Desk) -> None:
    account = replace(desk.client.account, credentials={"webhook_secret": HOOK_SECRET})
    body = (
        b'{"Id": "0f1e2d3c", "Attempt": 1, "Notifications": '
        b'[{"Action": "OrderPicked", "Details": {"OrderNumber": "SO-70012"}}]}'
    )
    signature = hmac.new(HOOK_SECRET.encode(), body, hashlib.sha256).hexdigest()

    delivery = desk.vendor.webhooks.read(
        account, {"ms-signature": f"sha256={signature}"}, body
    )

    [notification] = delivery.notifications
    assert (notification.topic, notification.number) == (Topic.ORDER, "SO-70012")


def hook_echoes(desk: Desk) -> None:
    assert desk.vendor.webhooks.echo({"echo": "abc123"}) == "abc123"
    assert desk.vendor.webhooks.echo({"echo": "<script>"}) is None


def objections(desk: Desk) -> None:
    assert desk.vendor.objections(desk.client.account, ORDER) == ()


def customer_objections(desk: Desk) -> None:
    account = desk.client.account
    homeless = replace(CUSTOMER, address=Address())
    assert desk.vendor.customers.objections(account, CUSTOMER) == ()
    assert desk.vendor.customers.objections(account, homeless)


CASE = Case(
    code="extend",
    credentials={"username": "sandbox-extend", "password": "sandbox-extend-password"},
    secret="password",
    has_tokens=False,
    limits_are_told=True,
    options={
        "client": "NORD",
        "customer_number": "K-20417",
        "warehouse": "WH-SYD",
        "unit": "ST",
        "allow_customer_creation": True,
    },
    items=("SKU-4410",),
    calls=(
        Call(
            name="check_connection",
            endpoint="units",
            run=lambda desk: desk.vendor.check_connection(desk.client),
            check=says("sales units: ST, FRP, M, L"),
        ),
        Call(
            name="fetch_offers",
            endpoint="prices",
            run=fetch_offers,
            check=offers_are_right,
        ),
        Call(
            name="list_changed_products",
            endpoint="products",
            run=changed_products,
            check=only_the_jack_has_changed,
        ),
        Call(
            name="read_product",
            endpoint="read_product",
            run=lambda desk: desk.vendor.read_product(desk.client, "SKU-4410"),
            check=product_is_right,
        ),
        Call(
            name="list_changed_stock",
            endpoint="availability",
            begin=keep_placed(ORDER),
            run=changed_stock,
            check=six_filters_are_taken,
        ),
        Call(
            name="customers.read",
            endpoint="read_customer",
            run=lambda desk: desk.vendor.customers.read(desk.client, "K-20417"),
            check=customer_is_us,
        ),
        Call(
            name="customers.find",
            endpoint="customers",
            run=find,
            check=one_is_found,
        ),
        Call(
            name="customers.create",
            endpoint="create_customer",
            run=create_customer,
            check=customer_is_booked,
            entries=lambda desk: len(desk.sandbox.customers("extend")),
            # That fault takes the numbers of orders away, and no others.
            but={"missing_number": DONE},
        ),
        Call(
            name="customers.list_changed",
            endpoint="customers",
            begin=keep_customer,
            run=changed_customers,
            check=new_one_is_listed,
        ),
        Call(
            name="place_order",
            endpoint="place_order",
            begin=keep_order(ORDER),
            run=place,
            check=order_is_booked,
            entries=orders_booked,
        ),
        Call(
            name="find_orders",
            endpoint="list_orders",
            begin=keep_placed(ORDER),
            run=look_up,
            check=it_is_found,
            # A refused look-up must not pass for "there is none".
            but={"refused": Ending(NotSent, Kind.UNREADABLE)},
        ),
        Call(
            name="list_changed_orders",
            endpoint="list_orders",
            begin=keep_placed(ORDER),
            run=changed_orders,
            check=it_is_listed,
        ),
        Call(
            name="read_order",
            endpoint="read_order",
            begin=keep_placed(ORDER),
            run=lambda desk: desk.vendor.read_order(desk.client, desk.kept["number"]),
            check=it_is_read,
        ),
        Call(
            name="cancel_order",
            endpoint="cancel_order",
            begin=keep_placed(ORDER),
            run=lambda desk: desk.vendor.cancel_order(desk.client, desk.kept["number"]),
            check=it_is_annulled,
            entries=annulled,
            # It is read again afterwards, so that an odd answer costs nothing.
            but={
                "html": DONE,
                "rubbish_json": DONE,
                "gzip_bomb": DONE,
                "missing_number": DONE,
            },
        ),
    ),
    local={
        "webhooks.read": hook_is_read,
        "webhooks.echo": hook_echoes,
        "objections": objections,
        "customers.objections": customer_objections,
    },
    buying=Buying(
        order=ORDER,
        item={
            "item_number": "SKU-4410",
            "unit_price": Decimal("41.50"),
            "unit": "ST",
        },
        can_look_up=True,
        texts=("note", "address", "item_number", "reference"),
    ),
)

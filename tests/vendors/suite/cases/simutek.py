"""Simutek: a printing house's own register and orders, which nobody can look up."""

from decimal import Decimal
from typing import Any

from tests.vendors.suite.desk import Desk
from tests.vendors.suite.table import (
    DONE,
    Buying,
    Call,
    Case,
    keep_order,
    order_is_booked,
    orders_booked,
    place,
    says,
)
from vendors.contracts import (
    CustomerQuery,
    CustomerRequest,
    OrderLineRequest,
    OrderRequest,
)

ORDER = OrderRequest(
    reference="PO-2031-0457",
    currency="SEK",
    is_test=True,
    lines=(
        OrderLineRequest(
            position=1,
            item_number="BRO-A5-16",
            description="Brochure A5, 16 pages",
            quantity=Decimal(500),
            unit="st",
            unit_price=Decimal("3.25"),
        ),
    ),
    note="Ring before delivery.",
)
CUSTOMER = CustomerRequest(
    reference="customer-7", name="Nya Kafét AB", organization_number="559001-2345"
)


def customer_is_us(customer: Any, desk: Desk) -> None:
    assert customer.number == "K200731"
    assert customer.name == "Acme Purchasing AB"
    assert customer.email == "invoices@acme.example"
    assert customer.address.city == "Malmö"


def find(desk: Desk) -> Any:
    # Written with a dash in the register, and found however it is written.
    query = CustomerQuery(organization_number="5560000000")
    return desk.vendor.customers.find(desk.client, query)


def both_are_found(customers: Any, desk: Desk) -> None:
    assert sorted(found.number for found in customers) == ["K200731", "K200732"]


def customer_is_booked(accepted: Any, desk: Desk) -> None:
    [booked] = desk.sandbox.customers("simutek")
    assert accepted.number is None
    assert booked["name"] == "Nya Kafét AB"


def order_is_booked_with_its_price(accepted: Any, desk: Desk) -> None:
    order_is_booked(accepted, desk)
    [booked] = desk.sandbox.orders("simutek")
    assert booked["total"] == Decimal("1625.00")


def objections(desk: Desk) -> None:
    assert desk.vendor.objections(desk.client.account, ORDER) == ()


def customer_objections(desk: Desk) -> None:
    nameless = CustomerRequest(reference="x", name="", organization_number="1")
    account = desk.client.account
    assert desk.vendor.customers.objections(account, CUSTOMER) == ()
    assert desk.vendor.customers.objections(account, nameless)


CASE = Case(
    code="simutek",
    credentials={
        "client_id": "sandbox-simutek",
        "client_secret": "sandbox-simutek-secret",
    },
    secret="client_secret",
    options={"customer_number": "K200731", "allow_customer_creation": True},
    calls=(
        Call(
            name="check_connection",
            endpoint="read_customer",
            run=lambda desk: desk.vendor.check_connection(desk.client),
            check=says("K200731 is Acme Purchasing AB"),
        ),
        Call(
            name="customers.read",
            endpoint="read_customer",
            run=lambda desk: desk.vendor.customers.read(desk.client, "K200731"),
            check=customer_is_us,
        ),
        Call(
            name="customers.find",
            endpoint="customers",
            run=find,
            check=both_are_found,
        ),
        Call(
            name="customers.create",
            endpoint="create_customer",
            run=lambda desk: desk.vendor.customers.create(desk.client, CUSTOMER),
            check=customer_is_booked,
            entries=lambda desk: len(desk.sandbox.customers("simutek")),
            # The good answer has no body: no number to miss, nothing to trickle.
            but={"missing_number": DONE, "slow_drip": DONE},
        ),
        Call(
            name="place_order",
            endpoint="place_order",
            begin=keep_order(ORDER),
            run=place,
            check=order_is_booked_with_its_price,
            entries=orders_booked,
        ),
    ),
    local={"objections": objections, "customers.objections": customer_objections},
    buying=Buying(
        order=ORDER,
        item={
            "item_number": "BRO-A5-16",
            "unit_price": Decimal("3.25"),
            "unit": "st",
        },
        can_look_up=False,
        texts=("note", "address", "item_number", "reference", "description"),
    ),
)

"""EET: a token for a day, prices in hundredths, orders that nobody can look up."""

import io
from decimal import Decimal
from typing import Any

from tests.vendors.suite.desk import Desk
from tests.vendors.suite.table import (
    AT_A_LOGIN,
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
from vendors.contracts import Address, ItemKey, OrderLineRequest, OrderRequest
from vendors.sandbox.eet.price_file import price_file

ORDER = OrderRequest(
    reference="PO-2031-00042",
    currency="DKK",
    is_test=True,
    lines=(
        OrderLineRequest(
            position=1,
            item_number="KAB20417",
            quantity=Decimal(3),
            unit_price=Decimal("129.50"),
        ),
    ),
    delivery_address=Address(
        name="Værksted Nord",
        street="Prøvegade",
        street_number="4",
        zip_code="9000",
        city="Aalborg",
        country_code="DK",
    ),
    note="Ring before delivery.",
)


def fetch_offers(desk: Desk) -> Any:
    items = [ItemKey("KAB20417"), ItemKey("NOPE")]
    return desk.vendor.fetch_offers(desk.client, items)


def offers_are_right(offers: Any, desk: Desk) -> None:
    known, unknown = offers
    assert known.unit_price == Decimal("129.50")
    assert known.currency == "DKK"
    assert known.mpn == "LC-C6-2M-GY"
    # 48 in the national warehouse and 310 in the group's; 500 are not there yet.
    assert known.quantity_available == 358
    assert not unknown.is_known
    assert unknown.quantity_available is None


def order_is_a_test(accepted: Any, desk: Desk) -> None:
    order_is_booked(accepted, desk)
    [booked] = desk.sandbox.orders("eet")
    assert booked["is_test"]
    assert booked["total"] == Decimal("388.50")


def read_price_file(desk: Desk) -> None:
    file = io.BytesIO(price_file(3))

    rows = list(desk.vendor.read_price_file(desk.client.account, file))

    assert [row.product.item_number for row in rows] == [
        "KAB20417",
        "KAB20420",
        "W900000017",
    ]
    assert rows[0].offer.unit_price == Decimal("129.50")


def objections(desk: Desk) -> None:
    assert desk.vendor.objections(desk.client.account, ORDER) == ()


CASE = Case(
    code="eet",
    credentials={"username": "sandbox-eet", "password": "sandbox-eet-password"},
    secret="password",
    options={"currency": "DKK"},
    items=("KAB20417",),
    calls=(
        Call(
            name="check_connection",
            endpoint="login",
            run=lambda desk: desk.vendor.check_connection(desk.client),
            check=says("Logged in; the token is good until"),
            but=AT_A_LOGIN,
        ),
        Call(
            name="fetch_offers",
            endpoint="products",
            run=fetch_offers,
            check=offers_are_right,
        ),
        Call(
            name="place_order",
            endpoint="place_order",
            begin=keep_order(ORDER),
            run=place,
            check=order_is_a_test,
            entries=orders_booked,
            # An accepted order needs no number, for nothing can be looked up by it.
            but={"missing_number": DONE},
        ),
    ),
    local={"read_price_file": read_price_file, "objections": objections},
    buying=Buying(
        order=ORDER,
        item={"item_number": "KAB20417", "unit_price": Decimal("129.50"), "unit": ""},
        can_look_up=False,
        texts=("note", "address", "item_number", "reference"),
    ),
)
